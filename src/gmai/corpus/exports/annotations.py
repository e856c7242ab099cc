"""Annotations only: records and conversations without a picture, and the recipe by which pictures are made again."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gmai.corpus.exports.config import ExportConfig, ExportFormat
from gmai.corpus.exports.shown import Shown
from gmai.corpus.store import write_conversations


def _write(path: Path, items: Sequence[Shown]) -> None:
    write_conversations(path, [item.conversation for item in items])


def _gather(folder: Path, parts: Iterable[Path], config: ExportConfig) -> list[Path]:
    return list(parts)


FORMAT = ExportFormat(_write, "conversations/{shard:05d}.parquet", _gather, "none")
