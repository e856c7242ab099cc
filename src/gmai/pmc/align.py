"""Panels brought together with the parts of a caption: by letters, by words for places, by order; else not at all."""

from collections.abc import Sequence

from gmai.pmc.captions import CaptionParts
from gmai.types.article import AlignedPanel, Panel, SubCaption
from gmai.types.record import record

_ORDER_LINE = 0.8
"""Certainty of reading order where panels stand in one row or column."""
_ORDER_GRID = 0.65
"""In a grid, letters may also run down the columns."""
_ORDER_REST = 0.75
"""Of panels without a letter, where the letters found stand where reading order has them."""
_SURE = 0.2
"""A panel belongs to a side if less than this share of it lies on the other."""
_AXES = ({"left", "right", "middle"}, {"top", "bottom", "middle"})


@record
class Alignment:
    """Panels with their texts."""

    panels: tuple[AlignedPanel, ...]
    why: str = ""
    """Why panels stayed without text: ``no_panels``, ``no_parts``, ``counts_differ`` (without letters on all panels
    as many labels as panels are needed), ``letters_out_of_order``, ``letters_unknown``, ``places_unclear``,
    ``text_empty``; empty where none did."""


def align(panels: Sequence[Panel], parts: CaptionParts) -> tuple[AlignedPanel, ...]:
    """The text of each panel, in the order given; see :func:`align_panels`."""
    return align_panels(panels, parts).panels


def align_panels(panels: Sequence[Panel], parts: CaptionParts) -> Alignment:
    """Bring panels and the parts of their caption together.

    Letters seen on the panels decide. Without any, words for places do where the caption is cut by such words, else
    reading order where there are as many labels as panels. A panel on which they do not agree stays ``unaligned``.
    """
    if not panels:
        return Alignment(panels=(), why="no_panels")
    if not parts.subs:
        if len(panels) == 1 and not parts.why == "empty":
            whole = AlignedPanel(panel=panels[0], text=parts.lead, confidence=panels[0].score, how="whole")
            return Alignment(panels=(whole,))
        return _none(panels, "no_parts")
    if parts.form == "place":
        return _by_places(panels, parts)
    if any(panel.label for panel in panels):
        return _by_letters(panels, parts)
    return _by_order(panels, parts)


def _none(panels: Sequence[Panel], why: str) -> Alignment:
    return Alignment(panels=tuple(AlignedPanel(panel=panel) for panel in panels), why=why)


def _joined(pairs: Sequence[tuple[Panel, str]], parts: CaptionParts, how: str, certain: float, why: str) -> Alignment:
    out = []
    for panel, label in pairs:
        said = [sub for sub in parts.subs if label in sub.labels and sub.text]
        if label and not said:
            why = why or "text_empty"
        out.append(_aligned(panel, said, how, certain) if said else AlignedPanel(panel=panel))
    return Alignment(panels=tuple(out), why=why)


def _aligned(panel: Panel, said: Sequence[SubCaption], how: str, certain: float) -> AlignedPanel:
    """What is said of several panels together stands before what is said of this one alone."""
    ordered = sorted(said, key=lambda sub: (-len(sub.labels), sub.start))
    confidence = round(panel.score * certain * min(sub.confidence for sub in said), 3)
    return AlignedPanel(panel=panel, text=" ".join(sub.text for sub in ordered), confidence=confidence, how=how)


def _by_letters(panels: Sequence[Panel], parts: CaptionParts) -> Alignment:
    names = {label.lower(): label for label in parts.labels}
    known = [names.get(panel.label.lower(), "") for panel in panels]
    if all(known):
        return _joined(list(zip(panels, known, strict=True)), parts, "letter", 1.0, "")
    unknown = any(panel.label and not name for panel, name in zip(panels, known, strict=True))
    pairs = list(zip(panels, known, strict=True))
    found = _joined(pairs, parts, "letter", 1.0, "letters_unknown" if unknown else "counts_differ")
    if unknown or len(panels) != len(parts.labels):
        return found
    rank = {id(panel): place for place, panel in enumerate(sorted(panels, key=lambda panel: panel.order))}
    ordered = _ranked(parts.labels)
    if any(name and ordered[rank[id(panel)]] != name for panel, name in pairs):
        return Alignment(panels=found.panels, why="letters_out_of_order")
    rest = _joined([(panel, ordered[rank[id(panel)]]) for panel in panels], parts, "order", _ORDER_REST, "")
    both = zip(found.panels, rest.panels, strict=True)
    return Alignment(panels=tuple(one if one.text else other for one, other in both), why=rest.why)


def _ranked(labels: Sequence[str]) -> list[str]:
    """Labels as panels carry them in reading order: by the alphabet where they are letters, else as they stand."""
    if all(len(label.rstrip("0123456789'′’")) == 1 for label in labels):
        return sorted(labels, key=lambda label: (label[0], len(label), label))
    return list(labels)


def _by_order(panels: Sequence[Panel], parts: CaptionParts) -> Alignment:
    if len(panels) != len(parts.labels):
        return _none(panels, "counts_differ")
    ordered = sorted(panels, key=lambda panel: panel.order)
    names = {id(panel): label for panel, label in zip(ordered, _ranked(parts.labels), strict=True)}
    certain = _ORDER_LINE if _in_line(panels) else _ORDER_GRID
    return _joined([(panel, names[id(panel)]) for panel in panels], parts, "order", certain, "")


def _in_line(panels: Sequence[Panel]) -> bool:
    """Whether panels stand in one row or one column."""
    for low, high in ((0, 2), (1, 3)):
        if max(panel.box[low] for panel in panels) < min(panel.box[high] for panel in panels):
            return True
    return False


def _by_places(panels: Sequence[Panel], parts: CaptionParts) -> Alignment:
    names = parts.labels
    area = (
        min(panel.box[0] for panel in panels),
        min(panel.box[1] for panel in panels),
        max(panel.box[2] for panel in panels),
        max(panel.box[3] for panel in panels),
    )
    pairs = [(panel, _place_of(panel, names, area)) for panel in panels]
    if {name for _, name in pairs if name} != set(names):
        return _none(panels, "places_unclear")
    return _joined(pairs, parts, "place", 0.9, "" if all(name for _, name in pairs) else "places_unclear")


def _place_of(panel: Panel, names: Sequence[str], area: tuple[int, int, int, int]) -> str:
    """The one name that fits where the panel lies; empty if none or several do."""
    corners = all("-" in name for name in names)
    if not corners and not any(set(names) <= axis for axis in _AXES):
        return ""
    fits = [name for name in names if all(_lies(panel, word, names, area) for word in name.split("-"))]
    return fits[0] if len(fits) == 1 else ""


def _lies(panel: Panel, word: str, names: Sequence[str], area: tuple[int, int, int, int]) -> bool:
    across = word in ("left", "right") or (word == "middle" and bool({"left", "right"} & set(names)))
    low, high = (panel.box[0], panel.box[2]) if across else (panel.box[1], panel.box[3])
    first, last = (area[0], area[2]) if across else (area[1], area[3])
    share = 3 if "middle" in names else 2
    part = {"left": 0, "top": 0, "middle": 1, "right": share - 1, "bottom": share - 1}[word]
    start, end = first + (last - first) * part / share, first + (last - first) * (part + 1) / share
    inside = max(0.0, min(high, end) - max(low, start))
    return inside > (1 - _SURE) * max(1, high - low)
