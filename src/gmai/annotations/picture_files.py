"""Which file a table, question or report means by a picture's name, and what item that file makes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gmai.annotations.embedded import Embedded
from gmai.annotations.entries import Entry
from gmai.annotations.item import AnnotatedItem, ItemKind, LookAt, lone_picture, reject, unannotated
from gmai.annotations.paths import PICTURES, ending, fill_template, join_below, list_files, list_pictures
from gmai.annotations.walk import walk_files
from gmai.errors import FormatError, ImageError
from gmai.types import Reject, SourceCard

_GLOB = re.compile(r"[*?\[]")
_KINDS: dict[str, ItemKind] = {"raster": "raster", "dicom": "series", "slide": "slide", "video": "video"}
_NO_ITEM = frozenset({"npz"})
_NO_PICTURES = frozenset({".csv", ".json", ".jsonl", ".xlsx", ".parquet", ".xml", ".tsv", ".txt", ".html", ".md"})


@dataclass(frozen=True, kw_only=True)  # a record's slots would forbid a second base beside it
class PictureOptions:
    """Where the pictures are, and how entries name them; options of every reader of entries about pictures."""

    images: str = "images"
    """Folder of the pictures, or a glob of several folders, such as ``images_*/images``."""
    suffix: str = ""
    """Ending to add to the name, such as ``.png``; one that is not given is found where one file alone fits."""
    strip: str = ""
    """What to take from the front of the name, such as ``CheXpert-v1.0-small/``."""
    path: str = ""
    """Template of the path below ``images``, with keys of the entry as places, where no key alone has the name."""
    pictures: str = ""
    """Glob of the pictures there should be; by default the pictures directly in ``images``. One that no entry names
    is a reject."""


class PictureFiles:
    """The picture files of a source, found by the names that entries give them."""

    def __init__(self, root: Path, options: PictureOptions, look: LookAt) -> None:
        """Prepare; nothing is listed before it is asked for."""
        self._root = root
        self._options = options
        self._look = look
        self._by_folder: dict[str, dict[str, list[str]]] = {}
        self._gathered: dict[str, list[str]] | None = None
        self._embedded = Embedded()

    def embedded(self, entry: Entry, keys: Sequence[str]) -> str | None:
        """The place of the pictures that an entry holds itself; None where it names files."""
        return self._embedded.place(entry, keys)

    def size(self, path: str) -> int:
        """How many pictures a path or place stands for."""
        found = self._embedded.found.get(path)
        return found[3] if found else 1

    def named(self, values: dict[str, str], name: str, where: str) -> str:
        """The path of the picture that an entry names; also where there is no such file.

        Args:
            values: the entry's texts, for the path template.
            name: as the entry gives it; empty where the template needs none.
            where: pointer to the entry.

        Raises:
            FormatError: ``path.empty``, ``path.outside``, ``image.ambiguous`` (several files fit).
        """
        options = self._options
        if options.path:
            name = fill_template(options.path, **values)
        elif name:
            name = name.replace("\\", "/").removeprefix(options.strip) + options.suffix
        if _GLOB.search(options.images):
            return self._gather(name, where)
        path = join_below(options.images, name, where=where)
        if (self._root / path).is_file():
            return path
        place, _, last = path.rpartition("/")
        return self._only(self._listed(place), last, where, path)

    def there(self, path: str) -> bool:
        """True if the file is there."""
        return path in self._embedded.found or (self._root / path).is_file()

    def item(self, paths: Sequence[str], **fields: Any) -> AnnotatedItem:
        """The item that files make: by their endings pictures, else told by a look.

        Raises:
            ImageError: a file cannot be looked at, or ``image.kind``: it makes no item of its own.
        """
        if len(paths) > 1:
            shown = tuple(path if _is_raster(path) else self._look(path).shown for path in paths)
            return AnnotatedItem(kind="pictures", files=tuple(paths), shown=shown, **fields)
        path = paths[0]
        if path in self._embedded.found:
            file, row, keys, _ = self._embedded.found[path]
            return AnnotatedItem(kind="embedded", files=(file,), member=",".join(keys), index=row, **fields)
        if _is_raster(path):
            return AnnotatedItem(kind="raster", files=(path,), **fields)
        seen = self._look(path)
        if seen.kind in _NO_ITEM:
            raise ImageError(f"a file of kind {seen.kind} shows no single picture", where=path, reason="image.kind")
        told: dict[str, Any] = {name: getattr(seen, name) or None for name in ("subject", "study", "series", "visit")}
        told |= {name: value for name, value in fields.items() if value is not None or name not in told}
        kind = _KINDS.get(seen.kind, "volume")
        return AnnotatedItem(kind=kind, files=(path,), shown=(seen.shown,), **told)

    def unnamed(self, named: set[str], card: SourceCard, detail: str) -> Iterator[AnnotatedItem | Reject]:
        """The pictures that should be there and that nothing names."""
        for path in self._expected():
            if path in named:
                continue
            if _is_raster(path):
                yield from unannotated(lone_picture(path), card, detail)
                continue
            try:
                yield from unannotated(self.item([path], id=path), card, detail)
            except ImageError as error:
                yield reject(path, error.reason, str(error), unit="image")

    def _expected(self) -> list[str]:
        options = self._options
        if options.pictures:
            return list_files(self._root, options.pictures)
        if not _GLOB.search(options.images):
            return list_pictures(self._root, options.images)
        found = list_files(self._root, f"{options.images}/*")
        return [path for path in found if _is_raster(path)]

    def _gather(self, name: str, where: str) -> str:
        if self._gathered is None:
            self._gathered = _index(list_files(self._root, f"{self._options.images}/*"))
        plain = join_below(".", name, where=where)
        last = plain.rpartition("/")[2]
        return self._only(self._gathered, last, where, f"{self._options.images}/{plain}")

    def _listed(self, folder: str) -> dict[str, list[str]]:
        if folder not in self._by_folder:
            place = self._root / folder
            files = (each for each in place.iterdir() if each.is_file()) if place.is_dir() else ()
            self._by_folder[folder] = _index(sorted(each.relative_to(self._root).as_posix() for each in files))
        return self._by_folder[folder]

    @staticmethod
    def _only(index: dict[str, list[str]], name: str, where: str, path: str) -> str:
        found = index.get(name) or index.get(name.casefold(), [])
        if len(found) > 1:
            what = f"{name!r} may be {' or '.join(found[:3])}"
            raise FormatError(what, where=where, fix="give suffix or images", reason="image.ambiguous")
        return found[0] if found else path


def _is_raster(path: str) -> bool:
    return ending(path) in PICTURES


def _index(paths: Sequence[str]) -> dict[str, list[str]]:
    """Paths by file name and by file name without ending, as they are and in lower case."""
    found: dict[str, list[str]] = {}
    for path in paths:
        name = path.rpartition("/")[2]
        short = name.removesuffix(".gz").rpartition(".")[0] or name
        for key in {name, short, name.casefold(), short.casefold()}:
            found.setdefault(key, []).append(path)
    return found


def index_names(root: Path) -> dict[str, str]:
    """The first path of each file name below a folder, with its ending and without."""
    found: dict[str, str] = {}
    for path in walk_files(root):
        if ending(path) not in _NO_PICTURES:
            last = path.rpartition("/")[2]
            found.setdefault(last, path)
            found.setdefault(last.rpartition(".")[0] or last, path)
    return found


def guess_images(index: dict[str, str], names: Sequence[str]) -> dict[str, str] | None:
    """The options ``images`` and ``suffix`` with which names are found; None where none of them is.

    Args:
        index: of :func:`index_names`.
        names: as entries give them, with or without folders and endings.
    """
    for name in names:
        plain = name.replace("\\", "/").removeprefix("./")
        path = index.get(plain.rpartition("/")[2], "")
        for last in ("", PurePosixPath(path).suffix):
            if path and (path == plain + last or path.endswith(f"/{plain}{last}")):
                images = path[: len(path) - len(plain + last)].rstrip("/") or "."
                return {"images": images, **({"suffix": last} if last else {})}
    return None
