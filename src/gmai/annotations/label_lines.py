"""Text files of labels, one for each picture and one line for each object, paired by name."""

import glob
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gmai.annotations.item import AnnotatedItem, lone_picture, reject, reject_units, unannotated
from gmai.annotations.paths import list_files, list_pictures, parent, stem
from gmai.errors import FormatError, GmaiError
from gmai.types import Annotation, Reject, SourceCard

PICTURES_FOLDER = "images"
NO_LABELS = frozenset({"classes.txt", "labels.txt", "license.txt", "notes.txt", "obj.names", "readme.txt"})
"""Text files that lie among labels and are none."""
MAX_BYTES = 16 * 2**20


@dataclass
class Labelled:
    """What the label file of a picture says."""

    annotations: list[Annotation] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    """Labels of lines that do not hold."""
    size: tuple[int, int] | None = None
    grid: Literal["stored", "shown"] | None = None


Line = tuple[int, list[str]]
"""Number, from 1, and words of a line that is not blank."""
ReadLabels = Callable[[str, str, list[Line]], Labelled]
"""Read the lines of (picture, label file)."""


def label_file(picture: str, labels: str) -> str:
    """Path of a picture's label file.

    Args:
        picture: path of the picture.
        labels: folder in place of the last folder ``images`` of that path, else in place of the picture's own folder;
            ``.`` for the picture's own folder.
    """
    parts = parent(picture).split("/")
    if labels != "." and PICTURES_FOLDER in parts:
        last = len(parts) - 1 - parts[::-1].index(PICTURES_FOLDER)
        parts[last] = labels
    elif labels != ".":
        parts = [*parts[:-1], labels]
    return "/".join([*([] if parts == ["."] else parts), f"{stem(picture)}.txt"])


def read_labelled(
    folder: Path,
    card: SourceCard,
    pictures: Mapping[str, str | None],
    labels: str,
    read: ReadLabels,
    unlisted: Sequence[str] = (),
) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture; a label file without a picture is a reject, an empty one says that nothing is there.

    Args:
        folder: root of the source.
        card: its card.
        pictures: each picture's path and official split.
        labels: folder of the label files, as for :func:`label_file`.
        read: what the lines of a label file say.
        unlisted: pictures that no list of the splits names, though it should: rejects, with what is said of them.
    """
    used: dict[str, str] = {}
    for picture, split in pictures.items():
        path = label_file(picture, labels)
        if not (folder / path).is_file():
            yield from unannotated(lone_picture(picture, split), card, f"no label file {path}")
        elif path in used:
            yield reject(picture, "labels.shared", f"{path} belongs to {used[path]} as well", unit="image")
        else:
            yield from _read_picture(folder, picture, path, split, read)
        used.setdefault(path, picture)
    for picture in unlisted:
        path = label_file(picture, labels)
        lost = {"image": 1, "annotation": 0 if path in used else _count(folder, path)}
        yield from reject_units(picture, lost, "labels.unlisted", "no list of the splits names the picture")
        used.setdefault(path, picture)
    for home in dict.fromkeys(parent(path) for path in used):
        for path in list_files(folder, "*.txt" if home == "." else f"{glob.escape(home)}/*.txt"):
            if path not in used and path.rpartition("/")[2].lower() not in NO_LABELS:
                lost = {"image": 1, "annotation": _count(folder, path)}
                yield from reject_units(path, lost, "image.missing", f"no picture belongs to {path}")


def _read_picture(
    folder: Path, picture: str, path: str, split: str | None, read: ReadLabels
) -> Iterator[AnnotatedItem | Reject]:
    lines: list[Line] = []
    try:
        lines = read_lines(folder / path, path)
        found = read(picture, path, lines)
    except GmaiError as error:
        yield from reject_units(picture, {"image": 1, "annotation": len(lines)}, error.reason, str(error))
        return
    yield from found.rejects
    yield AnnotatedItem(
        id=picture,
        kind="raster",
        files=(picture,),
        annotations=tuple(found.annotations),
        size=found.size,
        grid=found.grid,
        split=split,
        unsure=tuple(dict.fromkeys(found.unsure)),
        units={"image": 1, "annotation": len(found.annotations)},
    )


def _count(folder: Path, path: str) -> int:
    try:
        return len(read_lines(folder / path, path)) if (folder / path).is_file() else 0
    except FormatError:
        return 0


def read_lines(path: Path, shown: str) -> list[Line]:
    """The words of each line that is not blank.

    Raises:
        FormatError: ``labels.encoding``: no text in UTF-8, UTF-16 with a mark, or GB18030; ``labels.too_large``.
    """
    if path.stat().st_size > MAX_BYTES:
        raise FormatError(f"labels of more than {MAX_BYTES} bytes", where=shown, reason="labels.too_large")
    data = path.read_bytes()
    marked = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            lines = enumerate(data.decode(encoding).splitlines(), start=1)
            return [(number, line.split()) for number, line in lines if line.strip()]
        except UnicodeDecodeError:
            continue
    raise FormatError("the labels are no text", where=shown, reason="labels.encoding")


def find_unlisted(folder: Path, pictures: Iterable[str]) -> list[str]:
    """Pictures that lie among listed ones and are not listed."""
    listed = set(pictures)
    homes = sorted({parent(picture) for picture in listed})
    return [picture for home in homes for picture in list_pictures(folder, home) if picture not in listed]
