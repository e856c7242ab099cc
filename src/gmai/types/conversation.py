"""What a model is taught with: turns about a view of a sample, and the facts they are made from."""

from dataclasses import field
from typing import Any, Literal

from gmai.types.record import record
from gmai.types.sample import Step

Granularity = Literal["image", "box", "mask", "contour"]


@record
class View:
    """How a picture is looked at: clean, or with regions drawn on it. Pixels are drawn when looked at, never stored."""

    granularity: Granularity = "image"
    regions: tuple[int, ...] = ()
    """Positions in the sample's annotations of the regions drawn."""
    colour: tuple[int, int, int] = (255, 0, 0)
    opacity: float = 0.35
    line_px: int = 2


@record
class Fact:
    """One true answer computed from annotations: the only ground a statement may stand on."""

    kind: str
    """``modality``, ``finding``, ``location``, ``grade``, ``count``, ``size`` or ``presence``."""
    answer: str
    task: str
    """Clinical task of the lexicon."""
    records: tuple[str, ...]
    """Pointers to the annotation records it was computed from."""
    view: View = View()
    about: str = ""
    """The label a location, count or presence is about."""
    pool: tuple[str, ...] = ()
    """Every answer this kind of fact can have in this source; the first places distractors come from."""
    values: dict[str, Any] = field(default_factory=dict)
    """Numbers the answer rests on (mm, px, counts)."""


@record
class Turn:
    """One utterance."""

    role: Literal["user", "assistant"]
    text: str


@record
class Conversation:
    """A conversation about one view of one sample, with the facts it states and the way it was made."""

    id: str
    sample: str
    source: str
    subset: Literal["caption", "percept", "instruct", "text"]
    kind: str
    """Question kind, or ``caption``/``qa``."""
    task: str
    modality: str
    department: str
    turns: tuple[Turn, ...]
    view: View = View()
    prior: str = ""
    """An earlier sample of the same subject that this one is compared with: its pictures come before the sample's."""
    answer: str = ""
    options: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    language: str = "en"
    template: str = ""
    """Name of the template or prompt, and of the engine that filled it."""
    steps: tuple[Step, ...] = ()
    """How a model wrote it: prompt, model, attempts, verdicts; empty where templates were filled."""
