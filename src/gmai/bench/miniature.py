"""A benchmark file in the shape of GMAI-MMBench, with drawn pictures: to try things on, and to measure with.

Its labels, tasks, departments, modalities and levels are those of the lexical tree; its pictures show nothing but noise
and a drawn shape. Mask and contour questions of one shape are twins, as in the published file.
"""

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from gmai.base import hash_unit
from gmai.bench.layout import LETTERS
from gmai.bench.tsv import FIVE, GRANULARITIES, KEY_COLUMNS, write_tsv
from gmai.errors import ConfigError
from gmai.images import encode_png
from gmai.lexicon import TreeLabel, question_phrasings, read_lexicon
from gmai.types import Granularity, record

COLUMNS = (
    "index", "image", "question", *FIVE, *KEY_COLUMNS, "clinical vqa task", "department", "perceptual granularity",
    "modality", "original task",
)  # fmt: skip
_RED = (255, 0, 0)
_NONE = "None"
"""What the department of the labels that have none is called in the published file."""


@record
class MiniatureConfig:
    """What ``gmai bench mini`` writes."""

    out: Path
    """File to write."""
    rows: int | None = None
    """Number of questions; none: as few as show every task, department, modality, level and number of options."""
    picture_px: int = 32
    """Side of the pictures; they are noise, so that a PNG takes about three bytes a pixel."""
    split: Literal["VAL", "TEST"] = "VAL"
    """TEST has no column ``answer``, but ``category``, as the published file does."""
    seed: int = 0
    """Seed of all that is drawn."""


class _Case(NamedTuple):
    """One shape and what is asked about it."""

    label: TreeLabel
    task: str
    level: Granularity


def write_miniature(config: MiniatureConfig) -> int:
    """Write the file, row by row, and return the number of questions.

    Raises:
        ConfigError: no rows, or pictures too small to draw on.
    """
    if config.rows is not None and config.rows < 1:
        raise ConfigError(f"rows must be 1 or more, not {config.rows}", where="rows")
    if config.picture_px < 8:
        raise ConfigError(f"picture_px must be 8 or more, not {config.picture_px}", where="picture_px")
    cases = _shuffled(_all_cases(), config.seed)
    chosen = _cover(cases) if config.rows is None else [cases[n % len(cases)] for n in range(config.rows)]
    columns = COLUMNS if config.split == "VAL" else tuple(name for name in COLUMNS if name != "answer")
    write_tsv(config.out, _rows(chosen, config), columns)
    return len(chosen)


def _all_cases() -> list[_Case]:
    return [
        _Case(label, task, level)
        for label in read_lexicon().labels
        for task in label.tasks
        for level in label.granularities
    ]


def _shuffled(cases: Sequence[_Case], seed: int) -> list[_Case]:
    """In an order by hash that keeps mask and contour of one label together."""
    return sorted(
        cases, key=lambda case: (hash_unit(seed, "case", case.label.modality, case.label.label, case.task), case.level)
    )


def _cover(cases: Sequence[_Case]) -> list[_Case]:
    """The first cases that show something new, and the twins of those asked about by their contour."""
    seen: set[tuple[str, str]] = set()
    chosen: list[_Case] = []
    for case in cases:
        shows = {("task", case.task), ("modality", case.label.modality), ("level", case.level)}
        shows |= {("department", department) for department in case.label.departments}
        if shows - seen or (chosen and _are_twins(chosen[-1], case)):
            seen |= shows
            chosen.append(case)
    return chosen


def _are_twins(before: _Case, case: _Case) -> bool:
    return before.level == "contour" and before._replace(level="mask") == case


def _rows(cases: Sequence[_Case], config: MiniatureConfig) -> Iterator[dict[str, Any]]:
    by_task: dict[str, list[str]] = {}
    by_place: dict[tuple[str, str], list[str]] = {}
    for case in _all_cases():
        by_task.setdefault(case.task, []).append(case.label.label)
        by_place.setdefault((case.label.modality, case.task), []).append(case.label.label)
    for index, case in enumerate(cases):
        twin = index - 1 if index and _are_twins(cases[index - 1], case) else index
        options = _options(case, by_place[case.label.modality, case.task], by_task[case.task], twin, config.seed)
        phrasings = question_phrasings("finding", case.level)
        asked = phrasings[int(hash_unit(config.seed, "wording", index) * len(phrasings))]
        departments = [name if name != "none" else _NONE for name in case.label.departments]
        yield {
            "index": index,
            "image": base64.b64encode(draw_picture(case.label, case.level, twin, config)).decode(),
            "question": asked.format(modality=case.label.modality, label=case.label.label),
            **dict(zip(FIVE, options, strict=False)),
            "answer": LETTERS[options.index(case.label.label)],
            "category": case.label.label,
            "clinical vqa task": case.task,
            "department": departments[index % len(departments)],
            "perceptual granularity": GRANULARITIES[case.level],
            "modality": case.label.modality,
            "original task": _original(case),
        }


def _options(case: _Case, near: Sequence[str], far: Sequence[str], number: int, seed: int) -> list[str]:
    """Two to five options, as many of each number, wrong ones of the same modality and task where there are any."""
    size = 2 + number % 4

    def drawn(pool: Sequence[str]) -> list[str]:
        wrong = set(pool) - {case.label.label}
        return sorted(wrong, key=lambda label: hash_unit(seed, "option", number, label))

    options = [case.label.label, *dict.fromkeys([*drawn(near), *drawn(far)])][:size]
    return sorted(options, key=lambda label: hash_unit(seed, "order", number, label))


def _original(case: _Case) -> str:
    if case.level in ("image", "box"):
        return "CLS" if case.level == "image" else "DET"
    return "SEG_3D" if "MRI" in case.label.modality or case.label.modality in ("CT", "CTA", "CMR") else "SEG_2D"


def draw_picture(label: TreeLabel, level: Granularity, number: int, config: MiniatureConfig) -> bytes:
    """PNG of noise with an ellipse whose brightness and shape go with the label, marked in red at its level."""
    size = config.picture_px
    chance = np.random.default_rng([config.seed, number])
    picture = chance.integers(40, 90, (size, size, 3), dtype=np.uint8)
    height, width = (size * (0.15 + 0.2 * hash_unit(name, label.label)) for name in ("height", "width"))
    top, left = chance.uniform(0.4, 0.6, 2) * size
    down, across = np.mgrid[:size, :size]

    def inside(less: float) -> np.ndarray:
        found: np.ndarray = ((down - top) / (height - less)) ** 2 + ((across - left) / (width - less)) ** 2 <= 1
        return found

    shape = inside(0)
    picture[shape] += np.uint8(40 + 100 * hash_unit("brightness", label.label))
    if level == "mask":
        picture[shape] = (picture[shape] * 0.5 + np.array(_RED) * 0.5).astype(np.uint8)
    elif level == "contour":
        picture[shape & ~inside(max(1, size // 100))] = _RED
    elif level == "box":
        rows, columns = np.nonzero(shape.any(axis=1))[0], np.nonzero(shape.any(axis=0))[0]
        box = np.zeros_like(shape)
        box[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        box[rows[0] + 1 : rows[-1], columns[0] + 1 : columns[-1]] = False
        picture[box] = _RED
    return encode_png(picture)
