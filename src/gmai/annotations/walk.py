"""Files below a folder, those of the folder itself first, and no more than asked: for telling formats apart."""

import os
from collections.abc import Iterator
from pathlib import Path

LIMIT = 50_000


def walk_files(root: Path, *, depth: int = 8, limit: int = LIMIT) -> Iterator[str]:
    """Yield paths below a folder, level by level and by name, hidden ones and links to folders left out.

    Args:
        root: the folder.
        depth: levels of folders below it that are looked into.
        limit: names looked at at most; the rest is not listed.
    """
    level, left = [""], limit
    for _ in range(depth + 1):
        below: list[str] = []
        for place in level:
            files, folders = _list(root / place, left)
            left -= len(files) + len(folders)
            yield from (place + name for name in files)
            below += [f"{place}{name}/" for name in folders]
            if left <= 0:
                return
        level = below


def _list(folder: Path, limit: int) -> tuple[list[str], list[str]]:
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.is_file():
                    files.append(entry.name)
                if len(files) + len(folders) >= limit:
                    break
    except OSError:
        pass  # what may not be listed cannot tell a format
    return sorted(files), sorted(folders)
