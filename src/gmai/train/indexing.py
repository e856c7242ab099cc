"""Building a row index: conversations of a corpus become tokens once, and pictures become lengths without decoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gmai.base import digest, dumps, hash_bytes, to_dict, write_json, write_jsonl
from gmai.corpus import SAMPLE_SCHEMA, Corpus, Records
from gmai.errors import FormatError, GmaiError, ImageError
from gmai.models import PictureLayout, Scaffold, VisualContract
from gmai.train.columns import ColumnWriter, read_column, spread, write_column
from gmai.train.copies import build_apart
from gmai.train.index import INDEX_FILE, PART_COLUMNS, POOLS, REJECTS_FILE, ROW_COLUMNS, SIX_WIDE, Place, RowIndex
from gmai.train.rows import conversation_tokens
from gmai.types import Conversation, Reject, Sample, View

FORMAT = 1
_NOWHERE = (-1, -1, -1)
_SPELLED = ("A b", " a\n", "<img>")
"""Texts whose tokens tell how texts are made tokens."""


@dataclass(slots=True)
class Segment:
    """One conversation of a row."""

    id: str
    names: tuple[str, str, str]
    """Question kind; ``choice`` or ``open``; subset."""
    tokens: tuple[int, ...]
    scored: tuple[bool, ...]


@dataclass(slots=True)
class Row:
    """One view of one sample, with conversations that share its pictures."""

    sample: str
    source: str
    view: View = View()
    prior: str = ""
    places: tuple[Place | None, Place | None] = (None, None)
    """Of the earlier sample and of its own."""
    layouts: tuple[PictureLayout, ...] = ()
    pictured: bool = True
    prefix: int = 0
    """Tokens before the conversations."""
    captions: list[tuple[int, ...]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)


def open_index(corpus: Corpus, split: str, scaffold: Scaffold, contract: VisualContract, home: Path) -> RowIndex:
    """The row index of one split of a corpus: found in ``home``, or built there.

    Raises:
        ConfigError: no such split, or a corpus that is not split.
        FormatError: a damaged corpus.
    """
    key = index_key(corpus, split, scaffold, contract)
    folder = home / key[:32]
    if not (folder / INDEX_FILE).exists():
        with build_apart(folder) as build, IndexWriter(build, key) as writer:
            reader = RowReader(corpus, scaffold, contract, writer)
            for row in reader.read(corpus.conversations(split)):
                writer.add(row)
    return RowIndex(folder)


def index_key(corpus: Corpus, split: str, scaffold: Scaffold, contract: VisualContract) -> str:
    """Hash of everything that can change an index."""
    pieces = [scaffold.prefix([3] * pictures) for pictures in range(2)]
    spelled = [*pieces, scaffold.ask, scaffold.next_user, (scaffold.end,), *map(scaffold.text, _SPELLED)]
    tokenizer = hash_bytes(scaffold.tokenizer.backend_tokenizer.to_str().encode())
    about = {"format": FORMAT, "corpus": corpus.key, "split": split, "contract": contract.hash}
    return digest({**about, "tokenizer": tokenizer, "scaffold": [list(piece) for piece in spelled]})


class RowReader:
    """Turns conversations into rows, those of one view of one sample that stand together into one."""

    def __init__(self, corpus: Corpus, scaffold: Scaffold, contract: VisualContract, writer: IndexWriter) -> None:
        self._corpus = corpus
        self._scaffold = scaffold
        self._contract = contract
        self._writer = writer
        self._records: Records[Sample] = Records(Sample, SAMPLE_SCHEMA)

    def read(self, conversations: Iterator[Conversation]) -> Iterator[Row]:
        """Yield the rows of one sample after the other; what cannot be a row's is rejected."""
        rows: dict[tuple[str, View], Row] = {}
        sample = ""
        for conversation in conversations:
            if conversation.sample != sample:
                yield from rows.values()
                rows, sample = {}, conversation.sample
            try:
                self._take(conversation, rows)
            except GmaiError as error:
                detail = str(error)
                self._writer.reject(
                    Reject(id=conversation.id, stage="train", reason=error.reason, detail=detail, unit="conversation")
                )
        yield from rows.values()

    def _take(self, conversation: Conversation, rows: dict[tuple[str, View], Row]) -> None:
        spelled = conversation_tokens(self._scaffold, conversation)
        names = (conversation.kind, "choice" if conversation.options else "open", conversation.subset)
        key = (conversation.prior, conversation.view)
        pictured = conversation.subset != "text"
        row = rows.get(key)
        if row is None or pictured > row.pictured:
            fresh = self._open(conversation, pictured)
            if row is not None:  # what was said of the sample without its picture is now said with it
                fresh.captions, fresh.segments = row.captions, row.segments
            row = rows[key] = fresh
        if conversation.subset == "caption":
            row.captions.append(self._scaffold.text(" " + conversation.turns[-1].text))
        row.segments.append(Segment(conversation.id, names, *spelled))

    def _open(self, conversation: Conversation, pictured: bool) -> Row:
        own, place = self._sample(conversation.sample)
        row = Row(conversation.sample, conversation.source, conversation.view, conversation.prior)
        row.pictured = pictured
        row.places = (None, place)
        images = own.images
        if conversation.prior:
            before, earlier = self._sample(conversation.prior)
            images = (*before.images, *images)
            row.places = (earlier, place)
        if pictured and not own.images:
            raise FormatError("speaks of a picture its sample does not have", reason="row.no_picture")
        if conversation.view.granularity != "image" and len(own.images) > 1:
            raise ImageError(f"regions drawn on one of {len(own.images)} pictures", reason="row.view")
        if pictured:
            row.layouts = tuple(
                self._contract.layout(image.width, image.height, pictures=len(images)) for image in images
            )
        row.prefix = len(self._scaffold.prefix([layout.tokens for layout in row.layouts]))
        return row

    def _sample(self, sample: str) -> tuple[Sample, Place]:
        found = self._corpus.find(sample)
        place = Place(Path(found.path).relative_to(self._corpus.folder).as_posix(), found.group, found.row)
        return self._records.read(found), place


