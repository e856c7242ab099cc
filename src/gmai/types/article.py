"""An article of the literature: whose it is and under which terms, its figures, and where its text speaks of them."""

from typing import Literal

from gmai.types.record import record

UNKNOWN_LICENCE = "unknown"
"""No licence is stated, or none that is understood: what nobody allowed is not taken."""

Citing = Literal["direct", "range", "list", "named"]
"""How a passage cites a figure: by a reference of its own, inside a range ("Figs 1–3"), as one of several in one
reference, or by its label alone in an article that marks no references."""


@record
class Passage:
    """A paragraph of the article that cites a figure; numbers of cited literature are left out of the text."""

    text: str
    section: str = ""
    """Titles of the sections around it, outermost first, joined by " > "; ``abstract``, ``caption`` where it is one."""
    how: Citing = "direct"
    said: str = ""
    """The words of the citation, such as "Fig. 1A"; several in one paragraph are joined by "; "."""


@record
class Translation:
    """What a translation of the article says of a figure."""

    id: str
    language: str
    label: str = ""
    title: str = ""
    caption: str = ""
    graphics: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    num_citations: int = 0


@record
class Figure:
    """One figure: what is written under it, its picture files as the article names them, and who speaks of it."""

    id: str
    """As in the article, made unique within it; ``figure-N`` where the article gives none."""
    label: str = ""
    title: str = ""
    caption: str = ""
    """Without label and title; 10 to the power of 6 is written 10^6."""
    language: str = "en"
    graphics: tuple[str, ...] = ()
    """Names of its pictures, the best of each set of alternatives, thumbnails left out."""
    other_graphics: tuple[tuple[str, ...], ...] = ()
    """For each of ``graphics``, other files of the same picture, the better ones first."""
    media: tuple[str, ...] = ()
    """Names of its films, sounds and data files."""
    passages: tuple[Passage, ...] = ()
    num_citations: int = 0
    """References to it in the text, those inside a range not counted."""
    licence: str = UNKNOWN_LICENCE
    """As on :class:`Article`: its own where it states one, else the article's."""
    licence_text: str = ""
    """What the figure itself says of rights: permissions and the words that name another owner."""
    reprinted: bool = False
    """True if it says that it comes from elsewhere ("reprinted with permission", "adapted from")."""
    parent: str = ""
    """The group it belongs to, or the figure it supplements."""
    group_caption: str = ""
    """What is written under the whole group, label and title included."""
    kind: str = "figure"
    """``figure``, ``supplement``, ``scheme``, ``chart``, ``plate``, ``map``, ``abstract``."""
    place: str = ""
    """Empty in the article itself; else the kind of sub-article, such as ``reply`` or ``translation``."""
    translations: tuple[Translation, ...] = ()


@record
class Article:
    """One article: what it is, under which terms it may be used, and its figures in their order."""

    id: str
    """PMCID, else DOI, else PMID, else the name of its file."""
    pmcid: str = ""
    """With ``PMC`` in front, without version."""
    pmid: str = ""
    doi: str = ""
    title: str = ""
    journal: str = ""
    year: int | None = None
    language: str = "en"
    kind: str = ""
    """As the article says, such as ``research-article``, ``case-report``, ``retraction``."""
    retracted: bool = False
    licence: str = UNKNOWN_LICENCE
    """As SPDX names it (``CC-BY-4.0``), without version where none is stated (``CC-BY``), ``public-domain`` or
    ``unknown``."""
    licence_text: str = ""
    citation: str = ""
    """One line to cite it by."""
    figures: tuple[Figure, ...] = ()
    num_citations: int = 0
    """References to figures in the whole text, translations and dangling ones included."""
    dangling: tuple[str, ...] = ()
    """Targets of references to figures that the article does not hold, each once."""
    source: str = ""
    """Where it was read: a path, archive and member, or address."""


@record
class Panel:
    """One panel of a compound figure."""

    box: tuple[int, int, int, int]
    """Corners x0, y0, x1, y1 in pixels of the figure, the last ones outside."""
    order: int
    """Place in reading order, from 0."""
    label: str = ""
    level: Literal["image", "lettered"] = "image"
    kind: str = ""
    """Such as ``radiology``, ``microscopy``, ``photo``, ``plot``, ``diagram``; empty if not told."""
    score: float = 1.0


@record
class SubCaption:
    """The part of a caption that speaks of some panels."""

    labels: tuple[str, ...]
    text: str
    start: int
    """Where it starts in the caption, in characters."""
    end: int
    confidence: float = 1.0
    shared: bool = False
    """True if it speaks of several panels together."""


@record
class AlignedPanel:
    """A panel and the text that speaks of it, or none."""

    panel: Panel
    text: str = ""
    confidence: float = 0.0
    how: str = "unaligned"
    """How the two were brought together; ``unaligned``: not at all, and the text is empty."""
