"""Where text is looked for in pixels; pictures that hold it are left out, never painted over."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from gmai.annotations import AnnotatedItem, reject
from gmai.errors import ImageError
from gmai.images import decode_picture, find_text, find_volume_window, open_image, peek, read_picture, show_slice
from gmai.sources.build import Made, original_id
from gmai.types import FramePolicy, Reject, SourceCard, WindowPolicy

REASON = "deid.burned_in_text"
MOST_FRAMES = 8
_SOURCE_UNITS = ("image", "pair", "annotation", "contour", "question", "report", "dialogue")


def text_in_file(path: Path, kind: str) -> tuple[tuple[int, int, int, int], ...]:
    """Boxes of text in evenly spaced frames of a raster picture or a DICOM file.

    Raises:
        ImageError: ``deid.not_looked_at``: the pixels cannot be read.
    """
    try:
        if kind == "raster":
            frames = peek(path, path.name).frames
            return tuple(box for place in _spread(frames) for box in find_text(read_picture(path, frame=place).pixels))
        volume, _ = open_image(path).volume(0, FramePolicy(mode="even", count=MOST_FRAMES))
        axis = 2 if volume.stack_axis is None else volume.stack_axis
        window = find_volume_window(volume, WindowPolicy(mode="range"))
        places = _spread(volume.length(axis))
        return tuple(box for place in places for box in find_text(show_slice(volume, axis, place, window)))
    except ImageError as error:
        raise ImageError(f"nobody can tell if it holds text: {error.message}", reason="deid.not_looked_at") from None


def _spread(count: int) -> list[int]:
    """At most ``MOST_FRAMES`` of so many frames, the first and the last among them."""
    return sorted({int(place) for place in np.linspace(0, count - 1, MOST_FRAMES).round()})


def without_text(results: list[Made | Reject], item: AnnotatedItem, card: SourceCard) -> Iterator[Made | Reject]:
    """Pictures of an item in which no text is burned; the others become rejects, and tell where the text is.

    What the item counts for goes with its last picture; where some of its pictures stay, it stays with them.
    """
    mode = card.privacy.burned_in
    found = {place: _text_of(made, mode) for place, made in enumerate(results) if isinstance(made, Made)}
    stay = [place for place, text in found.items() if not text]
    lost_units: dict[str, int] = {}
    rejects = []
    for place, text in found.items():
        made = results[place]
        if not text or isinstance(made, Reject):
            continue
        units = {unit: made.units[unit] for unit in _SOURCE_UNITS if made.units.get(unit)}
        lost_units |= {unit: lost_units.get(unit, 0) + count for unit, count in units.items()}
        if stay:
            rejects.append(reject(original_id(item), REASON, text, unit="picture"))
        else:
            rejects += [reject(original_id(item), REASON, text, unit=unit, count=n) for unit, n in units.items()]
    for place, made in enumerate(results):
        if place in found and place not in stay:
            continue
        if stay and place == stay[0] and isinstance(made, Made) and lost_units:
            units = {unit: made.units.get(unit, 0) + lost_units.get(unit, 0) for unit in {*made.units, *lost_units}}
            made = replace(made, units=units)
        yield made
    yield from rejects


def _text_of(made: Made, mode: str) -> str:
    """What is to be said of the text in a sample's pictures; empty if nothing is found or looked for."""
    told = [step.parameters for step in made.stored.sample.provenance.steps if step.name == "dicom"]
    if mode == "keep":
        return ""
    if any(each.get("burned_in_annotation") for each in told):
        return "BurnedInAnnotation is YES"
    if mode != "detect" and not any(each.get("carries_text") for each in told):
        return ""
    boxes = [box for data in made.stored.pictures for box in find_text(decode_picture(data))]
    return f"text at {', '.join(map(str, boxes[:8]))} (left, top, right, bottom)" if boxes else ""
