"""Measures: each counted by hand, or as the field's own programs count it."""

import numpy as np
import pytest
from answered import ask, chosen, reply
from scipy import stats

from gmai.evaluate import SCORERS, grade, iter_measures
from gmai.evaluate.scorers.macro import macro_interval
from gmai.evaluate.scorers.overlap import bleu, bleu_sums, rouge_l, rouge_n, token_f1, tokens
from gmai.types import Measure


def measures(given, keys, axis="overall", node="all") -> dict[str, Measure]:
    found = list(iter_measures(grade(given, keys)))
    mine = {one.metric: one for one in found if (one.axis, one.node) == (axis, node)}
    assert all(one.n and (one.low is None or one.low <= one.value <= one.high) for one in found)
    return mine


def test_every_scorer_has_a_version_and_a_test():
    assert SCORERS.names() == sorted(set(SCORERS.names()))
    assert all(SCORERS.get(name).version for name in SCORERS)


def test_accuracy_corrected_for_chance_and_its_bounds():
    keys = [ask(n) for n in range(8)]
    given = [reply(n, text) for n, text in enumerate(["B", "B", "B", "A", "B", "I cannot tell", "A or B", "B"])]
    found = measures(given, keys)
    assert found["accuracy"].value == 5 / 8
    assert found["accuracy.adjusted"].value == pytest.approx((5 / 8 - 1 / 4) / (3 / 4))
    assert found["accuracy.best"].value == 7 / 8 and found["accuracy.readable"].value == pytest.approx(5 / 6, abs=1e-6)
    assert found["accuracy.readable"].n == 6
    assert (found["rate.invalid"].value, found["rate.refusal"].value, found["rate.error"].value) == (0.25, 0.125, 0)
    assert (found["accuracy"].invalid, found["accuracy"].refusals, found["accuracy"].few) == (2, 1, True)


def test_always_guessing_is_no_better_than_chance():
    keys = [ask(n, answer="ABCD"[n % 4]) for n in range(40)]
    assert measures([chosen(n, "A") for n in range(40)], keys)["accuracy.adjusted"].value == pytest.approx(0)


def test_macro_accuracy_counts_every_task_alike():
    keys = [*(ask(n, task="T") for n in range(30)), *(ask(n, task="U") for n in range(30, 40))]
    given = [chosen(n, "B" if n < 30 or n % 2 else "A") for n in range(40)]
    found = measures(given, keys)
    assert found["macro.task"].value == 0.75 and found["accuracy"].value == 0.875
    assert "macro.kind" not in found


def test_the_macro_interval_holds_the_truth():
    chance, held = np.random.default_rng(7), 0
    truth = np.array([0.3, 0.6, 0.9])
    for _ in range(400):
        clusters = np.repeat(np.arange(60), 4)
        nodes = chance.choice(3, 240, p=[0.2, 0.3, 0.5])
        shift = chance.normal(0, 0.8, 60)[clusters]
        limit = stats.norm.ppf(truth) * np.sqrt(1.64)
        right = chance.normal(0, 1, 240) + shift < limit[nodes]
        found = macro_interval(right, clusters, nodes, np.ones(240))
        held += found.low <= truth.mean() <= found.high
    assert 0.92 < held / 400 < 0.985


def test_a_node_of_one_subject_widens_the_macro_interval():
    right, nodes = [True, False] * 20 + [True], [0] * 40 + [1]
    lone = macro_interval(right, range(41), nodes, [1.0] * 41)
    assert lone.high == 1 and lone.low < 0.25


def test_sets_of_letters_case_by_case():
    keys = [ask(n, form="multiple", answer=answer) for n, answer in enumerate(["AC", "B", "ABD"])]
    found = measures([chosen(0, "AB"), chosen(1, "B"), chosen(2, None)], keys)
    assert found["multiple.exact"].value == pytest.approx(1 / 3, abs=1e-6)
    assert found["multiple.precision"].value == found["multiple.recall"].value == 0.5
    assert found["multiple.f1"].value == 0.5
    assert found["multiple.precision.all_letters"].value == 0.5
    assert found["accuracy.adjusted"].value == pytest.approx((1 / 3 - 1 / 15) / (14 / 15), abs=1e-5)


