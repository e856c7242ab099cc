"""How a corpus is exported, and what a format of exports is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gmai.base import JobConfig, write_jsonl
from gmai.corpus.exports.shown import Regions, Shown
from gmai.types import Annotation, View, record

Draw = Callable[[bytes, View, Sequence[Annotation]], bytes]
"""Draws a view on an encoded picture; ``gmai.images.draw_view``."""


@record
class ExportConfig:
    """Which corpus goes where, in which format."""

    corpus: Path
    """The corpus folder."""
    format: str
    """Name in the registry of exports."""
    out: Path
    """Run folder to write."""
    split: Literal["all", "train", "val", "test"] = "all"
    """Conversations of one split of the corpus, or all."""
    regions: Regions = "pixels"
    """How boxes in texts are put: pixels, parts of 1000, or parts of 1."""
    tags: bool = True
    """Boxes stand in ``<box>`` tags; False writes the bare lists."""
    pictures: Literal["allowed", "all", "none"] = "allowed"
    """Which pictures go along: those that may be passed on, all (for use in the house), or none."""
    records: bool = True
    """The whole records go along, so that an import gives back the same corpus; False leaves the bare format."""
    name: str = "gmai"
    """What the export is called in the files that name data sets."""
    job: JobConfig = JobConfig()
    """How the work is run."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One way to write conversations for others."""

    write: Callable[[Path, Sequence[Shown]], None]
    """Writes one shard."""
    pattern: str
    """Path of a shard below the run folder; below ``.work`` if :attr:`gather` makes the files of it."""
    gather: Callable[[Path, Iterable[Path], ExportConfig], list[Path]]
    """Makes the final files of the shards, and those that describe them."""
    pictures: Literal["files", "inside", "none"] = "files"
    """Pictures lie beside, are inside the shards, or never go along."""


def line_format(
    row: Callable[[Shown], dict[str, Any]], gather: Callable[[Path, Iterable[Path], ExportConfig], list[Path]]
) -> ExportFormat:
    """A format of one JSON line for each conversation."""
    return ExportFormat(LineWriter(row), ".work/lines/{shard:05d}.jsonl", gather)


@dataclass(frozen=True, slots=True)
class LineWriter:
    """Writes a shard as JSON lines; can be sent to another process."""

    row: Callable[[Shown], dict[str, Any]]

    def __call__(self, path: Path, shown: Sequence[Shown]) -> None:
        """Write the rows."""
        write_jsonl(path, (self.row(item) | item.extra() for item in shown))
