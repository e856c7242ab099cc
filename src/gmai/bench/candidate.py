"""A question that can be asked: an answer that a held-out sample gives, and the wrong answers to stand beside it."""

from dataclasses import field

from gmai.base import hash_bytes
from gmai.bench.answers import fact_key
from gmai.types import Fact, View, record

FINDINGS = "findings"
"""Kind of the questions of which several options may be right."""


@record
class Candidate:
    """A question before it is worded."""

    sample: str
    source: str
    subject: str
    split: str
    """``TEST`` or ``VAL``."""
    modality: str
    department: str
    fact: Fact
    wrong: tuple[str, ...]
    """Wrong answers of its own data set: all there are until options are drawn, then those it is asked with."""
    spare: tuple[str, ...] = ()
    """Wrong answers of other data sets, to fill up with."""
    right: tuple[str, ...] = ()
    """Where several options may be right: all answers that are right until options are drawn, then those shown."""
    views: tuple[View, ...] = ()
    """Every drawing it is asked with; empty: that of the fact alone."""
    assets: tuple[str, ...] = ()
    facets: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Question kind."""
        return self.fact.kind

    @property
    def granularity(self) -> str:
        """Level: image, box, mask or contour."""
        return self.fact.view.granularity

    @property
    def owner(self) -> tuple[str, str]:
        """Whose picture it is."""
        return self.source, self.subject

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from every other candidate."""
        return self.sample, *fact_key(self.fact)

    @property
    def answers(self) -> tuple[str, ...]:
        """What is right."""
        return self.right or (self.fact.answer,)

    @property
    def twin(self) -> str:
        """Name of the group of its questions."""
        return hash_bytes("\x1f".join(map(str, self.key)).encode())[:16]
