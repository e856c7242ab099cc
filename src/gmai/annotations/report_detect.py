"""How a folder tells that it holds reports: keys of tables, headings of texts, or the elements of Open-i's XML."""

import re
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from gmai.annotations.entries import find_split
from gmai.annotations.heads import Head, as_names, list_entry_files, name_files, read_heads
from gmai.annotations.item import Match
from gmai.annotations.report_files import split_sections
from gmai.annotations.vqa_layouts import IMAGE, find_places
from gmai.annotations.walk import walk_files

SECTIONS = (
    *("findings", "impression", "impressions", "indication", "comparison", "conclusion", "technique", "history"),
    *("report", "report_text", "radiology_report", "full_report", "所见", "印象", "影像所见", "诊断意见"),
)
_NEEDED = frozenset({"findings", "impression", "impressions", "conclusion"}) | set(SECTIONS[8:])
_WORDS = frozenset({"findings", "impression", "indication", "examination", "comparison", "technique", "conclusion"})
_LEAST_LETTERS = 12
"""Mean length of texts that are a report; shorter ones are labels."""
_MOST_TEXTS = 8
_NO_PICTURES = frozenset({".txt", ".html", ".csv", ".json", ".xml"})
_PARENT = re.compile(rb'parentImage\s[^>]*id="([^"]+)"')


def detect(folder: Path) -> Match | None:
    """Tables with findings or impression, XML of Open-i, or texts with such headings."""
    return _detect_tables(folder) or _detect_xml(folder) or _detect_texts(folder)


def _detect_tables(folder: Path) -> Match | None:
    heads = list(read_heads(folder))
    found = [(head, sections) for head in heads if (sections := _sections(head))]
    if not found:
        return None
    head, sections = found[0]
    same = [each for each, others in found if others == sections]
    paths = [each.path for each in same]
    options: dict[str, Any] = {"files": name_files(folder, paths), "sections": sections}
    image = head.find(tuple(name for name in IMAGE if name.lower() not in sections))
    names = [name for each in same for entry in each.entries for name in as_names(entry.get(image))] if image else []
    places = find_places(folder, names)
    if names and places["images"] == "." and not (folder / names[0]).is_file() and _listing(heads, head):
        image = ""
    if image:
        options |= {"image": image, **places}
    elif listing := _listing(heads, head):
        other, key, column = listing
        names = [name for entry in other.entries for name in as_names(entry.get(column))]
        options |= {"listed": other.path, "by": key, "image": column, **find_places(folder, names)}
    if head.find(("split",)):
        options["split"] = head.find(("split",))
    elif any(find_split(entry.pointer) for entry in head.entries):
        options["split"] = "@split"
    return Match(format="reports", options=options, evidence=head.path)


def _sections(head: Head) -> dict[str, str]:
    found = {key: name for name in SECTIONS if (key := head.find((name,))) and head.texts(key)}
    lengths = [len(text) for key, name in found.items() if name in _NEEDED for text in head.texts(key)]
    return found if lengths and sum(lengths) / len(lengths) >= _LEAST_LETTERS else {}


def _listing(heads: list[Head], reports: Head) -> tuple[Head, str, str] | None:
    """A table of pictures that shares a key with the reports: the table, the key, and the column of the picture."""
    for other in heads:
        image = other.find(("filename", "file_name", "image_path", "image", "dicom_id", "path"))
        for key in sorted(other.keys & reports.keys) if other.path != reports.path and image else ():
            if key != image and set(other.texts(key)) & set(reports.texts(key)):
                return other, key, image
    return None


def _detect_xml(folder: Path) -> Match | None:
    for path in list_entry_files(folder, frozenset({".xml"}))[:5]:
        with (folder / path).open("rb") as file:
            data = file.read(2**18)
        if b"<AbstractText" in data and b"Label=" in data and (b"<eCitation" in data or b"parentImage" in data):
            names = [name.decode("utf-8", "replace") for name in _PARENT.findall(data)]
            options = {"files": "*/" * path.count("/") + "*.xml", **find_places(folder, names)}
            return Match(format="reports", options=options, evidence=path)
    return None


def _detect_texts(folder: Path) -> Match | None:
    texts = (path for path in walk_files(folder) if path.endswith(".txt"))
    for path in islice(texts, _MOST_TEXTS):
        with (folder / path).open("rb") as file:
            text = file.read(2**14).decode("utf-8", "replace")
        if len(_WORDS & {name for name, _ in split_sections(text)}) < 2:
            continue
        place = PurePosixPath(path)
        own = folder / place.parent / place.stem
        options: dict[str, Any] = {"files": "*/" * path.count("/") + "*.txt"}
        if own.is_dir():
            inside = sorted(each.suffix for each in own.iterdir() if each.suffix.lower() not in _NO_PICTURES)
            ending = inside[0] if inside else ""
            options["beside"] = f"{{folder}}/{{stem}}/*{ending}"
            options["pictures"] = "*/" * (path.count("/") + 1) + f"*{ending}"
        elif endings := sorted({each.suffix for each in own.parent.glob(f"{place.stem}.*")} - {place.suffix}):
            options["beside"] = f"{{folder}}/{{stem}}{endings[0]}"
        return Match(format="reports", options=options, evidence=path)
    return None
