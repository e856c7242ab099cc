"""The three parts of a vision-language model, told by the names of their weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from gmai.models.families import FAMILIES
from gmai.models.families.family import Part

PARTS: tuple[Part, ...] = ("vision", "projector", "language")


def part_of(name: str) -> Part:
    """The part a weight belongs to; the head, tied or not, is the language model's.

    Raises:
        KeyError: a weight of no known part.
    """
    for prefix, part in _prefixes():
        if name.startswith(prefix):
            return part
    raise KeyError(name)


def iter_weights(model: Any, parts: Iterable[Part] = PARTS) -> Iterator[tuple[str, Any]]:
    """Yield (name, parameter) of the given parts; tied weights come once."""
    chosen = set(parts)
    return ((name, weight) for name, weight in model.named_parameters() if part_of(name) in chosen)


def count_parameters(model: Any) -> dict[str, int]:
    """Number of weights per part and in all; tied weights count once."""
    counts: dict[str, int] = dict.fromkeys(PARTS, 0)
    for name, weight in iter_weights(model):
        counts[part_of(name)] += weight.numel()
    return {**counts, "total": sum(counts.values())}


@cache
def _prefixes() -> tuple[tuple[str, Part], ...]:
    """Of all families, longest first."""
    known = {prefix: part for name in FAMILIES for prefix, part in FAMILIES.get(name).parts.items()}
    return tuple(sorted(known.items(), key=lambda item: -len(item[0])))
