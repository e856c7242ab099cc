"""Calibration and abstention, of models whose confidence is known; gaps between subgroups."""

import numpy as np
import pytest
from answered import ask, chosen, reply

from gmai.evaluate import grade, iter_measures
from gmai.evaluate.scorers.confidence import confidences, reliability, risk_coverage, shares_of_options
from gmai.evaluate.scorers.stated import stated_confidence
from gmai.evaluate.subgroups import iter_gaps


def sure(chance, confident: float, accuracy: float, count: int = 400):
    """Answers of one confidence and one accuracy, each about a subject of its own."""
    likelihoods = tuple(np.log([(1 - confident) / 3, confident, (1 - confident) / 3, (1 - confident) / 3]))
    keys = [ask(n, subject=f"p{n}", answer="B" if chance.random() < accuracy else "C") for n in range(count)]
    return grade([chosen(n, likelihoods=likelihoods) for n in range(count)], keys)


def found(answers) -> dict:
    return {one.metric: one for one in iter_measures(answers) if (one.axis, one.node) == ("overall", "all")}


def test_a_calibrated_model_and_one_too_sure():
    chance = np.random.default_rng(0)
    fair, vain = found(sure(chance, 0.75, 0.75)), found(sure(chance, 0.95, 0.5))
    assert fair["calibration.ece"].value < 0.06 < 0.38 < vain["calibration.ece"].value < 0.52
    assert vain["calibration.ece"].low < 0.45 < vain["calibration.ece"].high
    assert fair["calibration.brier"].value < vain["calibration.brier"].value <= 2
    assert vain["calibration.confidence"].value == pytest.approx(0.95)


def test_numbers_of_one_answer_by_hand():
    likelihoods = tuple(np.log([0.2, 0.5, 0.2, 0.1]) - 7)
    (answer,) = grade([chosen(0, likelihoods=likelihoods)], [ask(0, answer="A")])
    assert shares_of_options(answer) == pytest.approx([0.2, 0.5, 0.2, 0.1])
    assert confidences([answer]) == pytest.approx([0.5])
    measures = found([answer])
    assert measures["calibration.brier"].value == pytest.approx(0.8**2 + 0.5**2 + 0.2**2 + 0.1**2)
    assert measures["calibration.ece"].value == 0.5 and measures["abstention.aurc"].value == 1


def test_reliability_has_a_bin_for_each_confidence():
    chance = np.random.default_rng(1)
    answers = sure(chance, 0.75, 0.75)
    (only,) = reliability(answers, confidences(answers))
    (told,) = [one for name, one in found(answers).items() if name.startswith("calibration.bin")]
    assert (told.metric, told.n, told.low) == ("calibration.bin_0.7", 400, pytest.approx(only.accuracy.low, abs=1e-6))
    assert (only.low, only.high, only.n) == (0.7, 0.8, 400) and only.confidence == pytest.approx(0.75)
    assert only.accuracy.low < 0.75 < only.accuracy.high


def test_risk_over_coverage():
    values, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, False])
    risks, steps = risk_coverage(values, right, np.ones(4))
    assert risks == pytest.approx([0, 0, 1 / 3, 1 / 2]) and steps == pytest.approx([0.25] * 4)
    same, _ = risk_coverage(np.full(4, 0.5), right, np.ones(4))
    assert same == pytest.approx([0.5] * 4)  # order tells nothing where all are equally sure


def test_twins_count_once_in_risk_over_coverage():
    def with_twins(number: int) -> float:
        """A right answer, the surest; wrong ones to so many twins; and another wrong one."""
        twins = [ask(n, answer="C", twin="t") for n in range(1, number + 1)]
        keys, surer = [ask(0, answer="B"), *twins, ask(90, answer="C")], {0: 0.9, 90: 0.4}
        shares = [(key.index, surer.get(key.index, 0.6)) for key in keys]
        options = {index: [(1 - sure) / 3, sure, (1 - sure) / 3, (1 - sure) / 3] for index, sure in shares}
        given = [chosen(index, likelihoods=tuple(np.log(values))) for index, values in options.items()]
        return found(grade(given, keys))["abstention.aurc"].value

    assert with_twins(1) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3, abs=1e-6)
    assert with_twins(2) == pytest.approx((0 + (0.5 / 1.5) / 2 + (1 / 2) / 2 + 2 / 3) / 3, abs=1e-6)


