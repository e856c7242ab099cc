"""Several pictures that belong together, such as the views of one report or the panels of one question."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gmai.annotations import AnnotatedItem
from gmai.base import hash_bytes
from gmai.corpus import StoredSample
from gmai.errors import ImageError
from gmai.images import (
    SIDES,
    difference_hash,
    encode_png,
    find_kind,
    find_window,
    open_image,
    read_picture,
    show_slice,
    slice_spacing,
)
from gmai.sources.build import Made, Shown, build_sample, modality_of
from gmai.sources.picture import picture_ref
from gmai.types import ImageRef, Reject, SourceCard, Step

Reference = tuple[ImageRef, bytes, tuple[Step, ...]]
"""Where a picture came from, its bytes, and what was done to make it."""
ALONG = 2
"""Axis of a DICOM picture's frames."""


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample with its pictures in the item's order; one that cannot be read loses the whole item.

    Raises:
        ImageError: as the reader of each picture; ``image.several_frames``: a DICOM file is no single picture.
    """
    yield several_pictures(item, card, [_reference(item, place, root, card) for place in range(len(item.files))])


def several_pictures(item: AnnotatedItem, card: SourceCard, references: Sequence[Reference]) -> Made:
    """The sample of several pictures; each step says of which picture it is."""
    steps = [
        replace(step, parameters={**step.parameters, "image": place})
        for place, (_, _, done) in enumerate(references)
        for step in done
    ]
    shown = Shown(image=None, data=None, annotations=item.annotations, steps=tuple(steps), units=item.units)
    made = build_sample(item, card, shown)
    sample = replace(made.stored.sample, images=tuple(image for image, _, _ in references))
    stored = StoredSample(sample=sample, pictures=tuple(data for _, data, _ in references))
    return Made(stored, {**made.units, "picture": len(references)})


def _reference(item: AnnotatedItem, place: int, root: Path, card: SourceCard) -> Reference:
    path = root / item.files[place]
    if find_kind(path) != "raster":
        return _single_frame(item, place, root, card)
    picture = read_picture(path, card.window)
    return *picture_ref(item, card, picture, (item.shown or item.files)[place]), picture.steps


def _single_frame(item: AnnotatedItem, place: int, root: Path, card: SourceCard) -> Reference:
    shown = (item.shown or item.files)[place]
    opened = open_image([root / item.files[place]], shown=[shown])
    volume, _ = opened.volume()
    if volume.length(ALONG) != 1:
        what = f"{shown} has {volume.length(ALONG)} frames, one picture is expected"
        raise ImageError(what, reason="image.several_frames")
    window = None if volume.voxels.ndim == 4 else find_window(volume.voxels, card.window, volume.header_window)
    pixels = show_slice(volume, ALONG, 0, window)
    data = encode_png(pixels)
    image = ImageRef(
        uri=shown,
        kind=opened.kind,
        width=pixels.shape[1],
        height=pixels.shape[0],
        modality=modality_of(item, card),
        sha256=volume.file_of(ALONG, 0)[1],
        asset=hash_bytes(data),
        phash=difference_hash(pixels),
        axis=ALONG,
        index=0,
        spacing_mm=slice_spacing(volume, ALONG),
        window=None if window is None else (window.centre, window.width),
        sides=SIDES[ALONG] if volume.oriented and volume.affine is not None else None,
    )
    told = () if window is None else (Step(name="window", parameters=window.told()),)
    return image, data, (*volume.steps, *told)
