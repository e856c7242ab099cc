"""Records that flow between rooms: no input or output, no numpy, no torch."""

from gmai.types.annotation import QA, Annotation, Box, Dialogue, Label, MaskRef, Measurement, Polygon, Region, Report
from gmai.types.article import (
    UNKNOWN_LICENCE,
    AlignedPanel,
    Article,
    Figure,
    Panel,
    Passage,
    SubCaption,
    Translation,
)
from gmai.types.card import (
    FROM_HEADER,
    FramePolicy,
    LabelName,
    SlicePolicy,
    SourceCard,
    SubjectRule,
    TilePolicy,
    WindowPolicy,
)
from gmai.types.conversation import Conversation, Fact, Granularity, Turn, View
from gmai.types.image import ImageKind, ImageRef
from gmai.types.question import Form, Measure, Prediction, Question, Score
from gmai.types.record import record
from gmai.types.sample import Provenance, Reject, Sample, Step

__all__ = [
    "AlignedPanel",
    "Annotation",
    "Article",
    "Box",
    "Conversation",
    "Dialogue",
    "FROM_HEADER",
    "Fact",
    "Figure",
    "Form",
    "FramePolicy",
    "Granularity",
    "ImageKind",
    "ImageRef",
    "Label",
    "LabelName",
    "MaskRef",
    "Measure",
    "Measurement",
    "Panel",
    "Passage",
    "Polygon",
    "Prediction",
    "Provenance",
    "QA",
    "Question",
    "Region",
    "Reject",
    "Report",
    "Sample",
    "Score",
    "SlicePolicy",
    "SourceCard",
    "Step",
    "SubCaption",
    "SubjectRule",
    "TilePolicy",
    "Translation",
    "Turn",
    "UNKNOWN_LICENCE",
    "View",
    "WindowPolicy",
    "record",
]
