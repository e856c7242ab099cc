"""What is converted: the ingested folders, their sample files as part of the corpus, and the places of the samples."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gmai.base import from_dict, read_yaml, write_atomic
from gmai.corpus import SAMPLE_SCHEMA, open_parquet, sample_files
from gmai.errors import ConfigError
from gmai.types import LabelName


class Place(NamedTuple):
    """Where one sample lies."""

    path: str
    group: int
    row: int


class Input(NamedTuple):
    """One ingested source."""

    source: str
    folder: Path
    modalities: tuple[str, ...]
    rows: tuple[tuple[Path, tuple[int, ...]], ...]
    """Sample files with the number of rows of each of their row groups."""

    def places(self) -> Iterator[Place]:
        """The places of the samples, in file order."""
        for path, groups in self.rows:
            for group, count in enumerate(groups):
                yield from (Place(str(path), group, row) for row in range(count))

    def labels(self) -> dict[str, LabelName]:
        """What the card says of its labels, by canonical name; of lines that share one, the first that says most."""
        card = self.folder / "card.yaml"
        found: dict[str, LabelName] = {}
        for raw in (read_yaml(card).get("labels") or {}).values() if card.exists() else ():
            label = from_dict(LabelName, raw, where=str(card))
            known = found.get(label.name)
            if known is None or (label.zh and not known.zh):
                found[label.name] = label
        return found

    def link_into(self, corpus: Path) -> list[Path]:
        """Make the sample files and the card part of a corpus, as hard links, or as copies where links fail."""
        targets = {path: corpus / "samples" / f"{self.source}-{path.name}" for path, _ in self.rows}
        card = self.folder / "card.yaml"
        if card.exists():
            targets[card] = corpus / "cards" / f"{self.source}.yaml"
        for origin, target in targets.items():
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                _link(origin, target)
        return list(targets.values())


def read_inputs(folders: Sequence[Path]) -> list[Input]:
    """Look into ingested folders; returns those with samples, ordered by source.

    Raises:
        ConfigError: a folder of several sources, two folders of one source, or no sample in any.
    """
    found = [item for folder in folders if (item := _read_input(folder)) is not None]
    by_source = {item.source: item for item in found}
    if len(by_source) < len(found):
        twice = sorted({item.source for item in found if by_source[item.source] is not item})
        raise ConfigError(
            f"two folders hold the source {', '.join(twice)}", where="gmai convert", fix="give one of them"
        )
    if not found:
        raise ConfigError("no samples to convert", where=", ".join(str(folder) for folder in folders))
    return [by_source[source] for source in sorted(by_source)]


def _read_input(folder: Path) -> Input | None:
    sources: set[str] = set()
    modalities: set[str] = set()
    rows = []
    for path in sample_files(folder):
        file = open_parquet(path, SAMPLE_SCHEMA)
        columns = file.read(columns=["source", "modality"])
        sources.update(columns.column("source").unique().to_pylist())
        modalities.update(columns.column("modality").unique().to_pylist())
        groups = tuple(file.metadata.row_group(group).num_rows for group in range(file.num_row_groups))
        rows.append((path, groups))
    if len(sources) > 1:
        raise ConfigError(f"a folder of several sources: {', '.join(sorted(sources))}", where=str(folder))
    return Input(sources.pop(), folder, tuple(sorted(modalities)), tuple(rows)) if sources else None


def _link(origin: Path, target: Path) -> None:
    try:
        os.link(origin, target)
    except OSError:
        with write_atomic(target) as temporary:
            shutil.copyfile(origin, temporary)
