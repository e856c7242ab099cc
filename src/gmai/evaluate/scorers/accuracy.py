"""Accuracy: as it is, corrected for chance, among what could be read, at best; and what could not be read."""

from collections.abc import Iterator, Sequence

from gmai.base import Interval
from gmai.evaluate.grading import Graded, weigh
from gmai.evaluate.scorers import Found, Scorer, share, share_interval


def chance_level(answers: Sequence[Graded]) -> float:
    """What drawing answers gets, twins counted once."""
    weights = weigh(answers)
    return sum(weight * answer.chance for weight, answer in zip(weights, answers, strict=True)) / sum(weights)


def adjust(value: float, chance: float) -> float:
    """A share of right answers as a share of what guessing leaves to be won."""
    return (value - chance) / (1 - chance) if chance < 1 else 0.0


def _measure(answers: Sequence[Graded]) -> Iterator[Found]:
    whole = share_interval(answers, [answer.right for answer in answers])
    chance = chance_level(answers)
    yield Found("accuracy", len(answers), whole.accuracy, whole, "what cannot be read counts as wrong")
    if chance:
        yield _adjusted(whole, len(answers), chance)
    if any(answer.is_invalid for answer in answers):
        best = [answer.right or answer.is_invalid for answer in answers]
        yield share("accuracy.best", answers, best, "as if all that cannot be read were right: the most it could be")
        readable = [answer for answer in answers if not answer.is_invalid]
        if readable:
            yield share("accuracy.readable", readable, [answer.right for answer in readable], "of what can be read")
    yield share("rate.invalid", answers, [answer.is_invalid for answer in answers])
    yield share("rate.refusal", answers, [answer.is_refusal for answer in answers])
    yield share("rate.error", answers, [answer.is_error for answer in answers])
    if any(answer.given.tie for answer in answers):
        ties = [answer.given.tie for answer in answers]
        yield share("rate.tie", answers, ties, "the earlier of the best options was taken")


def _adjusted(whole: Interval, n: int, chance: float) -> Found:
    value, low, high = (adjust(part, chance) for part in (whole.accuracy, whole.low, whole.high))
    interval = Interval(accuracy=value, low=low, high=high, clusters=whole.clusters, effect=whole.effect)
    note = f"(accuracy - c) / (1 - c), c = {chance:.4f}: guessing is 0"
    return Found("accuracy.adjusted", n, value, interval, note)


SCORER = Scorer(version="1", fits=lambda answer: True, measure=_measure)
