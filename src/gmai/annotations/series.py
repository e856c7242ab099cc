"""DICOM files sorted into series by their headers; copies of one instance are counted once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gmai.annotations.item import AnnotatedItem, LookAt, Seen, reject
from gmai.errors import ImageError
from gmai.types import Reject

SAME_GRID = 0.01
"""How far cosines and spacings may differ within a volume; its slices are sorted out when they are read."""


@dataclass
class Series:
    """The files of one series on one grid."""

    first: Seen
    files: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def item(self, **more: object) -> AnnotatedItem:
        """The series as an item; ``more`` are further fields."""
        fields: dict[str, object] = {
            "id": self.first.series,
            "kind": "series",
            "files": tuple(self.files),
            "shown": tuple(self.shown),
            "subject": self.first.subject,
            "study": self.first.study,
            "series": self.first.series,
            "visit": self.first.visit or None,
            "modality": self.first.modality or None,
            "units": {"image": len(self.files)},
        }
        return AnnotatedItem(**{**fields, **more})  # type: ignore[arg-type]


def group_series(files: Iterable[str], look: LookAt) -> Iterator[Series | Reject]:
    """Look at every file and yield the rejects as they are met, then the series in the order of their first files."""
    found: dict[str, list[Series]] = {}
    instances: dict[str, str] = {}
    for path in files:
        try:
            seen = look(path)
        except ImageError as error:
            reason = error.reason if error.reason.startswith("dicom.") else "dicom.not_dicom"
            yield reject(error.where or path, reason, str(error), unit="image")
            continue
        if not seen.series:
            yield reject(path, "dicom.not_dicom", f"{path} is a file of another kind", unit="image")
            continue
        if seen.object != "image":
            detail = f"a DICOM object of the kind {seen.object}, no picture"
            yield reject(seen.shown, "dicom.no_picture", detail, unit="image")
            continue
        if seen.instance in instances:
            detail = f"a copy of {instances[seen.instance]}"
            yield reject(seen.shown, "dicom.duplicate", detail, unit="image")
            continue
        instances[seen.instance] = seen.shown
        series = _find_grid(found.setdefault(seen.whole_series, []), seen)
        series.files.append(path)
        series.shown.append(seen.shown)
    yield from (series for grids in found.values() for series in grids)


def _find_grid(grids: list[Series], seen: Seen) -> Series:
    """The files of a series that lie on the grid of another file; those without a place stand alone."""
    for series in grids:
        first = series.first
        if first.series == seen.series or (first.grid and _is_near(first.grid, seen.grid)):
            return series
    grids.append(Series(seen))
    return grids[-1]


def _is_near(first: tuple[float, ...], other: tuple[float, ...]) -> bool:
    near = (abs(a - b) <= SAME_GRID * max(1.0, abs(a)) for a, b in zip(first, other, strict=False))
    return len(first) == len(other) and first[:3] == other[:3] and all(near)
