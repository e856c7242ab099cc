"""How varied the words of a corpus are: distinct n-grams of replies, and how often the commonest wording is used."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gmai.convert.asked import OWN_WORDS
from gmai.convert.templates import ENGINE
from gmai.corpus import iter_conversations

MOST_READ = 20_000
"""Conversations whose words are counted, from the first file on; the wordings of all are."""
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_NUMBERED = re.compile(r"^(.*)\.(\d+)(?:\+choice)?$")


def measure_variety(folder: Path) -> dict[str, Any]:
    """Measure the variety of what was converted, by language.

    Returns:
        For each language ``distinct_1`` … ``distinct_3`` (different n-grams of words, in Chinese of characters, by all
        n-grams of the replies read) and ``wordings``: for each kind of sentence how many wordings were used and the
        share of the commonest.
    """
    grams: dict[str, list[set[tuple[str, ...]]]] = {}
    totals: dict[str, list[int]] = {}
    used: dict[str, dict[str, Counter[str]]] = {}
    for number, talk in enumerate(iter_conversations(folder)):
        engine, _, template = talk.template.partition(":")
        if engine != ENGINE or template in OWN_WORDS:
            continue
        for group, wording in _wordings(template):
            used.setdefault(talk.language, {}).setdefault(group, Counter())[wording] += 1
        if number < MOST_READ:
            seen = grams.setdefault(talk.language, [set(), set(), set()])
            total = totals.setdefault(talk.language, [0, 0, 0])
            for turn in talk.turns[1::2]:
                _count(_WORD.findall(turn.text.casefold()), seen, total)
    return {
        language: {
            **{f"distinct_{n + 1}": _share(len(grams[language][n]), totals[language][n]) for n in range(3)},
            "wordings": {group: _spread(counts) for group, counts in sorted(used.get(language, {}).items())},
        }
        for language in sorted(grams)
    }


def _wordings(template: str) -> Iterator[tuple[str, str]]:
    for name in re.split(r"[|]|\+(?!choice)", template):
        if found := _NUMBERED.match(name):
            yield found[1], found[2]


def _count(words: Sequence[str], seen: list[set[tuple[str, ...]]], total: list[int]) -> None:
    for n in range(3):
        grams = list(zip(*(words[start:] for start in range(n + 1)), strict=False))
        seen[n].update(grams)
        total[n] += len(grams)


def _spread(counts: Counter[str]) -> dict[str, Any]:
    number = sum(counts.values())
    return {"n": number, "used": len(counts), "commonest": _share(max(counts.values()), number)}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
