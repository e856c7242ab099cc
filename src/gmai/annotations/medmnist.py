"""MedMNIST archives: arrays ``<split>_images`` and ``<split>_labels`` in one NPZ file.

Every two-dimensional member of the family is read, at 28, 64, 128 and 224 pixels, grey and colour. The volumes of the
three-dimensional ones have neither spacing nor orientation, so that no slice of theirs could be shown truly: rejects.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, reject_units
from gmai.annotations.paths import check_found, list_files, name_label
from gmai.base import DAMAGED_ARRAY, find_overclaim, from_dict, open_bounded, read_array_header
from gmai.errors import CardError, FormatError
from gmai.types import Label, Reject, SourceCard, record

SPLITS = ("train", "val", "test")
_MOST_LABEL_BYTES = 2**30


@record
class MedmnistOptions:
    """Which archive, and what its numbers are."""

    archive: str = "*.npz"
    """Glob of the archives."""
    labels: Literal["class", "multi"] = "class"
    """``class``: each column of labels is a class number; ``multi``: column i is 1 where class i is present."""
    kinds: tuple[str, ...] = ("finding",)
    """Question kind of each label column (of all of them, for ``multi``)."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture of each split, in the order of the arrays.

    Raises:
        FormatError: an archive without these arrays, or with labels that do not match.
    """
    options = from_dict(MedmnistOptions, card.options, where=f"card {card.name}: options", error=CardError)
    for path in check_found(card, options.archive, list_files(folder, options.archive), folder):
        shapes = _read_shapes(folder / path, path)
        for split in SPLITS:
            if f"{split}_images" in shapes:
                yield from _read_split(folder, path, split, shapes, (card, options))


def _read_split(
    folder: Path, path: str, split: str, shapes: dict[str, tuple[int, ...]], given: tuple[SourceCard, MedmnistOptions]
) -> Iterator[AnnotatedItem | Reject]:
    card, options = given
    member, shape = f"{split}_images", shapes[f"{split}_images"]
    length = shape[0]
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] != 3):
        what = f"an array of shape {' x '.join(map(str, shape))} holds volumes, or no pictures at all"
        yield from reject_units(f"{path}#{member}", {"image": length, "annotation": length}, "medmnist.volumes", what)
        return
    labels = _read_labels(folder / path, f"{split}_labels", path).reshape(length, -1)
    if options.labels == "class" and labels.shape[1] != len(options.kinds):
        what = f"{labels.shape[1]} columns of labels, {len(options.kinds)} kinds in the card"
        raise FormatError(what, where=f"{path}#{split}_labels", reason="medmnist.labels")
    for index in range(length):
        pointer = f"{path}#{split}_labels[{index}]"
        found = _labels(card, options, labels[index], pointer)
        units = {"image": 1, "annotation": len(found)}
        yield AnnotatedItem(
            id=f"{path}#{member}[{index}]",
            kind="array",
            files=(path,),
            annotations=found,
            member=member,
            index=index,
            split=split,
            units=units,
        )


def _labels(card: SourceCard, options: MedmnistOptions, row: np.ndarray, pointer: str) -> tuple[Label, ...]:
    if options.labels == "multi":
        chosen = [(str(column), options.kinds[0]) for column, value in enumerate(row) if value == 1]
    else:
        chosen = [(str(int(value)), kind) for value, kind in zip(row, options.kinds, strict=True)]
    return tuple(Label(name=name_label(card, raw).name, record=pointer, task=kind, raw=raw) for raw, kind in chosen)


def _read_shapes(path: Path, shown: str) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays, from their headers alone."""
    shapes: dict[str, tuple[int, ...]] = {}
    try:
        with open_bounded(path) as file, zipfile.ZipFile(file) as archive:
            for name in sorted(archive.namelist()):
                with archive.open(name) as stream:
                    shapes[name.removesuffix(".npy")] = read_array_header(stream)[0]
    except DAMAGED_ARRAY as error:
        raise FormatError(f"no NPZ archive: {error}", where=shown, reason="npz.unreadable") from None
    if not any(f"{split}_images" in shapes for split in SPLITS):
        raise FormatError(f"no <split>_images but {', '.join(shapes)}", where=shown, reason="medmnist.arrays")
    for split in SPLITS:
        pictures, labels = shapes.get(f"{split}_images"), shapes.get(f"{split}_labels")
        if pictures is not None and (not pictures or not labels or labels[0] != pictures[0]):
            what = f"{split}: pictures of shape {pictures}, labels of shape {labels}"
            raise FormatError(what, where=shown, reason="medmnist.labels")
    return shapes


def _read_labels(path: Path, member: str, shown: str) -> np.ndarray:
    try:
        with open_bounded(path) as file, zipfile.ZipFile(file) as archive:
            if claim := find_overclaim(archive, member, path.stat().st_size, _MOST_LABEL_BYTES):
                raise FormatError(claim, where=shown, reason="npz.too_large")
        with np.load(path, allow_pickle=False) as arrays:
            labels: np.ndarray = arrays[member]
    except DAMAGED_ARRAY as error:
        raise FormatError(f"{member} cannot be read: {error}", where=shown, reason="npz.unreadable") from None
    if labels.dtype.kind not in "iub" and not np.array_equal(labels, np.rint(labels)):
        raise FormatError(f"{member} are no whole numbers", where=shown, reason="medmnist.labels")
    return labels


def detect(folder: Path) -> Match | None:
    """An NPZ archive with arrays named as MedMNIST does."""
    for path in [*list_files(folder, "*.npz"), *list_files(folder, "*/*.npz")]:
        try:
            shapes = _read_shapes(folder / path, path)
            split = next(name for name in SPLITS if f"{name}_images" in shapes)
            labels = _read_labels(folder / path, f"{split}_labels", path)
        except FormatError:
            continue
        options: dict[str, Any] = {"archive": path}
        if labels.ndim == 2 and labels.shape[1] > 1 and labels.max(initial=0) <= 1:
            options["labels"] = "multi"
        elif "retina" in path.lower():
            options["kinds"] = ("grade",)
        return Match(format="medmnist", options=options, evidence=path)
    return None


FORMAT = Format(read=read, options=MedmnistOptions, detect=detect)
