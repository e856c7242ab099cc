"""Globs: which files a draft's format reads, and which a card needs to find."""

import glob
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from gmai.annotations import Match, iter_files
from gmai.sources.drafts.documents import is_document
from gmai.sources.drafts.survey import ARCHIVES, TEXTS, Survey, ending
from gmai.sources.privacy import spells_identifier

_WIDE = frozenset({"dicom_series", "dicom_seg", "plain", "rtstruct"})
_MOST = 16
_EVERYTHING = "**/*"


def narrow(match: Match, survey: Survey) -> Match:
    """A match of a format that reads whatever there is, with globs of the endings that it can read."""
    if match.format not in _WIDE:
        return match
    if match.format == "plain":
        chosen = [path for path in survey.paths if ending(path) not in TEXTS | ARCHIVES and not is_document(path)]
    else:
        endings = {ending(path) for path, seen in survey.looked.items() if seen.kind == "dicom"}
        chosen = [path for path in survey.paths if ending(path) in endings and not is_document(path)]
    globs = sorted({f"**/*{_written(path)}" for path in chosen})
    if not globs or _EVERYTHING in globs or len(globs) > _MOST:
        globs = [_EVERYTHING]
    return replace(match, options={**match.options, "files": globs[0] if len(globs) == 1 else tuple(globs)})


def needed_files(folder: Path, match: Match, paths: Sequence[str]) -> tuple[str, ...]:
    """Globs of what a card's format needs: its files of annotations, and the pictures its items name.

    No glob spells an identifier.

    Args:
        folder: of the source.
        match: with the options.
        paths: of the items.
    """
    if match.format in _WIDE:
        globs = match.options.get("files", _EVERYTHING)
        return (globs,) if isinstance(globs, str) else tuple(globs)
    named = [pattern for pattern in _option_globs(match.options) if match.evidence in iter_files(folder, pattern)]
    own = named[:1] or ([] if match.evidence in set(paths) else cover([match.evidence]))
    there = [path for path in paths if (folder / path).is_file()]
    return tuple(dict.fromkeys([*own, *cover(there)]))


def cover(paths: Sequence[str]) -> list[str]:
    """A glob for the paths of each depth and ending: a folder's name where all lie in it, else a star."""
    groups: dict[tuple[int, str], list[tuple[str, ...]]] = defaultdict(list)
    for path in paths:
        groups[path.count("/"), _written(path)].append(PurePosixPath(path).parts)
    found = []
    for (_, last), parts in sorted(groups.items()):
        folders = [set(names) for names in zip(*parts, strict=True)][:-1]
        shown = [_literal(min(names)) if len(names) == 1 else "*" for names in folders]
        name = _literal(parts[0][-1]) if len(parts) == 1 else "*"
        found.append("/".join([*shown, f"*{last}" if name == "*" else name]))
    return found


def _literal(name: str) -> str:
    """A name as a glob; a star where it spells an identifier."""
    return "*" if spells_identifier(name) else glob.escape(name)


def _option_globs(options: dict[str, Any]) -> list[str]:
    values = [each for value in options.values() for each in (value if isinstance(value, tuple | list) else (value,))]
    return [value for value in values if isinstance(value, str) and PurePosixPath(value).parts and "{" not in value]


def _written(path: str) -> str:
    """The ending of a path as it is written."""
    length = len(ending(path))
    return path[len(path) - length :] if length else ""
