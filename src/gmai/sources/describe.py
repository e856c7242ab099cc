"""Cards for readers: one in full, many as a table, and which of them fit what is asked for."""

import textwrap
from collections.abc import Iterable, Sequence

from gmai.lexicon import check_labels, check_term, read_lexicon
from gmai.sources.find import shipped_cards
from gmai.types import SourceCard, record

_COLUMNS = ("name", "modality", "department", "format", "licence")
_WIDTH = 100
_MOST_LABELS = 40
_NONE = "none"


@record
class CardFilter:
    """What cards must be; empty says nothing. Vocabulary is the lexicon's; upper and lower case are the same."""

    modality: str = ""
    """Of the card, or of one of its pictures; a family, such as ``MR``, stands for all of its modalities."""
    department: str = ""
    task: str = ""
    licence: str = ""
    """Beginning of the licence, such as ``CC-BY``."""
    format: str = ""
    commercial: bool = False
    """True: only cards whose licence allows commercial use."""


def select_cards(wanted: CardFilter, cards: Iterable[SourceCard] | None = None) -> list[SourceCard]:
    """The cards that fit, of those given or of all that ship with gmai.

    Raises:
        CardError: a modality, department or task that the lexicon does not know, with near misses.
    """
    wanted = _known(wanted)
    found = cards if cards is not None else shipped_cards()
    return [card for card in found if _fits(card, wanted)]


def describe_card(card: SourceCard) -> str:
    """A card in full: what it is, what may be done with it, where to get it, how files must lie, what labels mean."""
    parts = [f"{card.name}: {card.title}", *_rows(_what(card)), "", "Files needed below the root:"]
    parts += [f"  {pattern}" for pattern in card.files]
    parts += _wrapped(card.layout, "  ")
    if card.labels:
        parts += ["", f"Labels ({len(card.labels)}):", *_labels(card)]
    if card.notes:
        parts += ["", *_wrapped(card.notes)]
    parts += ["", f"Read it: gmai source ingest {card.name} --root FOLDER -o RAW"]
    return "\n".join(parts)


def card_table(rows: Sequence[tuple[SourceCard, str]], width: int) -> list[str]:
    """Cards with a place (home or root) as lines of a table that is no wider than ``width``; long cells are cut."""
    cells = [(*(str(getattr(card, name)) for name in _COLUMNS), place) for card, place in rows]
    widths = [max((len(row[at]) for row in cells), default=0) for at in range(len(_COLUMNS) + 1)]
    while sum(widths) + 2 * len(_COLUMNS) > width and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    return ["  ".join(_cut(text, size) for text, size in zip(row, widths, strict=True)).rstrip() for row in cells]


def label_advice(card: SourceCard) -> tuple[str, ...]:
    """A sentence for each name of a label that is no plain term of the lexicon, though it is near one, or unnamed."""
    named = {label.name: label for label in card.labels.values()}
    advice = check_labels(named, card.modality)
    return tuple(
        each.advice for each in advice if each.advice and not (each.match.how == "none" and named[each.label].zh)
    )


def _what(card: SourceCard) -> list[tuple[str, str]]:
    modalities = ", ".join(dict.fromkeys([card.modality, *card.modalities.values()]))
    tasks = ", ".join(f"{task} ({kind})" for kind, task in card.tasks.items() if task != _NONE)
    published = ", ".join(f"{count:,} {unit}s" for unit, count in card.expected.items())
    rows = [
        ("modality", modalities),
        ("department", card.department),
        ("tasks", tasks),
        ("language", card.language if card.language != "en" else ""),
        ("licence", card.licence),
        ("redistribution", _allowed(card.redistribution)),
        ("commercial use", _allowed(card.commercial)),
        ("access", card.access),
        ("home", card.home),
        ("cite", card.citation),
        ("format", card.format),
        ("published", published),
    ]
    starred = [(name, f"{text} (unverified)" if name in card.unverified and text else text) for name, text in rows]
    others = [name for name in card.unverified if name not in dict(rows)]
    return [*starred, ("unverified", ", ".join(others))]


def _rows(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows) + 2
    return [
        line
        for name, text in rows
        if text
        for line in textwrap.wrap(
            text, _WIDTH, initial_indent=f"  {name:<{width}}", subsequent_indent=" " * (width + 2)
        )
    ]


def _labels(card: SourceCard) -> list[str]:
    lines = []
    for raw, label in list(card.labels.items())[:_MOST_LABELS]:
        said = "" if raw == label.name else f"{raw} = "
        kind = "" if label.task == "finding" else f" [{label.task}]"
        lines.append(f"  {said}{label.name}{f' · {label.zh}' if label.zh else ''}{kind}")
    more = len(card.labels) - len(lines)
    return [*lines, f"  and {more} more"] if more > 0 else lines


def _known(wanted: CardFilter) -> CardFilter:
    lexicon = read_lexicon()
    modalities = [*lexicon.modalities, *lexicon.other_modalities, *lexicon.families, *lexicon.other_families]
    return CardFilter(
        modality=_term(wanted.modality, modalities, "modality"),
        department=_term(wanted.department, [*lexicon.departments, _NONE], "department"),
        task=_term(wanted.task, list(lexicon.tasks), "task"),
        licence=wanted.licence,
        format=wanted.format,
        commercial=wanted.commercial,
    )


def _term(given: str, known: Sequence[str], what: str) -> str:
    if not given:
        return ""
    found = {name.lower(): name for name in reversed(known)}.get(given.lower(), given)
    check_term(found, known, what, f"--{what}")
    return found


def _fits(card: SourceCard, wanted: CardFilter) -> bool:
    lexicon = read_lexicon()
    shown = {card.modality, *card.modalities.values()}
    return (
        (not wanted.modality or wanted.modality in shown | {lexicon.family(name) for name in shown})
        and (not wanted.department or card.department == wanted.department)
        and (not wanted.task or wanted.task in card.tasks.values())
        and card.licence.lower().startswith(wanted.licence.lower())
        and (not wanted.format or card.format == wanted.format)
        and (not wanted.commercial or card.commercial is True)
    )


def _allowed(value: bool | None) -> str:
    return {True: "allowed", False: "not allowed", None: "not known"}[value]


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent) if text else []


def _cut(text: str, width: int) -> str:
    return f"{text:<{width}}" if len(text) <= width else f"{text[: width - 1]}…"
