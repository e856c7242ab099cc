"""What VLMEvalKit's heuristics make of a reply, written anew from their description, for scores beside its scores.

Its order: a known refusal; the one option letter that stands as a word of its own among the last four words; "answer
is X" up to D; the one option whose text a short reply contains. Where the kit would go on to ask a model, or draw an
option, nothing is read: ``Z``, as the kit with exact matching has it. It reads questions with one right option only.
"""

import re
from collections.abc import Sequence

from gmai.bench import LETTERS
from gmai.evaluate.parsing import Extraction
from gmai.types import Form

VERSION = "vlmevalkit-1"
NOTHING = "Z"
_REFUSALS = (
    "Sorry, I can't help with images of people yet.",
    "I can't process this file.",
    "I'm sorry, but without the image provided",
    "Cannot determine the answer",
)
_MARKS = str.maketrans(dict.fromkeys(".()[],:;!*#{}", " "))
_ANSWER_IS = re.compile(r"[Aa]nswer is ([A-D])\b")
_LAST_WORDS = 4


def read_vlmevalkit(reply: str, options: Sequence[str]) -> str:
    """The letter the kit would read, or ``Z``."""
    return _read(reply, options)[0]


def extract_vlmevalkit(reply: str, options: Sequence[str], *, form: Form = "choice") -> Extraction:
    """The same as an extraction: ``Z`` is an abstention, and so is every question of another form."""
    if form != "choice" or not options:
        return Extraction(letter=None, reason="no_rule")
    letter, reason = _read(reply, options)
    return Extraction(letter=None if letter == NOTHING else letter, reason=reason)


def _read(reply: str, options: Sequence[str]) -> tuple[str, str]:
    letters = LETTERS[: len(options)]
    if any(refusal in reply for refusal in _REFUSALS):
        return NOTHING, "refusal"
    words = split_words(reply)
    named = [letter for letter in letters if letter in words]
    if len(named) == 1 and words.index(named[0]) >= len(words) - _LAST_WORDS:
        return named[0], "word"
    if not named and words.count(NOTHING) == 1:
        return NOTHING, "nothing_named"
    if (stated := _ANSWER_IS.search(" ".join(words))) and stated[1] in letters:
        return stated[1], "answer_is"
    low = reply.lower()
    if len(low) <= 2 * sum(len(option) for option in options):
        held = [letter for letter, option in zip(letters, options, strict=True) if option.lower() in low]
        if len(held) == 1:
            return held[0], "text"
    return NOTHING, "nothing_named"


def split_words(reply: str) -> list[str]:
    """The words of a reply as the kit sees them: what stands between spaces, once some marks are spaces."""
    return reply.translate(_MARKS).split()
