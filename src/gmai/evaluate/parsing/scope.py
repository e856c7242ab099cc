"""A cleaned reply with the options it chooses from, and what a rule found in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.mentions import Mentions, find_mentions

DISAGREES = "?"
"""Stands for a letter that contradicts the words beside it."""
DENY = "❌✗✘✖×🚫☒"
AFFIRM = "✅✔✓☑👉➡🎯🏆⭐🟢"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_HAN = "一二三四五六七八九十"


_OF_LETTERS = re.compile(r"(?<![A-Za-z])[A-J]\s*(?:,|and|or|nor|&|/|和|或)\s*[A-J](?![A-Za-z])")


@dataclass(frozen=True)
class Found:
    """Letters that a rule read, and the stretch of the text they were read from."""

    letters: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True)
class Scope:
    """What the rules read."""

    text: str
    options: Sequence[str]
    several: bool = False
    """More than one option may be right."""

    @property
    def count(self) -> int:
        """How many letters are read as such: at least five, so that a letter too far is told apart."""
        return max(5, len(self.options))

    @cached_property
    def mentions(self) -> Mentions:
        """Options that the whole text mentions."""
        return find_mentions(self.text, self.options)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The options as they are compared."""
        return tuple(fold(option) for option in self.options)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """What tells the options apart: without the words that all begin or end with; empty where that is all."""
        words = [option.split() for option in self.folded]
        if len(words) < 2 or not all(words):
            return tuple("" for _ in words)
        first = 0
        while all(len(w) > first + 1 and w[first] == words[0][first] for w in words):
            first += 1
        last = 0
        while all(len(w) > first + last + 1 and w[-1 - last] == words[0][-1 - last] for w in words):
            last += 1
        return tuple(" ".join(w[first : len(w) - last]) if first or last else "" for w in words)

    def at(self, start: int, end: int | None = None) -> "Scope":
        """The scope of a stretch of the text."""
        return Scope(self.text[start:end], self.options, self.several)


def name_by_letter(text: str, options: Sequence[str]) -> str:
    """The text with its own letter in place of an option that speaks of letters ("Both A and B"); as long as before."""
    for letter, option in zip(LETTERS, options, strict=False):
        if not _OF_LETTERS.search(option):
            continue
        words = r"\s+".join(re.escape(word) for word in option.split())
        own = (
            rf"(?P<own>(?<![A-Za-z])[(\[]?{letter}[)\].:,]*[\s:,–—-]*(?:\bis\s+|"
            rf"\bthat is,?\s+)?[(\"']?)?(?<![A-Za-z]){words}(?![A-Za-z])"
        )
        text = re.sub(own, partial(_shorter, letter), text, flags=re.IGNORECASE)
    return text


def _shorter(letter: str, match: re.Match[str]) -> str:
    kept = match["own"] or letter
    return kept + " " * (len(match[0]) - len(kept))


def found(letters: "set[str] | frozenset[str]", start: int, end: int) -> Found | None:
    """What was found, or None if it is nothing."""
    return Found(frozenset(letters), start, end) if letters else None


@lru_cache(maxsize=1024)
def pattern(template: str, count: int, flags: int = 0) -> re.Pattern[str]:
    """A pattern in which ``@`` stands for a capital letter of an option, ``~`` for a letter of either case."""
    letters = LETTERS[:count]
    both = "".join(letters) + "".join(letters).lower()
    return re.compile(template.replace("@", f"[{''.join(letters)}]").replace("~", f"[{both}]"), flags)


def read_ordinal(word: str, scope: Scope) -> str | None:
    """The letter of "second", "2", "ii" or "二"; contradicted if a number is also what an option says."""
    low = word.casefold()
    for names in (ORDINALS, _CARDINALS, _ROMAN, tuple(_HAN), tuple(str(i + 1) for i in range(10))):
        if low in names:
            place = names.index(low)
            same = {i for i, text in enumerate(scope.folded) if low in (text, scope.parts[i]) or low in text.split()}
            return DISAGREES if same - {place} else LETTERS[place]
    if low == "last" and scope.options:
        return LETTERS[len(scope.options) - 1]
    return None
