"""Cuts of a benchmark built from public data sets, beside the same selection in plain Python over the key file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gmai.base import JobConfig
from gmai.bench import BenchConfig, build_bench, make_cut, open_table
from gmai.cli import main
from gmai.demo import DemoConfig
from gmai.demo.data import prepare_data

pytestmark = pytest.mark.data
Holds = Callable[[dict[str, Any]], bool]
CUTS: dict[str, Holds] = {
    'department="Pulmonary Medicine" & modality=X-ray & question~finding': lambda k: (
        k["department"] == "Pulmonary Medicine" and k["modality"] == "X-ray" and "finding" in k["question"].lower()
    ),
    "department in (Hematology, Neurosurgery) & modality=MRI & question~/^(which|where)/": lambda k: (
        k["department"] in ("Hematology", "Neurosurgery")
        and k["modality"] == "MRI"
        and k["question"].lower().startswith(("which", "where"))
    ),
    'department=Neurosurgery & modality="T1 MRI" & question~hippocamp': lambda k: (
        k["department"] == "Neurosurgery" and k["modality"] == "T1 MRI" and "hippocamp" in k["question"].lower()
    ),
    '科室=血液科 & modality=Microscopy & !question~"which part"': lambda k: (
        k["department"] == "Hematology" and k["modality"] == "Microscopy" and "which part" not in k["question"].lower()
    ),
    '(department=Neurosurgery | department="Pulmonary Medicine") & modality!=X-ray & question!~"T1 MRI"': lambda k: (
        k["department"] in ("Neurosurgery", "Pulmonary Medicine")
        and k["modality"] != "X-ray"
        and "t1 mri" not in k["question"].lower()
    ),
}


@pytest.fixture(scope="module")
def bench(request, tmp_path_factory) -> Path:
    data = request.config.getoption("--data")
    if data is None:
        pytest.skip("needs --data FOLDER")
    folder = tmp_path_factory.mktemp("pool")
    prepared = prepare_data(DemoConfig(out=folder, data=data, job=JobConfig(workers=0)))
    build_bench(BenchConfig(corpus=prepared.corpus, out=folder / "large", per_label=10**6, job=JobConfig(workers=0)))
    return folder / "large"


def told(bench: Path, split: str) -> list[dict[str, Any]]:
    """The key file's lines as the public file shows them: neither is named where the modality is asked for."""
    lines = [json.loads(line) for line in (bench / f"key/{split}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [line | ({"department": "", "modality": ""} if line["kind"] == "modality" else {}) for line in lines]


def test_the_benchmark_has_several_departments_and_modalities(bench):
    keys = told(bench, "TEST")
    assert len({key["department"] for key in keys}) >= 5 and len({key["modality"] for key in keys}) >= 5
    assert len({key["source"] for key in keys}) >= 5


@pytest.mark.parametrize("split", ["TEST", "VAL"])
@pytest.mark.parametrize("query", CUTS)
def test_a_cut_holds_what_plain_python_selects(bench, tmp_path, query, split):
    wanted = [key["index"] for key in told(bench, split) if CUTS[query](key)]
    cut = make_cut(bench / f"public/{split}.tsv", query, tmp_path / "cut.json")
    assert sorted(cut.indices) == sorted(wanted) and 0 < len(wanted) < len(told(bench, split))
    table = open_table(tmp_path / "cut.json")
    texts = {key["index"]: key["question"] for key in told(bench, split)}
    assert {question.index: question.question for question in table} == {index: texts[index] for index in wanted}


def test_the_command_cuts_the_same(bench, tmp_path):
    query, holds = next(iter(CUTS.items()))
    done = CliRunner().invoke(
        main, ["bench", "cut", str(bench / "public/TEST.tsv"), query, "-o", str(tmp_path / "c.json")]
    )
    assert done.exit_code == 0, done.output
    cut = json.loads((tmp_path / "c.json").read_text())
    assert sorted(cut["indices"]) == sorted(key["index"] for key in told(bench, "TEST") if holds(key))
