"""What a folder's own papers say: its title, and the licence its files name, as SPDX identifiers."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

MOST_TEXTS = 12
HEAD_BYTES = 1 << 16
_NAMES = re.compile(r"(?i)^(licen[cs]e|copying|readme|read_me|notice|citation|description|about|dataset_description)")
_ENDINGS = frozenset({"", ".md", ".txt", ".rst", ".html", ".htm", ".json", ".cff", ".yaml", ".yml"})
_PAPERS = frozenset({".md", ".rst", ".pdf", ".docx", ".doc", ".html", ".htm", ".cff", ".bib", ".ipynb", ".py", ".sh"})
_VERSION = r"[\s_-]*(?:\(?v?(?P<version>[1-4]\.0)|)"
_PATTERNS = (
    (r"publicdomain/zero|\bCC[\s_-]?0\b|CC0|Creative Commons (?:licen[cs]e|zero|0)?\s*(?:0|zero)\b", "CC0-1.0"),
    (r"(?:CC[\s_-]*)?BY[\s_-]+NC[\s_-]+ND" + _VERSION, "CC-BY-NC-ND"),
    (r"(?:CC[\s_-]*)?BY[\s_-]+NC[\s_-]+SA" + _VERSION, "CC-BY-NC-SA"),
    (r"(?:CC[\s_-]*)BY[\s_-]+NC\b(?![\s_-]+(?:SA|ND))" + _VERSION, "CC-BY-NC"),
    (r"Attribution[\s-]+NonCommercial[\s-]+ShareAlike" + _VERSION, "CC-BY-NC-SA"),
    (r"Attribution[\s-]+NonCommercial[\s-]+NoDeriv\w*" + _VERSION, "CC-BY-NC-ND"),
    (r"Attribution[\s-]+NonCommercial(?![\s-]+(?:Share|NoD))(?: International)?" + _VERSION, "CC-BY-NC"),
    (r"(?:CC[\s_-]*)BY[\s_-]+SA\b" + _VERSION, "CC-BY-SA"),
    (r"Attribution[\s-]+ShareAlike(?: International)?" + _VERSION, "CC-BY-SA"),
    (r"CC[\s_-]*BY\b(?![\s_-]+(?:NC|SA|ND))" + _VERSION, "CC-BY"),
    (r"Creative Commons Attribution\b(?![\s-]+(?:Non|Share|NoD))(?: International)?" + _VERSION, "CC-BY"),
    (r"Attribution[\s]+(?P<version>4\.0)\s+International", "CC-BY"),
    (r"licenses/by/(?P<version>\d\.\d)", "CC-BY"),
    (r"licenses/by-sa/(?P<version>\d\.\d)", "CC-BY-SA"),
    (r"licenses/by-nc/(?P<version>\d\.\d)", "CC-BY-NC"),
    (r"licenses/by-nc-sa/(?P<version>\d\.\d)", "CC-BY-NC-SA"),
    (r"licenses/by-nc-nd/(?P<version>\d\.\d)", "CC-BY-NC-ND"),
    (r"Apache License|Apache-2\.0|Apache 2\.0", "Apache-2.0"),
    (r"\bMIT[\s-]Licen[cs]e|Permission is hereby granted, free of charge|under (?:the )?MIT\b", "MIT"),
    (r"BSD[\s-]3-Clause|Neither the name of", "BSD-3-Clause"),
    (r"BSD[\s-]2-Clause|Redistribution and use in source and binary forms", "BSD-2-Clause"),
    (r"Open Database License|\bODbL\b", "ODbL-1.0"),
    (r"GNU GENERAL PUBLIC LICENSE|\bGPL-?3", "GPL-3.0-only"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in _PATTERNS)
_STRICT = ("NC-ND", "NC-SA", "NC", "GPL", "ODbL", "SA", "BY", "BSD", "Apache", "MIT", "CC0")


@dataclass(frozen=True, slots=True)
class Documents:
    """The folder's own papers."""

    files: tuple[str, ...] = ()
    title: str = ""
    licences: tuple[tuple[str, str], ...] = ()
    """(file, SPDX identifier), each pair once, in the order they were found."""
    text: str = ""
    """The beginnings of its descriptions, one after the other; licences are left out."""

    def strictest(self) -> str:
        """The licence that allows least of those named; empty where none is."""
        named = [name for _, name in self.licences]
        return min(named, key=_strictness) if named else ""


