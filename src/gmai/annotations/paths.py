"""Paths below a source's root: listed in a fixed order, joined so that nothing outside can be named."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from gmai.annotations.glob import iter_files
from gmai.errors import CardError, FormatError
from gmai.types import LabelName, SourceCard

MOST_SAMPLED = 200
"""Folders of one depth that are looked into to tell what a folder holds."""
PICTURES = frozenset(
    {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".pgm", ".ppm", ".pbm", ".pnm", ".jp2"}
)


def list_files(root: Path, pattern: str) -> list[str]:
    """Paths of the files that match a glob below the root, sorted, with forward slashes; hidden ones left out.

    Raises:
        CardError: a pattern that is empty or leads out of the root.
    """
    check_pattern(pattern)
    return sorted(iter_files(root, pattern))


def list_matches(root: Path, patterns: str | tuple[str, ...]) -> list[str]:
    """Paths of the files that match a glob, or any of several, below the root, sorted, each once.

    Raises:
        CardError: a pattern that is empty or leads out of the root.
    """
    globs = (patterns,) if isinstance(patterns, str) else patterns
    return sorted({path for pattern in globs for path in list_files(root, pattern)})


def check_pattern(pattern: str) -> None:
    """Check that a glob stays below the root.

    Raises:
        CardError: it is empty, absolute, or climbs out.
    """
    parts = PurePosixPath(pattern).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise CardError(f"the pattern {pattern!r} does not stay below the root", fix="write it relative to --root")


def fill_template(template: str, **places: str) -> str:
    """Fill the places of a path template such as ``{folder}/masks/{stem}.png``.

    Raises:
        CardError: it names a place there is not.
    """
    try:
        return template.format(**places).removeprefix("./")
    except (KeyError, IndexError, ValueError):
        known = ", ".join(f"{{{name}}}" for name in places)
        raise CardError(f"the template {template!r} cannot be filled", fix=f"it may name {known}") from None


def list_pictures(root: Path, folder: str) -> list[str]:
    """Paths of the files directly in a folder whose ending is a picture's, sorted."""
    place = root if folder == "." else root / folder
    if not place.is_dir():
        return []
    names = (path for path in place.iterdir() if path.suffix.lower() in PICTURES and not path.name.startswith("."))
    return sorted(path.relative_to(root).as_posix() for path in names)


def sample_files(root: Path, *, each: int = 24, depth: int = 5) -> list[str]:
    """Some of the files below the root, to tell what it holds: of each folder the first few files and folders by name.

    Args:
        root: the folder.
        each: files and folders taken of each folder.
        depth: of folders below the root.
    """
    files: list[str] = []
    level = ["."] if root.is_dir() else []
    for _ in range(depth + 1):
        below: list[str] = []
        for home in level[:MOST_SAMPLED]:
            prefix = "" if home == "." else f"{home}/"
            with os.scandir(root / home) as entries:
                named = [entry for entry in entries if not entry.name.startswith(".")]
                found = sorted((one.name, one.is_dir()) for one in named if one.is_dir() or one.is_file())
            files += [f"{prefix}{name}" for name, is_folder in found if not is_folder][:each]
            below += [f"{prefix}{name}" for name, is_folder in found if is_folder][:each]
        level = below
    return files


def join_below(folder: str, name: str, *, where: str) -> str:
    """Join a folder below the root and a name given by an annotation file.

    Raises:
        FormatError: ``path.outside``: the name leads out of the root; ``path.empty``: there is none.
    """
    if not name.strip():
        raise FormatError("no file is named", where=where, reason="path.empty")
    parts: list[str] = []
    for part in PurePosixPath(folder, name.replace("\\", "/")).parts:
        if part == ".." and not parts or part.startswith("/") or ":" in part[:2]:
            raise FormatError(f"the path {name!r} leads out of the source", where=where, reason="path.outside")
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def stem(path: str) -> str:
    """File name without folder and endings; ``.nii.gz`` counts as one ending."""
    name = path.rpartition("/")[2]
    return name.removesuffix(".gz").rpartition(".")[0] or name


def ending(path: str) -> str:
    """The last ending of a file's name in lower case, with its dot; empty where it has none."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:].lower() if 0 < dot < len(name) - 1 else ""


def parent(path: str) -> str:
    """Folder of a path, ``.`` for the root."""
    return path.rpartition("/")[0] or "."


def name_label(card: SourceCard, raw: str) -> LabelName:
    """What the card calls a raw label; one it does not list keeps its own name."""
    return card.labels.get(raw) or LabelName(name=raw)


def check_bare(card: SourceCard, what: str) -> None:
    """Check that a card expects no annotations of a format that brings none; ``what`` the format reads, in the plural.

    Raises:
        CardError: it does.
    """
    if card.annotations != "none":
        fix = "write annotations: none in the card, or choose a format with annotations"
        raise CardError(f"{what} bring no annotations", where=f"card {card.name}: annotations", fix=fix)


def check_found(card: SourceCard, what: str | tuple[str, ...], found: list[str], root: Path) -> Iterator[str]:
    """Yield the files found.

    Raises:
        FormatError: ``source.missing``: there are none.
    """
    if not found:
        fix = f"check the options of card {card.name!r} with gmai source check"
        told = what if isinstance(what, str) else ", ".join(what)
        raise FormatError(f"no file matches {told!r}", where=str(root), fix=fix, reason="source.missing")
    yield from found
