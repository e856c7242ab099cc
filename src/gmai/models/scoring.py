"""Multiple choice by likelihood: pictures with their questions, questions with their options, as trees in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from gmai.base import hash_bytes
from gmai.models.chat import Scaffold
from gmai.models.contract import VisualContract
from gmai.models.fitting import Fitted, Picture
from gmai.models.loaded import LoadedModel

if TYPE_CHECKING:
    from gmai.models.families.family import Features
    from gmai.models.forward import Precision
    from gmai.models.tree import Block

TIE = 1e-4
"""Two likelihoods closer than this cannot be told apart."""
PADDING = 8
"""Rows are padded to a multiple of so many tokens."""
SPREAD = 1.25
"""Rows of one pass are at most so many times as long as its shortest, so that little of it is padding."""
SHARED = 2.0
"""Questions on the same pictures share a row until it is so many times as long as the pictures' tokens: each question
that is added costs a look at all the others, and saves the pictures."""
Normalise = Literal["sum", "mean", "pmi"]
Paths = Sequence[tuple[int, ...]]
"""Answers as tokens; those of one question hang on it."""


@dataclass(frozen=True, eq=False)
class OptionItem:
    """A question as it is put to a model."""

    pictures: tuple[Picture, ...]
    """(height, width, 3) each, as they are to be seen, in order; empty asks without a picture."""
    prompt: str
    options: tuple[str, ...] = ()
    """Answers whose likelihood is wanted; not used in generation."""


def score_options(
    loaded: LoadedModel,
    items: Sequence[OptionItem],
    *,
    batch_rows: int = 16,
    precision: Precision = "fp32",
    normalise: Normalise = "sum",
) -> list[tuple[float, ...]]:
    """Log-likelihood of each option's text, its end token included.

    Args:
        loaded: the model.
        items: questions.
        batch_rows: questions computed together.
        precision: see :func:`gmai.models.forward.autocast`.
        normalise: ``sum`` over tokens; ``mean`` of them, which is fair to long options; ``pmi``, the sum less the sum
            that the option has as an answer to nothing, without picture and question.
    """
    scaffold = loaded.scaffold

    def paths(item: OptionItem) -> Paths:
        return [(*scaffold.text(text), scaffold.end) for text in item.options]

    sums = _score(loaded, items, paths, batch_rows, precision)
    if normalise == "mean":
        lengths = ([len(path) for path in paths(item)] for item in items)
        return [
            tuple(value / n for value, n in zip(values, counts, strict=True))
            for values, counts in zip(sums, lengths, strict=True)
        ]
    if normalise == "pmi":
        nothing = [OptionItem((), "", item.options) for item in items]
        bare = _score(loaded, nothing, paths, batch_rows, precision)
        return [
            tuple(value - less for value, less in zip(values, without, strict=True))
            for values, without in zip(sums, bare, strict=True)
        ]
    return sums


def score_letters(
    loaded: LoadedModel, items: Sequence[OptionItem], *, batch_rows: int = 16, precision: Precision = "fp32"
) -> list[tuple[float, ...]]:
    """Log-likelihood that an answer begins with each option's letter, written ``A`` or `` A``: both are summed.

    The prompt has to ask for a letter. ``options`` are the letters, one for each option.
    """
    scaffold = loaded.scaffold

    def spellings(letter: str) -> Paths:
        return list(dict.fromkeys([scaffold.text(letter), scaffold.text(f" {letter}")]))

    def paths(item: OptionItem) -> Paths:
        return [path for letter in item.options for path in spellings(letter)]

    results = []
    for item, values in zip(items, _score(loaded, items, paths, batch_rows, precision), strict=True):
        found = iter(values)
        results.append(
            tuple(float(np.logaddexp.reduce([next(found) for _ in spellings(letter)])) for letter in item.options)
        )
    return results


def pick_option(likelihoods: Sequence[float]) -> tuple[int, bool]:
    """Position of the likeliest option, the first one among ties, and whether there was a tie."""
    best = max(likelihoods)
    near = [index for index, value in enumerate(likelihoods) if best - value < TIE]
    return near[0], len(near) > 1


@dataclass(frozen=True)
class _Row:
    """Questions on the same pictures, as one tree."""

    blocks: list[Block]
    pictures: tuple[int, ...]
    """Positions of its pictures among those of the batch."""
    places: list[tuple[int, int]]
    """For each question its position in the batch, and its first answer's block."""

    @property
    def length(self) -> int:
        return sum(len(block.tokens) for block in self.blocks)