class IndexWriter:
    """Writes rows into the columns of an index; a context manager. Its main file comes last, if nothing went wrong."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self._key = key
        self._columns = ColumnWriter(folder, {**ROW_COLUMNS, **PART_COLUMNS})
        self._numbers: dict[str, dict[Any, int]] = {"sources": {}, "names": {}, "files": {}}
        self._rejects: list[Reject] = []

    def __enter__(self) -> IndexWriter:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._columns.__exit__(None, None, None)
        if kind is None:
            self._finish()

    def reject(self, reject: Reject) -> None:
        """Keep what could not become part of a row."""
        self._rejects.append(reject)

    def add(self, row: Row) -> None:
        """Append a row."""
        add, lengths = self._columns.add, self._columns.lengths
        for segment in row.segments:
            self._add_segment(segment)
        for caption in row.captions:
            add("caption_start", [lengths["tokens"]])
            add("caption_length", [len(caption)])
            add("tokens", caption)
        for layout in row.layouts:
            add("pictures", [layout.tiles, layout.tokens, layout.patches, *(layout.grid or (0, 0, 0))])
        add("texts", _text(row))
        add("row_key", [_row_key(row)])
        add("row_place", [number for place in row.places for number in self._place(place)])
        add("row_source", [self._number("sources", row.source)])
        add("row_pool", [POOLS.index(row.view.granularity if row.pictured else "text")])
        add("row_pictured", [row.pictured])
        add("row_prefix", [row.prefix])
        add("row_shown", [len(row.layouts)])
        add("row_tiles", [sum(layout.tiles for layout in row.layouts)])
        add("row_patches", [sum(layout.patches for layout in row.layouts)])
        add("row_text", [lengths["texts"]])
        add("row_pictures", [lengths["pictures"] // 6])
        add("row_segments", [lengths["segment_start"]])
        add("row_captions", [lengths["caption_start"]])

    def _add_segment(self, segment: Segment) -> None:
        add = self._columns.add
        add("segment_start", [self._columns.lengths["tokens"]])
        add("segment_length", [len(segment.tokens)])
        add("segment_scored", [sum(segment.scored)])
        add("segment_names", [self._number("names", segment.names)])
        add("tokens", (~token if said else token for token, said in zip(segment.tokens, segment.scored, strict=True)))
        add("ids", segment.id.encode())
        add("segment_id", [self._columns.lengths["ids"]])

    def _number(self, table: str, value: Any) -> int:
        numbers = self._numbers[table]
        return numbers.setdefault(value, len(numbers))

    def _place(self, place: Place | None) -> tuple[int, int, int]:
        return _NOWHERE if place is None else (self._number("files", place.file), place.group, place.row)

    def _finish(self) -> None:
        _join_rows(self._folder)
        write_jsonl(self._folder / REJECTS_FILE, self._rejects)
        tables = {name: list(numbers) for name, numbers in self._numbers.items()}
        write_json(self._folder / INDEX_FILE, {"key": self._key, "format": FORMAT, **tables})


def _text(row: Row) -> bytes:
    view = {} if row.view == View() else {"view": to_dict(row.view)}
    prior = {"prior": row.prior} if row.prior else {}
    return dumps({"sample": row.sample, **prior, **view})


def _row_key(row: Row) -> int:
    return int(hash_bytes(_text(row) + bytes([row.pictured]))[:16], 16)


def _join_rows(folder: Path) -> None:
    """Rows of one view of one sample that came apart become one, at the place of the first."""
    keys = np.asarray(read_column(folder, "row_key", "u8"))
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    if len(first) == len(keys):
        return
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    owner, kept = rank[inverse], first[order]
    runs = np.argsort(owner, kind="stable")
    segments = _rearrange(folder, "row_segments", _SEGMENT_PARTS, runs, owner)
    _rearrange(folder, "segment_id", ("ids",), segments)
    _rearrange(folder, "row_captions", ("caption_start", "caption_length"), runs, owner)
    _rearrange(folder, "row_text", ("texts",), kept)
    _rearrange(folder, "row_pictures", ("pictures",), kept)
    done = ("row_segments", "row_captions", "row_text", "row_pictures")
    for name, kind in ROW_COLUMNS.items():
        if name not in done:
            column = read_column(folder, name, kind)
            column = column.reshape(-1, 6) if name in SIX_WIDE else column
            write_column(folder, name, column[kept])


_SEGMENT_PARTS = ("segment_start", "segment_length", "segment_scored", "segment_names")


def _rearrange(
    folder: Path,
    ends: str,
    parts: tuple[str, ...],
    runs: npt.NDArray[np.int64],
    owner: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.int64]:
    """Put the parts of rows in the order of ``runs``, those of one owner together; returns where each came from."""
    kinds = {**ROW_COLUMNS, **PART_COLUMNS}
    edges = np.asarray(read_column(folder, ends, kinds[ends]))
    counts = np.diff(edges, prepend=0)
    taken = spread((edges - counts)[runs], counts[runs])
    for name in parts:
        column = read_column(folder, name, kinds[name])
        write_column(folder, name, (column.reshape(-1, 6) if name in SIX_WIDE else column)[taken])
    sizes = counts[runs] if owner is None else np.bincount(owner, counts)
    write_column(folder, ends, np.cumsum(sizes).astype(kinds[ends]))
    return taken
