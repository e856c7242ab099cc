"""Wrong options and absent findings: drawn evenly, or those nearest to the truth."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from gmai.base import hash_unit
from gmai.lexicon import find_terms
from gmai.types import Box, Fact, Label, MaskRef, Polygon, Sample

_ORDERED = ("count", "size", "grade")
"""Kinds whose pool has an order; their hard options are neighbours, among which the right one may stand anywhere."""


def draw_options(
    sample: Sample, fact: Fact, pool: Sequence[str], most: int, hard: bool, seed: Sequence[object]
) -> tuple[str, ...]:
    """The right answer among wrong ones from its pool, in an order drawn by hash.

    Args:
        sample: the sample, which may show more of the pool than the answer.
        fact: what is asked for.
        pool: every answer that can be put.
        most: options to show, the right one included.
        hard: take the wrong answers nearest to the right one.
        seed: of the draws.
    """
    taken = {fact.answer.casefold(), *_also_right(sample, fact)}
    wrong = list(dict.fromkeys(name for name in pool if name.casefold() not in taken))
    if hard and fact.kind in _ORDERED:
        wrong = _neighbours(fact.answer, pool, wrong, most, seed)
    else:
        order = {name: hash_unit(*seed, name) for name in wrong}
        wrong.sort(key=lambda name: (-likeness(fact.answer, name) if hard else 0, order[name]))
    shown = [fact.answer, *wrong[: most - 1]]
    return tuple(sorted(shown, key=lambda name: hash_unit(*seed, "order", name)))


def harden(facts: Sequence[Fact], sample: Sample) -> list[Fact]:
    """The facts with the absent findings that were drawn replaced by those most like what is there."""
    absent = [fact for fact in facts if fact.kind == "presence" and fact.answer == "no"]
    there = {fact.about for fact in facts if fact.kind == "presence" and fact.answer == "yes"}
    if not absent or not there:
        return list(facts)
    known = {name.casefold() for name in (*_annotated(sample), "healthy", "negative", "no finding", "none", "normal")}
    free = [name for name in sample.classes.get("finding", ()) if name.casefold() not in known]
    free.sort(key=lambda name: (-max(likeness(other, name) for other in there), hash_unit(sample.id, name)))
    swapped = dict(zip((id(fact) for fact in absent), free, strict=False))
    return [replace(fact, about=swapped[id(fact)]) if id(fact) in swapped else fact for fact in facts]


@lru_cache(maxsize=65536)
def likeness(one: str, other: str) -> float:
    """How easily two names are taken for each other: words they share, and whether they are things of one kind."""
    words, others = set(one.casefold().split()), set(other.casefold().split())
    shared = len(words & others) / max(1, min(len(words), len(others)))
    kinds = [match.term.kind if match.term else None for match in (find_terms(one), find_terms(other))]
    return shared + (0.5 if kinds[0] is not None and kinds[0] == kinds[1] else 0.0)


def _neighbours(answer: str, pool: Sequence[str], wrong: Sequence[str], most: int, seed: Sequence[object]) -> list[str]:
    ordered = [name for name in dict.fromkeys(pool) if name == answer or name in wrong]
    at, size = ordered.index(answer), min(most, len(ordered))
    first = at - int(hash_unit(*seed, "window") * size)
    first = max(0, min(first, len(ordered) - size))
    return [name for name in ordered[first : first + size] if name != answer]


def _also_right(sample: Sample, fact: Fact) -> set[str]:
    """For a finding of the whole picture, whatever else is annotated in it."""
    if fact.kind != "finding" or fact.view.regions:
        return set()
    return {name.casefold() for name in _annotated(sample)}


def _annotated(sample: Sample) -> set[str]:
    regions = {item.label for item in sample.annotations if isinstance(item, Box | Polygon | MaskRef)}
    return regions | {item.name for item in sample.annotations if isinstance(item, Label)}
