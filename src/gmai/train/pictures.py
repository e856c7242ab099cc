"""Pictures of rows: decoded, regions drawn on them, brought to the model's size, and kept while memory allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gmai.corpus import Corpus, StoredSample
from gmai.errors import GmaiError, ImageError
from gmai.images import decode_picture, render_view
from gmai.models import Fitted, VisualContract
from gmai.train.account import Account
from gmai.train.recipe import PictureConfig
from gmai.train.rows import Row
from gmai.types import Reject, View


class Pictures:
    """Fitted pictures by sample and view. What is kept changes the speed only; what cannot be read is counted once."""

    def __init__(self, corpus: Corpus, contract: VisualContract, cache_mb: int, account: Account) -> None:
        self._corpus = corpus
        self._contract = contract
        self._account = account
        self._room = cache_mb * 2**20
        self._kept: dict[tuple[str, View], Fitted] = {}

    def keep(self, stored: StoredSample, views: Iterable[View]) -> None:
        """Decode a sample's views ahead of time, if there is room; what cannot be read is left for :meth:`take`."""
        for view in views:
            if self._room <= 0:
                return
            try:
                fitted = draw(stored, view, self._contract)
            except GmaiError:  # raised again, and counted, when the row's turn comes
                return
            self._kept[stored.sample.id, view] = fitted
            self._room -= fitted.nbytes

    def take(self, row: Row) -> Fitted | None:
        """The fitted picture of a row; None, counted as a reject, if it cannot be read.

        Raises:
            RejectLimit: that was one too many.
        """
        found = self._kept.get((row.sample, row.view))
        if found is not None:
            return found
        try:
            return draw(self._corpus.sample(row.sample), row.view, self._contract)
        except GmaiError as error:
            name = f"{row.sample}#{row.view.granularity}{','.join(map(str, row.view.regions))}"
            reject = Reject(id=name, stage="train", reason=error.reason, detail=str(error), unit="image")
            self._account.reject(reject)
            return None


def draw(stored: StoredSample, view: View, contract: VisualContract) -> Fitted:
    """Decode a sample's only picture as a view shows it, in the model's size.

    Raises:
        ImageError: the sample has not exactly one picture, or it cannot be decoded.
    """
    if len(stored.pictures) != 1:
        what = f"{len(stored.pictures)} pictures where one is expected"
        raise ImageError(what, where=stored.sample.id, reason="image.count")
    picture = decode_picture(stored.pictures[0])
    return contract.fit(render_view(picture, view, stored.sample.annotations))


def vary(shown: Sequence[Fitted], contract: VisualContract, config: PictureConfig, rng: np.random.Generator) -> Any:
    """Move each picture a little and vary its contrast and brightness; what it shows does not change.

    Returns:
        Float32 tensor (pictures, 3, side, side), as :meth:`VisualContract.normalise` makes it.
    """
    import torch

    moves = rng.integers(0, 2 * config.shift_px + 1, (len(shown), 2))
    pixels = contract.normalise(
        [_shift(picture[0], config.shift_px, *move)[None] for picture, move in zip(shown, moves.tolist(), strict=True)]
    )["pixel_values"]
    shape = (len(shown), 1, 1, 1)
    gain = rng.uniform(1 - config.gain, 1 + config.gain, shape).astype(np.float32)
    level = rng.uniform(-config.level, config.level, shape).astype(np.float32)
    return pixels * torch.from_numpy(gain) + torch.from_numpy(level)


def _shift(picture: npt.NDArray[np.uint8], margin: int, top: int, left: int) -> npt.NDArray[np.uint8]:
    height, width = picture.shape[:2]
    padded = np.pad(picture, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    return padded[top : top + height, left : left + width]
