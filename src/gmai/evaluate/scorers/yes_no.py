"""Yes or no: sensitivity, specificity, balanced accuracy, MCC, and what always saying the same gets."""

from collections.abc import Iterator, Sequence

import numpy as np

from gmai.base import Interval, interval_of_sums
from gmai.bench import LETTERS
from gmai.evaluate.grading import Graded, truth_of, yes_no
from gmai.evaluate.scorers import Found, Scorer, cluster_sums, share


def _said(answer: Graded) -> bool | None:
    if answer.question.options and answer.choice:
        return yes_no(answer.question.options[LETTERS.index(answer.choice)])
    return yes_no(answer.said)


def _balanced(sums: np.ndarray) -> np.ndarray:
    """Mean of the shares right among yes and among no, from sums of (right yes, yes, right no, no …)."""
    yes, no = np.maximum(sums[..., 1], 1e-12), np.maximum(sums[..., 3], 1e-12)
    return np.asarray((sums[..., 0] / yes + sums[..., 2] / no) / 2)


def _mcc(sums: np.ndarray) -> np.ndarray:
    """Matthews correlation from (true yes, yes, true no, no …); what cannot be read is wrong; 0 where undefined."""
    tp, fn = sums[..., 0], sums[..., 1] - sums[..., 0]
    tn, fp = sums[..., 2], sums[..., 3] - sums[..., 2]
    under = np.sqrt(np.maximum(0.0, (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))
    return np.asarray(np.where(under > 1e-9, (tp * tn - fp * fn) / np.where(under > 1e-9, under, 1.0), 0.0))


def _measure(answers: Sequence[Graded]) -> Iterator[Found]:
    truths = [bool(truth_of(answer.question)) for answer in answers]
    rights = [_said(answer) is truth for answer, truth in zip(answers, truths, strict=True)]
    yield share("yes_no.accuracy", answers, rights)
    for metric, wanted in (("yes_no.sensitivity", True), ("yes_no.specificity", False)):
        mine = [place for place, truth in enumerate(truths) if truth is wanted]
        if mine:
            word = "yes" if wanted else "no"
            yield share(metric, [answers[n] for n in mine], [rights[n] for n in mine], f"of those whose key is {word}")
    if len(set(truths)) == 2:
        yield from _joint(answers, truths, rights)
    yield share("yes_no.always_yes", answers, truths, "accuracy of always saying yes")
    yield share("yes_no.always_no", answers, [not truth for truth in truths], "accuracy of always saying no")
    common = sum(truths) * 2 >= len(truths)
    note = f"accuracy of always saying {'yes' if common else 'no'}, the commoner answer of this key"
    yield share("yes_no.majority", answers, [truth is common for truth in truths], note)
    yield share("yes_no.said_yes", answers, [_said(answer) is True for answer in answers], "how often yes was said")


def _joint(answers: Sequence[Graded], truths: Sequence[bool], rights: Sequence[bool]) -> Iterator[Found]:
    pairs = list(zip(truths, rights, strict=True))
    columns = [
        [truth and right for truth, right in pairs],
        list(truths),
        [not truth and right for truth, right in pairs],
        [not truth for truth in truths],
    ]
    sums = cluster_sums(answers, columns)
    balanced = interval_of_sums(sums, _balanced)
    yield Found("yes_no.balanced", len(answers), balanced.accuracy, balanced, "mean of sensitivity and specificity")
    mcc: Interval = interval_of_sums(sums, _mcc, (-1.0, 1.0))
    yield Found("yes_no.mcc", len(answers), mcc.accuracy, mcc, "Matthews correlation; unread counts as wrong")


SCORER = Scorer(version="1", fits=lambda answer: truth_of(answer.question) is not None, measure=_measure)
