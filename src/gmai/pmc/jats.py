"""JATS and NLM XML of every age, read in one pass into an :class:`~gmai.types.Article`.

Nothing is fetched and no entity of the file's own is expanded; its size is bounded before it is read. Figures of
translations are put on the figure they translate, so that nothing is there twice.
"""

import re
from pathlib import Path
from typing import Any

from gmai.annotations import parse_xml, read_xml
from gmai.errors import FormatError
from gmai.pmc.figures import draft_figures, finish_figure
from gmai.pmc.front import language_of, read_front
from gmai.pmc.licences import read_permissions
from gmai.pmc.references import find_passages
from gmai.pmc.text import local
from gmai.types import UNKNOWN_LICENCE, Article

Element = Any
MAX_XML_BYTES = 64 * 2**20
"""Larger texts are refused before they are read."""


def read_article(source: bytes | Path, shown: str = "") -> Article:
    """Read the one article of a file or of its bytes.

    Args:
        source: a file of XML, or its content.
        shown: what to call it in errors and as the article's ``source``; a file's own path if empty.

    Raises:
        FormatError: as of ``read_xml``, or ``article.none`` (XML, but no article) or ``article.several``.
    """
    articles = read_articles(source, shown)
    if len(articles) > 1:
        raise FormatError(f"{len(articles)} articles in one file", where=articles[0].source, reason="article.several")
    return articles[0]


def read_articles(source: bytes | Path, shown: str = "") -> list[Article]:
    """Read every article of a file, such as the answer of a service that sends several; see :func:`read_article`."""
    if isinstance(source, Path):
        shown = shown or str(source)
        root = read_xml(source, shown)
    else:
        shown = shown or "article"
        root = parse_xml(source, shown)
    if any(prefix_free(root)):
        _strip_namespaces(root)
    found = [root] if root.tag == "article" else list(root.iter("article"))
    if not found:
        message = f"XML, but no article: it begins with <{local(root)}>"
        raise FormatError(message, where=shown, reason="article.none")
    try:
        return [_read(article, shown) for article in found]
    except RecursionError:
        raise FormatError("its elements are nested too deeply", where=shown, reason="article.too_deep") from None


def prefix_free(root: Element) -> tuple[bool, ...]:
    """Whether the names of an article's own elements carry a namespace, as in some services' answers."""
    return (root.tag[:1] == "{", any(child.tag[:1] == "{" for child in root if isinstance(child.tag, str)))


def _strip_namespaces(root: Element) -> None:
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag[:1] == "{":
            element.tag = element.tag.rpartition("}")[2]


def _read(element: Element, shown: str) -> Article:
    front = read_front(element)
    language = language_of(element, "en")  # the DTD's own default
    has_subs = any(child.tag in ("sub-article", "response") for child in element)
    meta = element.find("front/article-meta")
    licence, licence_text = read_permissions(meta) if meta is not None else ("", "")
    licence = licence or UNKNOWN_LICENCE
    figures: list[Element] = []
    xrefs: list[Element] = []
    for each in element.iter("fig", "xref"):
        (figures if each.tag == "fig" else xrefs).append(each)
    drafts = draft_figures(figures, language, has_subs)
    cited = find_passages(element, xrefs, drafts, has_subs)
    ids = {draft.element: draft.id for draft in drafts}
    name = Path(shown).name
    return Article(
        id=front.ids.get("pmcid") or front.ids.get("doi") or front.ids.get("pmid") or re.sub(r"\.n?xml$", "", name),
        pmcid=front.ids.get("pmcid", ""),
        pmid=front.ids.get("pmid", ""),
        doi=front.ids.get("doi", ""),
        title=front.title,
        journal=front.journal,
        year=front.year,
        language=language,
        kind=element.get("article-type") or "",
        retracted=front.retracted,
        licence=licence,
        licence_text=licence_text,
        citation=front.citation,
        figures=tuple(finish_figure(draft, licence, ids) for draft in drafts if draft.of is None),
        num_citations=cited.count,
        dangling=tuple(cited.dangling),
        source=shown,
    )
