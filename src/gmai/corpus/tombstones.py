"""What is left of samples that were taken out for good, by which every later corpus keeps them out."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from gmai.base import iter_jsonl, write_jsonl
from gmai.errors import ConfigError
from gmai.types import record

TOMBSTONES = "tombstones.jsonl"
REMOVED = "removed"
"""Reason of the reject of a sample that would have come back."""


@record
class Tombstone:
    """What is left of a sample that was taken out."""

    id: str
    source: str
    subject: str
    assets: tuple[str, ...]
    """Hashes of its pictures as they were stored."""
    reason: str


class Graves:
    """Tombstones of several corpora together, each once."""

    def __init__(self, graves: Iterable[Tombstone]) -> None:
        self._all = list({(grave.id, grave.reason): grave for grave in graves}.values())
        self._by_id = {grave.id: grave for grave in self._all}
        self._by_asset = {asset: grave for grave in self._all for asset in grave.assets}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Tombstone]:
        return iter(self._all)

    def find(self, sample: str) -> Tombstone | None:
        """The tombstone of a sample, by its id."""
        return self._by_id.get(sample)

    def find_asset(self, asset: str) -> Tombstone | None:
        """A tombstone of a sample that had this picture, by the picture's hash."""
        return self._by_asset.get(asset)

    def write(self, corpus: Path) -> list[Path]:
        """Write them into a corpus; returns the file, or none where there is nothing to tell."""
        if not self._all:
            return []
        write_jsonl(corpus / TOMBSTONES, self._all)
        return [corpus / TOMBSTONES]


def read_tombstones(corpus: Path) -> Iterator[Tombstone]:
    """Yield the tombstones of a corpus; none where nothing was ever taken out."""
    path = corpus / TOMBSTONES
    return iter_jsonl(path, Tombstone) if path.is_file() else iter(())


def read_graves(folders: Iterable[Path], removed: Iterable[Path] = ()) -> Graves:
    """The tombstones in some folders, and those of corpora that must have some.

    Raises:
        ConfigError: one of ``removed`` has no tombstones.
    """
    for folder in (named := tuple(removed)):
        if not (folder / TOMBSTONES).is_file():
            fix = "give a folder that gmai corpus remove wrote"
            raise ConfigError(f"no {TOMBSTONES}", where=str(folder), fix=fix)
    return Graves(grave for folder in (*folders, *named) for grave in read_tombstones(folder))
