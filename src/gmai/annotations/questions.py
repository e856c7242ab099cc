"""What an entry asks and answers: the part that questions about pictures and about text alone share."""

from dataclasses import replace

from gmai.annotations.choices import pick, read_choices, split_question
from gmai.annotations.entries import Entry, EntryOptions
from gmai.errors import FormatError
from gmai.types import QA, record


@record
class QuestionOptions(EntryOptions):
    """How the keys of questions are called."""

    question: str = "question"
    answer: str = "answer"
    options: tuple[str, ...] = ()
    """The answers there can be, if the question is closed and each entry has the same."""
    choices: tuple[str, ...] = ()
    """Keys of the options: one key each, or one key that has them all; the answer may be a letter."""
    choices_in_question: bool = False
    """True: lettered options stand at the end of the question."""
    first_choice: int | None = None
    """Number of the first option, where the answer is a number."""
    several: str = ""
    """What separates several accepted answers in one text, such as ``#``."""
    language: str = ""
    """Key of the question's language, such as ``en`` or ``zh``; empty: the card's."""
    keep: tuple[str, ...] = ()
    """Keys of what else is kept with the question as its details."""
    split: str = ""
    """Key of the official split; ``@split`` reads it from the names of file, folder or part."""


def read_question(entry: Entry, options: QuestionOptions, format: str) -> QA:
    """The question of an entry; its types are the caller's.

    Args:
        entry: of the file.
        options: which keys.
        format: name of the format, which reasons begin with.

    Raises:
        FormatError: the entry's own problem, ``….empty`` (no question or no answer), ``….options`` (some are empty or
            the same), ``….answer`` (the answer is none of them).
    """
    where = entry.pointer
    if entry.problem:
        raise FormatError(entry.problem, where=where, reason=entry.reason)
    question = entry.text(options.question)
    answers = entry.texts(options.answer, options.several)
    if not question or not answers:
        raise FormatError("no question or no answer", where=where, reason=f"{format}.empty")
    choices = options.options or read_choices(entry, options.choices)
    if options.choices_in_question:
        question, choices = split_question(question)
    asked = QA(
        question=question,
        answer=answers[0],
        record=where,
        options=choices,
        answers=answers if len(answers) > 1 else (),
        language=entry.text(options.language),
        details={key: text for key in options.keep if (text := entry.text(key))},
    )
    if not choices:
        return asked
    if len(set(choices)) < len(choices) or not all(choices):
        what = f"options that are empty or twice there: {', '.join(map(repr, choices))}"
        raise FormatError(what, where=where, reason=f"{format}.options")
    if options.options and answers[0] not in choices:
        what = f"the answer {answers[0]!r} is none of {', '.join(choices)}"
        raise FormatError(what, where=where, reason=f"{format}.answer")
    right = pick(choices, answers[0], options.first_choice, where, f"{format}.answer")
    return replace(asked, answer="; ".join(right), answers=right if len(right) > 1 else ())
