"""Where a reply mentions an option by its text, and whether it affirms or denies it."""

import re
from collections.abc import Sequence

from gmai.bench import fold

_BEFORE = re.compile(
    r"(?:\b(?:no|not|non|without|never|neither|nor|unlike|exclude[sd]?|excluding|isn't|rather than|absence of|"
    r"rules? out|ruled out|ruling out|instead of|negative for|free of)|不是|没有|并非|排除|无)"
    r"(?:[\s-]+(?:a|an|the|any|evidence|signs?|of|show|see|seen|be|definite|or|nor|\0+))*[\s-]*$"
)
_AFTER = re.compile(
    r"\s*(?:(?:is|was|are|were|can be|has been|seems)\s+)?"
    r"(?:not|absent|excluded|ruled out|unlikely|incorrect|wrong|cannot|can't)\b"
)
_ONLY_AT_START = {"yes", "no", "none", "not"}


def find_start(text: str, options: Sequence[str]) -> int | None:
    """Position of the longest option whose text begins ``text`` as whole words, or None."""
    folded = fold(text)
    order = sorted(range(len(options)), key=lambda i: (-len(fold(options[i])), i))
    return next((i for i in order if re.match(_pattern(fold(options[i])), folded)), None)


def find_mentions(text: str, options: Sequence[str]) -> tuple[set[int], set[int]]:
    """Positions of the options that a text affirms, and of those it only denies.

    Longer options are found first, so "non glaucoma" is no mention of "glaucoma". Words such as "no" that are also part
    of speech count only where the text begins with them, and one-letter options not at all.
    """
    folded = fold(text)
    spans: list[tuple[int, int, int]] = []
    for i in sorted(range(len(options)), key=lambda i: (-len(fold(options[i])), i)):
        option = fold(options[i])
        if option in _ONLY_AT_START:
            found = re.match(_pattern(option) + r"(?!\s*(?:/|or\b|and\b))", folded)
            spans += [(found.start(), found.end(), i)] if found else []
        elif not re.fullmatch(r"[a-z]", option):
            spans += [(match.start(), match.end(), i) for match in re.finditer(_pattern(option), folded)]
            folded = re.sub(_pattern(option), lambda match: "\0" * len(match[0]), folded)
    denied = {span for span in spans if _BEFORE.search(folded[: span[0]]) or _AFTER.match(folded, span[1])}
    affirmed = {i for *_, i in set(spans) - denied}
    return affirmed, {i for *_, i in denied} - affirmed


def _pattern(option: str) -> str:
    """The option as whole words, plural allowed; a number only whole, not as part of a longer one."""
    before = r"(?<![a-z0-9])(?<!\d[.,])" if re.match(r"[a-z0-9]", option) else ""
    after = r"(?:e?s)?(?![a-z0-9])(?![.,]\d)" if re.search(r"[a-z0-9]$", option) else ""
    return before + re.escape(option) + after
