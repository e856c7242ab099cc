"""Labels of panels as captions write them: "(A)", "A,", "a–c", "(A and B)", "Panel A:", "Left:", "图1A"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Form = Literal["bracket", "half", "stop", "named", "bare", "place"]
Key = tuple[str, int, int]
"""Alphabet, number in it from 0, and the number or primes that follow the letter."""

_ROMAN = {name: place for place, name in enumerate("i ii iii iv v vi vii viii ix x xi xii".split())}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_ATOM = r"(?:[IVX]{2,4}|[ivx]{2,4}|[A-Za-z](?:\d{1,2}|['′’]{1,2})?)"
_DASH = r"[-–—−‐‑~～]"
_AND = r"(?:and|or|y|e|et|und|&|和|及|与)"
_BETWEEN = rf"(?:\s*{_DASH}\s*|\s+(?:to|through|a|bis)\s+|\s*[,、，]\s*(?:{_AND}\s+)?|\s*[&和及与]\s*|\s+{_AND}\s+)"
_GROUP = rf"{_ATOM}(?:{_BETWEEN}{_ATOM}){{0,11}}"
_FIGURE = r"(?:(?:Supplementary\s+)?Fig(?:ure|\.)?|Figura|图)\s*S?\d{1,2}\s?"
_PANEL = r"(?:(?:In\s+)?(?:[Pp]anels?|Images?|Painel|Paneles|Subfigures?)\s+)"
_ARROW = r"(?:\s*[,;]\s*(?:\w+ )?(?:arrow\w*|asterisks?))?"
_NEXT = r"(?=\s*[A-Z0-9À-ÝΑ-Ω\"“])"
_FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = (
    ("bracket", re.compile(rf"[(（\[](?P<labels>{_GROUP}|\d){_ARROW}[)）\]]")),
    ("half", re.compile(rf"(?<![\w(（\[.\-])(?P<labels>{_GROUP}|\d)[)）](?=\s)")),
    ("named", re.compile(rf"(?:{_PANEL}|{_FIGURE})[(（]?(?P<labels>{_GROUP})(?!\w)[)）]?")),
    (
        "stop",
        re.compile(rf"(?<!\w)(?P<labels>{_GROUP}|[{_CIRCLED}])(?:\s*[,.:=:：，．、](?!\w\.)|\s+[-–—=]\s|为|示)"),
    ),
    ("bare", re.compile(rf"(?<!\w)(?P<labels>{_GROUP})\s{_NEXT}")),
    ("stop", re.compile(rf"(?P<labels>[{_CIRCLED}])")),
)
_BRACKET = _FORMS[0][1]
_PLACES = {
    "left": "left|left-hand|esquerda|izquierda|à gauche|gauche|links|左",
    "right": "right|right-hand|direita|derecha|à droite|droite|rechts|右",
    "top": "top|upper|superior|acima|arriba|oben|上",
    "bottom": "bottom|lower|inferior|abaixo|abajo|unten|下",
    "middle": "middle|centre|center|central|centro|mitte|中",
}
_PLACE = "|".join(f"(?P<{name}>{words})" for name, words in _PLACES.items())
_SIDE = _PLACE.replace("?P<", "?P<side_")
_OF = r"(?:[\s-]*(?:panels?|images?|columns?|rows?|side|hand side|painel|图|侧|行|列))?"
_PLACED = re.compile(
    rf"(?:\b(?:the|at|on the|à|a la)\s+)?(?:{_PLACE})(?:[\s-]+(?:{_SIDE}))?{_OF}"
    r"(?:\s*[:：,，]|\s+(?:shows?|depicts?|is|are)\b|为|示)",
    re.I,
)
_PLACED_BRACKET = re.compile(rf"[(（](?:{_PLACE})(?:[\s-]+(?:{_SIDE}))?{_OF}[)）]", re.I)
_STRICT = re.compile(r"(?:^|[.;:。；：!?(（])[\s\"]*(?:and\s+)?(?:(?:Fig(?:ure|\.)?|图)\s*\d+[.:]?\s*)?$", re.I)
_LOOSE = re.compile(rf"(?:[,，、)）]|[,，.;)]\s*{_AND}|\b(?:and|y|e|et|und|or))\s*$")
_WEAK = re.compile(
    r"(?:\b(?:in|of|from|than|see|as|with|for|by|to|on|panels?|figs?|figures?|fig\.|em|de|en)\s*|[=<>±]\s*)$", re.I
)
_NAMED_BY = re.compile(r"\s[A-ZÀ-Ý]\.\s*$")
"""A name or species shortened before the label ("Allium cepa L. (a)") ends no sentence."""
_CLOSED = re.compile(rf"\s*(?:[,.;:)），。；]|{_AND}\s|$)")
_MOST = 26


@dataclass(frozen=True, slots=True)
class Mark:
    """A label, or several, at one place of a caption."""

    labels: tuple[str, ...]
    keys: tuple[Key, ...]
    start: int
    end: int
    form: Form
    strict: bool
    """A sentence or clause begins with it."""
    opens: bool
    """A part of a list may begin with it."""
    closes: bool
    """What follows begins another part."""
    weak: bool
    """It reads like a mention ("as in (A)")."""


def find_said(text: str, forms: Iterable[Form]) -> list[tuple[Form, re.Match[str]]]:
    """All places of ``text`` that are written like labels of these forms, whatever they spell."""
    return [(form, found) for form, pattern in _FORMS if form in forms for found in pattern.finditer(text)]


def find_marks(text: str, said: Iterable[tuple[Form, re.Match[str]]], alphabet: str) -> list[Mark]:
    """Those places that may be labels of one alphabet, in order, neighbours joined."""
    marks: list[Mark] = []
    for form, found in said:
        labels = _expand(found["labels"], alphabet)
        if labels is None:
            continue
        mark = _mark(text, found.start(), found.end(), form, *labels)
        if form in ("stop", "bare") and _BRACKET.match(text, max(0, found.start() - 1)):
            continue
        if form in ("stop", "bare", "half") and not mark.opens:
            continue
        if form in ("stop", "bare") and not (
            mark.strict or text[max(0, mark.start - 4) : mark.start].rstrip()[-1:] in "，,、"
        ):
            continue
        marks.append(mark)
    return _joined(text, sorted(marks, key=lambda mark: (mark.start, -mark.end)))


def find_places(text: str) -> list[Mark]:
    """Words that name a place ("Left:", "(top row)", "左图为") where they introduce or close a part."""
    marks: list[Mark] = []
    for pattern in (_PLACED, _PLACED_BRACKET):
        for found in pattern.finditer(text):
            name = next(name for name in _PLACES if found[name])
            side = next((name for name in _PLACES if found[f"side_{name}"]), "")
            label = f"{name}-{side}" if side else name
            mark = _mark(text, found.start(), found.end(), "place", (label,), (("place", len(marks), 0),))
            if mark.strict or pattern is _PLACED_BRACKET or (mark.opens and found[0][-1] in "为示"):
                marks.append(mark)
    return sorted(marks, key=lambda mark: mark.start)


def _mark(text: str, start: int, end: int, form: Form, labels: tuple[str, ...], keys: tuple[Key, ...]) -> Mark:
    before = text[max(0, start - 40) : start]
    strict = bool(_STRICT.search(before)) and (start <= 40 or before.strip() != "")
    loose = bool(_LOOSE.search(before))
    closes = bool(_CLOSED.match(text, end))
    strict = strict and not (closes and _NAMED_BY.search(before))
    weak = bool(_WEAK.search(before)) and not strict
    return Mark(labels, keys, start, end, form, strict, strict or loose, closes, weak)


def _joined(text: str, marks: list[Mark]) -> list[Mark]:
    """Marks with nothing but a comma or "and" between them are one: "(A), (B): both"."""
    out: list[Mark] = []
    for mark in marks:
        last = out[-1] if out else None
        if last and mark.start < last.end:
            continue
        between = text[last.end : mark.start] if last else "x"
        ranged = None
        if last and re.fullmatch(rf"\s*{_DASH}\s*", between):
            ranged = _between(last.keys[-1], mark.keys[0], last.labels[-1])
        if last and ranged:
            labels, keys = tuple(label for label, _ in ranged), tuple(key for _, key in ranged)
            last = replace(last, labels=last.labels + labels, keys=last.keys + keys)
            between = ","
        if last and last.form != "bare" and re.fullmatch(rf"\s*[,，、;]?\s*(?:{_AND}\s+)?", between):
            out[-1] = replace(
                last, labels=last.labels + mark.labels, keys=last.keys + mark.keys, end=mark.end, closes=mark.closes
            )
        else:
            out.append(mark)
    return out


def _expand(said: str, alphabet: str) -> tuple[tuple[str, ...], tuple[Key, ...]] | None:
    """The labels of a group, ranges filled; None where they are not of the alphabet."""
    parts = re.split(rf"({_BETWEEN})", said)
    labels: list[str] = []
    keys: list[Key] = []
    for place in range(0, len(parts), 2):
        key = _key(parts[place], alphabet)
        if key is None:
            return None
        ranged = place and re.fullmatch(rf"\s*{_DASH}\s*|\s+(?:to|through|a|bis)\s+", parts[place - 1])
        if ranged:
            filled = _between(keys[-1], key, parts[place - 2])
            if filled is None:
                return None
            labels += [label for label, _ in filled]
            keys += [each for _, each in filled]
        labels.append(parts[place])
        keys.append(key)
    return (tuple(labels), tuple(keys)) if len(set(keys)) == len(keys) else None


def _between(first: Key, last: Key, said: str) -> list[tuple[str, Key]] | None:
    kind, letter, number = first
    if last[1] == letter and 0 < last[2] - number < _MOST and said[-1:].isdigit():
        return [(f"{said[0]}{n}", (kind, letter, n)) for n in range(number + 1, last[2])]
    if not 0 < last[1] - letter < _MOST or number or last[2]:
        return None
    names = range(letter + 1, last[1])
    if kind.startswith("roman"):
        roman = list(_ROMAN)
        return [(roman[n].upper() if kind.endswith("upper") else roman[n], (kind, n, 0)) for n in names]
    base = ord("A" if kind == "upper" else "a")
    return [(chr(base + n), (kind, n, 0)) for n in names]


def _key(said: str, alphabet: str) -> Key | None:
    if said in _CIRCLED:
        return (alphabet, _CIRCLED.index(said), 0) if alphabet == "circled" else None
    if said.isdigit():
        return (alphabet, int(said) - 1, 0) if alphabet == "digit" and said != "0" else None
    if alphabet.startswith("roman"):
        fits = said.islower() if alphabet == "roman-lower" else said.isupper()
        return (alphabet, _ROMAN[said.lower()], 0) if fits and said.lower() in _ROMAN else None
    if alphabet not in ("upper", "lower") or said[0].isupper() != (alphabet == "upper"):
        return None
    rest = said[1:]
    if rest and not rest.isdigit() and rest.strip("'′’"):
        return None
    return alphabet, ord(said[0].lower()) - ord("a"), int(rest) if rest.isdigit() else len(rest)
