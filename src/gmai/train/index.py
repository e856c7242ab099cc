"""The row index: what every row of a set holds, as columns on disk. Lengths are known without decoding a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gmai.base import from_dict, iter_jsonl, loads, read_json
from gmai.models import PictureLayout
from gmai.train.columns import Column, read_column
from gmai.types import Reject, View

INDEX_FILE = "index.json"
REJECTS_FILE = "rejects.jsonl"
ROW_COLUMNS = {
    "row_key": "u8",
    "row_place": "i4",
    "row_source": "i2",
    "row_pool": "u1",
    "row_pictured": "u1",
    "row_prefix": "i4",
    "row_shown": "i4",
    "row_tiles": "i4",
    "row_patches": "i4",
    "row_text": "i8",
    "row_pictures": "i8",
    "row_segments": "i8",
    "row_captions": "i8",
}
"""``row_place`` has six numbers a row: file, row group and row of the earlier sample (-1: none) and of its own;
``row_prefix`` counts the tokens before the conversations, ``row_shown`` the pictures; the last four say where a row's
part of another column ends."""
PART_COLUMNS = {
    "texts": "u1",
    "pictures": "i4",
    "segment_start": "i8",
    "segment_length": "i4",
    "segment_scored": "i4",
    "segment_names": "i2",
    "segment_id": "i8",
    "ids": "u1",
    "caption_start": "i8",
    "caption_length": "i4",
    "tokens": "i4",
}
"""``pictures`` has six numbers a picture; a token that is predicted stands in ``tokens`` as its complement, below 0."""
POOLS = ("image", "box", "mask", "contour", "text")
"""What is seen: the view's granularity, or ``text`` for a conversation about no picture."""


SIX_WIDE = ("row_place", "pictures")
"""Columns with six numbers for one thing."""


class Place(NamedTuple):
    """Where a sample lies in a corpus."""

    file: str
    """Below the corpus folder."""
    group: int
    row: int


class RowText(NamedTuple):
    """What of a row is text."""

    sample: str
    prior: str
    view: View

    @property
    def name(self) -> str:
        """The row for people: sample, and what is drawn on it."""
        shown = f"{self.view.granularity}{','.join(map(str, self.view.regions))}"
        return f"{self.prior}+{self.sample}#{shown}" if self.prior else f"{self.sample}#{shown}"


class RowIndex:
    """The rows of one set. Use :func:`gmai.train.indexing.open_index`. Can be sent to another process."""

    def __init__(self, folder: Path) -> None:
        about = read_json(folder / INDEX_FILE)
        self.folder = folder
        self.key: str = about["key"]
        self.sources: tuple[str, ...] = tuple(about["sources"])
        self.names: tuple[tuple[str, str, str], ...] = tuple(tuple(names) for names in about["names"])
        """What ``segment_names`` numbers: question kind; ``choice`` or ``open``; subset."""
        self._files: tuple[str, ...] = tuple(about["files"])
        self._columns: dict[str, Column] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return RowIndex, (self.folder,)

    def __len__(self) -> int:
        return len(self["row_prefix"])

    def __getitem__(self, name: str) -> Column:
        """A column, by its name in :data:`ROW_COLUMNS` or :data:`PART_COLUMNS`."""
        if name not in self._columns:
            kind = {**ROW_COLUMNS, **PART_COLUMNS}[name]
            column = read_column(self.folder, name, kind)
            self._columns[name] = column.reshape(-1, 6) if name in SIX_WIDE else column
        return self._columns[name]

    def starts(self, name: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Where the rows' parts of a column begin, from the column that says where they end."""
        return np.where(rows > 0, self[name][np.maximum(rows - 1, 0)], 0).astype(np.int64)

    def part(self, name: str, row: int) -> slice:
        """A row's part of another column."""
        return slice(int(self[name][row - 1]) if row else 0, int(self[name][row]))

    def text(self, row: int) -> RowText:
        """A row's sample, earlier sample and view."""
        data = loads(self["texts"][self.part("row_text", row)].tobytes())
        view = from_dict(View, data["view"], where=str(self.folder)) if "view" in data else View()
        return RowText(data["sample"], data.get("prior", ""), view)

    def places(self, row: int) -> list[Place]:
        """Where the samples lie whose pictures the row shows, in their order."""
        numbers = self["row_place"][row].tolist()
        triples = [numbers[:3], numbers[3:]]
        return [Place(self._files[file], group, at) for file, group, at in triples if file >= 0]

    def layouts(self, row: int) -> tuple[PictureLayout, ...]:
        """What each picture of a row becomes."""
        return tuple(map(layout_of, self["pictures"][self.part("row_pictures", row)].tolist()))

    def segment(self, segment: int) -> tuple[tuple[int, ...], tuple[bool, ...]]:
        """A conversation's tokens, and which of them are predicted."""
        start = int(self["segment_start"][segment])
        coded = np.asarray(self["tokens"][start : start + int(self["segment_length"][segment])])
        scored = coded < 0
        return tuple(np.where(scored, ~coded, coded).tolist()), tuple(scored.tolist())

    def caption(self, row: int, number: int) -> tuple[int, ...]:
        """The tokens of one of a row's captions."""
        at = self.part("row_captions", row).start + number
        start = int(self["caption_start"][at])
        return tuple(self["tokens"][start : start + int(self["caption_length"][at])].tolist())

    def conversation(self, segment: int) -> str:
        """The id of a conversation."""
        start = int(self["segment_id"][segment - 1]) if segment else 0
        return bytes(self["ids"][start : int(self["segment_id"][segment])]).decode()

    def rejects(self) -> Iterator[Reject]:
        """Conversations that could not become a segment of a row."""
        return iter_jsonl(self.folder / REJECTS_FILE, Reject)


def layout_of(numbers: list[int]) -> PictureLayout:
    """A picture's layout from its six numbers in an index."""
    tiles, tokens, patches, frames, high, wide = numbers
    return PictureLayout(tiles, tokens, patches, (frames, high, wide) if frames else None)
