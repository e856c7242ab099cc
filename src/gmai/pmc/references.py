"""Where the text speaks of a figure: references one by one, in ranges ("Figs 1–3") and in lists ("Figs 1, 2 and 4")."""

import re
from dataclasses import dataclass, field
from typing import Any

from gmai.pmc.figures import Draft
from gmai.pmc.front import section_of
from gmai.pmc.text import local, text_of
from gmai.types import Passage
from gmai.types.article import Citing

Element = Any

_DASH = r"[-–—−‐‑]"
_RANGE_BETWEEN = re.compile(rf"\s*\(?[A-Za-z]?\)?\s*(?:{_DASH}|to|through|thru|until|bis|até|hasta|al?|e)\s*", re.I)
_RANGE_WITHIN = re.compile(rf"(?<![\w.])(\d{{1,3}})\s*(?:{_DASH}|to|through|a|até|hasta)\s*(\d{{1,3}})(?![\w.])")
_RANGE_AFTER = re.compile(rf"\s*(?:{_DASH}|to\b|through\b)\s*(\d{{1,3}})(?=\s*[).,;:]|\s+[a-z(]|\s*$)")
_MORE_AFTER = re.compile(r"\s*(?:,|and|&|e|y|,\s*and)\s*(\d{1,3})(?=\s*[).;]|\s+(?:and|show|present|illustrat)|\s*$)")
_PLURAL = re.compile(r"^\W*(?:figs\b|figures\b|figuras\b|schemes\b|plates\b)", re.I)
_PANELS = re.compile(
    r"\s?[A-Z](?![A-Za-z])(?:\s?(?:[-–,&]|and)\s?[A-Z](?![A-Za-z]))*|[a-h](?![A-Za-z])(?:[-–,][a-h](?![A-Za-z]))*"
)
_NAMED = re.compile(
    rf"\b(?:figs?\b\.?|figures?\b|figuras?\b|schemes?\b)\s*(\d{{1,3}})(?:\s*({_DASH}|and|to|,|&)\s*(\d{{1,3}})\b)?",
    re.I,
)
_BLOCKS = frozenset("p title td th label attrib disp-quote list-item term def article-title fn".split())
_PLAIN = (
    "fig #",
    "figure #",
    "figura #",
    "figs #",
    "figures #",
    "abb #",
    "abbildung #",
    "#",
    "图 #",
    "图#",
    "scheme #",
)
_OTHER = frozenset(
    (
        "bibr",
        "table",
        "aff",
        "fn",
        "corresp",
        "sec",
        "supplementary-material",
        "disp-formula",
        "table-fn",
        "author-notes",
    )
    + ("app", "list", "contrib", "video")
)
"""Kinds of references that never lead to a figure."""
_MOST = 40
"""A longer range is no range."""


@dataclass(slots=True)
class Cited:
    """All references to figures of an article."""

    count: int = 0
    dangling: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """Figures cited in one block, in order: how, and in which words."""

    figures: dict[int, Draft] = field(default_factory=dict)
    how: dict[int, Citing] = field(default_factory=dict)
    said: dict[int, dict[str, None]] = field(default_factory=dict)

    def add(self, draft: Draft, how: Citing, said: str) -> None:
        key = id(draft)
        self.figures[key] = draft
        if self.how.get(key) != "direct":
            self.how[key] = how
        self.said.setdefault(key, {})[said] = None


class _Finder:
    def __init__(self, drafts: list[Draft]) -> None:
        self.ids: dict[tuple[Element | None, str], list[Draft]] = {}
        self.anywhere: dict[str, list[Draft]] = {}
        self.numbers: dict[tuple[Element | None, str, tuple[int, ...]], Draft] = {}
        for draft in drafts:
            names = [draft.element.get("id") or "", (draft.group.get("id") or "") if draft.group is not None else ""]
            for place, name in enumerate(filter(None, names)):
                here = self.ids.setdefault((draft.home, name), [])
                if not here or place:  # the first of two figures with one id is meant; a group means all of its figures
                    here.append(draft)
                    self.anywhere.setdefault(name, here)
            self.numbers.setdefault((draft.home, *draft.number), draft)

    def by_id(self, rid: str, home: Element | None) -> list[Draft]:
        return self.ids.get((home, rid)) or self.anywhere.get(rid) or []

    def by_number(self, home: Element | None, number: int) -> Draft | None:
        """The plain figure of that number, of the sub-article or else of the article itself."""
        for where in dict.fromkeys((home, None)):
            for shape in _PLAIN:
                draft = self.numbers.get((where, shape, (number,)))
                if draft is not None and draft.of is None:
                    return draft
        return None

    def between(self, first: Draft, last: Draft) -> list[Draft]:
        """The figures strictly between two whose labels differ in the last number only."""
        (shape, start), (other, end) = first.number, last.number
        if shape != other or not start or start[:-1] != end[:-1] or not 1 < end[-1] - start[-1] <= _MOST:
            return []
        steps = (self.numbers.get((first.home, shape, (*start[:-1], n))) for n in range(start[-1] + 1, end[-1]))
        return [draft for draft in steps if draft is not None]


