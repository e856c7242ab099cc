"""Which samples go where of each group of duplicates one stays."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from gmai.corpus.groups import Duplicate, UnionFind, iter_duplicates
from gmai.types import Sample

Drop = Literal["keep", "drop-exact", "drop-near"]
_EXACT = ("same pixels", "same words")


@dataclass(slots=True)
class _Member:
    """A sample of which a part is in a group."""

    position: int = -1
    """Its position in the corpus."""
    lines: dict[tuple[str, int], Duplicate] = field(default_factory=dict)
    """Its parts that are in groups, by kind and number."""
    parts: frozenset[tuple[str, int]] = frozenset()
    """All that the sample shows; of one without pictures, all that it says."""


class Dropper:
    """Decides by the layer ``dedup`` which samples of a corpus go.

    A sample goes if each of its pictures is in a group of which another picture stays; of a sample without pictures,
    each of its texts. Of a group the member stays that the layer marks, or the first that is still there.

    Args:
        corpus: the corpus, with its groups of duplicates.
        drop: ``drop-exact``: only what has the same pixels or words counts as one; ``drop-near``: all of one group.
    """

    def __init__(self, corpus: Path, drop: Drop) -> None:
        lines = list(iter_duplicates(corpus))
        self._lines = _exact(lines) if drop == "drop-exact" else lines
        self._members: dict[str, _Member] = {}
        for line in self._lines:
            self._members.setdefault(line.sample, _Member()).lines[line.kind, line.part] = line

    def look(self, position: int, sample: Sample) -> None:
        """Take note of a sample of the corpus."""
        if (member := self._members.get(sample.id)) is not None:
            member.position = position
            kind, count = ("picture", len(sample.images)) if sample.images else ("text", len(sample.annotations))
            member.parts = frozenset((kind, number) for number in range(count))

    def choose(self, staying: np.ndarray) -> dict[int, str]:
        """The positions of the samples that go, of those that would stay; each with the group of its first part."""
        there = {name for name, member in self._members.items() if member.position >= 0 and staying[member.position]}
        held: dict[tuple[str, str], Duplicate] = {}
        for line in self._lines:
            if line.sample in there and (line.key not in held or line.kept):
                held[line.key] = line
        gone: dict[int, str] = {}
        for name in sorted(there):
            member = self._members[name]
            mine = [member.lines[part] for part in sorted(member.parts) if part in member.lines]
            whole = bool(mine) and len(mine) == len(member.parts)
            if whole and all(held[line.key] is not line for line in mine):
                gone[member.position] = mine[0].group
        return gone


def _exact(lines: list[Duplicate]) -> list[Duplicate]:
    """The groups cut to what is the same; named anew by the member that stays."""
    position = {(line.kind, f"{line.sample}#{line.part}"): number for number, line in enumerate(lines)}
    together = UnionFind(len(lines))
    for number, line in enumerate(lines):
        if line.how in _EXACT:  # what is the same as a member taken out since is the same as one another
            together.join(number, position.setdefault((line.kind, line.like), number))
    made: list[Duplicate] = []
    for members in together.groups().values():
        kept = next((number for number in members if lines[number].kept), members[0])
        name = f"{lines[kept].sample}#{lines[kept].part}"
        made += [_renamed(lines[number], name, number == kept) for number in members]
    return made


def _renamed(line: Duplicate, group: str, kept: bool) -> Duplicate:
    told = {name: getattr(line, name) for name in Duplicate.__dataclass_fields__}
    return Duplicate(**{**told, "group": group, "kept": kept})
