"""The text of a JATS element as a reader sees it: powers kept, numbers of citations left out, formulas as text."""

import re
from collections.abc import Callable
from typing import Any

Element = Any
"""An element of lxml."""

_CITED = "\0"
"""Stands where the number of a citation was; XML itself cannot hold it."""
_BRACKETED = re.compile(r"\[[ ,;–—-]*\0[ ,;–—\0-]*[\])]|\([ ,;–—-]*\0[ ,;–—\0-]*[\])]|\0(?:[ ,;–—-]*(?:and )?\0)*")
_DOCUMENT = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.S)
_COMPOUND = re.compile(r"[\s+=−×·/-]")
_ORDINAL = re.compile(r"st|nd|rd|th|a|o|ª|º|®|™|\*+|†|‡|§|©", re.I)
_POWER = re.compile(r"[\w+−–.·/()-]{1,12}")

_LEFT_OUT = frozenset(
    "fig fig-group table-wrap table-wrap-group boxed-text supplementary-material media graphic inline-graphic "
    "object-id permissions index-term fn fn-group array alt-text long-desc annotation annotation-xml".split()
)
_BLOCKS = frozenset(
    "p title label list list-item def-list def-item term def disp-quote break disp-formula caption sec attrib td th tr "
    "verse-group verse-line speech statement".split()
)
_INLINE = frozenset(
    "italic bold sc underline monospace sans-serif ext-link uri email named-content styled-content sub".split()
)
_CITING = frozenset(("bibr", "ref", "fn", "table-fn", "aff", "corresp", "author-notes"))


def text_of(element: Element | None) -> str:
    """The text of an element on one line; what floats inside it (figures, tables) is left out."""
    if element is None:
        return ""
    if not len(element):
        return " ".join((element.text or "").split())
    out: list[str] = []
    _write(element, out)
    text = " ".join("".join(out).split())
    if _CITED in text:
        text = _BRACKETED.sub(_CITED, text).replace(" \0", "").replace(_CITED, "").strip()
    return text


def plain_text(element: Element | None) -> str:
    """All the text of an element on one line, nothing left out."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def local(element: Element) -> str:
    """The name of an element without namespace; empty for what is no element."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2] if tag[0] == "{" else tag


def _write(element: Element, out: list[str]) -> None:
    text = element.text
    if text:
        out.append(text)
    for child in element:
        tag = child.tag
        if tag in _INLINE:
            if len(child):
                _write(child, out)
            elif child.text:
                out.append(child.text)
        else:
            _write_other(child, tag, out)
        text = child.tail
        if text:
            out.append(text)


def _write_other(child: Element, tag: Any, out: list[str]) -> None:
    if not isinstance(tag, str):
        return
    if tag[0] == "{":
        tag = tag.rpartition("}")[2]
    special = _SPECIAL.get(tag)
    if special is not None:
        special(child, out)
    elif tag in _BLOCKS:
        out.append(" ")
        _write(child, out)
        out.append(" ")
    elif tag not in _LEFT_OUT:
        _write(child, out)


def _inner(element: Element) -> str:
    out: list[str] = []
    _write(element, out)
    return "".join(out)


def _write_xref(element: Element, out: list[str]) -> None:
    inner = _inner(element) if len(element) else element.text or ""
    if element.get("ref-type") in _CITING and sum(map(str.isalpha, inner)) < 2:
        out.append(_CITED)
    else:
        out.append(inner)


def _write_power(element: Element, out: list[str]) -> None:
    inner = _inner(element).strip()
    plain = inner.replace(_CITED, "").strip(" ,;–—-")
    if not plain and _CITED in inner:
        out.append(_CITED)
        return
    before = next((piece for piece in reversed(out) if piece), "")
    if not inner or _ORDINAL.fullmatch(inner) or not before or before[-1].isspace() or not _POWER.fullmatch(inner):
        out.append(inner)
    else:
        out.append(f"^{inner}")


def _write_alternatives(element: Element, out: list[str]) -> None:
    """One of several forms of the same thing: MathML, else TeX, else the first that has text."""
    forms = {local(child): child for child in reversed(element)}
    for name in ("math", "tex-math"):
        if name in forms:
            _SPECIAL[name](forms[name], out)
            return
    for child in element:
        if local(child) not in _LEFT_OUT and (inner := _inner(child)).strip():
            out.append(inner)
            return


def _write_formula(element: Element, out: list[str]) -> None:
    names = [local(child) for child in element]
    out.append(" " if local(element) == "disp-formula" else "")
    if "math" in names and "tex-math" in names:
        _write_alternatives(element, out)
    else:
        _write(element, out)
    out.append(" " if local(element) == "disp-formula" else "")


def _write_tex(element: Element, out: list[str]) -> None:
    text = "".join(element.itertext())
    inside = _DOCUMENT.search(text)
    out.append(" ".join((inside[1] if inside else text).replace("$", " ").split()))


def _write_math(element: Element, out: list[str]) -> None:
    out.append(_math(element))


def _math(element: Element) -> str:
    """MathML on one line: powers with ^, indices with _, fractions with a stroke."""
    name = local(element)
    if name in _LEFT_OUT or not name:
        return ""
    if not len(element) and name != "mtext":
        return (element.text or "").strip()
    parts = [_math(child) for child in element]
    form = _MATH.get(name)
    if form is not None and len(parts) == form.count("{}"):
        return form.format(*(_grouped(part) if form[0] != "√" else part for part in parts))
    if name == "mtext":
        return "".join(element.itertext())
    own = (element.text or "").strip()
    return own + "".join(part + (child.tail or "").strip() for part, child in zip(parts, element, strict=True))


def _grouped(part: str) -> str:
    part = part.strip()
    return f"({part})" if len(part) > 1 and _COMPOUND.search(part, 1) and part[0] != "(" else part


_MATH = {"msup": "{}^{}", "msub": "{}_{}", "mfrac": "{}/{}", "msubsup": "{}_{}^{}", "mroot": "√({};{})"}
_SPECIAL: dict[str, Callable[[Element, list[str]], None]] = {
    "xref": _write_xref,
    "sup": _write_power,
    "alternatives": _write_alternatives,
    "inline-formula": _write_formula,
    "disp-formula": _write_formula,
    "tex-math": _write_tex,
    "math": _write_math,
}
