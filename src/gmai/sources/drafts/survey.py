"""What a folder holds, from names and the headers of some of its files."""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from gmai.annotations import Head, read_heads, walk_files
from gmai.base import is_archive
from gmai.errors import GmaiError, MissingExtra
from gmai.images import Peek, keyed_hash, open_image, peek
from gmai.sources.drafts.documents import Documents, find_licences, is_document, read_documents
from gmai.sources.privacy import HIDDEN, spells_identifier

MOST_FILES = 50_000
EACH = 24
"""Files of one ending whose header is read; of DICOM, and of files without ending, ``EACH_DICOM``."""
EACH_DICOM = 200
MOST_VOLUMES = 3
LARGEST_VOLUME = 64 << 20
TEXTS = frozenset({".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".tsv", ".txt", ".xlsx", ".xml", ".yaml", ".yml"})
ARCHIVES = frozenset({".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z", ".rar"})
_HOUNSFIELD = -900


@dataclass(kw_only=True)
class Survey:
    """A folder's files by ending, and what the headers of some of them say."""

    folder: Path
    paths: list[str]
    complete: bool
    """False where there are more files than were listed."""
    endings: Counter[str]
    documents: Documents
    archives: list[str]
    tables: dict[str, tuple[str, ...]]
    """Files of entries, and the columns or keys of each."""
    looked: dict[str, Peek] = field(default_factory=dict)
    """What was looked at, by path."""
    missing: set[str] = field(default_factory=set)
    """What has to be installed to look at some files."""
    grids: list[tuple[tuple[int, ...], tuple[float, ...] | None]] = field(default_factory=list)
    """Shape (frames, height, width) and spacing in millimetres of the volumes that were opened."""
    hounsfield: bool = False
    """True if an opened volume has values as low as air in CT."""

    def of_kind(self, *kinds: str) -> list[Peek]:
        """What was looked at and is of one of some kinds."""
        return [seen for seen in self.looked.values() if seen.kind in kinds]

    def lines(self) -> list[str]:
        """What was found, for a reader."""
        endings = ", ".join(f"{count} {ending or '(no ending)'}" for ending, count in self.endings.most_common(12))
        found = [f"{len(self.paths)}{'' if self.complete else ' or more'} files: {endings}"]
        counts = {kind: len(self.of_kind(kind)) for kind in ("slide", "video")}
        found += [f"{kind}s: {count} looked at" for kind, count in counts.items() if count]
        found += [f"not looked at: {text}" for text in sorted(self.missing)]
        return [*found, *self._pictures(), *self._dicom(), *self._volumes(), *self._others()]

    def _pictures(self) -> list[str]:
        seen = [each for each in self.of_kind("raster") if each.width]
        if not seen:
            return []
        low, high = (min(seen, key=_area), max(seen, key=_area))
        sizes = f"{low.width} x {low.height}"
        sizes += "" if _size(low) == _size(high) else f" to {high.width} x {high.height}"
        turned = sum(each.orientation != 1 for each in seen)
        pages = sum(each.frames > 1 for each in seen)
        said = [f"{turned} turned by EXIF"] * bool(turned) + [f"{pages} with several pages"] * bool(pages)
        return [f"pictures: {sizes} pixels ({len(seen)} looked at{''.join(f', {each}' for each in said)})"]

    def _dicom(self) -> list[str]:
        seen = self.of_kind("dicom")
        if not seen:
            return []
        codes = Counter(each.modality or "no modality" for each in seen if each.object == "image")
        others = Counter(each.object for each in seen if each.object != "image")
        text = ", ".join(f"{count} {name}" for name, count in (codes + others).most_common())
        series, patients = len({each.whole_series for each in seen}), len({each.subject for each in seen})
        return [f"DICOM: {text}; {series} series of {patients} patients ({len(seen)} files looked at)"]

    def _volumes(self) -> list[str]:
        found = [f"volume of {' x '.join(map(str, shape))}{_spacing(spacing)}" for shape, spacing in self.grids]
        arrays = [(path, seen.arrays) for path, seen in self.looked.items() if seen.arrays]
        for path, each in arrays[:3]:
            shapes = ", ".join(f"{name or '(one)'} {' x '.join(map(str, shape))}" for name, shape in each)
            found.append(f"{shown(path)}: arrays {shapes}")
        return found

    def _others(self) -> list[str]:
        found = [f"{shown(path)}: {_short(columns)}" for path, columns in list(self.tables.items())[:8]]
        more = len(self.tables) - len(found)
        found += [f"{more} more files of entries"] if more > 0 else []
        found += [f"archive, not looked into: {shown(path)}" for path in self.archives[:8]]
        found += [f"{shown(path)} names {licence}" for path, licence in self.documents.licences]
        return found


def survey_folder(folder: Path, seconds: float = 4.0) -> Survey:
    """Look through a folder: names of all its files, headers of some.

    Args:
        folder: looked through to a depth of eight folders, hidden ones left out.
        seconds: after these no further file is looked at.
    """
    end = time.monotonic() + seconds
    paths = list(walk_files(folder, limit=MOST_FILES))
    by_ending: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_ending[ending(path)].append(path)
    survey = Survey(
        folder=folder,
        paths=paths,
        complete=len(paths) < MOST_FILES,
        endings=Counter({name: len(each) for name, each in by_ending.items()}),
        documents=read_documents(folder, paths),
        archives=_archives(folder, by_ending),
        tables={},
    )
    for name, each in sorted(by_ending.items()):
        if name not in TEXTS:
            _look(survey, each, EACH_DICOM if name in {"", ".dcm", ".ima"} else EACH, end)
    _open_volumes(survey, end)
    if time.monotonic() < end:
        heads = list(read_heads(folder))
        survey.tables = {head.path: tuple(sorted(head.keys)) for head in heads}
        named = {(head.path, name) for head in heads for name in _named_in_column(head)}
        licences = (*survey.documents.licences, *sorted(named))
        survey.documents = replace(survey.documents, licences=tuple(dict.fromkeys(licences)))
    return survey


def shown(path: str) -> str:
    """A path as a card may show it: hashed where it spells an identifier."""
    return f"{HIDDEN}{keyed_hash('path', path)}" if spells_identifier(path) else path


def ending(path: str) -> str:
    """The ending of a path in small letters; that of packed files with what is packed, such as ``.nii.gz``."""
    suffixes = PurePosixPath(path.lower()).suffixes
    return "".join(suffixes[-2:]) if suffixes[-1:] in ([".gz"], [".bz2"], [".xz"]) else "".join(suffixes[-1:])


def spread(paths: Sequence[str], count: int) -> list[str]:
    """At most ``count`` of some paths, evenly spread."""
    step = max(1, len(paths) // count)
    return list(paths[::step][:count])


def _look(survey: Survey, paths: list[str], count: int, end: float) -> None:
    for path in spread([path for path in paths if not is_document(path)], count):
        if time.monotonic() > end:
            return
        try:
            survey.looked[path] = peek(survey.folder / path, path)
        except MissingExtra as error:
            survey.missing.add(str(error))
        except (GmaiError, OSError):
            continue


def _open_volumes(survey: Survey, end: float) -> None:
    volumes = [path for path, seen in survey.looked.items() if seen.kind in {"nifti", "nrrd", "metaimage", "neuro"}]
    for path in spread(volumes, MOST_VOLUMES):
        file = survey.folder / path
        if time.monotonic() > end or file.stat().st_size > LARGEST_VOLUME:
            continue
        try:
            volume, _ = open_image(file).volume()
        except GmaiError:
            continue
        survey.grids.append((volume.voxels.shape, volume.spacing_mm))
        survey.hounsfield |= bool(volume.voxels.min() <= _HOUNSFIELD)


def _named_in_column(head: Head) -> list[str]:
    column = head.find(("license", "licence", "rights", "copyright"))
    return [name for text in set(head.texts(column)) for name in find_licences(text)] if column else []


def _archives(folder: Path, by_ending: dict[str, list[str]]) -> list[str]:
    named = [path for name in sorted(ARCHIVES & by_ending.keys()) for path in by_ending[name]]
    return [path for path in named if ending(path) in {".7z", ".rar"} or is_archive(folder / path)]


def _area(seen: Peek) -> int:
    return seen.width * seen.height


def _size(seen: Peek) -> tuple[int, int]:
    return seen.width, seen.height


def _spacing(spacing: tuple[float, ...] | None) -> str:
    return f", {' x '.join(f'{each:.3g}' for each in spacing)} mm" if spacing else ", spacing not said"


def _short(columns: tuple[str, ...]) -> str:
    named = ", ".join(columns[:12])
    return f"{named}, and {len(columns) - 12} more" if len(columns) > 12 else named
