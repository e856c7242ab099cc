"""A question as a benchmark file shows it; its pictures stay in the file until somebody asks for them."""

import base64
import binascii
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from gmai.bench.cells import split_list
from gmai.bench.rows import MOST_ROW, unquote
from gmai.errors import FormatError
from gmai.types import Form, record

TELLING = ("answer", "answers", "category", "explanation", "rationale", "solution")
"""Columns that tell the answer, or help to: ``category`` is the text of the right option."""
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
"""How files of pictures begin; a path that leads to anything else is not read out."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture is: a stretch of a benchmark file (base64), or a file of its own (``stop`` is None)."""

    path: str
    start: int = 0
    stop: int | None = None
    member: int = 0
    """Which of the pictures of a cell that lists several."""
    stamp: tuple[int, int] | None = None
    """Size and time of the file when it was indexed."""

    def encoded(self) -> bytes:
        """The picture's file in base64.

        Raises:
            FormatError: the file is gone, has changed since it was indexed, or is no picture.
        """
        if self.stop is None:
            return base64.b64encode(self.read())
        cell = self._read_cell().strip()
        return self._split(cell, "")[self.member].encode() if cell.startswith(b"[") else cell

    def members(self, where: str) -> list[str]:
        """What the cell lists: pictures in base64, or indices of rows.

        Raises:
            FormatError: it is no list.
        """
        return self._split(self._read_cell().strip(), where)

    def read(self) -> bytes:
        """Bytes of the picture's file.

        Raises:
            FormatError: as :meth:`encoded`, or what stands there is not base64.
        """
        if self.stop is None:
            return _read_picture(Path(self.path))
        text = self.encoded()
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            text = b"".join(text.split())
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise FormatError(f"not base64: {error}", reason="tsv.image") from None

    @staticmethod
    def _split(cell: bytes, where: str) -> list[str]:
        try:
            return split_list(cell.decode("ascii"), where)
        except UnicodeDecodeError:
            raise FormatError("a list that is not of base64", where=where, reason="tsv.list") from None

    def _read_cell(self) -> bytes:
        try:
            with open(self.path, "rb") as file:
                now = os.fstat(file.fileno())
                if self.stamp is not None and (now.st_size, now.st_mtime_ns) != self.stamp:
                    raise FormatError("the file changed while it was in use", fix="open it again", reason="tsv.changed")
                file.seek(self.start)
                return unquote(file.read((self.stop or 0) - self.start))
        except FileNotFoundError:
            raise FormatError("the file is gone", where=self.path, reason="tsv.changed") from None


def _read_picture(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            begin = file.read(4)
            if not begin.startswith(_SIGNATURES):
                raise FormatError("no picture", where=str(path), reason="tsv.picture")
            data = begin + file.read(MOST_ROW)
    except OSError as error:
        raise FormatError(f"{error.strerror}", where=str(path), reason="tsv.picture") from None
    return data


@record
class PublicQuestion:
    """One row of a benchmark file: all that a model may see, and more columns if the file has them."""

    index: int
    question: str
    options: tuple[str, ...]
    """Texts of the options A, B, C … that the row has; none where the answer is written."""
    places: tuple[Place, ...] = ()
    """Where its pictures are, in order."""
    form: Form = "choice"
    task: str = ""
    department: str = ""
    """Empty, as is the modality, where the modality is asked for."""
    granularity: str = ""
    """``Image Level``, ``Box Level``, ``Mask Level`` or ``Contour Level``."""
    modality: str = ""
    kind: str = ""
    answer: str | None = None
    """The right letter, letters in order (``AC``) or text; only validation files have it."""
    extra: dict[str, str] = field(default_factory=dict)
    """Every further column that has something to say, by its name in the file."""

    @property
    def images(self) -> tuple[bytes, ...]:
        """The pictures' files (PNG or JPEG) in base64, read now."""
        return tuple(place.encoded() for place in self.places)

    @property
    def image(self) -> bytes:
        """The first picture's file in base64; empty if there is none."""
        return self.places[0].encoded() if self.places else b""

    def pictures(self) -> list[bytes]:
        """Bytes of the pictures' files, read now.

        Raises:
            FormatError: the field is not base64, or the file that it names is no picture.
        """
        return [self._read(place) for place in self.places]

    def picture(self) -> bytes:
        """Bytes of the first picture's file.

        Raises:
            FormatError: there is none, or as :meth:`pictures`.
        """
        if not self.places:
            raise FormatError("the question has no picture", where=f"index {self.index}", reason="tsv.image")
        return self._read(self.places[0])

    def sealed(self) -> "PublicQuestion":
        """The question without its answer and without the columns that tell it: what may be put to a model."""
        shown = {name: text for name, text in self.extra.items() if name.strip().lower() not in TELLING}
        return replace(self, answer=None, extra=shown)

    def _read(self, place: Place) -> bytes:
        try:
            return place.read()
        except FormatError as error:
            where = f"index {self.index}, column image{f' of {error.where}' if error.where else ''}"
            raise FormatError(error.message, where=where, fix=error.fix, reason=error.reason) from None
