"""The pictures of a file: those that cannot be read or carry words, what their files tell, and twins elsewhere."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gmai.base import hash_bytes
from gmai.bench.alike import find_near
from gmai.bench.leaks.rows import CODED_BYTES, PICTURE_BYTES, Finding, Row, Sheet, tell
from gmai.bench.splits import Split
from gmai.corpus import iter_records
from gmai.errors import GmaiError
from gmai.images import decode_picture, difference_hash, find_raster_kind, strip_metadata, unpad_raster


@dataclass(frozen=True)
class Seen:
    """The pictures of one file by index: hash of their bytes without padding, and of what they look like."""

    exact: dict[int, str]
    looks: dict[int, int]
    findings: tuple[Finding, ...]


def look_at_pictures(split: Split, sheet: Sheet) -> Seen:
    """Read every picture once; note in the rows what the files tell, and what is wrong with them."""
    exact: dict[int, str] = {}
    looks: dict[int, int] = {}
    bad: list[Row] = []
    wordy: dict[str, list[Row]] = defaultdict(list)
    for row in sheet.rows:
        try:
            files = split.table.find(row.index).pictures()
            if not files:
                continue
            coded = [unpad_raster(data) for data in files]
            row.seen = {PICTURE_BYTES: str(sum(map(len, files))), CODED_BYTES: str(sum(map(len, coded)))}
            row.seen |= {
                "number of pictures": str(len(files)),
                "picture format": find_raster_kind(files[0][:16]) or "unknown",
            }
            for name in strip_metadata(coded[0]).removed:
                wordy[name].append(row)
            pictures = [decode_picture(data) for data in files]
        except GmaiError:
            bad.append(row)
            continue
        row.seen["picture size"] = f"{pictures[0].shape[1]} x {pictures[0].shape[0]}"
        row.pictures = exact[row.index] = hash_bytes(b"".join(coded))
        looks[row.index] = int(difference_hash(pictures[0]), 16)
    found = [tell(sheet, "pictures unreadable", "doubt", bad, "the picture cannot be decoded")] if bad else []
    found += [
        tell(sheet, "picture metadata", "doubt", rows, f"the pictures carry metadata ({name})", name)
        for name, rows in sorted(wordy.items())
    ]
    return Seen(exact, looks, tuple(found))


def find_twins(sheet: Sheet, seen: Seen, other: Seen, name: str) -> Iterator[Finding]:
    """Pictures that are also in another file or a corpus, the same or alike to the eye."""
    theirs = set(other.exact.values())
    same = [row for row in sheet.rows if seen.exact.get(row.index) in theirs]
    if same:
        yield tell(sheet, "same picture", "leak", same, f"the same picture is in {name}", name)
    known = {row.index for row in same}
    rest = [row for row in sheet.rows if row.index in seen.looks and row.index not in known]
    near = find_near([seen.looks[row.index] for row in rest], list(other.looks.values()))
    alike = [row for row, is_near in zip(rest, near, strict=True) if is_near]
    if alike:
        yield tell(sheet, "picture alike", "doubt", alike, f"a picture that looks the same is in {name}", name)


def corpus_pictures(folder: Path) -> Seen:
    """The pictures of a corpus, as its records tell them; nothing is decoded."""
    exact: dict[int, str] = {}
    looks: dict[int, int] = {}
    images = (image for sample in iter_records(folder) for image in sample.images)
    for number, image in enumerate(images):
        exact[number] = image.asset
        if image.phash:
            looks[number] = int(image.phash, 16)
    return Seen(exact, looks, ())
