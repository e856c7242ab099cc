"""Circular runs: a question is known only if it is right however its options are turned."""

from collections.abc import Iterator, Sequence

from gmai.evaluate.grading import Graded
from gmai.evaluate.scorers import Found, Scorer, mean, share


def _measure(answers: Sequence[Graded]) -> Iterator[Found]:
    yield share("circular.all", answers, [all(answer.turned) for answer in answers], "right at every rotation")
    shares = [sum(answer.turned) / len(answer.turned) for answer in answers]
    yield mean("circular.mean", answers, shares, "mean share of rotations that are right")
    yield share("circular.first", answers, [answer.turned[0] for answer in answers], "right as it stands in the file")


SCORER = Scorer(version="1", fits=lambda answer: bool(answer.turned), measure=_measure)