def test_a_model_that_knows_what_it_knows_gains_by_abstaining():
    chance = np.random.default_rng(2)
    keys = [ask(n, subject=f"p{n}") for n in range(300)]
    given = []
    for n in range(300):
        confident = chance.uniform(0.3, 1.0)
        right = chance.random() < confident
        other = (1 - confident) / 3
        shares = [other, confident, other, other] if right else [other, other, confident, other]
        given.append(chosen(n, "B" if right else "C", likelihoods=tuple(np.log(shares))))
    measures = found(grade(given, keys))
    risk = 1 - measures["accuracy"].value
    assert measures["abstention.accuracy_at_50"].value > measures["abstention.accuracy_at_90"].value > 1 - risk
    assert measures["abstention.aurc"].high < risk and measures["abstention.accuracy_at_50"].n == 150
    assert measures["calibration.ece"].value < 0.1


def test_answers_without_likelihoods_have_no_confidence():
    assert "calibration.ece" not in found(grade([chosen(0), chosen(1)], [ask(0), ask(1)]))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Answer: B. Confidence: 85%", 0.85),
        ("B\nConfidence level: 0.7", 0.7),
        ("My confidence in this answer is 100 %.", 1.0),
        ("答案是B，置信度：60％", 0.6),
        ("Confidence: 8", None),
        ("Confidence: 120%", None),
        ("confidence 80% for A, confidence 20% for B", None),
        ("95% confidence interval", None),
        ("B", None),
    ],
)
def test_confidence_stated_in_words(text, value):
    assert stated_confidence(text) == value


def test_stated_confidence_is_measured_of_the_replies_that_state_it():
    keys = [ask(n, subject=f"p{n}", answer="B" if n % 4 else "A") for n in range(40)]
    given = [reply(n, "Answer: B. Confidence: 75%" if n < 36 else "B") for n in range(40)]
    measures = found(grade(given, keys))
    assert (measures["stated.calibration.ece"].value, measures["stated.calibration.ece"].n) == (0, 36)
    assert measures["stated.abstention.accuracy_at_50"].n == 36  # all are equally sure
    assert "calibration.ece" not in measures


def test_gaps_between_subgroups():
    keys = [ask(n, subject=f"p{n}", facets={"sex": "FM"[n % 3 == 0]} if n < 90 else {}) for n in range(100)]
    given = [chosen(n, "A" if n % 3 == 0 and n % 2 else "B") for n in range(100)]
    gaps = {one.node: one for one in iter_gaps(grade(given, keys))}
    assert set(gaps) == {"F", "M"}  # unknown has no gap, one source and one language are no subgroups
    assert gaps["M"].value == pytest.approx(-0.5) and gaps["F"].value == pytest.approx(0.5)
    assert (gaps["M"].n, gaps["M"].clusters, gaps["M"].few) == (30, 30, False)
    assert gaps["M"].high < -0.25 and gaps["M"].low > -0.75
    assert gaps["F"].low == pytest.approx(-gaps["M"].high)


def test_a_subgroup_of_one_subject_tells_nothing():
    keys = [ask(n, subject="lone" if n < 5 else f"p{n}", facets={"site": "a" if n < 5 else "b"}) for n in range(50)]
    gap = next(iter_gaps(grade([chosen(n) for n in range(50)], keys)))
    assert (gap.low, gap.high, gap.few, gap.clusters) == (-1.0, 1.0, True, 1)


def test_the_interval_of_a_gap_holds_the_truth():
    chance, held = np.random.default_rng(5), 0
    keys = [ask(n, subject=f"p{n // 4}", facets={"sex": "M" if n < 200 else "F"}) for n in range(480)]
    for _ in range(80):
        own = np.repeat(chance.beta(3, 2, 120), 4)
        right = chance.random(480) < own
        gap = next(iter_gaps(grade([chosen(n, "B" if right[n] else "A") for n in range(480)], keys)))
        held += gap.low <= 0 <= gap.high
    assert 0.89 < held / 80 <= 1
