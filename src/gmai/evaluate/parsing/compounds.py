"""Options named by the last part of a compound ("stone" of gallstone), where all their other words stand too."""

import re
from collections.abc import Sequence
from functools import lru_cache

from gmai.bench import fold
from gmai.evaluate.parsing.stems import DENIALS, NO_CONTENT, find_together, may_stand, root_of

_HEADS = ("stone", "stones", "bone", "nail", "nails", "lid", "pipe")
_OTHERS = 2
"""So many further words an option has at least: alone the part may mean anything."""
_FAR = 6
"""So many further words may stand between them."""

_APART = re.compile(
    r"\b(?:next|near|from|outside|beside|beyond|above|below|past|passed|passes|absent|removed|treated|had|was|were|and|but|"
    r"never|rules?|ruled|excludes?|excluded|lack|missing|than)\b"
)
"""What stands between a part and a place that it is not at, or no longer."""


@lru_cache(maxsize=512)
def _words(options: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """For each option its words with the last part in place of a compound; none of an option without one."""
    named = []
    for option in options:
        words = [word for word in fold(option).split() if word not in NO_CONTENT]
        parts = [next((head for head in _HEADS if one.endswith(head) and one != head), one) for one in words]
        plain = parts != words and len(words) > _OTHERS and not DENIALS & set(words) and "".join(words).isalpha()
        named.append(tuple(parts) if plain else ())
    return tuple(named)


def find_compounds(folded: str, options: Sequence[str]) -> list[tuple[int, int, int]]:
    """Start, end and option where the words of an option stand, a compound by its last part."""
    sets = [(i, one) for i, one in enumerate(_words(tuple(options))) if one]
    return sorted(
        (start, end, i)
        for i, one in sets
        if all(may_stand(word, folded) for word in one)
        for start, end in find_together(folded, [_part(word) for word in one], further=_FAR)
        if not _APART.search(folded[start:end])
    )


def _part(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9-]){word.removesuffix('s')}s?(?![a-z0-9])") if word in _HEADS else root_of(word)
