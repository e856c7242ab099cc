"""The sample of one picture: encoded, hashed, with the annotations that fit it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gmai.annotations import AnnotatedItem
from gmai.base import hash_bytes
from gmai.images import Picture, difference_hash
from gmai.sources.build import Made, Shown, build_sample, modality_of
from gmai.sources.regions import Fitted
from gmai.types import ImageRef, Reject, SourceCard, Step


def one_picture(item: AnnotatedItem, card: SourceCard, picture: Picture, fitted: Fitted) -> Iterator[Made | Reject]:
    """The sample of a picture, and the rejects of its annotations."""
    fitted.count_names(card)
    image, data = picture_ref(item, card, picture, item.files[0])
    shown = Shown(
        image=image,
        data=data,
        annotations=fitted.annotations,
        steps=(*picture.steps, *_annotation_step(fitted)),
        units=less_units(item.units, fitted.rejects) | dict(fitted.counts),
    )
    unsure = tuple(dict.fromkeys([*item.unsure, *fitted.unsure]))
    yield build_sample(replace(item, unsure=unsure), card, shown)
    yield from fitted.rejects


def picture_ref(item: AnnotatedItem, card: SourceCard, picture: Picture, path: str) -> tuple[ImageRef, bytes]:
    """Where a picture came from, and its bytes as a store keeps them."""
    data = picture.encoded()
    width, height = picture.size
    image = ImageRef(
        uri=path,
        kind="npz" if item.kind == "array" else "raster",
        width=width,
        height=height,
        modality=modality_of(item, card),
        sha256=picture.sha256,
        asset=hash_bytes(data),
        phash=difference_hash(picture.pixels),
        member=item.member,
        index=item.index,
        window=picture.window,
    )
    return image, data


def _annotation_step(fitted: Fitted) -> Iterator[Step]:
    clipped = fitted.counts["annotation.clipped"]
    told: dict[str, Any] = {"clipped": clipped, "rejected": len(fitted.rejects), **fitted.told}
    if fitted.grid != "shown":
        told["turned"] = len(fitted.annotations)
    if any(told.values()):
        yield Step(name="annotations", parameters={name: value for name, value in told.items() if value})


def less_units(units: dict[str, int], rejects: list[Reject]) -> dict[str, int]:
    """The units that are left of an item."""
    left = Counter(units)
    for lost in rejects:
        if lost.unit in left:
            left[lost.unit] -= lost.count
    return dict(left)
