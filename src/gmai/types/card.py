"""A source card: everything gmai knows of a data set, as data."""

from dataclasses import field
from typing import Any, Literal

from gmai.types.record import record

FROM_HEADER = "@header"
"""In a card's ``facets``, in place of a column: what the header of a DICOM file says."""


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
    foreground; ``annotated``: every slice on which something is marked; ``all``: every slice.
    """

    mode: Literal["largest", "even", "annotated", "all"] = "even"
    count: int = 3
    axis: int | None = None
    """Axis of the canonical (RAS+) volume: 0 sagittal, 1 coronal, 2 axial; by default that along which the files of a
    DICOM series lie, and axial for other volumes."""
    axes: tuple[int, ...] = ()
    """Several axes instead of ``axis``, each with ``count`` slices."""
    volume: int = 0
    """Which volume of files that hold several (times, echoes, directions), counted from 0."""


@record
class FramePolicy:
    """Which frames of a video give pictures, told by their time stamps.

    ``even``: ``count`` evenly spaced; ``rate``: ``per_second`` frames a second; ``scenes``: the first frame after each
    change of scene, ``count`` at most; ``all``: every frame.
    """

    mode: Literal["even", "rate", "scenes", "all"] = "even"
    count: int = 8
    per_second: float = 1.0


@record
class TilePolicy:
    """Which tiles of a whole-slide image give pictures: those that show tissue, on one grid at one resolution."""

    mpp: float = 0.5
    """Resolution in micrometres a pixel; the nearest finer level of the slide is read and reduced."""
    size_px: int = 512
    count: int = 16
    """At most so many tiles a slide, evenly spread over its tissue; 0 for all."""
    tissue: float = 0.5
    """Least part of a tile that must be tissue."""
    where: Literal["tissue", "marked"] = "tissue"
    """``tissue``: tiles that show tissue; ``marked``: tiles on which something is marked, whatever their tissue."""


@record
class PrivacyPolicy:
    """What is done about identifiers that may be in pixels, names and dates; headers are always reduced to a whitelist.

    ``burned_in``: ``auto`` leaves out pictures whose header says that text is burned in, and looks for text in DICOM
    pictures of the kinds that carry it (ultrasound, secondary capture, screenshots); ``detect`` looks in every picture;
    ``keep`` leaves nothing out, for sets that are known to be clean.
    """

    burned_in: Literal["auto", "detect", "keep"] = "auto"
    hide_paths: Literal["auto"] | bool = "auto"
    """True: file and folder names leave only as keyed hashes, whatever they spell; ``auto``: where they show signs of a
    person, such as a date beside a name; False: never, for names that are public."""


@record
class WindowPolicy:
    """How stored values become 8-bit grey.

    ``header``: DICOM VOI window or table; ``fixed``: ``centre`` and ``width``; ``preset``: the window of an anatomy and
    target, by its name; ``percentile``: 1st to 99th percentile of the foreground; ``range``: minimum to maximum;
    ``suv``: PET standardised uptake values (body weight) from 0 to ``width``, 10 where none is given.
    """

    mode: Literal["header", "fixed", "preset", "percentile", "range", "suv"] = "percentile"
    centre: float | None = None
    width: float | None = None
    preset: str = ""
    """Name of a window of the images room, such as ``ct-lung``."""


@record
class SourceCard:
    """A data set: who made it, what may be done with it, where its files are and what its labels mean."""

    name: str
    title: str
    home: str
    licence: str
    """SPDX identifier, ``LicenseRef-…`` for terms of the publisher's own, or ``unknown``."""
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
    visit: SubjectRule = SubjectRule()
    """How the order of a subject's studies is read: numbers, or dates such as 2024-01-31; DICOM headers tell theirs."""
    facets: dict[str, str] = field(default_factory=dict)
    """Traits that scores are told apart by, such as ``sex``, ``age``, ``site`` and ``scanner``, each with the column
    that tells it; ``@header`` takes these four from DICOM headers. Ages become bands of ten years."""
    slices: SlicePolicy = SlicePolicy()
    window: WindowPolicy = WindowPolicy()
    frames: FramePolicy = FramePolicy()
    tiles: TilePolicy = TilePolicy()
    privacy: PrivacyPolicy = PrivacyPolicy()
    modalities: dict[str, str] = field(default_factory=dict)
    """Modality as the source spells it, picture by picture, to a modality of the lexicon; names of the lexicon and
    DICOM codes of the card's own family need no line. One that is not understood is counted as unmapped."""
    access: Literal["open", "registration", "application", "credentialed", "unknown"] = "open"
    """What it takes to get the files: nothing, an account, an approved application, credentials with training."""
    layout: str = ""
    """How the files must lie below the root, in words, and which of the published files are needed."""
    unverified: tuple[str, ...] = ()
    """Fields of the card that could not be checked against the publisher's own page."""
    annotations: Literal["required", "none"] = "required"
    language: str = "en"
    expected: dict[str, int] = field(default_factory=dict)
    """Published counts by unit (image, annotation, question), compared with what was found."""
    notes: str = ""
