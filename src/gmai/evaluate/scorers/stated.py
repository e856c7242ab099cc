"""Confidence that replies state in words ("Confidence: 85 %"): calibration and abstention, as of likelihoods."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from gmai.evaluate.grading import Graded
from gmai.evaluate.reading import IN_WORDS
from gmai.evaluate.scorers import Found, Scorer
from gmai.evaluate.scorers.confidence import measure_confidence

_STATED = re.compile(
    r"(?:\bconfidence(?:\s+(?:level|score|in\s+(?:this|my)\s+answer))?|置信度|信心)\W{0,4}(?:(?:is|of|为|是)\W{0,3})?"
    r"(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>[%\uff05])?",
    re.IGNORECASE,
)


def stated_confidence(text: str) -> float | None:
    """Confidence a reply states, 0 to 1: per cent, or a share written with a dot; None if none, several or neither."""
    found = set()
    for match in _STATED.finditer(text):
        number = float(match["number"])
        if match["percent"]:
            found.add(number / 100)
        elif "." in match["number"] and number <= 1:
            found.add(number)
        else:
            return None
    return found.pop() if len(found) == 1 and max(found) <= 1 else None


def _fits(answer: Graded) -> bool:
    worded = answer.given.mode in IN_WORDS and not answer.is_invalid
    return worded and stated_confidence(answer.given.text) is not None


def _measure(answers: Sequence[Graded]) -> Iterator[Found]:
    values = np.array([stated_confidence(answer.given.text) for answer in answers], dtype=float)
    yield from measure_confidence(answers, values, "stated.")


SCORER = Scorer(version="2", fits=_fits, measure=_measure, nodes="overall")
