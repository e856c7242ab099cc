"""Several pictures that belong together, such as the views of one report or the panels of one question."""

from collections.abc import Iterator
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

ALONG = 2
"""Axis of a DICOM picture's frames."""


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample with its pictures in the item's order; one that cannot be read loses the whole item.

    Raises:
        ImageError: as the reader of each picture; ``image.several_frames``: a DICOM file is no single picture.
    """
    images: list[ImageRef] = []
    pictures: list[bytes] = []
    steps: list[Step] = []
    for place, path in enumerate(item.files):
        kind = find_kind(root / path)
        if kind == "raster":
            picture = read_picture(root / path, card.window)
            image, data = picture_ref(item, card, picture, (item.shown or item.files)[place])
            done = picture.steps
        else:
            image, data, done = _single_frame(item, place, root, card)
        images.append(image)
        pictures.append(data)
        steps += [replace(step, parameters={**step.parameters, "image": place}) for step in done]
    shown = Shown(image=None, data=None, annotations=item.annotations, steps=tuple(steps), units=item.units)
    made = build_sample(item, card, shown)
    sample = replace(made.stored.sample, images=tuple(images))
    units = {**made.units, "picture": len(pictures)}
    yield Made(StoredSample(sample=sample, pictures=tuple(pictures)), units)


def _single_frame(
    item: AnnotatedItem, place: int, root: Path, card: SourceCard
) -> tuple[ImageRef, bytes, tuple[Step, ...]]:
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
    told = {} if window is None else {"mode": window.mode, "centre": window.centre, "width": window.width}
    return image, data, (*volume.steps, *((Step(name="window", parameters=told),) if told else ()))
