"""Licences of articles and figures, read as SPDX names them, and the gate that lets through only what is allowed.

Closed where in doubt: of several licences the one that allows least holds; none that is understood is ``unknown``; a
figure that comes from elsewhere has the licence it states itself, or none.
"""

import re
from collections.abc import Iterable
from typing import Any

from gmai.pmc.text import local, plain_text
from gmai.types import UNKNOWN_LICENCE, Article, Figure, Reject, record

STAGE = "licence"
Element = Any

_HREF = "{http://www.w3.org/1999/xlink}href"
_URL = re.compile(r"creativecommons\.org/licen[sc]es/([a-z][a-z+-]*)/?(\d\.\d)?", re.I)
_ZERO = re.compile(
    r"creativecommons\.org/(?:publicdomain/zero|licen[sc]es/(?:cc-?)?zero)/?(\d\.\d)?|\bCC[\s-]?0\b", re.I
)
_MARK = re.compile(r"creativecommons\.org/(?:publicdomain/mark|licen[sc]es/publicdomain)|public domain|domínio público|"
                   r"dominio público", re.I)  # fmt: skip
_CODE = re.compile(r"\bCC[\s-]{0,2}BY((?:[\s-]{1,2}(?:NC|ND|SA))*)\b[\s-]*(?:v(?:ersion)?\s*)?(\d\.\d)?", re.I)
_WORDS = re.compile(
    r"Creative Commons\W{1,4}(?:license\W+|licen[çc]a\W+|licencia\W+)?(?:de\s+)?(?:Attribution|Atribuição|Atribución|"
    r"Reconocimiento)(?P<rest>(?:[^.;]|\.\d){0,120})",
    re.I,
)
_NC = re.compile(r"non[\s-]{0,2}commercial|n[ãa]o[\s-]?comercial|no[\s-]?comercial|sin fines comerciales|"
                 r"commercial (?:re-?)?use is not|not for commercial|\bNC\b|sem fins comerciais", re.I)  # fmt: skip
_ND = re.compile(r"no[\s-]{0,2}deriv|sem[\s-]?deriva|sin[\s-]?(?:obra[\s-]?)?deriva|\bND\b", re.I)
_SA = re.compile(r"share[\s-]{0,2}alike|compartilha?igual|compartirigual|\bSA\b", re.I)
_VERSION = re.compile(r"\b([1-4]\.[05])\b")

_THANKS = re.compile(
    r"(?:re-?printed|reproduced|re-?published|re-?used|adapted|modified|redrawn|taken)\b[^.;]{0,120}?"
    r"\b(?:with|by)\s+(?:the\s+)?(?:kind\s+)?(?:written\s+)?permission"
    r"|(?:with|by)\s+(?:the\s+)?(?:kind\s+)?permission\s+(?:from|of)\b"
    r"|(?:^|[.(\[;,–]\s*|\b(?:figure|image|picture|photograph|illustration|diagram|panel|graph|map|scheme|schematic|"
    r"drawing)s?\s+(?:\([^)]{0,20}\)\s*|[A-Z0-9]{1,3}\s+)?(?:(?:is|are|was|were|has been|have been)\s+)?)"
    r"(?:slightly\s+)?(?:re-?printed|reproduced|adapted|modified|redrawn|re-?published|reused)\s+(?:and\s+\w+\s+)?from\b"
    r"|\bcourtesy\s*(?:of\b|:)|\b(?:source|fonte|fuente|credits?)\s*:\s*(?:https?:|www\.|wikimedia|wikipedia|getty|shutterstock)"
    r"|\b(?:reproduzid|adaptad|reproducid|extraíd|modificad)[oa]s?\s+(?:com\s+(?:a\s+)?permissão\s+)?"
    r"(?:con\s+(?:el\s+)?permiso\s+)?(?:de|do|da|del)\b"
    r"|(?:©|\bcopyright\b)\s*[:,]?\s*(?:\(c\)\s*)?(?:\d{4}\b|by\b|[A-Z])",
    re.I,
)
_HINTS = tuple(
    "printed reproduc adapted modified redrawn published reused permission courtesy © copyright source fonte fuente "
    "credit adaptad reproduzid extraíd modificad".split()
)
"""Without one of these nothing is said of another owner."""
_PATIENT = re.compile(r"patient|parent|participant|guardian|volunteer|subject|famil|consent", re.I)


@record
class LicencePolicy:
    """Which licences let an article or figure through; anything else is a reject."""

    allowed: tuple[str, ...] = ("CC0", "public-domain", "CC-BY", "CC-BY-SA")
    """Families of licences, without version: CC-BY does not let CC-BY-NC through."""
    reprinted: bool = False
    """Let figures through that come from elsewhere but state an allowed licence of their own."""
    retracted: bool = False
    """Let retracted articles through."""


