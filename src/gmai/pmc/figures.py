"""The figures of an article: label, caption, picture files, rights, group; and which of them only translate another."""

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from gmai.pmc.front import language_of
from gmai.pmc.licences import find_licence, is_reprinted, read_permissions
from gmai.pmc.text import local, plain_text, text_of
from gmai.types import UNKNOWN_LICENCE, Figure, Passage, Translation

Element = Any

_HREF = "{http://www.w3.org/1999/xlink}href"
_NOT_OF_THE_FIGURE = frozenset(("caption", "disp-formula", "inline-formula", "table-wrap"))
_THUMBNAIL = re.compile(r"thumb|icon|(?:^|[-_ ])small$|scielo-\d+x\d+|\bmini\b", re.I)
_THUMBNAIL_NAME = re.compile(
    r"(?:^|[-_./])(?:thumb(?:nail)?s?|icon|minis?)(?=[-_./]|$)|[-_](?:tn|sm|thumb)\.\w+$", re.I
)
_BEST = {"tif": 0, "tiff": 0, "png": 1, "jpg": 2, "jpeg": 2, "jp2": 2, "": 3, "webp": 4, "bmp": 4, "gif": 5, "svg": 6}
_MOST_ALIKE = 20
"""Of more figures with one picture or number no translation is sought."""
_SIMPLE = frozenset(("label", "caption", "graphic", "object-id"))
"""Of a figure of these alone nothing needs to be searched for."""
_NUMBER = re.compile(r"(\d{1,6})")
_ADDRESS = re.compile(r"\s*\bDOI:\s*(?:https?://\S+|10\.\d+/\S+)\s*$")
"""The figure's own address, which some journals print under it."""
_KINDS = (
    ("supplement", re.compile(r"supplement|supporting|\bfig(?:ure|\.)?\s*S\d|additional|appendix|extended data", re.I)),
    ("scheme", re.compile(r"^\W*(?:scheme|esquema)", re.I)),
    ("chart", re.compile(r"^\W*(?:chart|gr[áa]fico)", re.I)),
    ("plate", re.compile(r"^\W*(?:plate|prancha|l[áa]mina)", re.I)),
    ("map", re.compile(r"^\W*(?:map|mapa)\b", re.I)),
)


@dataclass(slots=True)
class Draft:
    """A figure while it is read: what is known of it, and the passages found by then."""

    element: Element
    id: str
    label: str
    title: str
    caption: str
    language: str
    home: Element | None
    """The sub-article around it."""
    graphics: list[tuple[str, ...]]
    """For each picture its files, the best first."""
    media: tuple[str, ...]
    said: str
    """Words about rights and origin."""
    attribution: str
    licence: str
    group: Element | None
    group_caption: str = ""
    passages: list[Passage] = field(default_factory=list)
    num_citations: int = 0
    of: "Draft | None" = None
    """The figure that it translates."""
    translations: list["Draft"] = field(default_factory=list)
    number: tuple[str, tuple[int, ...]] = ("", ())
    """The label without its numbers, and the numbers."""

    def __post_init__(self) -> None:
        pieces = _NUMBER.split(self.label)
        shape = " ".join("#".join(pieces[::2]).casefold().replace("—", " ").replace(".", " ").split())
        self.number = shape, tuple(map(int, pieces[1::2]))


def draft_figures(elements: list[Element], language: str, has_subs: bool) -> list[Draft]:
    """Read every ``fig`` of an article, those of sub-articles included; ids are unique after this."""
    drafts: list[Draft] = []
    ids: set[str] = set()
    again: dict[str, int] = {}
    for number, element in enumerate(elements, 1):
        home = next(element.iterancestors("sub-article", "response"), None) if has_subs else None
        drafts.append(_draft(element, home, language))
        own = (element.get("id") or "").strip() or f"figure-{number}"
        unique = own
        while unique in ids:
            again[own] = again.get(own, 1) + 1
            unique = f"{own}-{again[own]}"
        ids.add(unique)
        drafts[-1].id = unique
    _read_groups(drafts)
    _find_translations(drafts)
    return drafts


