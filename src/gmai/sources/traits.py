"""Traits of subject and picture that the card asks for: from the reader's columns, and from DICOM headers."""

import re
from pathlib import Path

from gmai.annotations import AnnotatedItem
from gmai.errors import CardError
from gmai.images import TRAITS, has_key, read_traits
from gmai.lexicon import NOTHING_SAID, read_facet
from gmai.types import FROM_HEADER, SourceCard

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_TAKEN = frozenset({"language", "source"})
_DICOM = frozenset({"series", "pictures", "raster", "slide", "video", "volume"})


def check_facets(card: SourceCard) -> None:
    """Check that the card's facets can be told, before anything is read.

    Raises:
        CardError: a name there cannot be, or a header that does not tell it.
    """
    where = f"card {card.name}: facets"
    for name, column in card.facets.items():
        if not _NAME.fullmatch(name) or name in _TAKEN:
            fix = "small letters, digits and _; source and language are told anyhow"
            raise CardError(f"a facet cannot be called {name!r}", where=where, fix=fix)
        if not column.strip():
            raise CardError(f"no column tells {name}", where=where, fix=f"name it, or {FROM_HEADER} for DICOM headers")
        if column == FROM_HEADER and name not in TRAITS:
            raise CardError(f"no header tells {name}", where=where, fix=f"headers tell {', '.join(TRAITS)}")


def check_key(card: SourceCard) -> None:
    """Check that a site can be hashed so that nobody guesses it.

    Raises:
        CardError: the card asks for the site of headers, and there is no key.
    """
    if card.facets.get("site") == FROM_HEADER and not has_key():
        fix = "set GMAI_DEID_KEY, or leave facets.site out"
        raise CardError("the site of a header leaves only as a keyed hash", where=f"card {card.name}", fix=fix)


def with_header(item: AnnotatedItem, root: Path, card: SourceCard) -> dict[str, str]:
    """The traits of an item as its source spells them; what its columns say stands before its header.

    Raises:
        ImageError: a DICOM header that cannot be read.
    """
    names = [name for name, column in card.facets.items() if column == FROM_HEADER]
    if not names or item.kind not in _DICOM or not item.files:
        return item.facets
    return {**read_traits(root / item.files[0], names), **item.facets}


def read_facets(item: AnnotatedItem) -> tuple[dict[str, str], int]:
    """The traits as scores name them, and how many of what was said could not be read."""
    said = {name: text for name, text in item.facets.items() if text.strip().casefold() not in NOTHING_SAID}
    found = {name: read_facet(name, text) for name, text in said.items()}
    known = {name: text for name, text in sorted(found.items()) if text}
    return known, len(said) - len(known)
