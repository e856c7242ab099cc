"""Videos with classes from folders or a table, whole or by segments, and with labels frame by frame (Cholec80)."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from gmai.annotations.class_folders import VIDEOS
from gmai.annotations.entries import Entry, list_found, read_entries, read_facets
from gmai.annotations.file_classes import ANY, FileClassOptions, list_tables, read_classes
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, reject, reject_units, unannotated
from gmai.annotations.paths import check_found, ending, fill_template, list_files, parent, sample_files, stem
from gmai.annotations.picture_files import PictureFiles
from gmai.annotations.table_cells import Said, meaning, read_cells
from gmai.base import from_dict, hash_bytes
from gmai.errors import CardError, FormatError, ImageError
from gmai.types import Reject, SourceCard, record

MOST_FRAMES = 512
"""Frames that one piece of work may give; more are cut into parts by the size of the file."""
PART_BYTES = 4 * 2**20
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)")


@record
class VideoOptions(FileClassOptions):
    """Where videos are, and where their classes come from."""

    start: str = ""
    """Column of the second at which a segment begins, as a number or as hours:minutes:seconds."""
    end: str = ""
    """Column of the second at which it ends."""
    frame_table: str = ""
    """Template of a table with a row a frame: ``{stem}`` is the video's name without ending, ``{parent}`` its folder's
    path. Rows that say the same one after another are a segment."""
    frame: str = "Frame"
    """Column of the frame's number in that table, counted from 0."""
    frame_rate: float = 25.0
    """Frames a second by which that table counts."""