def _score(
    loaded: LoadedModel,
    items: Sequence[OptionItem],
    paths: Callable[[OptionItem], Paths],
    batch_rows: int,
    precision: Precision,
) -> list[tuple[float, ...]]:
    """Summed log-likelihood of each path of each item."""
    import torch

    results: list[tuple[float, ...]] = []
    with torch.inference_mode():
        for start in range(0, len(items), batch_rows):
            batch = items[start : start + batch_rows]
            results += _score_batch(loaded, batch, [paths(item) for item in batch], precision)
    return results


def _score_batch(
    loaded: LoadedModel, items: Sequence[OptionItem], paths: Sequence[Paths], precision: Precision
) -> list[tuple[float, ...]]:
    from gmai.models.forward import picture_features

    rows, shelf = _build_rows(loaded, items, paths)
    features = None
    if shelf.fitted:
        pixels = loaded.contract.normalise(shelf.fitted, loaded.device)
        features = picture_features(loaded.model, pixels, precision)
    results: list[tuple[float, ...]] = [()] * len(items)
    for group in _group(rows):
        wanted = [position for row in group for position in row.pictures]
        chosen = features.pick(shelf.counts, wanted) if features is not None and wanted else None
        for row, sums in zip(group, _pass(loaded, group, chosen, precision), strict=True):
            for item, first in row.places:
                results[item] = tuple(sums[first : first + len(paths[item])])
    return results


def _pass(
    loaded: LoadedModel, rows: Sequence[_Row], features: Features | None, precision: Precision
) -> list[list[float]]:
    """Summed log-likelihood of every block of every row."""
    import torch

    from gmai.models.forward import token_losses

    batch = loaded.lay_out([row.blocks for row in rows], PADDING).to(loaded.device)
    losses = token_losses(loaded.model, batch, features, precision)
    sums = torch.zeros(batch.sees_BKK.shape[:2].numel(), dtype=torch.float64, device=losses.device)
    sums.index_add_(0, batch.owner_N, -losses.double())
    table: list[list[float]] = sums.view(batch.sees_BKK.shape[:2]).tolist()
    return table


@dataclass(frozen=True)
class _Shelf:
    """The pictures of a batch, each of them once for each number of pictures it is shown among."""

    contract: VisualContract
    fitted: list[Fitted] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    """Visual tokens of each."""
    known: dict[tuple[str, tuple[int, ...], int], int] = field(default_factory=dict)

    def find(self, picture: Picture, among: int, tokens: int) -> int:
        """The position of a picture, which is fitted if it is new."""
        name = (hash_bytes(picture.tobytes()), picture.shape, among)
        if name not in self.known:
            self.known[name] = len(self.fitted)
            self.fitted.append(self.contract.fit(picture, among))
            self.counts.append(tokens)
        return self.known[name]


def _build_rows(loaded: LoadedModel, items: Sequence[OptionItem], paths: Sequence[Paths]) -> tuple[list[_Row], _Shelf]:
    """A row for each set of pictures, with all its questions, or for each question without one; and the pictures."""
    shelf = _Shelf(loaded.contract)
    rows: list[_Row] = []
    open_rows: dict[tuple[int, ...], _Row] = {}
    for position, item in enumerate(items):
        layouts, among = loaded.layouts(item.pictures), len(item.pictures)
        pairs = zip(item.pictures, layouts, strict=True)
        seen = tuple(shelf.find(picture, among, layout.tokens) for picture, layout in pairs)
        row = open_rows.get(seen)
        if row is None or not seen or row.length > SHARED * len(row.blocks[0].tokens):
            row = open_rows[seen] = _Row([loaded.prefix(layouts)], seen, [])
            rows.append(row)
        _hang(row, loaded.scaffold, position, item.prompt, paths[position])
    return rows, shelf


def _hang(row: _Row, scaffold: Scaffold, position: int, prompt: str, paths: Paths) -> None:
    """Hang a question on a row's pictures, and its answers on it."""
    from gmai.models.tree import Block

    question = len(row.blocks)
    row.blocks.append(Block.read((*scaffold.text(prompt), *scaffold.ask), 0))
    row.blocks.extend(Block.predict(path, question) for path in paths)
    row.places.append((position, question + 1))


def _group(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Rows of about one length, shortest first."""
    group: list[_Row] = []
    for row in sorted(rows, key=lambda row: row.length):
        if group and row.length > SPREAD * group[0].length:
            yield group
            group = []
        group.append(row)
    if group:
        yield group
