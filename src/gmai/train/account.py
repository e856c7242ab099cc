"""What a run has learned from so far and what it had to leave out; part of every checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from gmai.base import from_dict, to_dict
from gmai.errors import RejectLimit
from gmai.train.parallel import World
from gmai.types import Reject


class Account:
    """Counts of rows, conversations and tokens by name, and rejects against a limit."""

    def __init__(self, max_rejects: int) -> None:
        self.counts: Counter[str] = Counter()
        self._rejects: dict[Reject, None] = {}
        self._shared: Counter[str] = Counter()
        """What all processes know."""
        self._max_rejects = max_rejects

    @property
    def rejects(self) -> list[Reject]:
        """What was left out, in the order in which it was."""
        return list(self._rejects)

    def add(self, name: str, count: int = 1) -> None:
        """Count something learned from, under a dotted name."""
        self.counts[name] += count

    def reject(self, *rejects: Reject) -> None:
        """Count what is left out; the same thing only once.

        Raises:
            RejectLimit: more than allowed.
        """
        self._rejects.update(dict.fromkeys(rejects))
        if len(self._rejects) > self._max_rejects:
            last = next(reversed(self._rejects))
            what = f"{len(self._rejects)} rejects, more than the {self._max_rejects} allowed; the last: {last.detail}"
            raise RejectLimit(what, where=last.id, fix="mend the corpus, or set max_rejects")

    def merge(self, world: World) -> None:
        """Add up the counts of all processes; rejects are known to all of them already."""
        parts = world.gather(self.counts - self._shared)
        for part in parts:
            self._shared.update(part)
        self.counts = Counter(self._shared)

    def tree(self) -> dict[str, Any]:
        """The counts as a nested dict, names in order."""
        result: dict[str, Any] = {}
        for name in sorted(self.counts):
            *path, last = name.split(".", 1)
            inner = result
            for part in path:
                inner = inner.setdefault(part, {})
            inner[last] = self.counts[name]
        return result

    def state(self) -> dict[str, Any]:
        """Everything, as plain data."""
        return {"counts": dict(self.counts), "rejects": to_dict(self.rejects)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        self._shared = Counter(state["counts"])
        self.counts = Counter(self._shared)
        self._rejects = dict.fromkeys(_read_rejects(state["rejects"]))


def _read_rejects(data: Iterable[Any]) -> Iterable[Reject]:
    return (from_dict(Reject, item, where="checkpoint") for item in data)
