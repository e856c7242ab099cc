"""Replies that are a letter, letters, an ordinal or an option's text, and nothing else; and "all of the above"."""

import re

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.denials import is_denied
from gmai.evaluate.parsing.scope import DENY, DISAGREES, ORDINALS, Found, Scope, found, pattern, read_ordinal
from gmai.evaluate.parsing.statements import (
    read_after,
)

_BARE = (
    r"(?:the\s+|only\s+|just\s+)?(?:option|choice|letter|answer|选项)?[\s\W_]*(~)[\s\W_]*(?:选项|"
    r"项|(?<=\s)only)?[\s\W_]*"
)
_LETTERS = (
    r"[\s(\[\"'•-]*(?:option[s]?\s+|both\s+|选)?[(\[\"']?@[)\]\"'.]?"
    r"(?:(?:\s*[,、/&;+|]\s*(?:and\s+|or\s+|also\s+)?|\s+(?:and|or)\s+|\s*[和或与及]\s*|\s*[-•]?\s+|"
    r"(?<=[)\]]))(?:option\s+)?[(\[\"']?@[)\]\"'.]?)+[\s.。!]*"
)
_BUT_NOT = r"[\s,]*(?:(?:but|and|,)\s*)?not\s+[(\[]?@[)\]]?(?:\s*(?:,|and|or|nor)\s*[(\[]?@[)\]]?)*[\s.]*\Z"
_ALL = re.compile(
    r"(?:all|every one)(?: of)?(?: the)?(?: (?:above|options|listed|choices|four|five|three|"
    r"of them|following))+(?: options| choices)?"
    r"|\ball of them\b|\ball (?:four|five|three)\b|以上(?:都|全部|皆|均)(?:是|对|正确|选)?(?!不|"
    r"非)|全选|全部(?:都)?(?:选|是|对|正确)|都对",
    re.IGNORECASE,
)
_ALL_BUT = (
    r"\b(?:all|every(?:thing)?(?: option)?)(?:\s+of)?(?:\s+(?:the\s+)?(?:above|options|them)"
    r")?\s*,?\s*(?:except|but|other than|besides)(?:\s+for)?\s+(?:option\s+)?[(\[]?(@)(?![A-Za-z])"
)
_BOTH_ALL = re.compile(r"^\s*both(?: of them| are (?:right|correct)| options)?[.!\s]*$", re.IGNORECASE)


def read_whole(scope: Scope) -> Found | None:
    """The reply is a letter, an option's text, or a list of letters, and nothing else."""
    text, end = scope.text, len(scope.text)
    if any(sign in text for sign in DENY):
        return None
    same = {LETTERS[i] for i, option in enumerate(scope.folded) if option == fold(text)}
    parts = {LETTERS[i] for i, part in enumerate(scope.parts) if len(part) > 1 and part == fold(text)}
    if len(parts) == 1 and not scope.several:
        return found(parts, 0, end)
    bare = pattern(_BARE, scope.count).fullmatch(text.strip()) or pattern(_BARE, scope.count, re.I).fullmatch(
        text.strip()
    )
    if bare:
        return found(same | {bare[1].upper()}, 0, end)
    if scope.several and (every := read_all(scope)):
        return every
    text = re.sub(r"(?m)^\s*\d\s*[.)]\s+(?=[A-Z]\b)", lambda match: " " * len(match[0]), text)
    tail = pattern(_BUT_NOT, scope.count).search(text)
    listed = text[: tail.start()] if tail else text
    if pattern(_LETTERS, scope.count).fullmatch(listed) and not same:
        return found(set(pattern(r"(?<![A-Za-z])@(?![A-Za-z])", scope.count).findall(listed)), 0, end)
    if tail and (one := pattern(_BARE, scope.count).fullmatch(listed)):
        return found({one[1].upper()}, 0, end)
    low = pattern(r"~(?:(?:\s*,(?:\s*and\b)?|\s+and\b|\s*&)\s*~(?![A-Za-z]))+[\s.]*", scope.count).fullmatch(
        text.strip()
    )
    if scope.several and low:
        return found({one.upper() for one in pattern(r"(?<![A-Za-z])~(?![A-Za-z])", scope.count).findall(text)}, 0, end)
    if not same and (run := pattern(r"(@{2,})[\s.。!]*", scope.count).fullmatch(text)):
        return found(set(run[1]), 0, end)
    return found(same or _read_number(text, scope), 0, end)


def _read_number(text: str, scope: Scope) -> set[str]:
    """Read "Option 2", "the second option", "II"; or what alone tells one option from the others."""
    after = read_after(scope)
    if after and not (DISAGREES in after.letters and text.startswith("A ")):
        words = re.sub(r"[\s\W_]+$", "", text)
        if after.end >= len(words) and not pattern(r"~", scope.count).fullmatch(words):
            return set(after.letters)
    low = fold(text)
    part = {
        LETTERS[i]
        for i, part in enumerate(scope.parts)
        if part and part == low and len(part) > 1 or part.isdigit() and part == low
    }
    if part:
        return part
    if place := re.fullmatch(rf"\W*the ({'|'.join(ORDINALS)})(?: one)?\W*", text, re.IGNORECASE):
        letter = read_ordinal(place[1], scope)
        return {letter} if letter else set()
    roman = re.fullmatch(r"\W*([IV]{2,4}|[iv]{2,4})\W*", text)
    letter = read_ordinal(roman[1], scope) if roman else None
    return {letter} if letter else set()


def read_all(scope: Scope) -> Found | None:
    """Read "All of the above", "all except B", "both", unless an option says so itself."""
    letters = set(LETTERS[: len(scope.options)])
    if any(_ALL.search(option) or "以上" in option for option in scope.options):
        return None
    if but := pattern(_ALL_BUT, scope.count, re.I).search(scope.text):
        return found(letters - {but[1].upper()}, *but.span())
    match = _ALL.search(scope.text)
    if match and not is_denied(scope.text, *match.span()):
        return found(letters, *match.span())
    both = _BOTH_ALL.match(scope.text) if len(scope.options) == 2 else None
    return found(letters, *both.span()) if both else None