def find_licence(text: str, links: Iterable[str] = ()) -> str:
    """The licence that words and links state, as SPDX names it; the one that allows least if they state several."""
    everything = " ".join((*links, text))
    found: list[tuple[int, str, str]] = []
    for code, version in _URL.findall(everything):
        found += _spell(set(re.findall("nc|nd|sa", code.lower())), version, "by" in code.lower())
    for code, version in _CODE.findall(text):
        found += _spell(set(re.findall("nc|nd|sa", code.lower())), version, True)
    for match in _WORDS.finditer(text):
        rest = match["rest"]
        version = _VERSION.search(rest)
        terms = {name for name, pattern in (("nc", _NC), ("nd", _ND), ("sa", _SA)) if pattern.search(rest)}
        found += _spell(terms, version[1] if version else "", True)
    if found:
        stricter = {name for name, pattern in (("nc", _NC), ("nd", _ND)) if pattern.search(text)}
        return _strictest(found, stricter)
    zero = _ZERO.search(everything)
    if zero:
        return "CC0-1.0"
    return "public-domain" if _MARK.search(everything) else UNKNOWN_LICENCE


def family(licence: str) -> str:
    """A licence without its version: ``CC-BY-NC`` of ``CC-BY-NC-4.0``."""
    return re.sub(r"-\d\.\d$", "", licence)


def read_permissions(holder: Element) -> tuple[str, str]:
    """Licence and words of the permissions right under an element (``article-meta``, ``fig``); both empty if none."""
    links, texts, seen = [], [], False
    for child in holder:
        name = local(child)
        if name in ("permissions", "copyright-statement", "license"):
            seen = True
            texts.append(plain_text(child))
            for inner in child.iter():
                name = local(inner)
                if name == "license_ref" and inner.text:
                    links.append(inner.text)
                elif name in ("license", "ext-link", "uri"):
                    links.append(inner.get(_HREF) or inner.get("xlink:href") or inner.get("href") or "")
    text = " ".join(texts)
    return (find_licence(text, links), text) if seen else ("", "")


def is_reprinted(text: str) -> bool:
    """True if a figure's words say that it comes from elsewhere; the leave of a patient does not count."""
    lowered = text.lower()
    for hint in _HINTS:
        at = lowered.find(hint)
        while at >= 0:
            match = _THANKS.search(text, max(0, at - 160), at + 160)
            if match and not _PATIENT.search(text, match.start(), min(len(text), match.end() + 40)):
                return True
            at = lowered.find(hint, at + 160)
    return False


def check_article(article: Article, policy: LicencePolicy) -> Reject | None:
    """None if the article may be used, else why not."""
    if article.retracted and not policy.retracted:
        return _refuse(article.id, "article.retracted", article.title, "article")
    return _check(article.licence, article.licence_text, policy, article.id, "article")


def check_figure(article: Article, figure: Figure, policy: LicencePolicy) -> Reject | None:
    """None if the figure may be used, else why not; its article is checked on its own."""
    unit_id = f"{article.id}/{figure.id}"
    if figure.reprinted and not (policy.reprinted and figure.licence != UNKNOWN_LICENCE):
        return _refuse(unit_id, "licence.reprinted", figure.licence_text[:300], "figure")
    return _check(figure.licence, figure.licence_text, policy, unit_id, "figure")


def gate(article: Article, policy: LicencePolicy) -> tuple[tuple[Figure, ...], list[Reject]]:
    """The figures that may be used, and a reject for the article or for each figure that may not."""
    refused = check_article(article, policy)
    if refused is not None:
        return (), [refused]
    checked = [(figure, check_figure(article, figure, policy)) for figure in article.figures]
    return tuple(figure for figure, no in checked if no is None), [no for _, no in checked if no is not None]


def _check(licence: str, text: str, policy: LicencePolicy, unit_id: str, unit: str) -> Reject | None:
    if licence == UNKNOWN_LICENCE:
        return _refuse(unit_id, "licence.unknown", text[:300] or "no licence is stated", unit)
    if family(licence) not in policy.allowed and licence not in policy.allowed:
        return _refuse(unit_id, "licence.not_allowed", licence, unit)
    return None


def _refuse(unit_id: str, reason: str, detail: str, unit: str) -> Reject:
    return Reject(id=unit_id, stage=STAGE, reason=reason, detail=detail, unit=unit)


def _spell(terms: set[str], version: str, attribution: bool) -> list[tuple[int, str, str]]:
    """Rank, name and version; Creative Commons without attribution is old and rare, and not read."""
    if not attribution:
        return []
    rank = 4 * ("nd" in terms) + 2 * ("nc" in terms) + ("sa" in terms)
    return [(rank, "".join(f"-{term}" for term in ("nc", "nd", "sa") if term in terms).upper(), version)]


def _strictest(found: list[tuple[int, str, str]], stricter: set[str]) -> str:
    rank = max(rank for rank, _, _ in found)
    terms = {term.lower() for each in found if each[0] == rank for term in each[1].split("-") if term} | stricter
    name = _spell(terms, "", True)[0][1]
    versions = sorted({version for _, each, version in found if version and each == name})
    if not versions:
        versions = sorted({version for _, _, version in found if version})
    return f"CC-BY{name}" + (f"-{versions[0]}" if len(versions) == 1 else "")
