"""The pictures of published questions: their own bytes, in the public file or beside it under their hash."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image

from gmai.annotations import Entry, LookAt, PictureFiles, embedded_pictures
from gmai.base import hash_bytes, link_file, write_bytes
from gmai.bench.datasets.card import EntryRule
from gmai.errors import FormatError, ImageError

_TEXT = re.compile(r"(data:image/|/9j/|iVBORw0KGgo).{100}", re.DOTALL)
_ENDINGS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"BM": "bmp", b"II*\0": "tif", b"MM\0*": "tif"}


@dataclass(frozen=True)
class Picture:
    """A picture of an entry: the path of its file below the root, or its bytes."""

    path: str = ""
    data: bytes = b""


class Named:
    """Finds the pictures that entries name or hold."""

    def __init__(self, root: Path, rule: EntryRule) -> None:
        self._rule = rule
        self._files = PictureFiles(root, rule, _never_looked_at())
        self._keys = (rule.image,) if isinstance(rule.image, str) else rule.image

    def find(self, entry: Entry) -> tuple[Picture, ...]:
        """The pictures of an entry in order, whether their files are there or not.

        Raises:
            FormatError: it names none, or one outside the root or one of several files.
        """
        if self._rule.pictures_from == "none":
            return ()
        held = tuple(Picture(data=data) for key in self._keys for data in embedded_pictures(entry.get(key)))
        if held:
            return held
        if any(_TEXT.match(text) for key in self._keys for text in entry.texts(key)):
            what, fix = "a picture written as text", "give a TSV, or write pictures to files"
            raise FormatError(what, where=entry.pointer, fix=fix, reason="image.embedded")
        names = [name for key in self._keys for name in entry.texts(key, self._rule.separator_images)]
        if not names:
            raise FormatError("no picture is named", where=entry.pointer, reason="bench.no_picture")
        values = {key: entry.text(key) for key in entry.values} if self._rule.path else {}
        return tuple(Picture(path=self._files.named(values, name, entry.pointer)) for name in names)


def _never_looked_at() -> LookAt:
    def look(path: str) -> None:
        raise ImageError("only pictures are read", where=path, reason="image.kind")

    return look  # type: ignore[return-value]


@dataclass
class PictureStore:
    """Where the pictures of one public file go; each is decoded once, to know that it is whole, and never encoded."""

    root: Path
    out: Path
    """The benchmark folder."""
    inline: bool
    files: dict[Path, None] = field(default_factory=dict)
    """Files that were written."""
    hashes: dict[str, str] = field(default_factory=dict)
    """Path below the root to hash."""
    faults: dict[str, FormatError] = field(default_factory=dict)
    sound: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)
    """Hash to the index of the row that holds the picture alone."""

    def put(self, pictures: Sequence[Picture], index: int) -> tuple[dict[str, str], tuple[str, ...]]:
        """Keep the pictures of one question.

        Returns:
            Cells of its row, and the hash of every picture.

        Raises:
            FormatError: ``image.missing``, ``image.broken`` or ``image.kind``; nothing is kept.
        """
        found = [self._check(picture) for picture in pictures]
        hashes = tuple(name for name, _ in found)
        if not found:
            return {}, ()
        if self.inline:
            return {"image": self._cell(pictures, hashes, index)}, hashes
        paths = [self._link(picture, name, ending) for picture, (name, ending) in zip(pictures, found, strict=True)]
        return {"image_path": paths[0] if len(paths) == 1 else json.dumps(paths)}, hashes

    def _cell(self, pictures: Sequence[Picture], hashes: Sequence[str], index: int) -> str:
        """Base64, or the index of the row that has it already."""
        cells = [
            str(self.rows[name]) if name in self.rows else base64.b64encode(self._read(picture)).decode("ascii")
            for picture, name in zip(pictures, hashes, strict=True)
        ]
        if len(cells) > 1:
            return json.dumps(cells)
        self.rows.setdefault(hashes[0], index)
        return cells[0]

    def _link(self, picture: Picture, name: str, ending: str) -> str:
        target = self.out / "pictures" / name[:2] / f"{name}.{ending}"
        if target not in self.files:
            if not target.exists():
                if picture.path:
                    link_file((self.root / picture.path).resolve(), target)
                else:
                    write_bytes(target, picture.data)
            self.files[target] = None
        return f"../pictures/{name[:2]}/{name}.{ending}"

    def _read(self, picture: Picture) -> bytes:
        return (self.root / picture.path).read_bytes() if picture.path else picture.data

    def _check(self, picture: Picture) -> tuple[str, str]:
        """Hash and ending of a sound picture."""
        where = picture.path or hash_bytes(picture.data)
        if where in self.faults:
            raise self.faults[where]
        if where in self.hashes:
            name = self.hashes[where]
            return name.partition(".")[0], name.partition(".")[2]
        try:
            data = self._read(picture)
            ending, name = _ending(data, where), hash_bytes(data)
            if name not in self.sound:
                _check_whole(data, where)
        except FormatError as error:
            self.faults[where] = error
            raise
        except OSError as error:
            self.faults[where] = FormatError(f"{error.strerror}", where=where, reason="image.missing")
            raise self.faults[where] from None
        self.sound.add(name)
        self.hashes[where] = f"{name}.{ending}"
        return name, ending


def _ending(data: bytes, where: str) -> str:
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    found = next((ending for begin, ending in _ENDINGS.items() if data.startswith(begin)), None)
    if found is None:
        raise FormatError("no PNG, JPEG, GIF, BMP, TIFF or WebP", where=where, reason="image.kind")
    return found


def _check_whole(data: bytes, where: str) -> None:
    try:
        with Image.open(BytesIO(data)) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FormatError(f"no whole picture: {error}", where=where, reason="image.broken") from None
