"""Reports out of their files: text with headings, XML of Open-i, or entries of any file, with their own sections.

Blanks that stand for what was taken out (``___``, ``XXXX``) are kept as they are.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gmai.annotations.entries import Entry, EntryOptions, read_bytes, read_entries
from gmai.annotations.table import decode_text
from gmai.annotations.xml_file import Element, local_name, read_xml
from gmai.errors import FormatError

IMAGES = "@images"
"""Key under which a report's own picture names stand, where its file has them."""
SECTIONS = "@sections"
"""Key of the (section, text) pairs of a report whose file names its sections."""
OWN_SECTIONS = frozenset({".txt", ".xml"})
_HEADING = re.compile(r"^[ \t]*([A-Z][A-Z0-9 /&,()'-]{2,48}):[ \t]*", re.MULTILINE)
_FIRST = "header"
_WHOLE = "report"


def read_reports(path: Path, shown: str, options: EntryOptions) -> Iterator[Entry]:
    """Yield the reports of a file.

    Raises:
        FormatError: as :func:`read_entries`, :func:`read_xml`, :func:`decode_text`; ``report.root``: other XML.
    """
    ending = path.suffix.lower()
    if ending == ".txt":
        text, _ = decode_text(read_bytes(path, shown), shown, options.encoding)
        yield Entry(shown, shown, {SECTIONS: split_sections(text)})
    elif ending == ".xml":
        yield Entry(shown, shown, _open_i(read_xml(path, shown), shown))
    else:
        yield from read_entries(path, shown, options)


def split_sections(text: str) -> list[tuple[str, str]]:
    """The sections of a report by its headings: capitals at the start of a line with a colon after them.

    What stands before the first heading is the section ``header``; a text without headings is the section ``report``.
    """
    marks = list(_HEADING.finditer(text))
    if not marks:
        return [(_WHOLE, _tidy(text))] if text.strip() else []
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    found = [(_FIRST, _tidy(text[: marks[0].start()]))]
    found += [(mark[1].strip().lower(), _tidy(text[mark.end() : end])) for mark, end in zip(marks, ends, strict=True)]
    return [(name, part) for name, part in found if part]


def _tidy(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _open_i(root: Element, shown: str) -> dict[str, Any]:
    """One report of Open-i (``<eCitation>``): abstract texts by label, and the ids of its pictures."""
    texts = [each for each in root.iter() if local_name(each) == "AbstractText"]
    images = [each.get("id", "") for each in root.iter() if local_name(each) == "parentImage"]
    if not texts and not images:
        what = f"<{local_name(root)}> without AbstractText and parentImage"
        raise FormatError(what, where=shown, reason="report.root")
    sections = [((each.get("Label") or _WHOLE).lower(), "".join(each.itertext()).strip()) for each in texts]
    numbers = {local_name(each): each.get("id", "") for each in root.iter() if local_name(each) in {"uId", "pmcId"}}
    return {SECTIONS: [(name, text) for name, text in sections if text], IMAGES: images, **numbers}
