"""Bulleted or numbered lists of the options that are right, of questions with several right answers."""

import re

from gmai.bench import LETTERS
from gmai.evaluate.parsing.denials import is_denied
from gmai.evaluate.parsing.mentions import find_start
from gmai.evaluate.parsing.scope import DISAGREES, Found, Scope, found, pattern

_BULLET = r"[ \t]*(?:[-–—•◦▪·+]|\(?\d{1,2}[.)])[ \t]+"
_BLOCK = re.compile(
    rf"(?P<head>^[^\n]*\S)[ \t]*\n\s*(?P<items>{_BULLET}[^\n]+(?:\n\s*{_BULLET}[^\n]+)*)"
    r"|(?P<line>^[^\n]*:)[ \t]*\n\s*(?P<lines>[^\n]{1,100}(?:\n[^\n]{1,100})+)",
    re.MULTILINE,
)
_RIGHT = re.compile(
    r"\b(?:following|correct|right|true|present|appl(?:y|ies)|seen|visible|answers?|selections?|select(?:ed)?|choose|"
    r"chosen|choices|"
    r"positive|findings?|identified|found|shows?|demonstrates?|reveals?|supported|detected|are)\b"
    r"|正确|存在|可见|答案|应选|选择|包括|如下",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"\b(?:not|no|never|none|without|incorrect|wrong|false|absent|excluded?|rul(?:e|ed|es|ing) out|negative|"
    r"unlikely|eliminated?|"
    r"neither|against|consider(?:ed)?|(?:these|all|given|listed|four|five) options|options (?:are|were|"
    r"given)\W*$|possib\w+|differential|whether|if|may|might|could|lack\w*|missing|rejected|discarded?|"
    r"except|remaining|compared?|unsure|check(?:ed)?)\b|不|未|无|排除|错误|可能|除外|没有",
    re.IGNORECASE,
)
_ITEM_DENIED = re.compile(
    r"[\s:(,–—-](?:no|not\b.*|absent|excluded|false|incorrect|wrong|unlikely|negative|ruled out|否|错误?|未见|"
    r"没有|不存在)\W*$",
    re.IGNORECASE,
)


def read_listed(scope: Scope) -> Found | None:
    """Every item under a line that says they are right; a list under a line that denies names none of its own."""
    if not scope.several:
        return None
    letters, denied, first, last = set[str](), False, 0, 0
    for block in _BLOCK.finditer(scope.text):
        named = [_read_item(line, scope) for line in (block["items"] or block["lines"]).splitlines() if line.strip()]
        head = block["head"] or block["line"]
        if len([one for one in named if one]) < 2 and not letters:
            continue
        if _WRONG.search(head):
            denied = denied or any(named)
        elif _RIGHT.search(head) and all(named):
            first, last = (first if letters else block.start()), block.end()
            letters |= {one for one in named if one}
        elif any(named):
            return None
    if not letters:
        return found({DISAGREES}, 0, len(scope.text)) if denied and not _says_more(scope) else None
    rest = scope.text[last:]
    if pattern(r"(?<![A-Za-z])@(?![A-Za-z])", scope.count).search(rest) and not denied:
        return None
    return found(letters, first, last)


def _says_more(scope: Scope) -> bool:
    """True if anything but one list stands in the reply."""
    block = next(_BLOCK.finditer(scope.text))
    return bool(scope.text[block.end() :].strip() or scope.text[: block.start()].strip())


def _read_item(line: str, scope: Scope) -> str | None:
    """The letter of an item, or of the option whose words it begins with; None of an item that denies or names none."""
    body = re.sub(rf"^{_BULLET}", "", line).strip()
    if _ITEM_DENIED.search(body):
        return None
    letter = pattern(r"(?:option\s+)?[(\[]?(@)(?:[)\].:,]+(?=\s|$)|(?=\s*$)|\s*[-–—]\s)\s*", scope.count).match(body)
    if not letter and (bare := pattern(r"(@)\s+", scope.count).match(body)):
        own = find_start(body[bare.end() :], scope.options)
        letter = bare if own and LETTERS[own[0]] == bare[1] else None
    rest = body[letter.end() :] if letter else body
    start = find_start(rest, scope.options)
    if start and is_denied(rest, 0, start[1]):
        return None
    if letter:
        return letter[1] if start is None or LETTERS[start[0]] == letter[1] else DISAGREES
    return LETTERS[start[0]] if start else None
