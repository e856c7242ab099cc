"""The options of a closed question, however a source writes them, and which of them is the answer.

Known ways: one key for each option (MedMCQA ``opa`` …, PMC-VQA ``Choice A`` …), a list or an object by letter under one
key (MedQA), the text of such a list (MMMU), lines that begin with letters (CMExam), and lettered options at the end of
the question itself (MedXpertQA).
"""

import ast
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from gmai.annotations.entries import Entry, plain_text
from gmai.errors import FormatError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MOST_LITERAL = 20_000
_LETTERED = re.compile(r"(?:^|(?<=[\s;,]))\(?([A-Z])\s*[.:：、)．]\s*")
_LEAD_IN = re.compile(
    r"\s*(?:answer choices|the candidate options are|candidate options|options|choices)\s*[:：]?\s*$", re.I
)


def read_choices(entry: Entry, keys: Sequence[str]) -> tuple[str, ...]:
    """The options of an entry, without the letters before them; empty ones at the end are left out."""
    if not keys:
        return ()
    values = [entry.get(key) for key in keys]
    if len(keys) == 1:
        values = _spread(values[0])
    texts = [plain_text(value) for value in values]
    while texts and not texts[-1]:
        texts.pop()
    return _without_letters(texts)


def split_question(text: str) -> tuple[str, tuple[str, ...]]:
    """A question and the lettered options at its end; none where there are not two in order from A."""
    marks = list(_LETTERED.finditer(text))
    starts = [place for place, mark in enumerate(marks) if mark[1] == "A"]
    for start in reversed(starts):
        run = marks[start:]
        kept = [mark for mark, letter in zip(run, LETTERS, strict=False) if mark[1] == letter]
        if len(kept) >= 2 and [mark[1] for mark in kept] == [mark[1] for mark in run]:
            ends = [*(mark.start() for mark in kept[1:]), len(text)]
            choices = tuple(text[mark.end() : end].strip().rstrip(";,") for mark, end in zip(kept, ends, strict=True))
            return _LEAD_IN.sub("", text[: kept[0].start()]).strip(), choices
    return text, ()


def pick(choices: Sequence[str], answer: str, first: int | None, where: str, reason: str) -> tuple[str, ...]:
    """The options that an answer names: by their text, their letter or letters, or their number.

    Args:
        choices: the options.
        answer: as the source gives it.
        first: number of the first option, where answers are numbers; None where they are not.
        where: pointer for the error.
        reason: of the error.

    Raises:
        FormatError: the answer names none of the options.
    """
    plain = _LETTERED.sub("", answer, count=1) if _LETTERED.match(answer) else answer
    for text in (answer, plain):
        if same := [choice for choice in choices if choice.casefold() == text.casefold()]:
            return (same[0],)
    if first is not None and answer.lstrip("-").isdigit():
        places = [int(answer) - first]
    else:
        letters = re.sub(r"[\s,;.:()、，]", "", answer)
        places = [LETTERS.find(letter) for letter in (letters.upper() if len(letters) == 1 else letters)]
    rising = all(one < other for one, other in pairwise(places))
    if not places or not rising or not all(0 <= place < len(choices) for place in places):
        what = f"the answer {answer!r} is none of {', '.join(map(repr, choices))}"
        raise FormatError(what, where=where, reason=reason)
    return tuple(choices[place] for place in places)


def _spread(value: Any) -> list[Any]:
    if isinstance(value, str):
        value = _literal(value)
    if isinstance(value, str):
        _, choices = split_question(value)
        return list(choices) or [line for line in value.splitlines() if line.strip()]
    if isinstance(value, dict):
        return [each for _, each in sorted(value.items())]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return [each.get("value", each.get("text", each.get("content"))) for each in value]
    return list(value) if isinstance(value, list | tuple) else []


def _literal(text: str) -> Any:
    """A list or object written as text; the text itself where it is none."""
    if text[:1] not in "[{" or len(text) > _MOST_LITERAL:
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # MemoryError: the parser's stack, nested too deep
        return text


def _without_letters(texts: Sequence[str]) -> tuple[str, ...]:
    marks = [_LETTERED.match(text) for text in texts]
    if texts and all(mark and mark[1] == letter for mark, letter in zip(marks, LETTERS, strict=False)):
        return tuple(text[mark.end() :].strip() for text, mark in zip(texts, marks, strict=True) if mark)
    return tuple(texts)
