"""What is compared of a corpus or a benchmark: a row for each picture and each text, with its fingerprints."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gmai.base import each, hash_bytes
from gmai.bench import PublicQuestion
from gmai.corpus import (
    SAMPLE_SCHEMA,
    SHORTEST_WORDS,
    Corpus,
    StoredSample,
    count_words,
    open_parquet,
    read_samples,
    sample_files,
    sign_text,
    split_words,
    text_key,
)
from gmai.curate.prints import print_picture
from gmai.curate.wording import fold_text
from gmai.images import decode_picture
from gmai.types import QA, Annotation, Dialogue, ImageRef, Question, Reject, Report

LONG_WORDS = 20
"""Texts that go with a picture are compared from so many words on: short questions are asked of many pictures."""


class Row(NamedTuple):
    """One picture or text of one side."""

    kind: str
    """``picture`` or ``text``."""
    id: str
    part: int
    """Number of the picture or of the annotation, from 0."""
    source: str
    subject: str
    size: int
    """Pixels, or words."""
    exact: str
    """Hash of the decoded pixels, or of the words."""
    origin: str = ""
    """Hash of the source file with what was cut out of it."""
    alone: bool = False
    """True of a text whose sample shows no picture."""
    flat: bool = False
    hashes: bytes = b""
    boxes: bytes = b""
    thumb: bytes = b""
    points: bytes = b""
    signature: bytes = b""
    terms: bytes = b""


class Group(NamedTuple):
    """A row group of a store."""

    path: str
    number: int


class Asked(NamedTuple):
    """A benchmark's row, with the question behind it where its key is at hand."""

    row: PublicQuestion
    key: Question | None


def iter_groups(folder: Path) -> Iterator[Group]:
    """The row groups of a folder's samples."""
    for path in sample_files(folder):
        yield from (Group(str(path), number) for number in range(open_parquet(path, SAMPLE_SCHEMA).num_row_groups))


@dataclass(frozen=True)
class CorpusRows:
    """The step that fingerprints row groups, all samples or those of one split; it can be sent to a worker."""

    stage: str
    corpus: Corpus
    split: str | None = None
    points: bool = True

    def __call__(self, groups: Iterable[Group]) -> Iterator[Row | Reject]:
        """Yield the rows of each picture and text; a picture that cannot be decoded is a reject."""
        for group in groups:
            file = open_parquet(Path(group.path), SAMPLE_SCHEMA)
            stored = (
                item
                for item in read_samples(file, group.number, where=group.path)
                if self.split is None or self.corpus.split_of(item.sample) == self.split
            )
            make = partial(sample_rows, points=self.points)
            yield from each(make, stored, stage=self.stage, item_id=lambda item: item.sample.id, unit="sample")


@dataclass(frozen=True)
class BenchRows:
    """The step that fingerprints a benchmark's rows."""

    stage: str
    name: str
    points: bool = True

    def __call__(self, asked: Iterable[Asked]) -> Iterator[Row | Reject]:
        """Yield the rows of each question."""
        make = partial(question_rows, name=self.name, points=self.points)
        yield from each(make, asked, stage=self.stage, item_id=lambda item: str(item.row.index), unit="question")


def sample_rows(stored: StoredSample, points: bool) -> Iterator[Row]:
    """The rows of one sample, with the points of its pictures or without."""
    sample = stored.sample
    base = partial(Row, id=sample.id, source=sample.source, subject=sample.subject)
    for part, (image, data) in enumerate(zip(sample.images, stored.pictures, strict=True)):
        yield _picture_row(base, part, data, points)._replace(origin=_origin(image))
    least = LONG_WORDS if sample.images else SHORTEST_WORDS
    for part, annotation in enumerate(sample.annotations):
        words = split_words(_text(annotation))
        if count_words(words) >= least:
            yield _text_row(base, part, words)._replace(alone=not sample.images)


def question_rows(asked: Asked, name: str, points: bool) -> Iterator[Row]:
    """The rows of one question of a benchmark."""
    key = asked.key
    base = partial(
        Row,
        id=f"{name}#{asked.row.index}" if key is None else key.sample,
        source=key.source if key else "",
        subject=key.subject if key else "",
    )
    for part, data in enumerate(asked.row.pictures()):
        yield _picture_row(base, part, data, points)
    words = split_words(asked.row.question)
    if count_words(words) >= (LONG_WORDS if asked.row.places else SHORTEST_WORDS):
        yield _text_row(base, max(len(asked.row.places), 1), words)._replace(alone=not asked.row.places)


def _picture_row(base: "partial[Row]", part: int, data: bytes, points: bool) -> Row:
    pixels = decode_picture(data)
    found = print_picture(pixels, points)
    height, width = pixels.shape[:2]
    return base(
        kind="picture",
        part=part,
        size=height * width,
        exact=hash_bytes(f"{height} {width} ".encode() + pixels.tobytes()),
        flat=found.flat,
        hashes=found.hashes.tobytes(),
        boxes=found.boxes.tobytes(),
        thumb=found.thumb.tobytes(),
        points=found.points.tobytes(),
    )


def _text_row(base: "partial[Row]", part: int, words: list[str]) -> Row:
    signature, terms = np.asarray(sign_text(words)).tobytes(), fold_text(words).tobytes()
    return base(
        kind="text", part=part, size=count_words(words), exact=text_key(words), signature=signature, terms=terms
    )


def _origin(image: ImageRef) -> str:
    cut = (image.sha256, image.member, image.axis, image.index, image.time_s, image.region)
    return hash_bytes(repr(cut).encode())


def _text(annotation: Annotation) -> str:
    """What people wrote, if it is that: a question without its answer, a report, a conversation."""
    if isinstance(annotation, QA):
        return annotation.question
    if isinstance(annotation, Report):
        return annotation.text
    if isinstance(annotation, Dialogue):
        return " ".join(text for _, text in annotation.turns)
    return ""
