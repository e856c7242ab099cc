"""What answers are written about: the facts of ingested samples, as guided conversion hands them to a model."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from gmai.base import JobConfig, load_config
from gmai.convert.guided import GuidedConfig
from gmai.convert.guided.assignments import Assignment, make_assignments
from gmai.convert.tongue import Tongue
from gmai.corpus import iter_samples
from gmai.llm import EndpointConfig
from gmai.phantoms import HospitalConfig, write_hospital
from gmai.sources import IngestConfig, ingest
from gmai.types import Fact, Provenance, Sample, SourceCard
from spoken.writer import WORDS, Case, Writer, Written

TASKS = ("caption", "region", "percept", "instruct")


def ingest_phantoms(folder: Path, **patients: int) -> list[Path]:
    """Phantoms read in by the cards that ship."""
    job = JobConfig(workers=0)
    write_hospital(HospitalConfig(out=folder / "hospital", **patients, text=1, job=job))
    for name in patients:
        ingest(IngestConfig(card=f"phantom-{name}", root=folder / "hospital/files", out=folder / name, job=job))
    return [folder / name for name in patients]


def read_cases(raws: Sequence[Path], language: str, samples: int = 40) -> list[Case]:
    """The cases of the first samples of each folder, in a fixed order."""
    return [case for raw in raws for case in _of_folder(raw, language, samples)]


def _of_folder(raw: Path, language: str, samples: int) -> Iterator[Case]:
    card = load_config(SourceCard, raw / "card.yaml", ())
    tongue = Tongue(language, {label.name: label for label in card.labels.values()})
    endpoint = EndpointConfig(model="none")
    config = GuidedConfig(raw=(raw,), out=raw, endpoint=endpoint, per_kind=3, overlays=2, languages=(language,))
    for number, stored in enumerate(iter_samples(raw)):
        if number == samples:
            return
        for made in make_assignments(config, stored, (stored.sample.modality, "CT", "X-ray", "MRI"), [tongue]):
            if isinstance(made, Assignment) and made.ground.task in TASKS:
                yield _case(made)


def _case(made: Assignment) -> Case:
    ground = made.ground
    case = Case(ground.facts, ground.task, ground.tongue, made.sample, made.view.granularity)
    asked = ground.task == "percept"
    options = ground.ask.options if asked else ()
    return replace(case, modality=ground.modality, target=ground.ask.fact if asked else "", options=tuple(options))


def made_case(language: str) -> Case:
    """Two findings with places, numbers and lengths of their own, which ingested samples rarely have."""
    values = {"cyst": ("upper-left", 12.5, "10-to-20-mm", 2), "tumor": ("lower-right", 33.4, "20-to-40-mm", 5)}
    facts = [Fact(kind="modality", answer="CT", task="Attribute Recognition", records=("r",))]
    for label, (place, mm, size, count) in values.items():
        for kind, answer, more in (("location", place, {}), ("size", size, {"mm": mm}), ("count", str(count), {})):
            pool = ("5-to-10-mm", "10-to-20-mm", "20-to-40-mm") if kind == "size" else ()
            known = {"kind": kind, "answer": answer, "about": label, "values": more, "pool": pool}
            facts.append(Fact(**known, task="Attribute Recognition", records=("r",)))
    provenance = Provenance(source="made", licence="unknown", original_id="0")
    sample = Sample(
        id="made/0", source="made", subject="0", modality="CT", department="Radiology", provenance=provenance
    )
    return Case(tuple(facts), "instruct", Tongue(language), sample, modality="CT")


def write_answers(cases: Sequence[Case], count: int, seed: int, words: dict[str, Any] = WORDS) -> Iterator[Written]:
    """So many clean answers: one about each case in turn, and again, each drawn anew.

    Sources take turns, so that no large one crowds out the others.
    """
    by_source: dict[str, list[Case]] = {}
    for case in cases:
        by_source.setdefault(case.sample.source, []).append(case)
    pools = [by_source[name] for name in sorted(by_source)]
    draw, made = Random(seed), 0
    while made < count:
        for pool in pools:
            written = Writer(draw.choice(pool), draw, words).write()
            if written is not None and made < count:
                made += 1
                yield written
