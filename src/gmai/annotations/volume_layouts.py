"""How folders of volumes are laid out: what a card says of it, the label names of a ``dataset.json``, known layouts."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gmai.annotations.item import Match
from gmai.annotations.paths import fill_template, join_below, list_files, parent, stem
from gmai.errors import FormatError
from gmai.types import record

_LARGEST = 1 << 24
_LOOKED_AT = 50
_FILE = "dataset.json"


@record
class VolumeOptions:
    """Where images and label maps are.

    In ``labels`` and ``structures``, ``{stem}`` stands for the image's file name without ending, ``{folder}`` for the
    name of the folder that holds the image or series, ``{parent}`` for that folder's whole path, ``{case}`` for what
    ``case`` finds.
    """

    images: str | None = None
    """Glob of the images, in any volume format."""
    series: str | None = None
    """Glob of the DICOM files, where images are series."""
    labels: str = "labels/{stem}.nii.gz"
    """Label map of an image, in any volume format; its values are labels."""
    structures: str | None = None
    """Glob of an image's label files that each mark one structure, instead of ``labels``; their stem is its label."""
    case: str = ""
    """Regular expression on the stem of an image, or on its path where the expression has a slash. Group ``case`` (or
    1) names the case, group ``modality`` the image's modality; any named group may stand in ``labels``. Files that it
    does not find are no images."""
    names: dict[str, str] = field(default_factory=dict)
    """Value of the label maps to raw label."""
    data_set: str | None = None
    """A ``dataset.json`` as of the Medical Segmentation Decathlon or nnU-Net, for names of values and channels."""
    ignore: tuple[int, ...] = ()
    """Values of label maps that are no region, beside 0."""


