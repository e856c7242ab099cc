"""The picture of a question: the sample's picture with the question's regions drawn on it, as PNG without metadata."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2

from gmai.bench.cells import split_list
from gmai.corpus import Corpus
from gmai.images import decode_picture, encode_png, render_view
from gmai.types import Question, Reject

PAGE_PX = 480
"""Longest side of a picture on a page."""
WORK = ".work/pictures/{shard:05d}.txt"


@dataclass(frozen=True)
class Asked:
    """The questions about one sample, and what was rejected of it."""

    sample: str
    questions: tuple[Question, ...]
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A question's picture in base64, or a list of them."""

    index: int
    image: bytes


@dataclass(frozen=True)
class Draw:
    """The step that draws; it can be sent to a worker process."""

    corpus: Corpus

    def __call__(self, asked: Iterable[Asked]) -> Iterator[Drawn | Reject]:
        """Yield the rejects and the pictures of each sample."""
        for item in asked:
            yield from item.rejects
            if not item.questions:
                continue
            stored = self.corpus.sample(item.sample)
            pictures = [decode_picture(data) for data in stored.pictures]
            drawn: dict[tuple[object, ...], bytes] = {}
            for question in item.questions:
                view = (question.view.granularity, question.view.regions)
                if view not in drawn:
                    shown = [render_view(picture, question.view, stored.sample.annotations) for picture in pictures]
                    drawn[view] = _cell([base64.b64encode(encode_png(picture)) for picture in shown])
                yield Drawn(question.index, drawn[view])


def _cell(pictures: Sequence[bytes]) -> bytes:
    """One picture as it is, several as a JSON list."""
    return pictures[0] if len(pictures) == 1 else b'["' + b'", "'.join(pictures) + b'"]'


def write_drawn(path: Path, drawn: Sequence[Drawn]) -> None:
    """Write a shard of pictures: index, tab, base64."""
    with path.open("wb") as out:
        for item in drawn:
            out.write(b"%d\t%b\n" % (item.index, item.image))


def shrink(data: bytes) -> bytes:
    """A picture for people to look at on a page: of a large one a small JPEG."""
    picture = decode_picture(data)
    longest = max(picture.shape[:2])
    if longest <= PAGE_PX:
        return data
    height, width = (max(1, round(side * PAGE_PX / longest)) for side in picture.shape[:2])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())


class DrawnPictures:
    """The pictures of all shards, found by index; only their places are kept in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _places(self) -> dict[int, tuple[Path, int, int]]:
        places = {}
        for path in sorted((self.folder / WORK).parent.glob("*.txt")):
            offset = 0
            with path.open("rb") as lines:
                for line in lines:
                    index, _, image = line.partition(b"\t")
                    places[int(index)] = (path, offset + len(index) + 1, len(image) - 1)
                    offset += len(line)
        return places

    def files(self, index: int) -> tuple[bytes, ...]:
        """The files of a question's pictures."""
        return tuple(base64.b64decode(text) for text in split_list(self[index], f"index {index}"))

    def __getitem__(self, index: int) -> str:
        path, offset, size = self._places[index]
        with path.open("rb") as source:
            source.seek(offset)
            return source.read(size).decode("ascii")
