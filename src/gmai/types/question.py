"""Benchmark questions, what models answered, and the scores."""

from typing import Literal

from gmai.types.conversation import View
from gmai.types.record import record


@record
class Question:
    """One multiple-choice question with its key; the public file never carries ``answer``, ``records`` or ids."""

    index: int
    sample: str
    source: str
    subject: str
    question: str
    options: tuple[str, ...]
    """Option texts in order; letters A, B, C … belong to them."""
    answer: str
    """Letter of the right option."""
    kind: str
    task: str
    department: str
    modality: str
    granularity: str
    view: View = View()
    split: str = "TEST"
    records: tuple[str, ...] = ()
    """Annotation records the answer rests on."""


@record
class Prediction:
    """What one model answered to one question, raw."""

    index: int
    mode: Literal["likelihood", "generate", "baseline"]
    choice: str | None
    """Letter, or None if the reply named none."""
    text: str = ""
    """Raw reply, as generated."""
    likelihoods: tuple[float, ...] = ()
    """Summed log-likelihood of each option's text, in option order."""
    tie: bool = False
    """True if the two best options were closer than 1e-4 and the earlier one was taken."""


@record
class Score:
    """Accuracy of one node of one axis with its 95 % interval, clustered by subject."""

    axis: str
    """``overall``, ``kind``, ``task``, ``department``, ``modality`` or ``granularity``."""
    node: str
    n: int
    correct: int
    accuracy: float
    low: float
    high: float
    clusters: int
    chance: float
    """Mean of 1 / number of options."""
    invalid: int = 0
    """Replies from which no option could be read; counted as wrong."""