@dataclass(frozen=True)
class DataSet:
    """What a ``dataset.json`` says."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Value to raw label."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """Number of a channel to modality."""

    def modality(self, found: str) -> str:
        """The modality a file's name tells: that of its channel's number, of the only channel, or as it is written."""
        if found.isdecimal():
            return self.channels.get(str(int(found)), found)
        return found or (next(iter(self.channels.values())) if len(self.channels) == 1 else "")


def read_data_set(folder: Path, name: str | None) -> DataSet:
    """Read the names of a ``dataset.json``, in either way it is written; of no name, nothing.

    Raises:
        FormatError: ``volumes.data_set``: it cannot be read, or its labels are none.
    """
    if name is None:
        return DataSet()
    path = folder / join_below("", name, where="data_set")
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"{path.stat().st_size} bytes")
        found = json.loads(path.read_text(encoding="utf-8-sig"))
        labels, channels = found["labels"], found.get("channel_names") or found.get("modality") or {}
        return DataSet(_names(labels), {str(int(number)): str(each) for number, each in _pairs(channels)})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        what = f"the labels of the data set cannot be read: {why}"
        raise FormatError(what, where=name, reason="volumes.data_set") from None


def _pairs(channels: Any) -> list[tuple[Any, Any]]:
    return list(channels.items()) if isinstance(channels, dict) else list(enumerate(channels))


def _names(labels: dict[str, Any]) -> dict[str, str]:
    """Value to name, given either way round; a name of several values (nnU-Net's regions) is none of a value."""
    names: dict[str, str] = {}
    for left, right in labels.items():
        if isinstance(right, list):
            continue
        value, name = (left, right) if str(left).lstrip("-").isdecimal() else (right, left)
        names[str(int(value))] = str(name)
    return names


@dataclass(frozen=True)
class _Layout:
    """One way folders of volumes are laid out: a glob of images, and how their label maps are found."""

    images: str
    labels: str = ""
    case: str = ""
    structures: str = ""


_SEQUENCE = r"(?P<case>.+)[-_](?P<modality>t1|t1ce|t1gd|t1n|t1c|t2|t2w|t2f|flair)$"
_MARKS = ("seg", "label", "mask", "labels", "segmentation")
"""What label maps are called, alone or at the end of a case's name."""
LAYOUTS = (
    _Layout("imagesTr/*_0000.{end}", "labelsTr/{case}.{end}", r"(?P<case>.+)_(?P<modality>\d{4})$"),
    _Layout("imagesTr/*.{end}", "labelsTr/{stem}.{end}"),
    _Layout("images/*.{end}", "labels/{stem}.{end}"),
    _Layout("images/*.{end}", "masks/{stem}.{end}"),
    _Layout("*/ct.{end}", structures="{parent}/segmentations/*.{end}"),
    _Layout("*/mri.{end}", structures="{parent}/segmentations/*.{end}"),
    _Layout("*/*.{end}", "{parent}/{case}_seg.{end}", "(?i)" + _SEQUENCE),
    _Layout("*/*.{end}", "{parent}/{case}-seg.{end}", "(?i)" + _SEQUENCE),
    _Layout("**/*_img.{end}", "{parent}/{case}_seg.{end}", "(?P<case>.+)_img$"),
    _Layout("**/*_image.{end}", "{parent}/{case}_label.{end}", "(?P<case>.+)_image$"),
    *(
        _Layout(f"**/{image}.{{end}}", f"{{parent}}/{mark}.{{end}}")
        for image in ("image", "imaging", "img", "ct", "mri", "volume", "scan")
        for mark in _MARKS
    ),
    *(
        _Layout("**/*.{end}", f"{{parent}}/{{case}}{joint}{mark}.{{end}}", f"^(?P<case>.+?)(?<!{joint}{mark})$")
        for mark in _MARKS
        for joint in "_-"
    ),
)


def detect(folder: Path) -> Match | None:
    """Volumes and label maps in a layout of ``LAYOUTS``, in any volume format."""
    for end in ("nii.gz", "nii", "nrrd", "mha", "mhd"):
        if not list_files(folder, f"**/*.{end}"):
            continue
        for layout in LAYOUTS:
            homes = _homes(folder, layout.images)
            found = [match for home in homes if (match := _try(folder, layout, end, home)) is not None]
            if found:
                return _together(found, layout, end)
    return None


def _homes(folder: Path, images: str) -> list[str]:
    """Where a layout may begin: the folder itself, and what is below it and has the layout's own first folder."""
    first, slash, _ = images.partition("/")
    if not slash or "*" in first:
        return [""]
    below = [path for path in folder.glob(f"*/{first}")] + [path for path in folder.glob(f"*/*/{first}")]
    return ["", *sorted(f"{path.parent.relative_to(folder).as_posix()}/" for path in below if path.is_dir())]


def _together(found: list[Match], layout: _Layout, end: str) -> Match:
    """One match for several homes of one depth, such as folders of the splits; else the first."""
    first = found[0]
    home = str(first.options["images"])[: -len(layout.images.replace("{end}", end))]
    if len(found) == 1 or layout.case or home.count("/") != 1:
        return first
    place, name = layout.images.split("/", 1)
    case = rf"(?P<home>[^/]+)/{place}/(?P<case>[^/]+)\.{re.escape(end)}$"
    labels = "{home}/" + layout.labels.replace("{stem}", "{case}").replace("{end}", end)
    options = {"images": f"*/{place}/{name.replace('{end}', end)}", "case": case, "labels": labels}
    return Match(format=first.format, options=options, evidence=first.evidence)


def _try(folder: Path, layout: _Layout, end: str, home: str) -> Match | None:
    images, labels, structures = (
        (text if text.startswith("{") or not text else home + text).replace("{end}", end)
        for text in (layout.images, layout.labels, layout.structures)
    )
    case = layout.case
    for path in list_files(folder, images)[:_LOOKED_AT]:
        found = re.search(case, stem(path)) if case else None
        if case and not found:
            continue
        places = {
            "stem": stem(path),
            "folder": parent(path).rpartition("/")[2],
            "parent": parent(path),
            "case": found.group("case") if found else "",
        }
        wanted = fill_template(structures or labels, **places)
        if list_files(folder, wanted) if structures else (folder / wanted).is_file():
            options: dict[str, Any] = {"images": images.replace("_0000.", "_[0-9][0-9][0-9][0-9]."), "case": case}
            options |= {"structures": structures} if structures else {"labels": labels}
            options |= {"data_set": home + _FILE} if (folder / home / _FILE).is_file() else {}
            return Match(
                format="volumes", options={name: value for name, value in options.items() if value}, evidence=path
            )
    return None