def _draft(element: Element, home: Element | None, language: str) -> Draft:
    caption = element.find("caption")
    title, body = _caption(caption)
    parts = [child.tag for child in element]
    loose = " ".join(filter(None, (text_of(child) for child in element if child.tag in ("p", "title"))))
    licence, said = read_permissions(element) if "permissions" in parts else ("", "")
    plain = _SIMPLE.issuperset(parts) and parts.count("graphic") == 1
    attribution = "" if plain else " ".join(filter(None, map(plain_text, element.iter("attrib"))))
    graphics, media = _picture(element) if plain else _pictures(element)
    parent = element.getparent()
    return Draft(
        element=element,
        id="",
        label=text_of(element.find("label")).rstrip(".:|– "),
        title=title,
        caption=" ".join(filter(None, (body, loose))),
        language=language_of(element, language_of(home, language) if home is not None else language),
        home=home,
        graphics=graphics,
        media=media,
        said=" ".join(dict.fromkeys(filter(None, (said, attribution if attribution not in said else "")))),
        attribution=attribution,
        licence=licence,
        group=parent if parent is not None and local(parent) == "fig-group" else None,
    )


def _caption(caption: Element | None) -> tuple[str, str]:
    if caption is None:
        return "", ""
    title = caption.find("title")
    if title is None:
        return "", _without_address(text_of(caption))
    parts = [text_of(child) for child in caption if isinstance(child.tag, str) and child is not title]
    return text_of(title), _without_address(" ".join(filter(None, parts)))


def _without_address(text: str) -> str:
    return _ADDRESS.sub("", text) if "DOI" in text else text


def _picture(element: Element) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """The one picture of the plainest figure."""
    href = _href(element.find("graphic"))
    return [(href,)] if href else [], ()


def _href(element: Element) -> str:
    return (element.get(_HREF) or element.get("xlink:href") or element.get("href") or "").strip()


def _pictures(element: Element) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Files of each picture, the best first, and films and other media."""
    sets: dict[Any, list[tuple[bool, int, int, str]]] = {}
    media: list[str] = []
    for place, child in enumerate(element.iter("graphic", "media")):
        href = _href(child)
        above = [local(each) for each in _up_to(child, element)]
        if not href or _NOT_OF_THE_FIGURE.intersection(above):
            continue
        picture = child.tag == "graphic" or (child.get("mimetype") or "").lower().startswith("image")
        if not picture or "supplementary-material" in above:
            media.append(href)
            continue
        parent = child.getparent()
        stem, _, ending = href.rpartition("/")[2].rpartition(".")
        if ending.lower() not in _BEST or not stem:
            stem, ending = href.rpartition("/")[2], ""
        use = f"{child.get('specific-use') or ''} {child.get('content-type') or ''}"
        small = bool(_THUMBNAIL.search(use) or _THUMBNAIL_NAME.search(href))
        key = parent if local(parent) == "alternatives" else stem
        sets.setdefault(key, []).append((small, _BEST[ending.lower()], place, href))
    files = [tuple(dict.fromkeys(href for small, *_, href in sorted(each) if not small)) for each in sets.values()]
    if not any(files):  # nothing but thumbnails: better than nothing, and seen by their name
        files = [tuple(dict.fromkeys(href for *_, href in sorted(each))) for each in sets.values()]
    return [each for each in files if each], tuple(dict.fromkeys(media))


def _up_to(element: Element, top: Element) -> list[Element]:
    found = []
    for each in element.iterancestors():
        if each is top:
            break
        found.append(each)
    return found


def _read_groups(drafts: list[Draft]) -> None:
    """What belongs to a whole group goes to its figures: the caption, and the pictures to those that have none."""
    known: dict[Element, tuple[str, list[tuple[str, ...]]]] = {}
    for draft in drafts:
        if draft.group is None:
            continue
        if draft.group not in known:
            words = [text_of(draft.group.find("label")), *_caption(draft.group.find("caption"))]
            known[draft.group] = " ".join(filter(None, words)), _pictures_beside_figures(draft.group)
        draft.group_caption, pictures = known[draft.group]
        draft.graphics = draft.graphics or pictures


def _pictures_beside_figures(group: Element) -> list[tuple[str, ...]]:
    files: list[tuple[str, ...]] = []
    for child in group.iterchildren("graphic", "alternatives"):
        holder = child.makeelement("fig")
        holder.append(child.__copy__() if child.tag == "graphic" else deepcopy(child))
        files += _pictures(holder)[0]
    return files


def _find_translations(drafts: list[Draft]) -> None:
    """Put figures that say another in another language on that one, each language's once."""
    found: dict[tuple[Any, ...], list[Draft]] = {}
    for draft in drafts:
        in_translation = draft.home is not None and draft.home.get("article-type") == "translation"
        twin = _twin(draft, found) if in_translation or draft.group is not None else None
        if twin is not None and (in_translation or twin.group is draft.group):
            draft.of = twin
            twin.translations.append(draft)
            continue
        for key in _traits(draft, draft.home):
            found.setdefault(key, []).append(draft)