def is_document(path: str) -> bool:
    """True for a paper about the data: a description, a licence, a program."""
    place = PurePosixPath(path)
    if place.suffix.lower() in _PAPERS:
        return True
    return bool(_NAMES.match(place.name)) and place.suffix.lower() in _ENDINGS


def read_documents(folder: Path, paths: Iterable[str]) -> Documents:
    """Read the beginnings of a folder's papers, and of files of annotations that name a licence themselves."""
    papers = sorted((path for path in paths if is_document(path)), key=lambda path: (path.count("/"), path))
    texts = [(path, _text(folder / path)) for path in papers[:MOST_TEXTS] if _is_text(path)]
    named = [(path, name) for path, text in texts for name in find_licences(text, terms=_is_terms(path))]
    named += _named_inside(folder, paths)
    described = [text for path, text in texts if not _is_terms(path)]
    return Documents(
        files=tuple(papers),
        title=next((title for text in described if (title := _title(text))), ""),
        licences=tuple(dict.fromkeys(named)),
        text="\n".join(described),
    )


def find_licences(text: str, *, terms: bool = False) -> list[str]:
    """SPDX identifiers of the licences a text names; of ``terms``, the text of a licence, only the first it is."""
    plain = re.sub(r"\s+", " ", text)
    found: list[tuple[int, str]] = []
    for pattern, name in _COMPILED:
        if match := pattern.search(plain):
            version = match.groupdict().get("version")
            full = name if not name.startswith("CC-") else f"{name}-{version or '4.0'}"
            found.append((match.start(), full))
    names = [name for _, name in sorted(found)]
    if {"BSD-3-Clause", "BSD-2-Clause"} <= set(names):
        names.remove("BSD-2-Clause")
    return names[:1] if terms else list(dict.fromkeys(names))


def rights(licence: str) -> tuple[bool | None, bool | None]:
    """Whether a licence allows redistribution, and commercial use; None where nothing is known of it."""
    if not licence or licence == "unknown" or licence.startswith("LicenseRef-"):
        return None, None
    return True, "-NC" not in licence


def _strictness(name: str) -> int:
    return next((place for place, mark in enumerate(_STRICT) if mark in name), len(_STRICT))


def _is_terms(path: str) -> bool:
    return bool(re.match(r"(?i)(licen[cs]e|copying)", PurePosixPath(path).name))


def _is_text(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in _ENDINGS


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES).decode("utf-8", "replace").replace("\0", "")


def _title(text: str) -> str:
    """The first heading, or the first short line, without marks of layout."""
    for line in text.splitlines()[:20]:
        plain = re.sub(r"<[^>]+>|!?\[([^\]]*)\]\([^)]*\)", r"\1", line).strip(" #*=-_~\t")
        plain = plain.split(" > ")[0]  # exports of Roboflow add a date
        if 3 <= len(plain) <= 100 and not plain.startswith(("http", "{", "[", "!")):
            return plain
    return ""


def _named_inside(folder: Path, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Licences that files of annotations name themselves: COCO, ``dataset.json``, ``data.yaml``."""
    wanted = [path for path in paths if path.endswith((".json", "data.yaml", "data.yml"))]
    for path in wanted[:MOST_TEXTS]:
        text = _text(folder / path)
        place = re.search(r'"?licen[cs]es?"?\s*:', text)
        if place:
            for name in find_licences(text[place.end() : place.end() + 400]):
                yield path, name


def read_json(path: Path) -> Any:
    """A small JSON file; None where it is none."""
    try:
        return json.loads(_text(path))
    except (OSError, ValueError, RecursionError):
        return None
