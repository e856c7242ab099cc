"""Options and questions as they stand: doubles, other names of one thing, what readers lose, cues that are missing."""

from collections.abc import Iterator
from itertools import combinations

from gmai.bench.folding import fold
from gmai.bench.leaks.rows import Finding, Level, Row, Sheet, tell
from gmai.bench.options import LOST_BY_PANDAS
from gmai.lexicon import find_terms, name_of, read_lexicon

_LOST_DEPARTMENTS = ("department", "clinical vqa task", "perceptual granularity", "modality")
_LEVEL_CUES = {
    "box level": ("box", "方框", "rectangle"),
    "mask level": ("mask", "shaded", "highlighted", "掩膜", "着色"),
    "contour level": ("contour", "outline", "outlined", "轮廓", "勾画"),
}


def find_bad_options(sheet: Sheet) -> Iterator[Finding]:
    """Options that are equal, mean the same, or are lost by readers."""
    equal, same, lost = [], [], []
    for row in sheet.rows:
        folded = [fold(option) for option in row.options]
        if len(set(folded)) < len(folded):
            equal.append(row)
        elif _have_one_meaning(row):
            same.append(row)
        if set(row.options) & LOST_BY_PANDAS:
            lost.append(row)
    yield from _told(sheet, "options equal", "doubt", equal, "two options are the same but for case or punctuation")
    yield from _told(sheet, "options mean the same", "doubt", same, "two options are names of one thing")
    yield from _told(sheet, "options lost", "doubt", lost, "pandas reads an option as an empty field")
    for name in _LOST_DEPARTMENTS:
        rows = [row for row in sheet.rows if row.columns.get(name) in LOST_BY_PANDAS]
        yield from _told(sheet, "fields lost", "doubt", rows, f"pandas reads {name} as an empty field", name)


def _have_one_meaning(row: Row) -> bool:
    """True if the lexicon has one term for two options, without a side or denial between them."""
    modality = row.columns.get("modality") or None
    found = [find_terms(option, modality=modality) for option in row.options if not option.isdecimal()]
    said = [(match.term.name, match.side, match.absent) for match in found if match.term is not None]
    return any(a == b for a, b in combinations(said, 2))


def find_doubles(sheet: Sheet, pictures: dict[int, str]) -> Iterator[Finding]:
    """Questions that are there twice: the same picture, words and options."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in sheet.rows:
        key = (pictures.get(row.index, ""), fold(row.question), frozenset(map(fold, row.options)))
        if pictures.get(row.index):
            groups.setdefault(key, []).append(row)
    twice = [row for group in groups.values() if len(group) > 1 for row in group]
    yield from _told(
        sheet, "questions doubled", "doubt", twice, "the same picture is asked the same with the same options"
    )
    torn = [row for group in groups.values() if len({_said(row) for row in group} - {None}) > 1 for row in group]
    yield from _told(sheet, "answers differ", "doubt", torn, "of the same question, two answers are right")


def _said(row: Row) -> str | None:
    return None if row.right is None else fold(row.options[row.right])


def find_missing(sheet: Sheet) -> Iterator[Finding]:
    """Questions that do not name their modality or what is marked."""
    known = {**read_lexicon().modalities, **read_lexicon().other_modalities}
    no_modality, no_level = [], []
    for row in sheet.rows:
        text = row.question.casefold()
        modality = row.columns.get("modality", "")
        called = {modality.casefold(), name_of(modality, "zh", "modality").casefold()} if modality in known else set()
        if called and not any(name in text for name in called):
            no_modality.append(row)
        cues = _LEVEL_CUES.get(row.columns.get("perceptual granularity", "").casefold())
        if cues and not any(cue in text for cue in cues):
            no_level.append(row)
    yield from _told(sheet, "cue missing", "note", no_modality, "the question does not name its modality", "modality")
    detail = "the question does not say what is marked"
    yield from _told(sheet, "cue missing", "note", no_level, detail, "perceptual granularity")


def _told(sheet: Sheet, check: str, level: Level, rows: list[Row], detail: str, column: str = "") -> Iterator[Finding]:
    if rows:
        yield tell(sheet, check, level, rows, detail, column)
