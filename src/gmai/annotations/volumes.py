"""Volumes with label maps, paired by name; DICOM series paired by folder. Whether the grids agree, the pixels tell.

A label map is one file whose values are labels, or one file for each structure. Several images of a case (the sequences
of an MR examination) may share one label map.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from gmai.annotations.item import AnnotatedItem, Format, LookAt, RegionFile, reject_units, unannotated
from gmai.annotations.paths import check_found, fill_template, list_files, parent, stem
from gmai.annotations.series import Series, group_series
from gmai.annotations.volume_layouts import DataSet, VolumeOptions, detect, read_data_set
from gmai.base import from_dict
from gmai.errors import CardError
from gmai.types import Reject, SourceCard

PAIR = {"pair": 1}
_ANY = {"stem": "*", "folder": "*", "parent": "**"}


@dataclass
class _Pairing:
    """What the card says, and what was found so far."""

    folder: Path
    card: SourceCard
    options: VolumeOptions
    data_set: DataSet
    case: re.Pattern[str] | None
    used: set[str] = field(default_factory=set)

    @property
    def template(self) -> str:
        """Where label maps lie, or structures."""
        return self.options.structures or self.options.labels

    @property
    def anywhere(self) -> str:
        """Glob of every label map or structure there can be."""
        groups = dict.fromkeys(("case", *(self.case.groupindex if self.case else ())), "*")
        return fill_template(self.template, **{**groups, **_ANY})

    def find(self, path: str) -> re.Match[str] | None:
        """What the pattern of cases finds: in a path where it has a slash, else in a stem."""
        return self.case.search(path if "/" in self.case.pattern else stem(path)) if self.case else None

    def regions(self, path: str) -> tuple[tuple[RegionFile, ...], str]:
        """The region files of an image, and the modality its name tells; the files are noted as used."""
        found = self.find(path)
        groups = {name: text or "" for name, text in found.groupdict().items()} if found else {}
        case = groups.get("case") or (found.group(1) if found and found.re.groups else stem(path))
        places = {"stem": stem(path), "folder": parent(path).rpartition("/")[2], "parent": parent(path)}
        places = {**groups, **places, "case": case}
        if self.options.structures is None:
            files = [fill_template(self.options.labels, **places)]
            files = [each for each in files if (self.folder / each).is_file()]
        else:
            literal = {name: re.sub(r"([\[*?])", r"[\1]", value) for name, value in places.items()}
            files = list_files(self.folder, fill_template(self.options.structures, **literal))
        self.used.update(files)
        modality = groups.get("modality") or ""
        return tuple(self._region(each) for each in files), self.data_set.modality(modality)

    def _region(self, path: str) -> RegionFile:
        ignore = self.options.ignore
        if self.options.structures is not None:
            return RegionFile(path=path, ignore=ignore, label=stem(path), units={"annotation": 1})
        return RegionFile(path=path, ignore=ignore, names={**self.data_set.names, **self.options.names})


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per image; an image without label map, or a label map without image, is a reject of its pair.

    Raises:
        CardError: neither images nor series, or a pattern that is none.
        FormatError: ``source.missing``; ``volumes.data_set``: the file of the data set's labels cannot be read.
    """
    options = from_dict(VolumeOptions, card.options, where=f"card {card.name}: options", error=CardError)
    if (options.images is None) == (options.series is None):
        raise CardError("give either images or series", where=f"card {card.name}: options")
    pairing = _Pairing(folder, card, options, read_data_set(folder, options.data_set), _compile(options.case, card))
    items = _images(pairing) if options.images is not None else _series(pairing, look)
    for item in items:
        if isinstance(item, Reject) or item.regions:
            yield item
        else:
            shown = item.shown[0] if item.shown else item.files[0]
            yield from unannotated(item, card, f"no label map for {shown}")
    unit = "pair" if options.structures is None else "annotation"
    for path in list_files(folder, pairing.anywhere):
        if path not in pairing.used:
            detail = "no image, or none that can be read, for the label map"
            yield from reject_units(path, {unit: 1}, "image.missing", detail)


def _compile(pattern: str, card: SourceCard) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern) if pattern else None
    except re.error as error:
        what = f"no regular expression: {error}"
        raise CardError(what, where=f"card {card.name}: options.case", fix="mend the pattern") from None


def _images(pairing: _Pairing) -> Iterator[AnnotatedItem | Reject]:
    pattern = str(pairing.options.images)
    paths = list(check_found(pairing.card, pattern, list_files(pairing.folder, pattern), pairing.folder))
    others = {path for path in paths if pairing.case and not pairing.find(path)}
    for path in (path for path in paths if path not in others):
        regions, modality = pairing.regions(path)
        yield AnnotatedItem(
            id=path,
            kind="volume",
            files=(path,),
            regions=regions,
            modality=modality or None,
            units={**PAIR, **_structures(regions)},
        )
    labels = set(list_files(pairing.folder, pairing.anywhere))
    for path in sorted(others):
        if path not in labels:
            yield from reject_units(path, PAIR, "volumes.no_case", "its name does not fit the card's pattern of cases")


def _structures(regions: tuple[RegionFile, ...]) -> dict[str, int]:
    count = sum(file.units.get("annotation", 0) for file in regions)
    return {"annotation": count} if count else {}


def _series(pairing: _Pairing, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    pattern = str(pairing.options.series)
    paths = check_found(pairing.card, pattern, list_files(pairing.folder, pattern), pairing.folder)
    for found in group_series(paths, look):
        if not isinstance(found, Series):
            yield found
            continue
        regions, _ = pairing.regions(found.files[0])
        if found.shown[0] != found.files[0]:
            regions = tuple(
                replace(file, shown=f"{found.shown[0]}#label_map{f'-{number}' if number else ''}")
                for number, file in enumerate(regions)
            )
        yield found.item(regions=regions, units={**PAIR, "image": len(found.files), **_structures(regions)})


FORMAT = Format(read=read, options=VolumeOptions, detect=detect)