def _twin(draft: Draft, found: dict[tuple[Any, ...], list[Draft]]) -> Draft | None:
    """The figure with the same pictures, else of the same number, that no other figure of this home translates."""
    in_group = draft.home is None
    for key in _traits(draft, None):
        if in_group and key[0] != "picture":
            return None
        for each in found.get(key, ())[:_MOST_ALIKE]:
            same = each.group is draft.group and each.language != draft.language
            if same if in_group else all(t.home is not draft.home for t in each.translations):
                return each
    return None


def _traits(draft: Draft, home: Element | None) -> list[tuple[Any, ...]]:
    """What a figure and its translation have in common, the surest first."""
    stems = (href.rpartition("/")[2].rpartition(".")[0] or href for files in draft.graphics for href in files)
    keys: list[tuple[Any, ...]] = [("picture", home, stem) for stem in dict.fromkeys(stems)]
    return keys + [("number", home, draft.number[1])] if draft.number[1] else keys


def finish_figure(draft: Draft, licence: str, ids: dict[Element, str]) -> Figure:
    """The record of a figure, its translations in it; ``licence`` is the article's."""
    stated = draft.licence not in ("", UNKNOWN_LICENCE)
    words = ". ".join(filter(None, (draft.title, draft.caption, draft.attribution if stated else draft.said)))
    reprinted = is_reprinted(words)
    own = draft.licence if stated or not reprinted else find_licence(words)
    child = draft.element.get("specific-use") == "child-fig"
    return Figure(
        id=draft.id,
        label=draft.label,
        title=draft.title,
        caption=draft.caption,
        language=draft.language,
        graphics=tuple(files[0] for files in draft.graphics),
        other_graphics=tuple(files[1:] for files in draft.graphics),
        media=draft.media,
        passages=tuple(draft.passages),
        num_citations=draft.num_citations,
        licence=own or licence,
        licence_text=draft.said,
        reprinted=reprinted,
        parent=_parent(draft, child, ids),
        group_caption=draft.group_caption,
        kind="supplement" if child else _kind(draft),
        place="" if draft.home is None else _place(draft.home),
        translations=tuple(_translation(each) for each in draft.translations),
    )


def _parent(draft: Draft, child: bool, ids: dict[Element, str]) -> str:
    """The figure that this one supplements, else its group."""
    if draft.group is None:
        return ""
    first = draft.group.find("fig")
    if child and first is not draft.element:
        return ids.get(first, "")
    return draft.group.get("id") or ""


def _place(home: Element) -> str:
    return home.get("article-type") or home.get("response-type") or local(home)


def _kind(draft: Draft) -> str:
    above = next(draft.element.iterancestors("abstract", "body", "back"), None)
    if above is not None and above.tag == "abstract":
        return "abstract"
    told = (draft.element.get("fig-type") or "").lower()
    return next((kind for kind, pattern in _KINDS if kind == told or pattern.search(draft.label)), "figure")


def _translation(draft: Draft) -> Translation:
    return Translation(
        id=draft.id,
        language=draft.language,
        label=draft.label,
        title=draft.title,
        caption=draft.caption,
        graphics=tuple(files[0] for files in draft.graphics),
        passages=tuple(draft.passages),
        num_citations=draft.num_citations,
    )
