"""One file of a lab's folder: found, told apart, cleaned, looked at, and written under a hashed name."""

import mmap
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from gmai.base import write_atomic, write_bytes
from gmai.errors import GmaiError, ImageError
from gmai.images import CLEANERS, Cleaned, clean_packed_dicom, find_clean_kind, keyed_hash, strip_large_tiff
from gmai.sources.burned_in import text_in_file
from gmai.types import Reject, record

LARGE_BYTES = 1 << 28
"""A TIFF of more bytes, a slide, is copied and cleaned in place, so that it is never held in memory."""
MOST_BYTES = 1 << 32
TEXT_ENDINGS = frozenset(
    ".csv .tsv .txt .json .jsonl .ndjson .xml .yaml .yml .md .rst .html .htm .log .ini .cfg .xlsx .xls .ods .pdf .doc "
    ".docx .rtf .parquet .bval .bvec".split()
)
ENDINGS = (
    *(".nii.gz", ".hdr.gz", ".img.gz", ".dcm.gz", ".seg.nrrd", ".ome.tiff", ".ome.tif", ".nii", ".hdr", ".img", ".dcm"),
    *(
        ".dicom",
        ".ima",
        ".nrrd",
        ".nhdr",
        ".mha",
        ".mhd",
        ".raw",
        ".zraw",
        ".jpg",
        ".jpeg",
        ".png",
        ".gif",
        ".webp",
        ".bmp",
    ),
    *(".tif", ".tiff", ".svs", ".btf", ".npz", ".npy", ".seg", ".gz", *sorted(TEXT_ENDINGS)),
)
_DATA_FILE = re.compile(rb"^(?:data ?file:|ElementDataFile\s*=)\s*(\S[^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_HEAD_BYTES = 1 << 16


@record
class DeidItem:
    """One file below the folder."""

    path: str
    """Below the folder, with forward slashes."""
    data_of: str = ""
    """The header whose voxels it holds, beside it; empty of a file that stands for itself."""


@record
class FileReport:
    """What was done to one file."""

    file: str
    """Its new path below ``files``."""
    kind: str
    done: dict[str, int]


@dataclass(frozen=True, slots=True)
class CleanFile:
    """How files are cleaned; picklable."""

    root: Path
    target: Path
    burned_in: str
    copy_text: bool
    words: frozenset[str] = field(default_factory=frozenset)


def find_files(folder: Path) -> list[DeidItem]:
    """Every file below a folder, hidden ones too, in a fixed order, with the headers of files that hold only voxels."""
    paths = sorted(_walk(folder, folder))
    known, data_of = set(paths), dict[str, str]()
    for path in paths:
        for name in _data_names(folder / path):
            beside = (PurePosixPath(path).parent / name).as_posix()
            if beside in known and beside != path:
                data_of[beside] = path
    return [DeidItem(path=path, data_of=data_of.get(path, "")) for path in paths]


def _walk(folder: Path, root: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), root)
            else:
                yield Path(entry.path).relative_to(root).as_posix()


def _data_names(path: Path) -> Iterator[str]:
    ending = path.suffix.lower()
    if ending in {".nhdr", ".mhd"} and path.is_file():
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        yield from (match.decode("utf-8", "replace").strip() for match in _DATA_FILE.findall(head))
    elif path.name.lower().endswith((".hdr", ".hdr.gz")):
        stem = path.name[: path.name.lower().rindex(".hdr")]
        yield from (f"{stem}{ending}" for ending in (".img", ".img.gz", ".IMG"))


def new_path(item: DeidItem) -> str:
    """The hashed path of a file: folders and name under the key, the ending kept if it is a known one."""
    parts = PurePosixPath(item.path).parts
    folders = [keyed_hash("folder", *parts[: place + 1]) for place in range(len(parts) - 1)]
    ending = find_ending(parts[-1])
    stem = parts[-1][: len(parts[-1]) - len(ending)]
    return "/".join([*folders, keyed_hash("file", *parts[:-1], stem) + ending.lower()])


def find_ending(name: str) -> str:
    """The ending of a file's name, if it is a known one."""
    lower = name.lower()
    return next((name[-len(each) :] for each in ENDINGS if lower.endswith(each)), "")


def clean_files(items: Iterable[DeidItem], *, work: CleanFile) -> Iterator[FileReport | Reject]:
    """Clean files; one that cannot be is left out with its reason."""
    for item in items:
        try:
            yield _clean(item, work)
        except GmaiError as error:
            yield _left_out(item, error.reason, error.message + (f" · {error.fix}" if error.fix else ""))
        except OSError as error:
            yield _left_out(item, "deid.unreadable", error.strerror or type(error).__name__)


