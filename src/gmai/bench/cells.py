"""What a cell says: letters of an answer, a list of pictures, how a question is to be answered."""

import ast
import json
import re
from typing import get_args

from gmai.errors import FormatError
from gmai.types import Form

FORMS: tuple[Form, ...] = get_args(Form)
_LONGEST_LITERAL = 1 << 20
_SEVERAL = re.compile(
    r"(select|choose|pick|mark|check) all|all that apply|(more than one|multiple|several) (options?|answers?) "
    r"(is|are|may|can)|多选|选出所有|选择所有",
    re.IGNORECASE,
)
_WORDS_OF_FORM: dict[str, Form] = {
    "multi": "multiple", "multi-choice": "multiple", "multiple-answer": "multiple", "multiple answers": "multiple",
    "single": "choice", "mcq": "choice", "multiple-choice": "choice", "multiple choice": "choice",
    "yes/no": "yes_no", "y/n": "yes_no", "open-ended": "open",
}  # fmt: skip


def split_list(text: str, where: str) -> list[str]:
    """The texts of a cell that is a list in JSON or Python (``['…', '…']``); any other cell is a list of itself.

    Raises:
        FormatError: it begins as a list and is none, or holds anything but texts and numbers.
    """
    stripped = text.strip()
    if not stripped.startswith("["):
        return [stripped] if stripped else []
    try:
        found = _read_list(stripped)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        raise FormatError("a list that cannot be read", where=where, reason="tsv.list") from None
    if not isinstance(found, list) or not all(isinstance(item, str | int) for item in found):
        raise FormatError("not a list of texts", where=where, reason="tsv.list")
    return [str(item).strip() for item in found]


def _read_list(text: str) -> object:
    if "\\" not in text and '"' not in text:
        return json.loads(text.replace("'", '"'))
    try:
        return json.loads(text)
    except ValueError:
        if len(text) > _LONGEST_LITERAL:
            raise
        return ast.literal_eval(text)


def read_letters(text: str, options: int) -> str | None:
    """Letters of options that a cell names, in order: ``C``, ``b``, ``AC``, ``C, A``, ``['A', 'C']``; else None."""
    letters = re.sub(r"[\s,;/&\[\]()'\"]+", "", text).upper()
    known = "ABCDEFGHIJ"[:options]
    if not letters or len(set(letters)) < len(letters) or not set(letters) <= set(known):
        return None
    return "".join(sorted(letters))


def find_form(said: str, question: str, options: int, answer: str | None) -> Form:
    """How a question is answered: as its column says, or by its options, its answer and its wording."""
    word = said.strip().lower()
    if word in FORMS:
        return word
    if word in _WORDS_OF_FORM:
        return _WORDS_OF_FORM[word]
    if not options:
        return "yes_no" if answer is not None and answer.strip().lower().rstrip(".") in ("yes", "no") else "open"
    letters = read_letters(answer, options) if answer else None
    return "multiple" if letters and len(letters) > 1 or _SEVERAL.search(question) else "choice"
