"""Made rows whose lengths are those of a published mix: six tasks on figures of articles, by their numbers and words.

The numbers of rows and the mean words of questions and answers are those published for the six tasks. Their spread, the
sizes of figures and panels, 1.4 tokens a word and 30 tokens around them are assumptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gmai.models import PictureLayout, VisualContract
from gmai.train.index import Place, RowIndex
from gmai.train.indexing import IndexWriter, Row, Segment

TASKS = {
    "text": (40_382, 24, 100, (0, 0)),
    "spatial": (40_293, 29, 19, (1, 1)),
    "single panel": (40_287, 17, 45, (1, 1)),
    "several panels": (39_462, 26, 84, (2, 4)),
    "choice": (40_295, 60, 2, (1, 1)),
    "compound": (37_029, 20, 56, (1, 1)),
}
"""Rows, words of the question, words of the answer, pictures (least and most). Words of ``choice`` are assumed."""
WHOLE = ("compound", "spatial")
"""Tasks that show whole figures; the others show panels."""


@dataclass(frozen=True)
class Lengths:
    tokens: np.ndarray
    tiles: np.ndarray
    labels: np.ndarray


def contract(most: int) -> VisualContract:
    """Tiles of 448 px with 256 tokens each, at most so many and a thumbnail, shared by the pictures of a row."""
    return VisualContract(
        kind="tiles", image_px=448, tokens_per_image=256, max_tiles=most, patch_px=14, shared_tiles=True
    )


def make_index(
    folder: Path,
    count: int,
    most: int,
    seed: int,
    sees: VisualContract | None = None,
    prefix: Callable[[list[int]], int] | None = None,
) -> RowIndex:
    """An index of rows of this mix, with at most ``most`` tiles a row.

    Args:
        folder: to write.
        count: of rows.
        most: tiles.
        seed: of what is drawn.
        sees: another contract than :func:`contract`.
        prefix: tokens before the question, by the visual tokens of each picture; 9 and 2 a picture if not given.
    """
    rng = np.random.default_rng(seed)
    numbers = np.array([task[0] for task in TASKS.values()], float)
    tasks = rng.choice(len(TASKS), count, p=numbers / numbers.sum())
    names = list(TASKS)
    sees = sees or contract(most)
    with IndexWriter(folder, f"mix of {count} rows, {most} tiles, seed {seed}") as writer:
        for number, task in enumerate(tasks.tolist()):
            writer.add(_row(rng, number, names[task], sees, prefix))
    return RowIndex(folder)


def _row(
    rng: np.random.Generator,
    number: int,
    task: str,
    sees: VisualContract,
    prefix: Callable[[list[int]], int] | None,
) -> Row:
    _, asked, said, (least, most) = TASKS[task]
    pictures = int(rng.integers(least, most + 1))
    layouts = tuple(_layout(rng, task, pictures, sees) for _ in range(pictures))
    read, told = _tokens(rng, asked) + 20, _tokens(rng, said) + 1
    row = Row(sample=f"mix/{number:07d}", source="mix", layouts=layouts, pictured=bool(layouts))
    row.places = (None, Place("samples/mix-00000.parquet", number // 64, number % 64))
    tokens = [layout.tokens for layout in layouts]
    row.prefix = prefix(tokens) if prefix else 9 + sum(tokens) + 2 * len(tokens)
    row.segments.append(
        Segment(f"{row.sample}#q", (task, "open", "instruct"), (7,) * (read + told), (False,) * read + (True,) * told)
    )
    return row


def _tokens(rng: np.random.Generator, words: int) -> int:
    return max(1, round(1.4 * float(np.exp(rng.normal(np.log(words) - 0.08, 0.4)))))


def _layout(rng: np.random.Generator, task: str, pictures: int, sees: VisualContract) -> PictureLayout:
    width = float(np.exp(rng.normal(np.log(1000 if task in WHOLE else 420), 0.4)))
    shape = float(np.exp(rng.normal(0.2 if task in WHOLE else 0.05, 0.4)))
    return sees.layout(max(64, round(width)), max(64, round(width / shape)), pictures=pictures)
