"""Answers held against their key, one by one: what was read from each reply, whether it is right, what it counts.

Replies in words are read here, at scoring, by the extractor of this version: ``choice`` of such a prediction is a
convenience, and stands only where there is no text. A question put with its options turned is right by its unturned
reply; the others are for circular scores. Twins together count as one question.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gmai.bench import LETTERS, fold
from gmai.errors import ScoreError
from gmai.evaluate.clusters import number_clusters
from gmai.evaluate.parsing import Extraction, extract_choice
from gmai.evaluate.parsing.words import read_yes_no
from gmai.evaluate.reading import IN_WORDS
from gmai.evaluate.rotations import rotate, turn_back
from gmai.types import Form, Prediction, Question

GRADER = "1"
"""Version of these rules: part of a score's identity."""
FAILED = "failed"
"""Reason of questions without a reply."""


@dataclass(frozen=True, slots=True)
class Graded:
    """One question as it was answered."""

    question: Question
    given: Prediction
    choice: str | None
    """Letter or letters read; None if there are none."""
    said: str | None
    """The answer in words, of yes-or-no and open questions."""
    reason: str
    """By which rule it was read, or why not."""
    right: bool
    cluster: int
    turned: tuple[bool, ...] = ()
    """Of circular runs: right or wrong at every rotation, the unturned first."""

    @property
    def is_invalid(self) -> bool:
        """True if nothing could be read."""
        return self.choice is None and self.said is None

    @property
    def is_refusal(self) -> bool:
        """True if the reply declines to answer."""
        return self.is_invalid and self.reason == "refusal"

    @property
    def is_error(self) -> bool:
        """True if there is no reply."""
        return bool(self.given.error)

    @property
    def chance(self) -> float:
        """What drawing an answer gets: an option, a set of options that is not empty, yes or no, or nothing."""
        return chance_of(self.question)


def chance_of(question: Question) -> float:
    """See :attr:`Graded.chance`."""
    if question.form == "multiple":
        return 1 / ((1 << len(question.options)) - 1)
    if question.options:
        return 1 / len(question.options)
    return 0.5 if question.form == "yes_no" else 0.0


def weigh(answers: Sequence[Graded]) -> list[float]:
    """What each answer counts among these: twins share one."""
    groups = Counter((answer.question.source, answer.question.twin) for answer in answers if answer.question.twin)
    return [1 / groups[a.question.source, a.question.twin] if a.question.twin else 1.0 for a in answers]


class Extract(Protocol):
    """Reads a reply, as :func:`gmai.evaluate.parsing.extract_choice` does."""

    def __call__(self, reply: str, options: Sequence[str], *, form: Form = "choice") -> Extraction:
        """What the reply answers."""


def grade(
    predictions: Sequence[Prediction], keys: Sequence[Question], extract: Extract = extract_choice
) -> list[Graded]:
    """Hold predictions against keys, by index.

    Args:
        predictions: all of them, one for each question and rotation.
        keys: the questions.
        extract: reads replies in words.

    Raises:
        ScoreError: no questions, a question without a prediction, a prediction without a question, one index twice, a
            rotation that is missing, or a choice that is none of the question's letters.
    """
    given = _match(predictions, keys)
    ordered = sorted(keys, key=lambda question: question.index)
    clusters = number_clusters(ordered)
    return [_grade(question, given[question.index], clusters[place], extract) for place, question in enumerate(ordered)]


def _grade(question: Question, given: Sequence[Prediction], cluster: int, extract: Extract) -> Graded:
    readings = [read(question, prediction, extract) for prediction in given]
    rights = tuple(is_right(question, choice, said) for choice, said, _ in readings)
    choice, said, reason = readings[0]
    return Graded(question, given[0], choice, said, reason, rights[0], cluster, rights if len(given) > 1 else ())


def read(
    question: Question, given: Prediction, extract: Extract = extract_choice
) -> tuple[str | None, str | None, str]:
    """Letters, words and reason of one prediction.

    Raises:
        ScoreError: a choice that is none of the question's letters.
    """
    if given.error:
        return None, None, FAILED
    if given.mode in IN_WORDS and (given.text or given.choice is None):
        found = extract(given.text, rotate(question.options, given.rotation), form=question.form)
        return turn_back(found.letter, given.rotation, len(question.options)), found.text, found.reason
    letters = given.choice or ""
    if question.options and not set(letters) <= set(LETTERS[: len(question.options)]):
        what = f"choice {given.choice!r} of a question with {len(question.options)} options"
        fix = "give the key of the file that was answered"
        raise ScoreError(what, where=f"index {question.index}", fix=fix)
    if question.options:
        return given.choice, None, given.reason
    return None, given.choice, given.reason


def is_right(question: Question, choice: str | None, said: str | None) -> bool:
    """Letters: the same; yes or no: the same word; open: the same text as one of the answers, by :func:`plain`."""
    if question.options:
        return choice is not None and choice == "".join(sorted(question.answer))
    if said is None:
        return False
    if question.form == "yes_no":
        return yes_no(said) is not None and yes_no(said) == yes_no(question.answer)
    return plain(said) in {plain(text) for text in answers_of(question)}


def yes_no(text: str | None) -> bool | None:
    """Yes, no, or neither."""
    found = read_yes_no(text, refused=False)[0] if text else None
    return None if found is None else found == "yes"


def truth_of(question: Question) -> bool | None:
    """What a yes-or-no question's key says; None of other questions."""
    if question.form != "yes_no":
        return None
    if question.options and len(question.answer) == 1:
        return yes_no(question.options[LETTERS.index(question.answer)])
    return yes_no(question.answer)


def answers_of(question: Question) -> tuple[str, ...]:
    """Every text that counts as right."""
    return question.answers or (question.answer,)


def plain(text: str) -> str:
    """A text as open answers are compared, without case, width, hyphens, outer punctuation and English articles."""
    return " ".join(word for word in fold(text).split() if word not in {"a", "an", "the"})


def _match(predictions: Iterable[Prediction], keys: Sequence[Question]) -> dict[int, list[Prediction]]:
    given: dict[int, list[Prediction]] = {}
    for prediction in predictions:
        given.setdefault(prediction.index, []).append(prediction)
    if not keys:
        raise ScoreError("the key holds no question")
    index, number = Counter(question.index for question in keys).most_common(1)[0]
    if number > 1:
        raise ScoreError(f"question {index} is there {number} times", where=f"index {index}")
    known = {question.index for question in keys}
    for index, several in given.items():
        several.sort(key=lambda prediction: prediction.rotation)
        rotation, number = Counter(prediction.rotation for prediction in several).most_common(1)[0]
        if number > 1:
            turned = f" turned {rotation} times" if rotation else ""
            raise ScoreError(f"prediction {index}{turned} is there {number} times", where=f"index {index}")
    for what, lost in (("without a prediction", known - set(given)), ("without a question", set(given) - known)):
        if lost:
            fix = "give the key of the same file (TEST or VAL), and answers of a run without --limit"
            raise ScoreError(f"{len(lost)} {what}", where=f"index {min(lost)}", fix=fix)
    for question in keys:
        _check_rotations(question, [prediction.rotation for prediction in given[question.index]])
    return given


def _check_rotations(question: Question, rotations: Sequence[int]) -> None:
    whole = list(range(max(1, len(question.options))))
    if list(rotations) not in ([0], whole):
        lost = sorted(set(whole) - set(rotations)) or sorted(set(rotations) - set(whole))
        raise ScoreError(f"rotation {lost[0]} is missing or unknown", where=f"index {question.index}")