def _left_out(item: DeidItem, reason: str, detail: str) -> Reject:
    for part in {item.path, *PurePosixPath(item.path).parts, PurePosixPath(item.path).stem}:
        detail = detail.replace(part, "…") if len(part) > 2 else detail
    return Reject(id=new_path(item), stage="deid", reason=reason, detail=detail, unit="file")


def _clean(item: DeidItem, work: CleanFile) -> FileReport:
    source, target = work.root / item.path, work.target / new_path(item)
    if source.is_symlink() or not source.is_file():
        raise ImageError("a link or no plain file; its target may lie anywhere", reason="deid.link")
    if item.data_of:
        return _copy_voxels(item, source, target)
    kind = find_clean_kind(source) if source.stat().st_size else None
    if kind is None or find_ending(source.name).lower() in TEXT_ENDINGS:
        return _other(item, work, source, target)
    size = source.stat().st_size
    if kind == "raster" and size > LARGE_BYTES:
        removed = _clean_slide(source, target)
        return FileReport(file=new_path(item), kind=kind, done={"removed": len(removed)})
    if size > MOST_BYTES:
        raise ImageError(f"more than {MOST_BYTES} bytes", reason="deid.too_large")
    data = source.read_bytes()
    rename = partial(_renamed, work.root, PurePosixPath(item.path).parent)
    if kind == "dicom":
        cleaned = clean_packed_dicom(data, rename, work.words)
    else:
        cleaned = CLEANERS.get(kind)(data, rename)
    _check_pixels(source, kind, cleaned, work.burned_in)
    write_bytes(target, cleaned.data)
    return FileReport(file=new_path(item), kind=kind, done=_told(cleaned))


def _told(cleaned: Cleaned) -> dict[str, int]:
    return {name: count for name, count in sorted(cleaned.counts.items()) if count}


def _renamed(root: Path, folder: PurePosixPath, name: str) -> str | None:
    path = folder / name
    return PurePosixPath(new_path(DeidItem(path=path.as_posix()))).name if (root / path).is_file() else None


def _check_pixels(source: Path, kind: str, cleaned: Cleaned, mode: str) -> None:
    """Refuse a picture with text burned in.

    Raises:
        ImageError: ``deid.burned_in_text``; ``deid.not_looked_at``: its pixels cannot be read.
    """
    if mode == "keep":
        return
    if cleaned.unclean:
        raise ImageError(cleaned.unclean, reason="deid.burned_in_text")
    if kind == "raster" or kind == "dicom" and (cleaned.suspect or mode == "detect"):
        boxes = text_in_file(source, kind)
        if boxes:
            raise ImageError(f"text at {', '.join(map(str, boxes[:8]))} (left, top, right, bottom)",
                             reason="deid.burned_in_text")  # fmt: skip


def _copy_voxels(item: DeidItem, source: Path, target: Path) -> FileReport:
    """Voxels beside a header have no header of their own, but for that of gzip, which may hold a file's name."""
    data = source.read_bytes()
    done = Counter(kept=1)
    if data[:2] == b"\x1f\x8b":
        if data[3] & 0b11100:
            raise ImageError("packed voxels with names or comments", fix="unpack them", reason="deid.gzip_header")
        data = data[:4] + b"\0\0\0\0" + data[8:]
    write_bytes(target, data)
    return FileReport(file=new_path(item), kind="voxels", done=dict(done))


def _other(item: DeidItem, work: CleanFile, source: Path, target: Path) -> FileReport:
    if not source.stat().st_size:
        raise ImageError("an empty file", reason="deid.empty")
    if find_ending(source.name).lower() not in TEXT_ENDINGS:
        fix = "convert it to DICOM, NIfTI, NRRD or a raster picture, or take it along by hand"
        raise ImageError("no kind of file that can be cleaned", fix=fix, reason="deid.unknown_kind")
    if not work.copy_text:
        fix = "look yourself; --set text=copy takes texts and tables as they are"
        raise ImageError("texts and tables are not cleaned", fix=fix, reason="deid.text")
    with write_atomic(target) as temporary:
        shutil.copyfile(source, temporary)
    return FileReport(file=new_path(item), kind="text", done={"copied": 1})


def _clean_slide(source: Path, target: Path) -> tuple[str, ...]:
    with write_atomic(target) as temporary:
        shutil.copyfile(source, temporary)
        with temporary.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
            return strip_large_tiff(mapped)
