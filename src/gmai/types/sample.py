"""A sample: pictures, what is known of them, whose they are, and the way back to the files."""

from dataclasses import field
from typing import Any

from gmai.types.annotation import Annotation
from gmai.types.image import ImageRef
from gmai.types.record import record


@record
class Step:
    """One thing done to the data: its name, version and parameters, enough to do it again."""

    name: str
    version: str = "1"
    parameters: dict[str, Any] = field(default_factory=dict)


@record
class Provenance:
    """The way back: source, licence, the source's own id, and every step since."""

    source: str
    licence: str
    original_id: str
    steps: tuple[Step, ...] = ()


@record
class Sample:
    """One unit of data of one subject; text-only samples have no image.

    ``id`` is ``source/…`` and unique in a store; it never contains a label. ``subject`` is what must not be split
    between training and test (a patient, a volume, an article).
    """

    id: str
    source: str
    subject: str
    modality: str
    department: str
    provenance: Provenance
    images: tuple[ImageRef, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    study: str | None = None
    series: str | None = None
    visit: float | None = None
    """When it was taken, on the subject's own scale: the number of a visit, or days of a calendar moved back by a keyed
    number of days. Only the order within a subject, and of days the difference, means anything."""
    facets: dict[str, str] = field(default_factory=dict)
    """Traits of subject and picture that the card asks for, such as ``sex: F`` and ``age: 60-69``."""
    split: str | None = None
    """The source's official split, if it has one."""
    language: str = "en"
    tasks: dict[str, str] = field(default_factory=dict)
    """Question kind to clinical task, from the card."""
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For each question kind, every name the source's card lists: the pool distractors may come from."""


@record
class Reject:
    """Something left out, and why. Nothing vanishes without one of these."""

    id: str
    stage: str
    reason: str
    """Short dotted slug, counted in the summary, such as ``image.truncated``."""
    detail: str
    unit: str = "sample"
    """What was lost: ``image``, ``annotation``, ``question``, ``pair``, ``record`` or ``sample``."""
    count: int = 1
    """How many units this line stands for."""
