"""Every text of a conversion, read back, says what the annotations say; the reader that finds this catches mistakes."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from reader import Reading, read
from reader_comparison import read_comparison
from reader_en import english
from reader_zh import chinese
from sample_truth import Truth

from gmai.base import JobConfig
from gmai.convert import ConvertConfig, convert
from gmai.corpus import iter_conversations, iter_records
from gmai.phantoms import HospitalConfig, write_hospital
from gmai.sources import IngestConfig, find_sources, ingest
from gmai.types import Conversation, LabelName

JOB = JobConfig(workers=0)
ALSO = ("boxes", "measurements", "questions", "reports")
READERS = {"en": english, "zh": chinese}


def card_labels(raw: Path) -> dict[str, LabelName]:
    lines = (yaml.safe_load((raw / "card.yaml").read_text()).get("labels") or {}).values()
    return {line["name"]: LabelName(**line) for line in lines}


def read_all(corpus: Path, raws: dict[str, Path]) -> Iterator[Reading]:
    samples = {sample.id: sample for sample in iter_records(corpus)}
    cards = {source: card_labels(raw) for source, raw in raws.items()}
    truths: dict[str, Truth] = {}
    words: dict[tuple[object, ...], object] = {}
    for talk in iter_conversations(corpus):
        if talk.sample not in truths:
            truths.clear()
            truths[talk.sample] = Truth(samples[talk.sample])
        truth = truths[talk.sample]
        key = (talk.source, talk.language, truth.sample.modality, frozenset(truth.known))
        if key not in words:
            make = READERS.get(talk.language, english)
            words[key] = make(truth.known, cards[talk.source], truth.sample.modality)
        if talk.prior or talk.kind == "progression":
            earlier = Truth(samples[talk.prior]) if talk.prior else truth
            yield read_comparison(talk, earlier, truth, words[key])
        else:
            yield read(talk, truth, words[key])


def check_pairs(talks: list[Conversation], languages: int = 2) -> int:
    """Rows of one fact in both languages carry the same facts; returns how many there are."""
    by_id: dict[str, list[Conversation]] = {}
    for talk in talks:
        by_id.setdefault(talk.id.removesuffix(".zh"), []).append(talk)
    pairs = [pair for pair in by_id.values() if len(pair) == languages]
    for one, other in pairs:
        assert one.facts == other.facts and one.view == other.view and {one.language, other.language} == {"en", "zh"}
        assert (one.kind, one.task, one.subset) == (other.kind, other.task, other.subset)
        assert len(one.turns) == len(other.turns)
    return len(pairs)


@pytest.fixture(scope="module")
def line(tmp_path_factory) -> tuple[Path, dict[str, Path]]:
    folder = tmp_path_factory.mktemp("line")
    sizes = {"ct": 9, "xray": 12, "histology": 10, "fundus": 8, "ultrasound": 12, "text": 12}
    write_hospital(HospitalConfig(out=folder / "hospital", seed=3, job=JobConfig(workers=0, shard_size=8), **sizes))
    raws = {}
    for name in sizes:
        raw = folder / "raw" / name
        ingest(IngestConfig(card=f"phantom-{name}", root=folder / "hospital/files", out=raw, job=JOB))
        raws[f"phantom-{name}"] = raw
    config = ConvertConfig(raw=tuple(raws.values()), out=folder / "corpus", languages=("en", "zh"), also=ALSO, job=JOB)
    convert(dataclasses.replace(config, wrong="hard", overlays=3, per_kind=4))
    return folder / "corpus", raws


def test_every_text_about_phantoms_says_what_is_annotated(line):
    corpus, raws = line
    readings = list(read_all(corpus, raws))
    assert not [problem for reading in readings for problem in reading.problems]
    kinds = Counter((reading.talk.kind, reading.talk.language) for reading in readings)
    for kind in ("caption", "instruct", "finding", "location", "grade", "count", "presence", "size", "box", "region"):
        assert kinds[kind, "en"] == kinds[kind, "zh"] > 0, kind
    assert kinds["diameter", "zh"] and sum(reading.items for reading in readings) > 5000
    assert check_pairs([reading.talk for reading in readings]) * 2 == sum(
        count for (kind, _), count in kinds.items() if kind != "qa"
    )


def shipped(data: Path) -> Iterator[tuple[str, Path]]:
    """The sets that a card of the catalogue describes."""
    return ((card.name, root) for card, root in find_sources(data))


@pytest.mark.data
@pytest.mark.slow
def test_every_text_about_real_pictures_says_what_is_annotated(data, tmp_path):
    raws = {}
    for number, (card, root) in enumerate(shipped(data)):
        raw = tmp_path / "raw" / str(number)
        summary = ingest(IngestConfig(card=card, root=root, out=raw, job=JobConfig(workers=0, limit=40)))
        if sum(summary.accepted.values()):
            raws.setdefault(yaml.safe_load((raw / "card.yaml").read_text())["name"], raw)
    config = ConvertConfig(
        raw=tuple(raws.values()), out=tmp_path / "corpus", languages=("en", "zh"), also=ALSO, job=JOB
    )
    summary = convert(dataclasses.replace(config, wrong="hard", overlays=2, per_kind=3))
    assert not [reason for reason in summary.reasons if reason.startswith("grounding")], summary.reasons
    readings = list(read_all(tmp_path / "corpus", raws))
    assert [problem for reading in readings for problem in reading.problems] == []
    talks = [reading.talk for reading in readings]
    assert len({talk.source for talk in talks}) >= 9 and check_pairs(talks) > 2000
