"""A question that can be asked: an answer that a held-out sample gives, and the wrong answers to stand beside it."""

from gmai.bench.answers import fact_key
from gmai.types import Fact, record


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
