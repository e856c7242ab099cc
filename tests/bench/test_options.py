"""Wrong answers: never another name of the right one, never true as well, and telling nothing about which is right."""

from collections import Counter
from dataclasses import replace

import pytest
from bench_corpus import FINDINGS, make_sample, make_samples, mask, picture, split_name

from gmai.annotations import find_facts
from gmai.bench import BenchConfig, choose_answers, find_answers
from gmai.bench.answers import fact_key
from gmai.bench.held import SPLITS, Held
from gmai.bench.options import find_wrong
from gmai.bench.plan import plan_questions
from gmai.types import QA, Box, Fact, Label, Reject, Sample


def sample(*annotations, modality: str = "CT", number: int = 0) -> Sample:
    return make_sample("s", number, modality, annotations, picture(60, number)).sample


def fact(kind: str, answer: str, **changes: object) -> Fact:
    return Fact(kind=kind, answer=answer, task="Disease Diagnosis", records=("r",), **changes)


def test_other_spellings_and_what_pandas_loses_are_no_options():
    pool = ("Cyst", "cyst ", "renal-stone", "renal stone", "NA", "None", "none", "tumour")
    assert find_wrong(sample(), fact("finding", "cyst", pool=pool), ()) == ("renal-stone", "none", "tumour")


def test_labels_of_the_picture_are_no_wrong_answers():
    two = sample(Label(name="cyst", record="a"), Box(label="stone", xyxy=(1, 1, 9, 9), record="b"))
    assert find_wrong(two, fact("finding", "cyst", pool=FINDINGS), ()) == ("tumour", "scar", "abscess")


def test_what_lies_in_a_drawn_region_is_no_wrong_answer_and_what_lies_beside_it_is():
    inner = Box(label="stone", xyxy=(3, 3, 6, 6), record="b")
    beside = Box(label="scar", xyxy=(20, 12, 30, 20), record="c")
    nested = sample(Box(label="cyst", xyxy=(1, 1, 12, 12), record="a"), inner, beside, mask("abscess", 22, 13, "m"))
    asked = {f.answer: f for f in find_facts(nested) if f.view.granularity == "box"}
    assert set(find_wrong(nested, asked["cyst"], ())) == {"tumour", "scar", "abscess"}
    assert set(find_wrong(nested, asked["stone"], ())) == {"tumour", "scar", "abscess"}
    assert set(find_wrong(nested, asked["scar"], ())) == {"cyst", "stone", "tumour"}


def test_a_modality_stands_beside_other_families_only():
    pool = ("MRI", "T1 MRI", "CT", "X-ray", "Mammography", "UltraSound")
    assert find_wrong(sample(), fact("modality", "T2 MRI"), pool) == ("CT", "X-ray", "Mammography", "UltraSound")
    assert find_wrong(sample(), fact("modality", "X-ray"), pool) == ("MRI", "T1 MRI", "CT", "UltraSound")


def test_questions_of_people():
    asked = sample(
        QA(question="Is it large?", answer="YES", record="1"),
        QA(question="Which side?", answer="left", options=("Left", "Right"), record="2"),
        QA(question="Which side?", answer="middle", options=("Left", "Right"), record="3"),
        QA(question="What is it?", answer="a mass", record="4"),
    )
    answers = [a for a in find_answers(asked) if isinstance(a, Reject) or a.kind == "qa"]
    assert [(a.answer, a.pool) for a in answers[:2]] == [("yes", ("yes", "no")), ("Left", ("Left", "Right"))]
    assert [a.reason for a in answers[2:]] == ["bench.answer_no_option", "bench.open_question"]


def test_a_region_is_asked_about_once_and_each_kind_once_at_each_level():
    many = sample(*(mask(name, 3 + 9 * (n % 3), 2 + 12 * (n // 3), f"m{n}") for n, name in enumerate(FINDINGS)))
    chosen = choose_answers(many.id, find_facts(many), seed=0)
    regions = [f.view.regions for f in chosen if f.view.regions]
    assert len(regions) == len(set(regions)) > 1
    kinds = Counter((f.kind, f.view.granularity) for f in chosen)
    assert set(kinds.values()) == {1}
    levels = Counter(
        f.view.granularity for n in range(60) for f in choose_answers(f"s/{n}", find_facts(many), 0) if f.view.regions
    )
    assert min(levels[level] for level in ("box", "mask", "contour")) > 30


def held(samples) -> Held:
    found = Held()
    for stored in samples:
        found.modalities.add(stored.sample.modality)
        if split_name(stored) != "train":
            found.samples[SPLITS[split_name(stored)]].append(stored.sample)
    return found


def test_a_question_with_one_answer_throughout_is_not_asked(tmp_path):
    same = [make_sample("one", n, "CT", (Label(name="cyst", record=f"r{n}"),), picture(60, 500 + n)) for n in range(16)]
    found = held(make_samples(16) + same)
    questions = plan_questions(found, BenchConfig(corpus=tmp_path, out=tmp_path, kinds=("finding", "modality")))
    assert not [q for q in questions if (q.source, q.kind) == ("one", "finding")]
    assert [q for q in questions if (q.source, q.kind) == ("scans", "finding")]
    assert [q for q in questions if (q.source, q.kind) == ("one", "modality")]
    assert found.left_out["always_the_same_answer"] == 8


ATTACKS = {
    "longest": lambda q, seen: max(q.options, key=len),
    "shortest": lambda q, seen: min(q.options, key=len),
    "first in the alphabet": lambda q, seen: min(q.options),
    "always A": lambda q, seen: q.options[0],
    "index": lambda q, seen: q.options[q.index % len(q.options)],
    "rarest in the file": lambda q, seen: min(q.options, key=lambda o: seen[o]),
    "most frequent in the file": lambda q, seen: max(q.options, key=lambda o: seen[o]),
    "as the row before": lambda q, seen: q.options[(q.index * 7 // 3) % len(q.options)],
}


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Findings of 400 held-out subjects whose right answers are in balance, so that a prior is worth nothing."""
    where = tmp_path_factory.mktemp("large")
    found = Held()
    for n in range(400):
        made = make_sample("s", n, "CT", (Label(name=FINDINGS[n % 5], record=f"r{n}"),), b"")
        own = replace(made.sample, subject=str(n), images=(replace(made.sample.images[0], asset=str(n)),))
        found.samples["TEST"].append(own)
    return plan_questions(found, BenchConfig(corpus=where, out=where, kinds=("finding",), per_label=80))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attacker_with_the_public_columns_does_no_better_than_chance(large, attack):
    """Three standard errors of 400 guesses at one in four."""
    assert len(large) == 400
    seen = Counter(option for question in large for option in question.options)
    right = [ATTACKS[attack](q, seen) == q.options["ABCDE".index(q.answer)] for q in large]
    assert abs(sum(right) / len(right) - 0.25) < 3 * (0.25 * 0.75 / len(right)) ** 0.5


def test_fact_keys_tell_facts_apart():
    many = sample(*(mask(name, 3 + 9 * n, 2, f"m{n}") for n, name in enumerate(FINDINGS[:3])))
    keys = [fact_key(found) for found in find_facts(many)]
    assert len(keys) == len(set(keys))
