"""A source card: everything gmai knows of a data set, as data."""

from dataclasses import field
from typing import Any, Literal

from gmai.types.record import record


@record
class LabelName:
    """What a raw label means: its canonical name, a plural or Chinese name where needed, and what it answers."""

    name: str
    plural: str | None = None
    zh: str | None = None
    task: str = "finding"


@record
class SubjectRule:
    """How the subject is read: a regular expression on the image path (group 1), or a column of the table."""

    pattern: str | None = None
    column: str | None = None


@record
class SlicePolicy:
    """Which two-dimensional pictures a volume gives.

    ``largest``: the ``count`` slices with most annotated area; ``even``: ``count`` evenly spaced slices that show
    foreground; ``all``: every slice.
    """

    mode: Literal["largest", "even", "all"] = "even"
    count: int = 3
    axis: int = 2
    """Axis of the canonical (RAS+) volume: 0 sagittal, 1 coronal, 2 axial."""


@record
class WindowPolicy:
    """How stored values become 8-bit grey.

    ``header``: DICOM VOI window; ``fixed``: ``centre`` and ``width``; ``percentile``: 1st to 99th percentile of the
    volume; ``range``: minimum to maximum.
    """

    mode: Literal["header", "fixed", "percentile", "range"] = "percentile"
    centre: float | None = None
    width: float | None = None


@record
class SourceCard:
    """A data set: who made it, what may be done with it, where its files are and what its labels mean."""

    name: str
    title: str
    home: str
    licence: str
    """SPDX identifier, or ``unknown``."""
    modality: str
    department: str
    format: str
    """Name of a reader of the annotations room, or ``package.module:function``."""
    files: tuple[str, ...]
    """Glob patterns below the root, each of which must match for the source to be there."""
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the format's reader."""
    redistribution: bool | None = None
    commercial: bool | None = None
    citation: str = ""
    tasks: dict[str, str] = field(default_factory=dict)
    """Question kind to clinical task of the lexicon, such as ``finding: Disease Diagnosis``."""
    labels: dict[str, LabelName] = field(default_factory=dict)
    """Raw label to its meaning; a label missing here keeps its own name and is counted as unmapped."""
    subject: SubjectRule = SubjectRule()
    split: SubjectRule = SubjectRule()
    slices: SlicePolicy = SlicePolicy()
    window: WindowPolicy = WindowPolicy()
    annotations: Literal["required", "none"] = "required"
    language: str = "en"
    expected: dict[str, int] = field(default_factory=dict)
    """Published counts by unit (image, annotation, question), compared with what was found."""
    notes: str = ""
