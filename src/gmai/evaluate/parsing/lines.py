"""Replies that go through the options on lettered lines, and answer before or after them."""

import re

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.scope import AFFIRM, Found, Scope, found, pattern

_LINE = r"(?m)^[^\w\n]*(?:[Oo]ption\s+)?[(\[]?(@)[)\]]?(?:[.:)]|\s[–—-])[ \t]+(\S[^\n]*)$"
_LAST = re.compile(
    r"\b(?:therefore|thus|hence|so|final(?:ly)?|overall|in (?:conclusion|summary)|answer)\b", re.IGNORECASE
)
_FOR = re.compile(
    rf"[{AFFIRM}]|\b(?:correct|right|best|yes|true|fits|matches|answer|most likely|consistent with|compatible with)\b",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"\b(?:wrong|incorrect|excluded|unlikely|ruled out|false)\b|[❌✗✘]", re.IGNORECASE)


def marked(hit: Found, scope: Scope) -> frozenset[str]:
    """The one letter that is marked among lines above a statement, if it is not what the statement says."""
    ticked = {line[1] for line in _above(hit, scope) if re.search(f"[{AFFIRM}]", line[2])}
    return frozenset(ticked - hit.letters) if len(ticked) == 1 else frozenset()


def concludes(hit: Found, scope: Scope) -> bool:
    """True of a statement under lines that go through the options, once each: it is what they come to."""
    lines = _above(hit, scope)
    return bool(lines) and len(hit.letters) == 1 and bool(_LAST.search(scope.text[lines[-1].end() : hit.end]))


def _above(hit: Found, scope: Scope) -> list[re.Match[str]]:
    """Three lines or more above a statement, each of an option of its own; else none."""
    lines = list(pattern(_LINE, scope.count).finditer(scope.text, 0, hit.start))
    letters = [line[1] for line in lines]
    return lines if not scope.several and len(letters) > 2 and len(set(letters)) == len(letters) else []


def bulleted(scope: Scope) -> set[str]:
    """The letters of bullets that go through all options in order: the first of them is no answer."""
    letters = [line[1] for line in pattern(_LINE, scope.count).finditer(scope.text) if not line[0][0].isalnum()]
    return set(letters) if len(letters) > 2 and letters == list(LETTERS[: len(scope.options)]) else set()


def read_opened(scope: Scope) -> Found | None:
    """Read "A. adenoma" above "A. … B. … C. …": an option named in full, and under it why it and why not the others."""
    lines = list(pattern(_LINE, scope.count).finditer(scope.text))
    if scope.several or len(lines) < 4 or scope.text[: lines[0].start()].strip():
        return None
    first, rest = lines[0][1], [line[1] for line in lines[1:]]
    place = LETTERS.index(first)
    named = place < len(scope.options) and fold(lines[0][2]) == scope.folded[place]
    if not named or first not in rest or rest != sorted(set(rest)) or len(rest) < 3:
        return None
    below = [line for line in scope.text[lines[0].end() :].splitlines() if line.strip()]
    own = next(line[2] for line in lines[1:] if line[1] == first)
    others = [line[2] for line in lines[1:] if line[1] != first]
    if len(below) != len(rest) or _AGAINST.search(own) or any(_FOR.search(one) for one in others):
        return None
    return found({first}, lines[0].start(1), lines[0].end(2))
