"""Circular evaluation: a question once for each of its options, turned one place further each time.

A model that knows the answer finds it wherever it stands; one that likes a letter does not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from gmai.bench import LETTERS, PublicQuestion
from gmai.types import Prediction

T = TypeVar("T")


def rotate(options: Sequence[T], rotation: int) -> tuple[T, ...]:
    """The options as they are shown: the one that stands at ``rotation`` in the file comes first."""
    return (*options[rotation:], *options[:rotation])


def turn_back(choice: str | None, rotation: int, count: int) -> str | None:
    """Letters of options as they were shown, as letters of the file."""
    if choice is None or not rotation:
        return choice
    return "".join(sorted(LETTERS[(LETTERS.index(letter) + rotation) % count] for letter in choice))


def iter_rotations(questions: Iterable[PublicQuestion], *, circular: bool) -> Iterator[tuple[PublicQuestion, int]]:
    """Yield each question with its rotation; all rotations of those that have options, if asked for."""
    for question in questions:
        for rotation in range(max(1, len(question.options)) if circular else 1):
            shown = replace(question, options=rotate(question.options, rotation)) if rotation else question
            yield shown, rotation


def place_answer(prediction: Prediction, question: PublicQuestion, rotation: int) -> Prediction:
    """An answer to a question as it was shown, in the order of the file."""
    if not rotation:
        return prediction
    count = len(question.options)
    likelihoods = rotate(prediction.likelihoods, count - rotation) if prediction.likelihoods else ()
    choice = turn_back(prediction.choice, rotation, count)
    return replace(prediction, choice=choice, likelihoods=likelihoods, rotation=rotation)
