"""Reading a share's pictures: decoded, regions drawn on them, brought to the model's sizes; what fails is a reject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gmai.base import Death
from gmai.corpus import Corpus, StoredSample
from gmai.corpus import Place as CorpusPlace
from gmai.errors import FormatError, GmaiError, ImageError
from gmai.images import decode_picture, render_view
from gmai.models import Fitted, VisualContract
from gmai.train.copies import Copies
from gmai.train.index import Place, RowIndex, RowText
from gmai.types import Reject, View


class Wanted(NamedTuple):
    """A row whose pictures are to be read."""

    number: int
    """Of the set."""
    row: int
    """Position in the set's index."""
    moves: tuple[tuple[int, int], ...]
    """How far each of its pictures is moved down and to the right, in pixels of the model."""
    lost: str = ""
    """Why it is not to be read again: the process that read it died."""


@dataclass
class PictureReader:
    """Work of a process: reads the pictures of rows. What it remembers changes the speed only."""

    stores: tuple[Corpus | Copies, ...]
    """Of each set."""
    indexes: tuple[RowIndex, ...]
    contract: VisualContract
    room: int
    """Bytes of fitted pictures it may remember."""

    def __post_init__(self) -> None:
        self._kept: dict[tuple[int, int], list[Fitted]] = {}

    def __call__(self, task: Sequence[Wanted], at: Callable[[int], None]) -> list[list[Fitted] | Reject]:
        """The pictures of each row, or why it is left out."""
        results: list[list[Fitted] | Reject] = []
        for position, wanted in enumerate(task):
            at(position)
            try:
                moved = zip(self._fitted(wanted), wanted.moves, strict=bool(wanted.moves))
                results.append([shift(*pair) for pair in moved])
            except (GmaiError, OSError) as error:
                reason = error.reason if isinstance(error, GmaiError) else "file.unreadable"
                name = self.indexes[wanted.number].text(wanted.row).name
                results.append(Reject(id=name, stage="train", reason=reason, detail=str(error), unit="image"))
        return results

    def warm(self, rows: Iterable[tuple[int, int]]) -> None:
        """Read rows before they are asked for, in the order in which they lie, while there is room to remember them."""
        for _, number, row in sorted((self.indexes[number].places(row)[-1], number, row) for number, row in rows):
            if self.room <= 0:
                return
            self([Wanted(number, row, ())], lambda position: None)

    def _fitted(self, wanted: Wanted) -> list[Fitted]:
        key = (wanted.number, wanted.row)
        if key in self._kept:
            return self._kept[key]
        if wanted.lost:
            raise ImageError(wanted.lost, reason="image.fatal")
        fitted = self._read(wanted.number, wanted.row)
        size = sum(picture.nbytes for picture in fitted)
        if size <= self.room:
            self._kept[key] = fitted
            self.room -= size
        return fitted

    def _read(self, number: int, row: int) -> list[Fitted]:
        index, store = self.indexes[number], self.stores[number]
        text = index.text(row)
        samples = _read_samples(store, index.places(row), text)
        names = [stored.sample.id for stored in samples]
        if names != [name for name in (text.prior, text.sample) if name]:
            raise FormatError(f"found {', '.join(names)}", where=text.name, reason="store.changed")
        pictures = [picture for stored in samples for picture in _pictures(stored, text)]
        layouts = index.layouts(row)
        for picture, layout in zip(pictures, layouts, strict=True):
            if self.contract.layout(picture.shape[1], picture.shape[0], pictures=len(pictures)) != layout:
                what = f"the picture is {picture.shape[1]} x {picture.shape[0]}, its record says otherwise"
                raise ImageError(what, where=text.name, reason="image.size")
        return [self.contract.fit(picture, pictures=len(pictures)) for picture in pictures]


def skip_lost(task: Sequence[Wanted], death: Death) -> Sequence[Wanted]:
    """The same task without the row whose reading ended a process.

    Raises:
        ImageError: the process ended before it read any.
    """
    if death.position < 0:
        raise ImageError(f"a process that reads pictures ended before its first: {death.why}", reason="image.fatal")
    lost = task[death.position]._replace(lost=f"reading it: {death.why}")
    return [*task[: death.position], lost, *task[death.position + 1 :]]


def shift(fitted: Fitted, move: tuple[int, int]) -> Fitted:
    """Move what tiles show down and to the right; their edges are repeated."""
    down, right = move
    if not down and not right:
        return fitted
    rows, columns = _moved(fitted.shape[1], down), _moved(fitted.shape[2], right)
    return np.ascontiguousarray(fitted[:, rows][:, :, columns])


def _moved(size: int, by: int) -> npt.NDArray[np.int64]:
    return np.clip(np.arange(size) - by, 0, size - 1)


def _read_samples(store: Corpus | Copies, places: Sequence[Place], text: RowText) -> list[StoredSample]:
    """The samples whose pictures a row shows, in their order."""
    if isinstance(store, Copies):
        return [store.sample(name) for name in (text.prior, text.sample) if name]
    return [store.at(CorpusPlace(str(store.folder / place.file), place.group, place.row)) for place in places]


def _pictures(stored: StoredSample, text: RowText) -> list[npt.NDArray[np.uint8]]:
    """A sample's pictures as the row shows them; regions are drawn on its own only, not on the earlier sample's."""
    view = text.view if stored.sample.id == text.sample else View()
    return [render_view(decode_picture(data), view, stored.sample.annotations) for data in stored.pictures]
