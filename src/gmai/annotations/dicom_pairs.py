"""DICOM objects that mark regions, each with the series it speaks of: by the instances it names, or else by place."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gmai.annotations.item import (
    AnnotatedItem,
    LookAt,
    Match,
    RegionFile,
    Seen,
    reject_units,
    unannotated,
)
from gmai.annotations.paths import check_found, list_files, list_matches
from gmai.annotations.series import Series, group_series
from gmai.base import from_dict
from gmai.errors import CardError, ImageError
from gmai.types import Reject, SourceCard, record

ObjectKind = Literal["seg", "rtstruct"]
_LOOKED_AT = 2000
"""Files that are looked at to tell what a folder holds."""
_HEAD = 1024


@record
class PairOptions:
    """Where the files are, and what names a region."""

    files: str | tuple[str, ...] = "**/*.dcm"
    """Glob, or several, of the DICOM files: pictures and the objects that mark regions."""
    naming: Literal["label", "type", "code"] = "label"
    """What a region's raw label is: the label its author gave it, the meaning of its coded type, or scheme and code."""
    ignore: tuple[int, ...] = ()
    """Numbers of segments or structures that are left out."""


@dataclass
class _Folder:
    """What a folder's files are, by one look at each."""

    objects: list[tuple[str, Seen]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)


def read_pairs(folder: Path, card: SourceCard, look: LookAt, kind: ObjectKind) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per series with the objects that mark it, and a reject for what finds no partner.

    Args:
        folder: the source's root.
        card: with the options.
        look: at a file.
        kind: of the objects.
    """
    options = from_dict(PairOptions, card.options, where=f"card {card.name}: options", error=CardError)
    paths = check_found(card, options.files, list_matches(folder, options.files), folder)
    found, rejects = _look_at_all(paths, look, kind)
    yield from rejects
    series: list[Series] = []
    for each in group_series(found.others, lambda path: found.seen[path] if path in found.seen else look(path)):
        if isinstance(each, Series):
            series.append(each)
        else:
            yield each
    partners: dict[str, list[RegionFile]] = {}
    owners = {found.seen[path].instance: each for each in series for path in each.files if path in found.seen}
    for path, seen in found.objects:
        partner = _find_partner(seen, owners, series)
        if isinstance(partner, Series):
            partners.setdefault(partner.first.series, []).append(_region_file(path, seen, kind, options))
        else:
            yield from reject_units(seen.shown, _units(seen), f"{kind}.{partner[0]}", partner[1])
    for each in series:
        files = partners.get(each.first.series, [])
        total = Counter({"image": len(each.files)})
        for file in files:
            total.update(file.units)
        item = each.item(regions=tuple(files), units=dict(total))
        if files:
            yield item
        else:
            yield from unannotated(item, card, f"no {kind} speaks of the series")


def _look_at_all(paths: Iterator[str], look: LookAt, kind: ObjectKind) -> tuple[_Folder, list[Reject]]:
    found = _Folder()
    rejects: list[Reject] = []
    copies: dict[str, str] = {}
    for path in paths:
        try:
            seen = look(path)
        except ImageError:
            found.others.append(path)  # told when the series are grouped
            continue
        if seen.object != kind:
            found.others.append(path)
            found.seen[path] = seen
        elif seen.instance in copies:
            detail = f"a copy of {copies[seen.instance]}"
            rejects += reject_units(seen.shown, _units(seen), "dicom.duplicate", detail)
        else:
            copies[seen.instance] = seen.shown
            found.objects.append((path, seen))
    return found, rejects


def _units(seen: Seen) -> dict[str, int]:
    return {"pair": 1, **seen.holds}


def _region_file(path: str, seen: Seen, kind: ObjectKind, options: PairOptions) -> RegionFile:
    shown = seen.shown if seen.shown != path else None
    return RegionFile(
        path=path, kind=kind, shown=shown, ignore=options.ignore, naming=options.naming, units=_units(seen)
    )


def _find_partner(seen: Seen, owners: dict[str, Series], series: list[Series]) -> Series | tuple[str, str]:
    """The series an object speaks of; or why there is none (reason, detail)."""
    named = [owners[instance] for instance in seen.references if instance in owners]
    if named:
        most = Counter(each.first.series for each in named).most_common(1)[0][0]
        return next(each for each in named if each.first.series == most)
    if seen.references:
        return "no_series", f"none of the {len(seen.references)} pictures it names is there"
    place = seen.frame_of_reference
    near = [each for each in series if place and each.first.frame_of_reference == place]
    if len(near) == 1:
        return near[0]
    if near:
        return "which_series", f"it names no picture, and {len(near)} series share its frame of reference"
    return "no_series", "it names no picture, and no series shares its frame of reference"


def find_object_file(folder: Path, uids: tuple[bytes, ...], format: str) -> Match | None:
    """The first file whose head names one of some SOP classes, as a match of a format."""
    named = re.compile(b"|".join(re.escape(uid) + rb"(?![0-9.])" for uid in uids))
    for path in list_files(folder, "**/*")[:_LOOKED_AT]:
        with (folder / path).open("rb") as file:
            head = file.read(_HEAD)
        if head[128:132] == b"DICM" and named.search(head):
            files = "**/*.dcm" if path.endswith(".dcm") else "**/*"
            return Match(format=format, options={"files": files}, evidence=path)
    return None
