"""Benchmark questions, what models answered, and the scores."""

from dataclasses import field
from typing import Literal

from gmai.types.conversation import View
from gmai.types.record import record

Form = Literal["choice", "multiple", "yes_no", "open"]
"""How a question is answered: one option, every option that is right, yes or no in words, or in words of one's own."""


@record
class Question:
    """One question with its key; the public file never carries ``answer``, ``answers``, ``records`` or ids."""

    index: int
    sample: str
    source: str
    subject: str
    question: str
    options: tuple[str, ...]
    """Option texts in order; letters A, B, C … belong to them. Empty where there are none."""
    answer: str
    """Letter of the right option, letters in order where several are right (``AC``), or the text of an open answer."""
    kind: str
    task: str
    department: str
    modality: str
    granularity: str
    view: View = View()
    split: str = "TEST"
    records: tuple[str, ...] = ()
    """Annotation records the answer rests on."""
    form: Form = "choice"
    answers: tuple[str, ...] = ()
    """Every text that counts as right, of open questions with more than one."""
    twin: str = ""
    """Name of the group of questions that ask the same of the same region, drawn in other ways; empty: no twin."""
    assets: tuple[str, ...] = ()
    """SHA-256 of the clean pictures asked about: what questions of unknown subject are clustered by."""
    language: str = "en"
    facets: dict[str, str] = field(default_factory=dict)
    """Known traits of subject and picture (``sex``, ``age``, ``site``, ``scanner``), for scores of subgroups."""


@record
class Prediction:
    """What one model answered to one question, raw."""

    index: int
    mode: Literal["likelihood", "letters", "generate", "baseline", "replay"]
    choice: str | None
    """Letter or, of several, letters in order (``AC``); None if the reply named none."""
    text: str = ""
    """Raw reply, as generated."""
    reason: str = ""
    """By which rule the choice was read, or why there is none."""
    rotation: int = 0
    """How far the options were turned when they were shown; ``choice`` is of the order in the file."""
    usage: tuple[int, int] = (0, 0)
    """Tokens read and written, where the runner knows."""
    error: str = ""
    """Why there is no reply at all: the request failed for good."""
    likelihoods: tuple[float, ...] = ()
    """Log-likelihood of each option's text or letter, as the run normalises it, in option order."""
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
    """Replies from which no answer could be read, refusals and failed requests among them; counted as wrong."""
    refusals: int = 0
    """Replies that decline to answer."""
    errors: int = 0
    """Questions without a reply: the request failed for good."""
    adjusted: float = 0.0
    """Accuracy corrected for chance: 0 is guessing, 1 is all right."""
    counted: float = 0.0
    """Questions with twins counted as one: what ``accuracy`` is a share of."""


@record
class Measure:
    """One number about one node of one axis, with its 95 % interval where it has one."""

    metric: str
    """Such as ``accuracy.adjusted``, ``yes_no.sensitivity``, ``calibration.ece``."""
    axis: str
    node: str
    n: int
    """Questions it is computed from."""
    value: float
    low: float | None = None
    high: float | None = None
    clusters: int = 0
    invalid: int = 0
    """Replies among them from which no answer could be read."""
    refusals: int = 0
    errors: int = 0
    few: bool = False
    """True with fewer than 30 clusters: the interval may hold the truth less often than it says."""
    note: str = ""
    """How it is computed, where the name does not tell."""
