"""What a reader hands on: one picture, volume or text with what is said about it, cheap to make and to send on.

Readers never decode pixels. Where they need to know a file (which DICOM files make a series), they ask ``look``, which
the sources room brings from the images room.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from gmai.types import Annotation, ImageKind, Reject, SourceCard, record

STAGE = "ingest"
ItemKind = Literal["raster", "pictures", "array", "volume", "series", "slide", "video", "text", "embedded"]
"""``pictures`` are several files that one sample shows together; ``embedded`` are pictures that a row of a Parquet file
holds; ``volume`` is a volume in one file."""


class Seen(Protocol):
    """What a look at a file tells; ids are keyed hashes, and empty where the file has none."""

    @property
    def kind(self) -> ImageKind:
        """What the file is, told from its content."""

    @property
    def width(self) -> int:
        """Of the file's own grid, before any turn; 0 where the header does not tell."""

    @property
    def height(self) -> int:
        """Of the file's own grid."""

    @property
    def orientation(self) -> int:
        """EXIF orientation of a raster picture, 1 to 8; 1 turns nothing."""

    @property
    def frames(self) -> int:
        """Pages or frames of a raster file, volumes of a volume file."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Paths of the other files that hold the rest of it."""

    @property
    def arrays(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Name and shape of the arrays of an archive; of a single array the name is empty."""

    @property
    def series(self) -> str:
        """Files of one volume share it."""

    @property
    def whole_series(self) -> str:
        """Files of one series share it, whatever their grids."""

    @property
    def grid(self) -> tuple[float, ...]:
        """Of slices with a place, numbers that those of one volume share, nearly; empty without a place."""

    @property
    def instance(self) -> str:
        """Copies of one file share it."""

    @property
    def subject(self) -> str:
        """Files of one patient share it."""

    @property
    def study(self) -> str:
        """Files of one examination share it."""

    @property
    def visit(self) -> str:
        """The day of the examination, moved back by the subject's keyed number of days, as 2024-01-31."""

    @property
    def modality(self) -> str:
        """DICOM's code of the modality, such as CT; empty where the file has none."""

    @property
    def object(self) -> str:
        """Of DICOM: ``image``, ``seg``, ``rtstruct`` or ``other``."""

    @property
    def references(self) -> tuple[str, ...]:
        """``instance`` of every picture that a segmentation or structure set speaks of."""

    @property
    def frame_of_reference(self) -> str:
        """Files whose positions compare share it."""

    @property
    def holds(self) -> Mapping[str, int]:
        """How many units (annotation, contour) a segmentation or structure set holds."""

    @property
    def shown(self) -> str:
        """The path as outputs may show it."""

    @property
    def private(self) -> tuple[str, ...]:
        """Folders and name of the path that spell an identifier of the header."""


LookAt = Callable[[str], Seen]
"""Look at a file by its path below the root; raises ImageError where it cannot be read."""


@record
class RegionFile:
    """A file that marks regions on the grid of an item, measured when the item's pixels are read."""

    path: str
    kind: Literal["labels", "seg", "rtstruct", "outlines"] = "labels"
    """``labels``: a label map, picture or volume, whose values are regions; DICOM segmentation; DICOM structure set;
    ``outlines``: polygons on a slide, in pixels of its finest level."""
    shown: str | None = None
    """The path as outputs may show it; None where it is ``path``."""
    ignore: tuple[int, ...] = ()
    """Values that are no region, beside 0."""
    label: str | None = None
    """Raw label of all that is not 0, where the file marks one thing only; None where each value is a label."""
    names: dict[str, str] = field(default_factory=dict)
    """Value, or colour as ``#rrggbb``, to raw label; values missing here are their own label."""
    naming: Literal["label", "type", "code"] = "label"
    """What names a segment or structure: the label its author gave it, the meaning of its coded type, or the code."""
    units: dict[str, int] = field(default_factory=dict)
    """What the source loses if this file cannot be used; empty where the whole item is lost with it."""
    values: Literal["index", "binary", "objects", "colours"] = "index"
    """What the values of a raster mask mean: each a label; ``label`` or background; each an object of ``label``; each
    colour a label."""
    threshold: float | None = None
    """Least value that is inside (``binary``), for masks with soft edges; None where anything between is refused."""
    background: tuple[str, ...] = ("#000000",)
    """Colours that are no region (``colours``)."""

    @property
    def name(self) -> str:
        """The path as outputs may show it."""
        return self.shown or self.path


@record
class AnnotatedItem:
    """One picture, volume or text below a source's root, with its annotations."""

    id: str
    """Unique in the source; may hold a label, so it is hashed before it leaves."""
    kind: ItemKind
    files: tuple[str, ...] = ()
    """Paths below the root with forward slashes; of a series, all of its files."""
    shown: tuple[str, ...] = ()
    """The paths as outputs may show them; empty where they are ``files``."""
    annotations: tuple[Annotation, ...] = ()
    regions: tuple[RegionFile, ...] = ()
    """Files that mark regions of the picture or volume."""
    modality: str | None = None
    """Modality as the source spells it for this item; None for the card's."""
    department: str | None = None
    """Department of the lexicon, where it is not the card's."""
    language: str | None = None
    """Language of the item's text, where it is not the card's."""
    licence: str = ""
    """Licence of this item as the source spells it, where it gives one for each."""
    member: str | None = None
    index: int | None = None
    """Row of an array, or frame or page of a raster file; None for the whole array, or the first frame."""
    part: tuple[int, int] = (0, 1)
    """Which part of its pictures, of how many parts, where a slide or video gives too many for one piece of work."""
    span: tuple[float, float] | None = None
    """Seconds from and to, of a segment of a video; None for all of it."""
    size: tuple[int, int] | None = None
    """(width, height) that the annotations say the picture has."""
    grid: Literal["stored", "shown"] | None = None
    """Whether coordinates are on the file's own grid or on the picture as turned; None where ``size`` tells."""
    subject: str | None = None
    study: str | None = None
    series: str | None = None
    visit: str | None = None
    """Number of the visit, or its date."""
    facets: dict[str, str] = field(default_factory=dict)
    """Traits that the card asks for, as the source spells them."""
    split: str | None = None
    unsure: tuple[str, ...] = ()
    """Names of labels that may be there or not: nothing is asked about them, nor are they offered as wrong answers."""
    units: dict[str, int] = field(default_factory=lambda: {"image": 1})
    """What the source loses if this item is rejected."""


Read = Callable[[Path, SourceCard, LookAt], Iterator[AnnotatedItem | Reject]]


@record
class Match:
    """A folder looks as if it held a format, read with these options."""

    format: str
    options: dict[str, Any]
    evidence: str


@dataclass(frozen=True)
class Format:
    """A reader, its options, and how to tell that a folder holds its format."""

    read: Read
    options: type[Any]
    detect: Callable[[Path], Match | None]


def reject(id: str, reason: str, detail: str, *, unit: str, count: int = 1) -> Reject:
    """A reject of the ingest stage."""
    return Reject(id=id, stage=STAGE, reason=reason, detail=detail, unit=unit, count=count)


def reject_units(id: str, units: dict[str, int], reason: str, detail: str) -> Iterator[Reject]:
    """One reject for each kind of unit that is lost."""
    for unit, count in units.items():
        if count:
            yield reject(id, reason, detail, unit=unit, count=count)


def unannotated(item: AnnotatedItem, card: SourceCard, detail: str) -> Iterator[AnnotatedItem | Reject]:
    """An item of which nothing is said: itself if the card needs no annotations, else a reject of its units."""
    if card.annotations == "none":
        yield item
    else:
        yield from reject_units((item.shown or item.files)[0], item.units, "annotation.missing", detail)


def lone_picture(path: str, split: str | None = None) -> AnnotatedItem:
    """A picture of which nothing is said."""
    return AnnotatedItem(id=path, kind="raster", files=(path,), split=split)
