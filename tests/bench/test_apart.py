"""No question of a sample gives away the answer to another."""

from gmai.bench.apart import MODALITY_SHARE, keep_apart
from gmai.bench.candidate import Candidate
from gmai.types import Fact


def candidate(sample: str, kind: str, answer: str, about: str = "") -> Candidate:
    fact = Fact(kind=kind, answer=answer, task="Disease Diagnosis", records=("r",), about=about)
    return Candidate(
        sample=sample,
        source="s",
        subject=sample,
        split="TEST",
        modality="CT",
        department="none",
        fact=fact,
        wrong=("x", "y", "z"),
    )


def test_a_label_is_either_asked_for_or_named():
    found = [
        c
        for n in range(400)
        for c in (
            candidate(f"s/{n}", "finding", "cyst"),
            candidate(f"s/{n}", "location", "upper-left", about="Cyst"),
            candidate(f"s/{n}", "modality", "CT"),
            candidate(f"s/{n}", "grade", "mild"),
        )
    ]
    kept: dict[str, set[str]] = {}
    for item in keep_apart(found, seed=0):
        kept.setdefault(item.sample, set()).add(item.kind)
    assert len(kept) == 400
    assert {frozenset(kinds) for kinds in kept.values()} == {
        frozenset({"modality"}),
        frozenset({"finding", "grade"}),
        frozenset({"location", "grade"}),
    }
    alone = sum(kinds == {"modality"} for kinds in kept.values())
    assert abs(alone / 400 - MODALITY_SHARE) < 0.08
    named = sum("location" in kinds for kinds in kept.values())
    assert 120 < named < 200


def test_questions_that_do_not_tell_and_lone_modalities_stay():
    found = [
        candidate("s/1", "modality", "CT"),
        candidate("s/2", "qa", "yes", about="Is this a cyst?"),
        candidate("s/2", "modality", "CT"),
        candidate("s/3", "presence", "no", about="mass"),
        candidate("s/3", "finding", "cyst"),
    ]
    assert {(c.sample, c.kind) for c in keep_apart(found, seed=0)} == {
        ("s/1", "modality"),
        ("s/2", "modality"),
        ("s/2", "qa"),
        ("s/3", "presence"),
        ("s/3", "finding"),
    }


def test_the_order_and_number_of_candidates_of_other_samples_do_not_matter():
    mine = [candidate("s/1", "finding", "cyst"), candidate("s/1", "location", "upper-left", about="cyst")]
    others = [candidate(f"s/{n}", "finding", "cyst") for n in range(2, 9)]
    alone = keep_apart(mine, seed=3)
    assert [c for c in keep_apart([*others, *mine], seed=3) if c.sample == "s/1"] == alone
