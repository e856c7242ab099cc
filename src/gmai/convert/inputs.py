"""What is converted: the ingested folders, their sample files as part of the corpus, and the places of the samples."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gmai.base import from_dict, link_file, read_yaml
from gmai.convert.visits import find_priors
from gmai.corpus import SAMPLE_ROWS, SAMPLE_SCHEMA, Graves, Place, Tombstone, copy_rows, open_parquet, sample_files
from gmai.errors import ConfigError
from gmai.types import LabelName


class Task(NamedTuple):
    """One sample to make conversations about."""

    place: Place
    prior: Place | None = None
    """The sample of the visit before, if it is compared with that."""
    grave: Tombstone | None = None
    """Why nothing is made of it: it was taken out for good."""


class Input(NamedTuple):
    """One ingested source."""

    source: str
    folder: Path
    modalities: tuple[str, ...]
    rows: tuple[tuple[Path, tuple[int, ...]], ...]
    """Sample files with the number of rows of each of their row groups."""
    buried: tuple[Tombstone, ...] = ()
    """Samples that were taken out for good, which stay out."""

    def tasks(self, *, compared: bool) -> Iterator[Task]:
        """The samples in file order, and what each is compared with."""
        graves = {grave.id: grave for grave in self.buried}
        priors = find_priors(place for place, name in self._names() if name not in graves) if compared else {}
        yield from (Task(place, priors.get(place), graves.get(name)) for place, name in self._names())

    def _names(self) -> Iterator[tuple[Place, str]]:
        for path, groups in self.rows:
            if not self.buried:
                yield from ((Place(str(path), group, row), "") for group, n in enumerate(groups) for row in range(n))
                continue
            file = open_parquet(path, SAMPLE_SCHEMA)
            for group in range(len(groups)):
                names = file.read_row_group(group, columns=["id"]).column("id").to_pylist()
                yield from ((Place(str(path), group, row), name) for row, name in enumerate(names))

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
        """Make the sample files and the card part of a corpus: linked, or copied without the rows of the buried."""
        targets = {path: corpus / "samples" / f"{self.source}-{path.name}" for path, _ in self.rows}
        card = self.folder / "card.yaml"
        gone = {grave.id for grave in self.buried}
        made = []
        for origin, target in targets.items():
            ids = open_parquet(origin, SAMPLE_SCHEMA).read(columns=["id"]).column("id").to_pylist() if gone else []
            kept = np.array([name not in gone for name in ids], bool)
            if kept.all():
                if not target.exists():
                    link_file(origin, target)
                made.append(target)
            elif kept.any():
                copy_rows([origin], target.parent, SAMPLE_SCHEMA, SAMPLE_ROWS, kept)
                (target.parent / origin.name).replace(target)
                made.append(target)
        if card.exists():
            made.append(corpus / "cards" / f"{self.source}.yaml")
            if not made[-1].exists():
                link_file(card, made[-1])
        return made


def read_inputs(folders: Sequence[Path], graves: Graves) -> list[Input]:
    """Look into ingested folders; returns those with samples, ordered by source.

    Raises:
        ConfigError: a folder of several sources, two folders of one source, or no sample in any.
    """
    found = [item for folder in folders if (item := _read_input(folder, graves)) is not None]
    by_source = {item.source: item for item in found}
    if len(by_source) < len(found):
        twice = sorted({item.source for item in found if by_source[item.source] is not item})
        raise ConfigError(
            f"two folders hold the source {', '.join(twice)}", where="gmai convert", fix="give one of them"
        )
    if not found:
        raise ConfigError("no samples to convert", where=", ".join(str(folder) for folder in folders))
    return [by_source[source] for source in sorted(by_source)]


def _read_input(folder: Path, graves: Graves) -> Input | None:
    sources: set[str] = set()
    modalities: set[str] = set()
    buried: list[Tombstone] = []
    rows = []
    for path in sample_files(folder):
        file = open_parquet(path, SAMPLE_SCHEMA)
        columns = file.read(columns=["id", "source", "modality"])
        sources.update(columns.column("source").unique().to_pylist())
        modalities.update(columns.column("modality").unique().to_pylist())
        if graves:
            buried += [grave for name in columns.column("id").to_pylist() if (grave := graves.find(name))]
        groups = tuple(file.metadata.row_group(group).num_rows for group in range(file.num_row_groups))
        rows.append((path, groups))
    if len(sources) > 1:
        raise ConfigError(f"a folder of several sources: {', '.join(sorted(sources))}", where=str(folder))
    if not sources:
        return None
    return Input(sources.pop(), folder, tuple(sorted(modalities)), tuple(rows), tuple(buried))