def test_yes_or_no_beside_what_always_saying_the_same_gets():
    truth = ["yes"] * 6 + ["no"] * 4
    said = ["Yes", "Yes", "Yes", "Yes", "No", "I cannot tell", "No", "No", "No", "Yes"]
    keys = [ask(n, form="yes_no", options=(), answer=one, subject=f"p{n}") for n, one in enumerate(truth)]
    found = measures([reply(n, text) for n, text in enumerate(said)], keys)
    assert found["yes_no.sensitivity"].value == pytest.approx(4 / 6, abs=1e-6) and found["yes_no.sensitivity"].n == 6
    assert found["yes_no.specificity"].value == 0.75
    assert found["yes_no.balanced"].value == pytest.approx((4 / 6 + 0.75) / 2, abs=1e-6)
    tp, fn, tn, fp = 4, 2, 3, 1
    expected = (tp * tn - fp * fn) / ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) ** 0.5
    assert found["yes_no.mcc"].value == pytest.approx(expected, abs=1e-6)
    assert (found["yes_no.always_yes"].value, found["yes_no.majority"].value) == (0.6, 0.6)
    assert found["yes_no.said_yes"].value == 0.5


def test_yes_or_no_as_options():
    keys = [ask(n, form="yes_no", options=("Yes", "No"), answer="AB"[n % 2]) for n in range(4)]
    found = measures([chosen(n, "A") for n in range(4)], keys)
    assert (found["yes_no.sensitivity"].value, found["yes_no.specificity"].value) == (1.0, 0.0)
    assert found["yes_no.balanced"].value == 0.5 and found["yes_no.mcc"].value == 0.0


SAID = (
    "opacity in left lower lobe with small effusion",
    "no acute fracture",
    "enlarged heart with clear lungs and no effusion today",
)
TRUE = (
    "small opacity in left lower lobe",
    "no evidence of acute fracture",
    "enlarged heart and clear lungs without effusion",
)
ROUGE = [(0.857143, 0.666667, 0.714286), (0.75, 0.333333, 0.75), (0.75, 0.285714, 0.625)]
BLEU = [0.75, 0.555719, 0.404484, 0.331196]


def test_rouge_is_that_of_rouge_score():
    """Values of rouge-score 0.1.2, without stemming."""
    pairs = [(tokens(said), [tokens(true)]) for said, true in zip(SAID, TRUE, strict=True)]
    found = [(rouge_n(*pair, 1), rouge_n(*pair, 2), rouge_l(*pair)) for pair in pairs]
    assert found == [pytest.approx(row, abs=1e-6) for row in ROUGE]


def test_bleu_is_that_of_sacrebleu():
    """Values of sacrebleu 2.6.0, corpus BLEU without smoothing and tokenization."""
    sums = np.sum([bleu_sums(tokens(s), [tokens(t)]) for s, t in zip(SAID, TRUE, strict=True)], axis=0)
    assert [float(bleu(sums, order)) for order in (1, 2, 3, 4)] == pytest.approx(BLEU, abs=1e-6)


def test_open_answers():
    keys = [ask(n, form="open", options=(), answer=text, subject=f"p{n}") for n, text in enumerate(TRUE)]
    said = [f"Answer: {TRUE[0]}", f"Answer: {SAID[1]}", "I cannot tell."]
    found = measures([reply(n, text) for n, text in enumerate(said)], keys)
    assert found["open.exact"].value == pytest.approx(1 / 3, abs=1e-6) == found["accuracy"].value
    assert found["open.token_f1"].value == pytest.approx((1 + 2 * 3 / 8) / 3, abs=1e-6)
    assert "accuracy.adjusted" not in found and found["open.rougeL"].invalid == 1
    assert 0 < found["open.bleu4"].value < found["open.bleu1"].value < 1


def test_chinese_is_counted_by_characters():
    assert tokens("左肺下叶 CT。") == ["左", "肺", "下", "叶", "ct"]
    assert token_f1(tokens("左肺"), [tokens("右肺")]) == 0.5
    assert token_f1([], [[]]) == 1.0 and token_f1([], [tokens("x")]) == 0.0


def test_circular_scores():
    keys = [ask(n, options=("x", "y")) for n in range(4)]
    given = [chosen(n, "B", rotation=r) for n in range(4) for r in (0, 1) if not (n == 3 and r == 1)]
    found = measures([*given, chosen(3, "A", rotation=1)], keys)
    assert (found["circular.all"].value, found["circular.mean"].value) == (0.75, 0.875)
    assert found["circular.first"].value == found["accuracy"].value == 1.0 and found["accuracy"].n == 4


def test_subgroups_are_measured_where_a_trait_differs():
    keys = [ask(n, facets={"sex": "F" if n % 4 < 2 else "M"} if n else {}) for n in range(12)]
    given = [chosen(n, "A" if n % 4 < 2 else "B") for n in range(12)]
    assert measures(given, keys, "subgroup sex", "M")["accuracy"].value == 1.0
    assert measures(given, keys, "subgroup sex", "unknown")["accuracy"].n == 1
    assert not measures(given, keys, "subgroup language", "en")
