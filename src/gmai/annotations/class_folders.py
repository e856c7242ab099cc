"""Pictures, volumes or series sorted into folders that are named after their class, however the folders are nested."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject, reject_units
from gmai.annotations.mask_signs import find_beside
from gmai.annotations.paths import PICTURES, check_found, ending, list_files, name_label, parent, sample_files
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
_CASES = re.compile(r"(?<![a-z])(?:patient|pat|subject|subj|sub|case|volunteer|participant|person)(?![a-z])", re.I)
"""Words beside the number of a patient or case."""
_GRADES = re.compile("class|grade|group|label|level|rads|score|severity|stage|type", re.IGNORECASE)
"""Words beside the number of a class."""


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
    every = [path for path in list_files(folder, pattern) if ending(path) in PICTURES | OTHERS]
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
            if isinstance(item, Reject):
                yield item
                continue
            private = _private(item, look)
            if label in private:
                detail = "the folder is named after an identifier of the header, which is no class"
                yield from reject_units(item.shown[0], {**item.units, "annotation": 1}, "class.identifier", detail)
            else:
                whose = "" if subject in private else subject
                yield _labelled(item, label, split, whose, card, options.kind)


def _private(item: AnnotatedItem, look: LookAt) -> tuple[str, ...]:
    """Parts of the paths that spell an identifier of the header; only of hidden paths is the header asked again."""
    return look(item.files[0]).private if item.shown and item.shown != item.files else ()


def _items(folder: Path, paths: list[str], look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    others = []
    for path in paths:
        if ending(path) in PICTURES:
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
    if NO_CLASSES & {part.lower() for home in homes for part in home.split("/")}:
        return None
    if not all(ending(path) in PICTURES | VOLUMES | {".dcm"} for path in below):
        return None
    if any(find_beside(below)):
        return None
    paths, root = [home.split("/") for home in homes], []
    while paths and len({path[0] for path in paths}) == 1 and min(map(len, paths)) > 1:
        root.append(paths[0][0])
        paths = [path[1:] for path in paths]
    split = bool(paths) and min(map(len, paths)) > 1 and all(path[0].lower() in SPLITS for path in paths)
    names = {path[split] for path in paths}
    pictures = all(ending(path) in PICTURES for path in below)
    if len(names) < 2 or _are_cases(names, bool(pictures)):
        return None
    layout = "split/label" if split else "label"
    deep = "/**" if max(map(len, paths)) > 1 + split else ""
    options = {"layout": f"{layout}{deep}", **({"root": "/".join(root)} if root else {})}
    return Match(format="class_folders", options=options, evidence=below[0])


def _are_cases(names: set[str], pictures: bool) -> bool:
    """True if folders are called alike but for a number, as those of patients are, and no word says that they grade.

    Folders of pictures are more often numbered classes: of them a word must say that they are patients.
    """
    stems = {re.sub(r"\d+", "0", name) for name in names}
    if len(stems) != 1 or "0" not in min(stems) or _GRADES.search(min(stems)):
        return False
    return not pictures or _CASES.search(min(stems)) is not None


FORMAT = Format(read=read, options=FolderOptions, detect=detect)