@dataclass
class _Videos:
    folder: Path
    card: SourceCard
    options: VideoOptions
    look: LookAt


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per video, or per segment of one (or per part that gives very many frames).

    Raises:
        CardError: options that do not go together.
        FormatError: as the readers of tables and folders.
    """
    where = f"card {card.name}: options"
    options = from_dict(VideoOptions, card.options, where=where, error=CardError)
    if bool(options.start) != bool(options.end) or (options.start and not options.table):
        raise CardError("segments need a table with the columns start and end", where=where)
    videos = _Videos(folder, card, options, look)
    for item in _items(videos):
        yield from [item] if isinstance(item, Reject) else _parts(item, videos)


def _items(videos: _Videos) -> Iterator[AnnotatedItem | Reject]:
    options, card = videos.options, videos.card
    if options.start:
        yield from _segments(videos)
    elif options.table or options.layout:
        found = read_classes(videos.folder, card, options, videos.look)
        yield from (each if isinstance(each, Reject) else replace(each, kind="video") for each in found)
    elif options.frame_table:
        yield from _by_frames(videos)
    else:
        for item in _listed(videos, set()):
            yield from [item] if isinstance(item, Reject) else unannotated(item, card, f"nothing is said of {item.id}")


def _listed(videos: _Videos, others: set[str]) -> Iterator[AnnotatedItem | Reject]:
    """The files of the glob, of which each is a video or a reject."""
    options, folder = videos.options, videos.folder
    for path in check_found(videos.card, options.files, list_files(folder, options.files), folder):
        if path not in others:
            yield _video(path, videos)


def _video(path: str, videos: _Videos, **more: Any) -> AnnotatedItem | Reject:
    try:
        seen = videos.look(path)
    except ImageError as error:
        detail = str(error).replace(f"{videos.folder}/", "")
        named = error.where if error.where.startswith("hidden/") else path
        return reject(named, error.reason, detail, unit="image")
    if seen.kind not in {"video", "dicom"}:
        return reject(seen.shown, "video.not_a_video", f"a file of kind {seen.kind}, no video", unit="image")
    told: dict[str, Any] = {name: getattr(seen, name) or None for name in ("subject", "study", "series", "visit")}
    told |= {name: value for name, value in more.items() if value is not None}
    shown = () if seen.shown == path else (seen.shown,)
    return AnnotatedItem(**{"id": path, "kind": "video", "files": (path,), "shown": shown, **told})


def _segments(videos: _Videos) -> Iterator[AnnotatedItem | Reject]:
    """An item for each row of the tables; the first of a video stands for the video itself."""
    options, card = videos.options, videos.card
    files = PictureFiles(videos.folder, options, videos.look)
    named: set[str] = set()
    for table in list_found(card, options.table, videos.folder):
        for entry in read_entries(videos.folder / table, table, options):
            yield from _segment(entry, files, named, videos)
    tables = list_tables(videos.folder, options)
    for path in list_files(videos.folder, options.expected):
        if path not in named | tables:
            item = _video(path, videos)
            yield from [item] if isinstance(item, Reject) else unannotated(item, card, "no row names the video")


def _segment(entry: Entry, files: PictureFiles, named: set[str], videos: _Videos) -> Iterator[AnnotatedItem | Reject]:
    options, card = videos.options, videos.card
    said = read_cells(card, options, entry)
    units = {"annotation": said.count}
    try:
        if entry.problem:
            raise FormatError(entry.problem, where=entry.pointer, reason=entry.reason)
        path = files.named({}, entry.text(options.image), entry.pointer)
        if path not in named:
            units = {"image": 1, **units}
            named.add(path)
        if not files.there(path):
            raise FormatError(f"{entry.pointer} names {path}, which is not there", reason="image.missing")
        span = _seconds(entry, options.start), _seconds(entry, options.end)
        if not 0 <= span[0] < span[1]:
            what = f"a segment from {span[0]:g} s to {span[1]:g} s"
            raise FormatError(what, where=entry.pointer, reason="segment.times")
    except FormatError as error:
        yield from reject_units(entry.pointer, units, error.reason, str(error))
        return
    facets = read_facets(card, [entry])
    subject = entry.text(card.subject.column) if card.subject.column else ""
    split = entry.text(card.split.column) if card.split.column else ""
    for item in _piece(path, span, said, units, videos, subject=subject, split=split):
        yield item if isinstance(item, Reject) else replace(item, facets=facets)


def _piece(
    path: str, span: tuple[float, float], said: Said, units: dict[str, int], videos: _Videos, **told: str
) -> Iterator[AnnotatedItem | Reject]:
    left = {**units, "annotation": units.get("annotation", 0) - len(said.rejects)}
    item = _video(
        path,
        videos,
        id=f"{path}#t={span[0]:.6g},{span[1]:.6g}",
        span=span,
        annotations=tuple(said.annotations),
        unsure=tuple(said.unsure),
        units=left,
        split=told.get("split") or None,
        subject=told.get("subject") or None,
    )
    if isinstance(item, Reject):
        yield from reject_units(item.id, left, item.reason, item.detail)
    else:
        yield replace(item, subject=item.subject or hash_bytes(path.encode())[:16])
    yield from said.rejects


def _seconds(entry: Entry, column: str) -> float:
    text = entry.text(column)
    clock = _CLOCK.fullmatch(text)
    try:
        found = 3600 * int(clock[1] or 0) + 60 * int(clock[2]) + float(clock[3]) if clock else float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        what = f"{text!r} is no time in seconds or hours:minutes:seconds"
        raise FormatError(what, where=f"{entry.pointer}#{column}", reason="segment.times")
    return found


def _by_frames(videos: _Videos) -> Iterator[AnnotatedItem | Reject]:
    """Segments of the rows that say the same, of the table beside each video."""
    options = videos.options
    tables = set(list_files(videos.folder, fill_template(options.frame_table, **ANY)))
    used: set[str] = set()
    for item in _listed(videos, tables):
        if isinstance(item, Reject):
            yield item
            continue
        path = item.files[0]
        places = {"stem": stem(path), "parent": parent(path), "folder": parent(path).rpartition("/")[2]}
        table = fill_template(options.frame_table, **places)
        if table not in tables:
            yield from unannotated(item, videos.card, f"no table {table}")
            continue
        used.add(table)
        try:
            yield from _runs(path, table, videos)
        except FormatError as error:
            yield from reject_units(path, {"image": 1}, error.reason, str(error))
    for table in sorted(tables - used):
        yield from reject_units(table, {"annotation": 1}, "image.missing", f"no video belongs to {table}")


def _runs(path: str, table: str, videos: _Videos) -> Iterator[AnnotatedItem | Reject]:
    options = videos.options
    rows: list[tuple[int, Said]] = []
    for entry in read_entries(videos.folder / table, table, options):
        number = entry.text(options.frame)
        if entry.problem or not number.isdigit():
            what = entry.problem or f"{number!r} is no number of a frame"
            raise FormatError(what, where=entry.pointer, reason="segment.frame")
        rows.append((int(number), read_cells(videos.card, options, entry)))
    if any(after[0] <= before[0] for before, after in zip(rows, rows[1:], strict=False)):
        raise FormatError("frames that do not ascend", where=table, reason="segment.frame")
    if not rows:
        raise FormatError("a table without a row", where=table, reason="table.empty")
    step = rows[1][0] - rows[0][0] if len(rows) > 1 else 1
    first = True
    for _, group in groupby(rows, key=lambda row: tuple(meaning(each) for each in row[1].annotations)):
        run = list(group)
        span = run[0][0] / options.frame_rate, (run[-1][0] + step) / options.frame_rate
        said = run[0][1]
        if not said.annotations and not said.denies and not first:
            continue
        units = {"image": int(first), "annotation": said.count}
        yield from _piece(path, span, said, {unit: n for unit, n in units.items() if n}, videos)
        first = False


def _parts(item: AnnotatedItem, videos: _Videos) -> Iterator[AnnotatedItem]:
    """Itself, or parts of it where it may give more frames than should lie in memory together."""
    policy = videos.card.frames
    few = policy.mode in {"even", "scenes"} and policy.count <= MOST_FRAMES
    size = (videos.folder / item.files[0]).stat().st_size
    parts = 1 if few else max(1, -(-size // PART_BYTES))
    for number in range(parts):
        own = {**item.units, "part": 1} if number == 0 else {"part": 1}
        yield item if parts == 1 else replace(item, part=(number, parts), units=own)


def detect(folder: Path) -> Match | None:
    """Files whose ending is a video's; by their folders, where these are several."""
    found = [path for path in sample_files(folder) if ending(path) in VIDEOS]
    if not found:
        return None
    options: dict[str, Any] = {"files": f"**/*{PurePosixPath(found[0]).suffix}"}
    homes = {parent(path) for path in found}
    depths = {len(home.split("/")) for home in homes if home != "."}
    if len(homes) > 1 and "." not in homes and len(depths) == 1:
        above = depths.pop() - 1
        options = {"layout": "/".join(["*"] * above + ["label"])}
    return Match(format="videos", options=options, evidence=found[0])


FORMAT = Format(read=read, options=VideoOptions, detect=detect)
