"""Texts that say nearly the same: MinHash signatures of words and word pairs, compared where bands of them agree."""

import re
from collections.abc import Iterator

import numpy as np

from gmai.base import hash_bytes

PERMUTATIONS = 64
ROWS = 3
"""Values of a signature that must agree for two texts to be compared; 21 such bands."""
SHORTEST_WORDS = 8
"""Shorter texts are the same by chance: ``Is there a fracture?``"""
_PART = 1 << 14
"""Pairs of signatures compared at once."""
_PRIME = np.uint64((1 << 31) - 1)
_WORD = re.compile(r"[^\W_\u3400-\u9fff]+|[\u3400-\u9fff]")


def split_words(text: str) -> list[str]:
    """Words of a text in small letters, each Chinese character a word, without punctuation."""
    return _WORD.findall(text.casefold())


def count_words(words: list[str]) -> int:
    """How long a text is in words, two Chinese characters counted as one."""
    han = sum("\u3400" <= word <= "\u9fff" for word in words)
    return len(words) - han // 2


def text_key(words: list[str]) -> str:
    """Hash of a text's words: the same for texts that differ in case, spaces or punctuation only."""
    return hash_bytes(" ".join(words).encode())


def sign_text(words: list[str]) -> np.ndarray:
    """MinHash signature, uint32 (64,): the share of equal values estimates how many words and word pairs are shared."""
    shingles = {*words, *(f"{one} {other}" for one, other in zip(words, words[1:], strict=False))}
    codes = np.array([int(hash_bytes(shingle.encode())[:7], 16) for shingle in sorted(shingles)], np.uint64)
    if not len(codes):
        return np.zeros(PERMUTATIONS, np.uint32)
    values = (codes[:, None] * _FACTORS + _OFFSETS) % _PRIME
    signature: np.ndarray = values.min(axis=0).astype(np.uint32)
    return signature


def find_near_texts(
    first: np.ndarray, second: np.ndarray | None, likeness: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield positions and likeness of texts whose signatures agree in at least ``likeness`` of their values.

    Args:
        first: signatures, uint32 (N, 64).
        second: signatures to compare with; None compares ``first`` with itself, smaller position first.
        likeness: least share of equal values.
    """
    other = first if second is None else second
    for band in range(PERMUTATIONS // ROWS):
        keys, theirs = _keys(first, band), _keys(other, band)
        order = np.argsort(theirs, kind="stable")
        theirs = theirs[order]
        at = np.searchsorted(theirs, keys, "left")
        mine = np.arange(len(keys))
        while True:
            inside = at < len(theirs)
            mine, at = mine[inside], at[inside]
            same = theirs[at] == keys[mine]
            mine, at = mine[same], at[same]
            if not len(mine):
                break
            wanted = np.flatnonzero(mine < order[at]) if second is None else np.arange(len(mine))
            for start in range(0, len(wanted), _PART):
                part = wanted[start : start + _PART]
                yield from _compare(first, other, mine[part], order[at[part]], band, likeness)
            at = at + 1


def _compare(
    first: np.ndarray, second: np.ndarray, mine: np.ndarray, theirs: np.ndarray, band: int, likeness: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Of pairs that agree in a band those that are alike and agree in no earlier band, so that each is told once."""
    equal = first[mine] == second[theirs]
    share = equal.mean(axis=1)
    earlier = equal[:, : band * ROWS].reshape(len(mine), band, ROWS).all(axis=2).any(axis=1)
    close = (share >= likeness) & ~earlier
    if close.any():
        yield mine[close], theirs[close], share[close]


def _keys(signatures: np.ndarray, band: int) -> np.ndarray:
    rows = signatures[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
    with np.errstate(over="ignore"):
        keys: np.ndarray = (rows[:, 0] * _MIX + rows[:, 1]) * _MIX + rows[:, 2]
    return keys


_MIX = np.uint64(0x9E3779B97F4A7C15)
_draw = np.random.Generator(np.random.PCG64(20240101))
_FACTORS = _draw.integers(1, 1 << 31, PERMUTATIONS, dtype=np.uint64)
_OFFSETS = _draw.integers(0, 1 << 31, PERMUTATIONS, dtype=np.uint64)
