"""Pictures, volumes or series sorted into folders that are named after their class, however the folders are nested."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject
from gmai.annotations.mask_signs import find_beside
from gmai.annotations.paths import PICTURES, check_found, list_files, name_label, parent, sample_files
from gmai.annotations.plain import VOLUMES, PlainOptions, sort_files
from gmai.base import from_dict
from gmai.errors import CardError
from gmai.types import Label, Reject, SourceCard, record

SLIDES = frozenset({".svs", ".ndpi", ".mrxs", ".scn", ".vms", ".vmu", ".svslide", ".bif", ".czi"})
VIDEOS = frozenset({".mp4", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".mov", ".wmv", ".m4v", ".ts", ".flv"})
OTHERS = VOLUMES | SLIDES | VIDEOS | {"", ".dcm", ".dicom", ".ima", ".npy"}
"""Endings of files that are looked at; others that are no pictures either are left alone."""
SPLITS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing", "eval"})
NO_CLASSES = frozenset({"images", "imgs", "masks", "labels", "annotations", "jpegimages", "segmentations", "gt"})
"""Names of folders that hold parts of a data set and no class."""


@record
class FolderOptions:
    """How folders are nested."""

    root: str = "."
    """Folder that holds the class folders, or the split folders; a glob for several."""
    layout: str = "label"
    """The folders from the root to a file: ``label``, ``split``, ``subject`` or ``*`` for one that says nothing, ``**``
    for any number of such; as in ``split/label``, ``label/subject/**``, ``**/label``."""
    labels: tuple[str, ...] = ()
    """Names of the class folders, if not all are; files in other folders are counted as rejects."""
    kind: str = "finding"
    """Question kind that the class answers."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture, volume or series; files of no such kind are left alone."""
    where = f"card {card.name}: options"
    options = from_dict(FolderOptions, card.options, where=where, error=CardError)
    shape = _shape(options, where)
    pattern = "/".join([*([] if options.root == "." else [options.root]), "**/*"])
    found: dict[tuple[str, ...], list[str]] = {}
    every = [path for path in list_files(folder, pattern) if Path(path).suffix.lower() in PICTURES | OTHERS]
    for path in check_found(card, pattern, every, folder):
        places = shape.fullmatch(path.rpartition("/")[0] + "/")
        if places is None and Path(path).suffix:
            yield reject(path, "class.no_folder", f"{path} lies in no class folder of the card", unit="image")
        elif places is not None:
            known = places.groupdict(default="")
            key = tuple(known.get(name, "") for name in ("label", "split", "subject"))
            found.setdefault(key, []).append(path)
    for (label, split, subject), paths in found.items():
        for item in _items(folder, paths, look):
            yield item if isinstance(item, Reject) else _labelled(item, label, split, subject, card, options.kind)


def _items(folder: Path, paths: list[str], look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    others = []
    for path in paths:
        if Path(path).suffix.lower() in PICTURES:
            yield lone_picture(path)
        else:
            others.append(path)
    yield from sort_files(folder, others, PlainOptions(), look)


def _labelled(item: AnnotatedItem, raw: str, split: str, subject: str, card: SourceCard, kind: str) -> AnnotatedItem:
    pointer = f"{(item.shown or item.files)[0]}#folder"
    label = Label(name=name_label(card, raw).name, record=pointer, task=kind, raw=raw)
    return replace(
        item,
        annotations=(label,),
        split=split or None,
        subject=subject or item.subject,
        units={**item.units, "annotation": 1},
    )


def _shape(options: FolderOptions, where: str) -> re.Pattern[str]:
    parts = options.layout.split("/")
    names = [part for part in parts if part not in {"*", "**"}]
    if sorted({*names, "label"}) != sorted(names) or not set(names) <= {"label", "split", "subject"}:
        fix = "such as label, split/label, label/subject or **/label"
        raise CardError(f"no layout of folders: {options.layout!r}", where=f"{where}.layout", fix=fix)
    shapes = {"*": "[^/]+/", "**": "(?:[^/]+/)*"}
    if options.labels:
        shapes["label"] = f"(?P<label>{'|'.join(map(re.escape, options.labels))})/"
    root = [] if options.root == "." else options.root.split("/")
    above = [shapes.get(part) or re.escape(part).replace(r"\*", "[^/]*") + "/" for part in root]
    return re.compile("".join([*above, *(shapes.get(part, f"(?P<{part}>[^/]+)/") for part in parts)]))


def detect(folder: Path) -> Match | None:
    """Two or more folders that hold nothing but pictures or volumes, perhaps below folders of the splits."""
    files = sample_files(folder)
    below = [path for path in files if "/" in path]
    homes = sorted({parent(path) for path in below})
    names = {part.lower() for home in homes for part in home.split("/")}
    if names & NO_CLASSES or not all(Path(path).suffix.lower() in PICTURES | VOLUMES | {".dcm"} for path in below):
        return None
    if any(find_beside(below)):
        return None
    paths, root = [home.split("/") for home in homes], []
    while paths and len({path[0] for path in paths}) == 1 and min(map(len, paths)) > 1:
        root.append(paths[0][0])
        paths = [path[1:] for path in paths]
    split = bool(paths) and min(map(len, paths)) > 1 and all(path[0].lower() in SPLITS for path in paths)
    if len({path[split] for path in paths}) < 2:
        return None
    layout = "split/label" if split else "label"
    deep = "/**" if max(map(len, paths)) > 1 + split else ""
    options = {"layout": f"{layout}{deep}", **({"root": "/".join(root)} if root else {})}
    return Match(format="class_folders", options=options, evidence=below[0])


FORMAT = Format(read=read, options=FolderOptions, detect=detect)
