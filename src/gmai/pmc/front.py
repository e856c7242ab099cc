"""What an article says of itself: ids, title, journal, year, language, whether it was retracted, how to cite it."""

import re
from dataclasses import dataclass
from typing import Any

from gmai.pmc.text import local, text_of

Element = Any
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_IDS = {"pmc": "pmcid", "pmcid": "pmcid", "pmcaid": "pmcid", "pmc-uid": "pmcid", "pmid": "pmid", "doi": "doi"}
_RETRACTED = re.compile(r"\W*(?:retracted|withdrawn)(?:\s+article)?\s*[:\])]", re.I)
_FORWARD = frozenset(("retraction-forward", "retraction-notice", "retracted-by"))
_SECTIONS = frozenset(("sec", "abstract", "trans-abstract", "caption", "app", "article"))
_DATES = ("epub", "pub", "epub-ppub", "ppub", "collection")


@dataclass(frozen=True, slots=True)
class Front:
    """The front of an article, read."""

    ids: dict[str, str]
    title: str
    journal: str
    year: int | None
    retracted: bool
    citation: str


def language_of(element: Element, default: str) -> str:
    """The language an element states, in lower case, without region."""
    stated = element.get(LANG)
    return stated.lower().partition("-")[0].partition("_")[0] if stated else default


def read_front(article: Element) -> Front:
    """Read the front of an article; what it lacks is empty."""
    front = _child(article, "front")
    meta = _child(front, "article-meta") if front is not None else _child(article, "front-stub")
    journal = _journal(_child(front, "journal-meta"))
    if meta is None:
        return Front(ids={}, title="", journal=journal, year=None, retracted=False, citation="")
    group = _child(meta, "title-group")
    title = text_of(_child(group, "article-title"))
    ids = _ids(meta)
    year = _year(meta)
    retracted = article.get("article-type") == "retracted-article" or bool(_RETRACTED.match(title)) or any(
        each.get("related-article-type") in _FORWARD for each in meta.iterchildren("related-article")
    )  # fmt: skip
    where = _place_in_journal(meta, year)
    parts = [_authors(meta), title, journal, where, f"doi:{ids['doi']}" if ids.get("doi") else ""]
    citation = ". ".join(part.rstrip(". ") for part in parts if part)
    return Front(ids=ids, title=title, journal=journal, year=year, retracted=retracted, citation=citation)


def _child(element: Element | None, name: str) -> Element | None:
    return None if element is None else element.find(name)


def _journal(meta: Element | None) -> str:
    if meta is None:
        return ""
    for path in ("journal-title-group/journal-title", "journal-title", "journal-title-group/abbrev-journal-title",
                 "abbrev-journal-title", "journal-id"):  # fmt: skip
        found = meta.find(path)
        if found is not None and (text := text_of(found)):
            return text
    return ""


def _ids(meta: Element) -> dict[str, str]:
    ids: dict[str, str] = {}
    for element in meta.iterchildren("article-id"):
        name = _IDS.get((element.get("pub-id-type") or "").lower())
        value = text_of(element)
        if name and value and name not in ids:
            ids[name] = value
    if "pmcid" in ids:
        digits = re.search(r"\d+", ids["pmcid"])
        ids["pmcid"] = f"PMC{digits[0]}" if digits else ""
    if "doi" in ids:
        ids["doi"] = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", ids["doi"], flags=re.I)
    return ids


def _year(meta: Element) -> int | None:
    found: dict[str, int] = {}
    for date in meta.iterchildren("pub-date"):
        year = re.fullmatch(r"\D*(\d{4})\D*", date.findtext("year") or "")
        if year:
            found.setdefault(date.get("pub-type") or date.get("date-type") or "", int(year[1]))
    return next((found[kind] for kind in _DATES if kind in found), next(iter(found.values()), None))


def _authors(meta: Element) -> str:
    names: list[str] = []
    for group in meta.iterchildren("contrib-group"):
        for contrib in group.iterchildren("contrib"):
            if contrib.get("contrib-type", "author") == "author" and (name := _author(contrib)):
                names.append(name)
                if len(names) > 6:
                    return ", ".join(names[:6]) + ", et al"
    return ", ".join(names)


def _author(contrib: Element) -> str:
    name = contrib.find("name")
    if name is None:
        name = contrib.find("name-alternatives/name")
    if name is None:
        collab = contrib.find("collab")
        return " ".join(((collab.text or "") if collab is not None else "").split())
    given = (name.findtext("given-names") or "").replace(".", " ").split()
    return f"{(name.findtext('surname') or '').strip()} {''.join(each[0] for each in given)}".strip()


def _place_in_journal(meta: Element, year: int | None) -> str:
    volume, issue = (meta.findtext("volume") or "").strip(), (meta.findtext("issue") or "").strip()
    first, last = (meta.findtext("fpage") or "").strip(), (meta.findtext("lpage") or "").strip()
    pages = "-".join(dict.fromkeys(filter(None, (first, last)))) or (meta.findtext("elocation-id") or "").strip()
    where = volume + (f"({issue})" if issue else "") + (f":{pages}" if pages else "")
    return ";".join(part for part in (str(year) if year else "", where) if part)


def section_of(block: Element, known: dict[Element, str]) -> str:
    """Titles of the sections around a paragraph, outermost first; ``known`` keeps what was found for each section."""
    nearest = block.getparent()
    while nearest is not None and nearest.tag not in _SECTIONS:
        nearest = nearest.getparent()
    if nearest is None or nearest.tag == "article":
        return ""
    if nearest not in known:
        own = local(nearest) if nearest.tag in ("caption", "abstract") else ""
        own = own or text_of(nearest.find("title")) or ("abstract" if nearest.tag == "trans-abstract" else "")
        above = section_of(nearest, known) if nearest.tag != "caption" else ""
        known[nearest] = " > ".join(part for part in (above, own) if part)
    return known[nearest]
