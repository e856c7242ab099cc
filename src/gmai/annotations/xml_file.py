"""XML read safely: no entity is expanded, no DTD loaded, nothing fetched, and size and depth are bounded."""

import re
from html.entities import html5
from pathlib import Path
from typing import Any

from gmai.errors import FormatError

MAX_BYTES = 64 * 2**20
"""Larger files are refused before they are read."""

_WRONGLY_WIDE = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=["'](?:utf-?16|utf-?32|ucs-?2|unicode)""", re.I)
"""Says that it has several bytes a character, but has one: a string written with the declaration it had in memory."""

_NAMED = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)[^#]")
_NOTHING = b"\0\t\r\n \xef\xbb\xbf\xff\xfe"
Element = Any
"""An element of lxml; comments and processing instructions are left out."""


def read_xml(path: Path, shown: str) -> Element:
    """Read an XML file of any declared encoding and give its root.

    Characters named as HTML names them (``&nbsp;``) are put in where the document's DTD, which is never loaded, would
    have declared them.

    Args:
        path: the file.
        shown: what to call it in errors.

    Raises:
        FormatError: ``xml.empty``, ``xml.too_large``, ``xml.html`` (a web page instead), ``xml.entities`` (entities of
            its own), ``xml.entity_unknown`` or ``xml.invalid`` (cut short, wrongly encoded or not XML).
    """
    if path.stat().st_size > MAX_BYTES:
        raise FormatError(f"XML of more than {MAX_BYTES} bytes", where=shown, reason="xml.too_large")
    return parse_xml(path.read_bytes(), shown)


def parse_xml(data: bytes, shown: str) -> Element:
    """Parse the bytes of an XML file and give its root; see :func:`read_xml`."""
    from lxml import etree

    if not data[:256].strip(_NOTHING) and not data.strip(_NOTHING):
        raise FormatError("the XML file is empty", where=shown, reason="xml.empty")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8" if _WRONGLY_WIDE.match(data) else None,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise _explain(data, str(error), shown) from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise _entities(shown)
    if local_name(root).lower() == "html":
        raise _web_page(shown)
    if _may_name_characters(data):
        _put_in_characters(root, etree.Entity, shown)
    return root


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _explain(data: bytes, error: str, shown: str) -> FormatError:
    plain = data.replace(b"\0", b"").lower()
    if b"<!entity" in plain:
        return _entities(shown)
    if b"<html" in plain[:1024] or b"<!doctype html" in plain[:1024]:
        return _web_page(shown)
    return FormatError(f"not valid XML: {error}", where=shown, reason="xml.invalid")


def _entities(shown: str) -> FormatError:
    return FormatError("XML that declares entities is not read", where=shown, reason="xml.entities")


def _web_page(shown: str) -> FormatError:
    return FormatError("a web page, not the XML that was meant", where=shown, reason="xml.html")


def _may_name_characters(data: bytes) -> bool:
    """False only where one byte is one letter of ASCII and no other character than XML's own five is named."""
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return not start.startswith(b"<") or b"\0" in start or _NAMED.search(data) is not None


def _put_in_characters(root: Element, kind: Any, shown: str) -> None:
    """Replace each reference to a character of HTML's names by the character; lxml keeps references as nodes."""
    for node in list(root.iter(kind)):
        character = html5.get(f"{node.name};")
        if character is None:
            raise FormatError(f"the entity &{node.name}; is unknown", where=shown, reason="xml.entity_unknown")
        before, home, text = node.getprevious(), node.getparent(), character + (node.tail or "")
        if before is None:
            home.text = (home.text or "") + text
        else:
            before.tail = (before.tail or "") + text
        node.tail = None
        home.remove(node)
