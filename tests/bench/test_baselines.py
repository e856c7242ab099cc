"""Baselines are what they are called, and the page of a benchmark shows what its JSON says."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from bench_corpus import FINDINGS, make_corpus, make_sample, make_samples

from gmai.base import JobConfig
from gmai.bench import BenchConfig, build_bench, read_keys
from gmai.bench.baselines import measure_baselines, one_of_each
from gmai.types import Label, Question, View


def question(index: int, options: tuple[str, ...], answer: str, **changes: object) -> Question:
    made = Question(
        index=index,
        sample=f"s/{index}",
        source="s",
        subject=f"{index}",
        question="Which finding does this CT image show?",
        options=options,
        answer=answer,
        kind="finding",
        task="Disease Diagnosis",
        department="none",
        modality="CT",
        granularity="Image Level",
        view=View(),
        records=("r",),
    )
    return replace(made, **changes)


def training(count: int = 200):
    """Two of three have a cyst."""
    names = [FINDINGS[0] if n % 3 else FINDINGS[1 + n % 4] for n in range(count)]
    return [make_sample("s", n, "CT", (Label(name=names[n], record=f"r{n}"),), b"").sample for n in range(count)]


def measured(questions, known=()):
    return {b.name: b for b in measure_baselines(questions, known, training(), ["CT"], 0)}


def test_each_baseline_answers_as_it_is_called():
    asked = [question(n, ("scar", "cyst", "a long abscess", "x"), "BCAD"[n % 4]) for n in range(80)]
    found = measured(asked, [question(900 + n, ("a", "b", "c", "d"), "D") for n in range(9)])
    assert {name: b.accuracy for name, b in found.items() if name != "blind text"} == {
        "random": 0.25, "majority": 0.25, "longest": 0.25, "shortest": 0.25, "position": 0.25,
    }  # fmt: skip
    told = measured([replace(q, answer="B") for q in asked])
    assert told["majority"].accuracy == 1.0 == told["blind text"].accuracy and told["longest"].accuracy == 0.0
    assert measured([replace(q, answer="C") for q in asked])["longest"].accuracy == 1.0
    assert measured([replace(q, answer="D") for q in asked])["shortest"].accuracy == 1.0
    for baseline in found.values():
        assert baseline.n == 80 and baseline.low <= baseline.accuracy <= baseline.high


def test_the_modality_that_only_the_key_knows_is_not_used():
    names = ("CT", "MR", "X-ray", "Ultrasound")
    samples = [make_sample("s", n, names[n % 4], (Label(name="cyst", record=f"r{n}"),), b"").sample for n in range(40)]
    asked = [question(n, names, "ABCD"[n % 4], kind="modality", modality=names[n % 4]) for n in range(400)]
    found = {b.name: b.accuracy for b in measure_baselines(asked, [], samples, names, 0)}
    assert found["majority"] < 0.35


def test_random_is_an_exact_expectation():
    two = [question(n, ("yes", "no"), "A") for n in range(10)]
    several = [question(n + 10, ("a", "b", "c"), "AC", form="multiple") for n in range(10)]
    assert measured(two + several)["random"].accuracy == pytest.approx((1 / 2 + 1 / 7) / 2)


def test_twins_count_once():
    twins = [question(n, ("a", "b"), "A", twin=f"t{n // 3}") for n in range(9)]
    assert [q.index for q in one_of_each([*twins, question(20, ("a", "b"), "B")])] == [0, 3, 6, 20]


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("validated")
    corpus = make_corpus(folder / "corpus", make_samples(60))
    build_bench(BenchConfig(corpus=corpus, out=folder / "bench", multiple=True, job=JobConfig(workers=0)))
    return folder / "bench"


def test_every_build_has_its_baselines_and_checks_which_all_hold(bench):
    baselines = json.loads((bench / "baselines.json").read_text())
    assert [b["name"] for b in baselines] == ["random", "majority", "longest", "shortest", "position", "blind text"]
    found = json.loads((bench / "validation.json").read_text())
    assert found["baselines"] == baselines
    keys = [key for split in ("TEST", "VAL") for key in read_keys(bench / f"key/{split}.jsonl")]
    assert found["kinds"] == dict(sorted(Counter(key.kind for key in keys).items()))
    assert len(found["checks"]) > 8 and all(check["failed"] == 0 < check["n"] for check in found["checks"])
    assert {b["n"] for b in baselines} == {sum(key.split == "TEST" for key in keys)}


def test_the_page_stands_alone_and_shows_questions_of_every_level(bench):
    page = (bench / "validation.html").read_text()
    assert not re.search(r"(src|href)=\"http", page) and page.count("data:image/png") >= 4
    for level in ("Image Level", "Box Level", "Mask Level", "Contour Level"):
        assert level in page
    for name in ("blind text", "What was not asked", "names modality, task and level", "Number of right options"):
        assert name in page


def test_a_check_that_fails_is_counted(bench):
    from gmai.bench.held import Held
    from gmai.bench.validation import validate

    bad = [
        question(0, ("lung nodule", "pulmonary nodule"), "A"),
        question(1, ("NA", "cyst"), "B", question="What is it?"),
        question(2, ("cyst", "Cyst."), "A", records=()),
    ]
    failed = {check.name: check.examples for check in validate(bad, Held(), []).checks if check.failed}
    assert failed == {
        "names modality, task and level": (1,),
        "options differ in more than spelling": (2,),
        "options exclude each other": (0, 2),
        "no option is lost by readers": (1,),
        "leads back to an annotation": (2,),
    }
