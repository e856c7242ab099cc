"""Files that match a glob, found one by one: a folder of a million pictures costs a million names, never their entries.

The patterns are those of ``pathlib``: ``*`` and ``?`` and ``[…]`` within one part of the path, ``**`` for any number of
folders. Hidden files are left out; links to folders are followed by name but not by ``**``, so that no loop is walked.
"""

import fnmatch
import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath

_MAGIC = re.compile(r"[*?[]")


def iter_files(root: Path, pattern: str) -> Iterator[str]:
    """Yield the paths of matching files below the root, with forward slashes, in no order, each once."""
    parts = tuple(part for part, after in _pairs(PurePosixPath(pattern).parts) if (part, after) != ("**", "**"))
    found = _walk(str(root), "", parts)
    yield from found if parts.count("**") < 2 else dict.fromkeys(found)


def _pairs(parts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from zip(parts, (*parts[1:], ""), strict=True)


def _walk(folder: str, below: str, parts: tuple[str, ...]) -> Iterator[str]:
    part, *rest = parts
    if part == "**":
        if rest:
            yield from _walk(folder, below, tuple(rest))
        for name in _folders(folder, links=False):
            yield from _walk(f"{folder}/{name}", f"{below}{name}/", parts)
    elif rest:
        names = _folders(folder) if _MAGIC.search(part) else [part]
        for name in names:
            if name == part or _matcher(part)(name):
                yield from _walk(f"{folder}/{name}", f"{below}{name}/", tuple(rest))
    elif not _MAGIC.search(part):
        if not part.startswith(".") and os.path.isfile(f"{folder}/{part}"):
            yield below + part
    else:
        yield from (below + name for name in _files(folder, part))


def _files(folder: str, part: str) -> Iterator[str]:
    matches = _matcher(part)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and matches(entry.name) and entry.is_file():
                    yield entry.name
    except OSError:
        return


def _folders(folder: str, *, links: bool = True) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=links)]
    except OSError:
        return []


@lru_cache(maxsize=256)
def _matcher(part: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(part)).match
