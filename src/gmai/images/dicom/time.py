"""Frames that lie at one place sorted into volumes: times, echoes, b-values, phases of the heart.

What tells the volumes apart is looked for among the elements that may say so, in the order of ``KEYS``: the first one
whose values give whole volumes. Where none does, the frames of a place are counted in the order of their instance
numbers.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pydicom import Dataset
from pydicom.tag import Tag

from gmai.images.dicom.frames import Frame
from gmai.images.dicom.header import read_number, read_numbers

SAME_PLACE_MM = 1e-3
_SIEMENS_B, _GE_B = Tag(0x0019, 0x100C), Tag(0x0043, 0x1039)


@dataclass(frozen=True, slots=True)
class Parted:
    """The volumes of a stack of frames, each without a place that occurs twice."""

    volumes: tuple[tuple[int, ...], ...]
    """Positions of the frames in the list that was parted."""
    by: tuple[str, ...]
    """The elements that told them apart."""


def _element(name: str) -> Callable[[Dataset], str | None]:
    def read(header: Dataset) -> str | None:
        value = header.get(name)
        return None if value is None or value == "" else str(value)

    return read


def _b_value(header: Dataset) -> str | None:
    found = read_numbers(header, "DiffusionBValue")
    if found is not None:
        return str(found[0])
    for tag in (_SIEMENS_B, _GE_B):
        value = header[tag].value if tag in header else None
        if value is None or value == "":
            continue
        first = value if isinstance(value, str | bytes | int | float) else next(iter(value), "")
        text = first.decode("ascii", "ignore") if isinstance(first, bytes) else str(first)
        number = text.split("\\")[0].strip()
        if number.lstrip("-").isdigit():
            return str(int(number) % 100_000)  # GE adds a billion to say that a b-value is the nominal one
    return None


def _image_type(header: Dataset) -> str | None:
    kinds = header.get("ImageType")
    return None if not kinds else str(kinds)


KEYS: dict[str, Callable[[Dataset], str | None]] = {
    "TemporalPositionIndex": _element("TemporalPositionIndex"),
    "TemporalPositionIdentifier": _element("TemporalPositionIdentifier"),
    "EchoTime": _element("EchoTime"),
    "EffectiveEchoTime": _element("EffectiveEchoTime"),
    "DiffusionBValue": _b_value,
    "TriggerTime": _element("TriggerTime"),
    "NominalCardiacTriggerDelayTime": _element("NominalCardiacTriggerDelayTime"),
    "ImageType": _image_type,
    "AcquisitionNumber": _element("AcquisitionNumber"),
    "AcquisitionTime": _element("AcquisitionTime"),
    "ContentTime": _element("ContentTime"),
}


def part_volumes(frames: Sequence[Frame], along: np.ndarray) -> Parted:
    """Sort frames of one grid into volumes.

    Args:
        frames: all with a place, in the order of their files.
        along: place of each along the normal, in mm.
    """
    slots = _places(along)
    groups, by = [list(range(len(frames)))], []
    for name, read in KEYS.items():
        if all(_is_volume(group, slots) for group in groups):
            break
        parted = [_part(group, slots, frames, read) for group in groups]
        if any(len(each) > 1 for each in parted):
            by.append(name)
            groups = [group for each in parted for group in each]
    volumes = [volume for group in groups for volume in _count_out(group, slots, frames)]
    if len(volumes) > len(groups):
        by.append("InstanceNumber")
    return Parted(tuple(tuple(volume) for volume in volumes), tuple(by))


def _places(along: np.ndarray) -> np.ndarray:
    """The number of the place of each frame; frames at one place share it."""
    order = np.argsort(along, kind="stable")
    steps = np.diff(along[order]) > SAME_PLACE_MM
    places = np.empty(len(along), int)
    places[order] = np.concatenate([[0], np.cumsum(steps)])
    return places


def _is_volume(group: Sequence[int], places: np.ndarray) -> bool:
    return len(np.unique(places[list(group)])) == len(group)


def _part(
    group: list[int], places: np.ndarray, frames: Sequence[Frame], read: Callable[[Dataset], str | None]
) -> list[list[int]]:
    """Part a group by an element, if it then gives at least one whole volume and none that is only a rest."""
    if _is_volume(group, places):
        return [group]
    parts: dict[str | None, list[int]] = defaultdict(list)
    for index in group:
        parts[read(frames[index].header)].append(index)
    whole = len(np.unique(places[group]))
    covered = [len(np.unique(places[part])) for part in parts.values()]
    if len(parts) < 2 or max(covered) < whole or min(covered) * 2 < whole:
        return [group]
    ordered = sorted(parts, key=_in_order)
    return [parts[value] for value in ordered]


def _in_order(value: str | None) -> tuple[int, float, str]:
    try:
        return 0, float(value or ""), ""
    except ValueError:
        return 1, 0.0, value or ""


def _count_out(group: list[int], places: np.ndarray, frames: Sequence[Frame]) -> list[list[int]]:
    """The first frame of every place, the second, and so on."""
    numbered = sorted(group, key=lambda index: (read_number(frames[index].header, "InstanceNumber", 0), index))
    seen: dict[int, int] = defaultdict(int)
    volumes: list[list[int]] = []
    for index in numbered:
        turn = seen[int(places[index])]
        seen[int(places[index])] += 1
        if turn == len(volumes):
            volumes.append([])
        volumes[turn].append(index)
    return volumes
