"""Pictures of each subject with masks that show every label, in the card's layout."""

import re
from pathlib import Path
from typing import Any

import numpy as np

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told

SIZE = (24, 64)
SIDE = slice(4, 20)


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write pictures and masks; ``picture`` is a path, ``{split}`` of which ``splits`` fills, ``star`` fills globs."""
    subjects, options = subjects_of(card, places), card.options
    splits = places.get("splits", ("",))
    for number, subject in enumerate(subjects):
        split = splits[number % len(splits)]
        picture = root / places["picture"].format(subject=subject, split=split, folder=_folder(places, split))
        make.picture(picture, make.pixels(*SIZE, channels=3, seed=number))
        stem = re.search(options.get("stem") or "(.*)", picture.stem)
        assert stem is not None
        beside = {
            "stem": stem.group(1),
            "home": picture.parent.relative_to(root).as_posix(),
            "folder": picture.parent.parent.relative_to(root).as_posix() if picture.parent != root else "",
        }
        for path, values in _masks(card, _folder(places, split)):
            filled = path.format(**beside).replace("*", places.get("star", "1"), path.count("*"))
            _write(root / filled.removeprefix("./"), values)
    return told(card, subjects, places, splits=set(splits) if card.split.pattern else None)


def _folder(places: Places, split: str) -> str:
    return places.get("folders", {}).get(split, split)


def _masks(card: SourceCard, folder: str) -> list[tuple[str, np.ndarray]]:
    """Templates and values of a picture's masks; where folders are classes, of its own class alone."""
    options, layout = card.options, card.options.get("layout", "index")
    template: Any = options.get("masks", "{folder}/masks/{stem}.png")
    if isinstance(template, dict):
        own = [path for path in template.values() if folder and f"/{folder}/" in path]
        return [(path, _block(255)) for path in own or template.values()]
    if layout == "index":
        return [(template, _side_by_side([int(raw) for raw in card.labels]))]
    if layout == "colour":
        background = options.get("background", ["#000000"])[0]
        return [(template, _colours(list(options["names"]), background))]
    if layout == "objects":
        return [(template, _side_by_side([1, 2]))]
    return [(template, _block(255))]


def _block(value: int) -> np.ndarray:
    values = np.zeros(SIZE, np.uint8)
    values[SIDE, 5:12] = value
    return values


def _side_by_side(numbers: list[int]) -> np.ndarray:
    values = np.zeros(SIZE, np.uint8)
    for place, number in enumerate(numbers):
        values[SIDE, 2 + 3 * place : 5 + 3 * place] = number
    return values


def _colours(names: list[str], background: str) -> np.ndarray:
    values = np.empty((*SIZE, 3), np.uint8)
    values[:] = tuple(bytes.fromhex(background[1:]))
    for place, name in enumerate(names):
        values[SIDE, 2 + 3 * place : 5 + 3 * place] = tuple(bytes.fromhex(name[1:]))
    return values


def _write(path: Path, values: np.ndarray) -> None:
    options = {"quality": 100} if path.suffix == ".jpg" else {}
    make.picture(path, values, **options)
