"""What people said about a picture; every kind keeps ``record``, the pointer to where the source says so.

Boxes and polygons are in pixels of the picture as shown. A mask in a store carries its run-length code, so that a
store is whole in itself; before that it is only a reference.
"""

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field

from gmai.types.record import record


@record
class Label:
    """An image-level statement: a class, a grade, one of several labels."""

    name: str
    """The canonical name (lexicon term where one is known)."""
    record: str
    task: str = "finding"
    """What the label answers: ``finding``, ``grade`` or another question kind of the card."""
    raw: str = ""
    """The label as the source spells it."""
    kind: Literal["label"] = "label"


@record
class Box:
    """A labelled box, xyxy in pixels, right and lower edge exclusive."""

    label: str
    xyxy: tuple[float, float, float, float]
    record: str
    clipped: bool = False
    """True if the source's box left the picture and was cut at its edge."""
    raw: str = ""
    kind: Literal["box"] = "box"


@record
class Polygon:
    """A labelled outline: rings of x0, y0, x1, y1 … in pixels."""

    label: str
    rings: tuple[tuple[float, ...], ...]
    record: str
    clipped: bool = False
    raw: str = ""
    kind: Literal["polygon"] = "polygon"


@record
class MaskRef:
    """A labelled region given pixel by pixel: a value in a label map, or a mask file of its own."""

    label: str
    record: str
    uri: str
    value: int | None = None
    rle: str | None = None
    """COCO compressed run-length code of the region on the picture's grid (column-major), once measured."""
    size: tuple[int, int] | None = None
    """(height, width) of the run-length code."""
    place: tuple[int, int, int, int] | None = None
    """Where the mask file lies in its picture, xyxy in pixels, if it is a crop."""
    threshold: float | None = None
    """Least value of the mask file that was taken to be inside, if its edges are soft."""
    raw: str = ""
    kind: Literal["mask"] = "mask"


@record
class Measurement:
    """A number somebody measured, with its unit."""

    name: str
    value: float
    unit: str
    record: str
    kind: Literal["measurement"] = "measurement"


@record
class QA:
    """A question and its answer as the source gives them."""

    question: str
    answer: str
    record: str
    question_type: str = ""
    answer_type: str = ""
    options: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    """All answers, where the source gives several: each is accepted, or of a question with options all are right."""
    language: str = ""
    """Language of the question, where the source says it; empty: the sample's."""
    details: dict[str, str] = field(default_factory=dict)
    """What else the source says of the question, by its own keys, such as ``location``."""
    kind: Literal["qa"] = "qa"


@record
class Report:
    """Free text about the picture, such as a report section."""

    text: str
    record: str
    section: str = ""
    kind: Literal["report"] = "report"


@record
class Dialogue:
    """Turns of a conversation as the source gives them, each with its role as the source calls it."""

    turns: tuple[tuple[str, str], ...]
    """(role, text), such as ``("patient", "It hurts.")``."""
    record: str
    section: str = ""
    """What the conversation is about, as the source calls it."""
    kind: Literal["dialogue"] = "dialogue"


Annotation = Annotated[
    Label | Box | Polygon | MaskRef | Measurement | QA | Report | Dialogue, Field(discriminator="kind")
]
Region = Box | Polygon | MaskRef