def find_passages(article: Element, xrefs: list[Element], drafts: list[Draft], has_subs: bool) -> Cited:
    """Put on each figure the paragraphs that cite it, and count all references to figures.

    Args:
        article: the whole of it.
        xrefs: its references, in order.
        drafts: its figures, in order.
        has_subs: whether it has sub-articles.
    """
    cited, finder = Cited(), _Finder(drafts)
    blocks: dict[Element, list[Element]] = {}
    for xref in xrefs:
        kind = xref.get("ref-type")
        if kind == "fig" or (kind not in _OTHER and _is_figure(xref, kind, finder)):
            cited.count += 1
            block = xref.getparent()
            while block.tag not in _BLOCKS and block.getparent() is not None:
                block = block.getparent()
            blocks.setdefault(block, []).append(xref)
    sections: dict[Element, str] = {}
    for block, inside in blocks.items():
        home, own = _around(block, has_subs)
        found = _Found()
        _read_block(inside, home, finder, found, cited)
        _keep(block, own, found, sections)
    if not cited.count and drafts:
        _find_named(article, finder, sections)
    return cited


def _around(block: Element, has_subs: bool) -> tuple[Element | None, Element | None]:
    """The sub-article and the figure that a paragraph stands in."""
    home = own = None
    above = block.getparent()
    while above is not None:
        if above.tag == "fig":
            own = above
            if not has_subs:
                break
        elif above.tag in ("sub-article", "response"):
            home = above
            break
        above = above.getparent()
    return home, own


def _is_figure(xref: Element, kind: str | None, finder: _Finder) -> bool:
    if kind and kind.lower().startswith("fig"):
        return True
    return any(rid in finder.anywhere for rid in (xref.get("rid") or "").split())


def _read_block(xrefs: list[Element], home: Element | None, finder: _Finder, found: _Found, cited: Cited) -> None:
    before: tuple[Element, Draft] | None = None
    for xref in xrefs:
        text = text_of(xref) if len(xref) else " ".join((xref.text or "").split())
        tail = xref.tail or ""
        panels = _PANELS.match(tail)
        said = text + (panels[0] if panels and text[-1:].isdigit() else "")
        targets = _targets(xref, text, home, finder, cited)
        for target in targets:
            target.num_citations += 1
            found.add(target, "list" if len(targets) > 1 else "direct", said or target.label)
        if not targets:
            before = None
            continue
        first, last = targets[0], targets[-1]
        if before is not None and before[0].getnext() is xref and _RANGE_BETWEEN.fullmatch(before[0].tail or ""):
            joint = (before[0].tail or "").strip()
            if joint != "e":
                words = f"{text_of(before[0])}{before[0].tail}{text}"
                for each in finder.between(before[1], first):
                    found.add(each, "range", words)
        _read_own_range(text, first, finder, found)
        if len(targets) == 2 and _RANGE_WITHIN.search(text):
            for each in finder.between(first, last):
                found.add(each, "range", text)
        _read_tail(text, tail, last, finder, found)
        before = (xref, last)


def _targets(xref: Element, text: str, home: Element | None, finder: _Finder, cited: Cited) -> list[Draft]:
    targets: dict[int, Draft] = {}
    rids = (xref.get("rid") or "").split()
    for rid in rids:
        known = finder.by_id(rid, home)
        targets.update((id(draft), draft) for draft in known)
        if not known:
            cited.dangling[rid] = None
    if not rids and (number := re.search(r"\d{1,3}", text)):
        draft = finder.by_number(home, int(number[0]))
        if draft is not None:
            targets[id(draft)] = draft
    if not rids and not targets:
        cited.dangling[text] = None
    return list(targets.values())


def _read_own_range(text: str, first: Draft, finder: _Finder, found: _Found) -> None:
    """A range inside one reference: ``Figs 1–3`` that leads to figure 1."""
    match = _RANGE_WITHIN.search(text)
    numbers = first.number[1]
    if match is None or len(numbers) != 1 or numbers[0] not in (int(match[1]), int(match[2])):
        return
    start, end = int(match[1]), int(match[2])
    for number in range(start, end + 1) if 0 < end - start <= _MOST else ():
        draft = finder.numbers.get((first.home, first.number[0], (number,)))
        if draft is not None and id(draft) not in found.figures:
            found.add(draft, "range", text)


def _read_tail(text: str, tail: str, last: Draft, finder: _Finder, found: _Found) -> None:
    """What goes on after a reference without one of its own: ``–3`` or, after a plural, ``and 4``."""
    shape, numbers = last.number
    if not numbers or not text[-1:].isdigit():
        return
    match, how = _RANGE_AFTER.match(tail), "range"
    if match is None and _PLURAL.match(text):
        match, how = _MORE_AFTER.match(tail), "list"
    if match is None:
        return
    end = finder.numbers.get((last.home, shape, (*numbers[:-1], int(match[1]))))
    if end is None or end is last:
        return
    for each in finder.between(last, end) if how == "range" else []:
        found.add(each, "range", text + match[0])
    found.add(end, "range" if how == "range" else "list", text + match[0])


def _keep(block: Element, own: Element | None, found: _Found, sections: dict[Element, str]) -> None:
    text, section = text_of(block), section_of(block, sections)
    if local(block) == "title" and not section:
        section = text
    for key, draft in found.figures.items():
        if draft.element is not own and text:
            said = "; ".join(found.said[key])
            draft.passages.append(Passage(text=text, section=section, how=found.how[key], said=said))


def _find_named(article: Element, finder: _Finder, sections: dict[Element, str]) -> None:
    """An article that marks no reference at all: its figures are found by their labels in the text."""
    for block in article.iter("p"):
        home, own = _around(block, True)
        if own is not None:
            continue
        found, text = _Found(), text_of(block)
        for match in _NAMED.finditer(text):
            start, end = int(match[1]), int(match[3] or match[1])
            ranged = match[2] is not None and match[2] not in ("and", ",", "&") and 0 < end - start <= _MOST
            for number in range(start, end + 1) if ranged else dict.fromkeys((start, end)):
                draft = finder.by_number(home, number)
                if draft is not None:
                    found.add(draft, "named", match[0])
        _keep(block, own, found, sections)
