"""Traits of subjects from a card's columns to scores of subgroups, through the whole line."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import make
from gmai.base import JobConfig, iter_jsonl, read_json
from gmai.bench import BenchConfig, build_bench, open_table, read_keys
from gmai.convert import ConvertConfig, convert
from gmai.corpus import SplitConfig, iter_samples, split_corpus
from gmai.evaluate import RunConfig, ScoreConfig, run_model, score
from gmai.sources import IngestConfig, ingest
from gmai.types import Measure

HERE = JobConfig(workers=0)
FINDINGS = ("cyst", "stone", "scar", "tumour")
SEXES = ("F", "M", "")
SITES = ("North", "South")


def hospital(tmp_path: Path) -> Path:
    """Ninety patients with two pictures each, and a table of them."""
    rows = []
    for n in range(180):
        patient, finding = n // 2, FINDINGS[n % 4]
        drawn = np.random.default_rng(n).integers(0, 255, (8, 9), dtype=np.uint8)
        make.picture(tmp_path / f"files/{n}.png", np.kron(drawn, np.ones((4, 4), np.uint8)))
        rows.append(f"{n}.png,p{patient},{finding},{SEXES[patient % 3]},{20 + patient % 60},{SITES[patient % 2]}")
    make.text(tmp_path / "files/t.csv", "image,patient,label,sex,age,site\n" + "\n".join(rows) + "\n")
    return make.write_card(
        tmp_path / "card.yaml",
        format="class_table",
        options={"table": "t.csv", "images": ".", "labels": {"label": "finding"}},
        labels={name: {"name": name} for name in FINDINGS},
        tasks={"finding": "Disease Diagnosis"},
        subject={"column": "patient"},
        facets={"sex": "sex", "age": "age", "site": "site"},
    )


def through_the_line(card: Path, root: Path, out: Path, **asked: object) -> Path:
    """From a card to the scores of one who guesses."""
    ingest(IngestConfig(card=str(card), root=root, out=out / "raw", job=HERE))
    convert(ConvertConfig(raw=(out / "raw",), out=out / "corpus", job=HERE))
    split_corpus(SplitConfig(corpus=out / "corpus", test=0.5, val=0.1))
    build_bench(BenchConfig(corpus=out / "corpus", out=out / "bench", job=HERE, **asked))
    run_model(RunConfig(tsv=out / "bench/public/TEST.tsv", out=out / "answers", runner="random"))
    score(ScoreConfig(predictions=out / "answers", key=out / "bench/key/TEST.jsonl", out=out / "scores"))
    return out / "scores"


def measures(scores: Path, metric: str) -> dict[tuple[str, str], Measure]:
    found = [Measure(**one) for one in read_json(scores / "measures.json")]
    return {(one.axis, one.node): one for one in found if one.metric == metric}


def test_what_a_card_tells_of_subjects_tells_scores_apart(tmp_path):
    scores = through_the_line(hospital(tmp_path), tmp_path / "files", tmp_path, kinds=("finding",))
    keys = list(read_keys(tmp_path / "bench/key/TEST.jsonl"))
    samples = {each.sample.id: each.sample for each in iter_samples(tmp_path / "corpus")}
    assert len(keys) > 60 and all(key.facets == samples[key.sample].facets for key in keys)
    gaps = measures(scores, "accuracy.gap")
    chosen = {one["index"]: one["right"] for one in iter_jsonl(scores / "answers.jsonl", dict)}
    for facet, axis in (("sex", "subgroup sex"), ("age", "subgroup age"), ("site", "subgroup site")):
        counted = Counter(key.facets.get(facet, "unknown") for key in keys)
        told = {node: one for (name, node), one in gaps.items() if name == axis}
        assert {node: one.n for node, one in told.items()} == {n: c for n, c in counted.items() if n != "unknown"}
        for node, one in told.items():
            mine = [chosen[key.index] for key in keys if key.facets.get(facet) == node]
            rest = [chosen[key.index] for key in keys if key.facets.get(facet) not in (node, None)]
            assert one.value == pytest.approx(np.mean(mine) - np.mean(rest), abs=1e-6)
            assert one.low < one.value < one.high and one.clusters > 1
    assert {"F", "M"} == {node for axis, node in gaps if axis == "subgroup sex"}
    assert {key.facets["site"] for key in keys} == set(SITES)


def test_what_is_handed_out_tells_nothing_of_subjects(tmp_path):
    through_the_line(hospital(tmp_path), tmp_path / "files", tmp_path, kinds=("finding",))
    table = open_table(tmp_path / "bench/public/TEST.tsv")
    assert not {"sex", "age", "site", "facets"} & {name.lower() for name in table.columns}
    assert "North" not in (tmp_path / "bench/public/TEST.tsv").read_text()
