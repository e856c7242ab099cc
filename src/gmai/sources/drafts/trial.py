"""Which formats a folder may be read as: every match is tried, and ranked by what its reader makes of the folder."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gmai.annotations import FORMATS, AnnotatedItem, Format, Match, find_reader
from gmai.errors import GmaiError
from gmai.images import Peek, peek
from gmai.sources.drafts.globs import narrow
from gmai.sources.drafts.survey import Survey
from gmai.types import MaskRef, Reject, SourceCard

BARE = frozenset({"dicom_series", "plain"})
"""Formats that make no use of annotations."""
LARGEST_FILE = 256 << 20
"""A larger file of annotations is not tried."""
EXPLAINS = 0.25
"""Part of a folder's pictures of which a format with annotations must know something, to come before one without."""
KEPT = 32
_ORDER = (
    *("mask_table", "voc", "coco", "yolo", "dota", "medmnist", "masks", "volumes", "vqa", "dialogue", "reports"),
    *("medquad", "text_qa", "class_table", "rtstruct", "dicom_seg", "class_folders", "dicom_series", "plain"),
)


class _SpentError(Exception):
    """The time for a trial is over."""


@dataclass(kw_only=True)
class Trial:
    """What a reader makes of a folder, before any picture is decoded."""

    match: Match
    found: Counter[str] = field(default_factory=Counter)
    """Units it found, by kind."""
    rejected: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    labels: dict[tuple[str, str], int] = field(default_factory=dict)
    """(raw label, kind of question) of its annotations, and how often, in the order they were met."""
    items: list[AnnotatedItem] = field(default_factory=list)
    """Some of them, evenly spread."""
    paths: list[str] = field(default_factory=list)
    """Files of the items."""
    num_items: int = 0
    num_subjects: int = 0
    """Items whose subject the reader knows."""
    splits: Counter[str] = field(default_factory=Counter)
    modalities: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    whole: bool = False
    """True if everything was read."""
    problem: str = ""
    """Why the reader gave up, or was not tried."""

    num_files: int = 0
    """Files that its items and their masks take up."""

    def line(self) -> str:
        """What it found, for a reader."""
        if self.problem:
            return self.problem
        good = ", ".join(f"{count} {unit}s" for unit, count in self.found.items()) or "nothing"
        bad = ", ".join(f"{count} {reason}" for reason, count in self.reasons.most_common(4))
        return f"{good}{'' if self.whole else ' so far'}" + (f"; rejects: {bad}" if bad else "")


def try_formats(survey: Survey, seconds: float = 8.0) -> list[Trial]:
    """Try every format that matches a folder; the best comes first.

    Args:
        survey: of the folder.
        seconds: for all trials together; one that is cut off has counted less.
    """
    folder = survey.folder
    found = [match for name in FORMATS.names() if (match := _detect(name, folder)) is not None]
    matches = [narrow(match, survey) for match in found]
    matches.sort(key=lambda match: _rank(match.format))
    end = time.monotonic() + seconds
    seen: dict[str, Peek | GmaiError] = {}
    trials = []
    for place, match in enumerate(matches):
        left = (end - time.monotonic()) / (len(matches) - place)
        trials.append(try_match(folder, match, max(left, 0.1), seen))
    most = max((trial.num_files for trial in trials), default=0)
    return sorted(trials, key=lambda trial: _worth(trial, most), reverse=True)


def try_match(folder: Path, match: Match, seconds: float, seen: dict[str, Peek | GmaiError] | None = None) -> Trial:
    """Read a folder as one format says, without decoding a picture, until the time is over."""
    trial = Trial(match=match)
    evidence = folder / match.evidence
    if match.format not in BARE and evidence.is_file() and evidence.stat().st_size > LARGEST_FILE:
        trial.problem = f"{match.evidence} is large and was not tried: gmai source check counts it"
        return trial
    card = trial_card(match)
    end = time.monotonic() + seconds
    every = 1
    try:
        for result in find_reader(match.format)(folder, card, _look(folder, end, {} if seen is None else seen)):
            if isinstance(result, Reject):
                trial.rejected[result.unit] += result.count
                trial.reasons[result.reason] += result.count
            else:
                every = _count(trial, result, every)
            if time.monotonic() > end:
                return trial
        trial.whole = True
    except _SpentError:
        pass
    except (GmaiError, OSError) as error:
        trial.problem = f"cannot be read: {error}"
    return trial


def trial_card(match: Match) -> SourceCard:
    """A card that says nothing but the format."""
    return SourceCard(
        name="draft",
        title="draft",
        home="unknown",
        licence="unknown",
        modality="Radiology",
        department="none",
        format=match.format,
        files=("**/*",),
        options=match.options,
        annotations="none" if match.format in BARE else "required",
    )


def _detect(name: str, folder: Path) -> Match | None:
    found = FORMATS.get(name)
    try:
        return found.detect(folder) if isinstance(found, Format) else None
    except (GmaiError, OSError):
        return None


def _look(folder: Path, end: float, seen: dict[str, Peek | GmaiError]) -> Callable[[str], Peek]:
    def look(path: str) -> Peek:
        if path not in seen:
            if time.monotonic() > end:
                raise _SpentError
            try:
                seen[path] = peek(folder / path, path)
            except GmaiError as error:
                seen[path] = error
        found = seen[path]
        if isinstance(found, GmaiError):
            raise found
        return found

    return look


def _count(trial: Trial, item: AnnotatedItem, every: int) -> int:
    if trial.num_items % every == 0:
        trial.items.append(item)
        if len(trial.items) == 2 * KEPT:
            trial.items = trial.items[::2]
            every *= 2
    trial.num_items += 1
    trial.found.update(item.units)
    if not item.shown or item.shown == item.files:  # others spell an identifier of their header
        trial.paths += item.files[:1]
    masks = sum(1 for each in item.annotations if isinstance(each, MaskRef) and each.rle is None)
    trial.num_files += len(item.files) + len(item.regions) + masks
    trial.num_subjects += item.subject is not None
    trial.splits.update([item.split] if item.split else [])
    trial.modalities.update([item.modality] if item.modality else [])
    trial.licences.update([item.licence] if item.licence else [])
    for annotation in item.annotations:
        raw = getattr(annotation, "raw", "")
        if raw:
            key = raw, getattr(annotation, "task", "finding")
            trial.labels[key] = trial.labels.get(key, 0) + 1
    return every


def _rank(format: str) -> int:
    return _ORDER.index(format) if format in _ORDER else len(_ORDER)


def _worth(trial: Trial, most: int) -> tuple[int, int, float, int]:
    """Formats that explain the folder's files by annotations, then by folders, then those that only read them."""
    format = trial.match.format
    if not trial.num_items:
        return (1 if trial.rejected else 0), 0, 0.0, -_rank(format)
    share = trial.num_files / max(most, 1)
    good = sum(trial.found.values()) / (sum(trial.found.values()) + sum(trial.rejected.values()))
    telling = 1 if format in BARE else 3 if share >= EXPLAINS else 0
    if format == "class_folders":  # folders with one item each are named after cases, not classes
        telling = 2 if telling and len(trial.labels) * 2 <= trial.num_items else 0
    return 2, telling, round(good * share, 1), -_rank(format)
