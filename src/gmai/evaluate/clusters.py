"""Which questions stand or fall together: those about one subject, else those about one picture, else each alone."""

from collections import Counter
from collections.abc import Sequence

from gmai.types import Question

FEW = 30
"""With fewer clusters an interval may hold the truth less often than it says; see :mod:`gmai.base.intervals`."""


def number_clusters(questions: Sequence[Question]) -> list[int]:
    """The cluster of each question, from 0: by source and subject; of unknown subjects, by pictures; twins together."""
    above = list(range(len(questions)))

    def root(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    first: dict[tuple[str, ...], int] = {}
    for place, question in enumerate(questions):
        for name in _names(question):
            one, other = root(first.setdefault(name, place)), root(place)
            above[max(one, other)] = min(one, other)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(place), len(numbers)) for place in range(len(questions))]


def count_ways(questions: Sequence[Question]) -> dict[str, int]:
    """How many questions are clustered by what: ``subject``, ``picture`` or ``question``."""
    ways = ("subject" if one.subject else "picture" if one.assets else "question" for one in questions)
    return dict(sorted(Counter(ways).items()))


def _names(question: Question) -> list[tuple[str, ...]]:
    twins = [("twin", question.source, question.twin)] if question.twin else []
    if question.subject:
        return [("subject", question.source, question.subject), *twins]
    return [*(("picture", asset) for asset in question.assets), *twins]
