"""Row indexes made up on the spot: rows of any length, with pictures of any number of tiles, without a corpus."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gmai.models import PictureLayout
from gmai.train.data import SetConfig
from gmai.train.index import Place, RowIndex
from gmai.train.indexing import IndexWriter, Row, Segment
from gmai.train.mixture import Mixture, Needs
from gmai.train.recipe import RowConfig
from gmai.types import View

EVERYTHING = RowConfig(questions=None, chances={}, weights={})
ANYTHING = Needs(longest=10_000)
PER_TILE = 16
"""Visual tokens of a tile."""


def made_row(name: str, segments: Sequence[int], tiles: Sequence[int] = (), source: str = "made") -> Row:
    """A row with a picture of so many tiles each and conversations of so many tokens, half of them predicted."""
    row = Row(sample=name, source=source, view=View(), pictured=bool(tiles))
    row.layouts = tuple(PictureLayout(count, count * PER_TILE, count * 64) for count in tiles)
    row.places = (None, Place("samples/all-00000.parquet", 0, 0))
    row.prefix = 3 + sum(layout.tokens for layout in row.layouts)
    for number, length in enumerate(segments):
        scored = tuple(place >= length // 2 for place in range(length))
        names = (("finding", "location", "count")[number % 3], "open", "percept")
        row.segments.append(Segment(f"{name}#{number}", names, tuple(range(10, 10 + length)), scored))
    return row


def made_index(folder: Path, rows: Sequence[Row]) -> RowIndex:
    """An index of these rows."""
    with IndexWriter(folder, f"made {folder.name}") as writer:
        for row in rows:
            writer.add(row)
    return RowIndex(folder)


def random_rows(count: int, seed: int, source: str = "made") -> list[Row]:
    """Rows with up to three pictures and four conversations."""
    rng = np.random.default_rng(seed)
    return [
        made_row(
            f"{source}/{seed}/{number}",
            rng.integers(4, 90, rng.integers(1, 5)).tolist(),
            rng.integers(1, 5, rng.integers(0, 3)).tolist(),
            source,
        )
        for number in range(count)
    ]


def made_mixture(
    folder: Path,
    sets: Sequence[tuple[float, Sequence[Row]]],
    config: RowConfig = EVERYTHING,
    needs: Needs = ANYTHING,
) -> Mixture:
    """A mixture of sets, given with their ratios."""
    indexes = [made_index(folder / str(number), rows) for number, (_, rows) in enumerate(sets)]
    records = [SetConfig(name=f"set{number}", corpus=folder, ratio=ratio) for number, (ratio, _) in enumerate(sets)]
    return Mixture(records, indexes, config, needs)
