"""The draft of a card: what was found becomes fields, and what is not sure says so."""

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gmai.annotations import AnnotatedItem
from gmai.sources.drafts.documents import read_json, rights
from gmai.sources.drafts.fields import label_notes, table_subject, volume_policies
from gmai.sources.drafts.globs import needed_files
from gmai.sources.drafts.guess import (
    NAMES,
    UNKNOWN,
    Guess,
    Words,
    guess_department,
    guess_modality,
    guess_task,
)
from gmai.sources.drafts.page import Page, field_lines
from gmai.sources.drafts.sight import Sight, find_language, look_at_items
from gmai.sources.drafts.subjects import guess_split, guess_subject
from gmai.sources.drafts.survey import Survey, shown, spread
from gmai.sources.drafts.trial import BARE, Trial, trial_card
from gmai.sources.modality import DICOM_MODALITIES
from gmai.types import FramePolicy, TilePolicy, WindowPolicy

MOST_LABELS = 200
_FEW = 3
"""Tiles and frames of an item that are looked at."""
_HEADER_UNITS = ("image", "pair", "annotation", "contour", "question", "report", "dialogue")
_TEXT_KINDS = frozenset({"text"})
_FRAMES = {"mode": FramePolicy().mode, "count": FramePolicy().count}
_VOLUME_KINDS = frozenset({"series", "volume"})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A card as YAML, and what somebody must look at."""

    name: str
    format: str
    text: str
    unsure: tuple[str, ...]


@dataclass(kw_only=True)
class _Found:
    """Everything a draft is made of."""

    survey: Survey
    trial: Trial
    sight: Sight
    modality: Guess
    department: Guess
    window: WindowPolicy
    largest: bool

    @property
    def labels(self) -> dict[tuple[str, str], int]:
        """Raw labels of the annotations, and those that masks brought."""
        both = dict(self.trial.labels)
        for key, count in self.sight.labels.items():
            both.setdefault(key, count)
        return both


def draft_card(survey: Survey, trial: Trial, name: str, seconds: float, others: Sequence[Trial] = ()) -> Draft:
    """Draft a card.

    Args:
        survey: of the folder.
        trial: of the format the card is for.
        name: of the card.
        seconds: for reading some items.
        others: trials of other formats, told in a comment.
    """
    found = _find(survey, trial, seconds)
    page = Page()
    _write_head(page, found)
    _write_terms(page, found, name)
    _write_format(page, found)
    _write_labels(page, found)
    _write_rules(page, found)
    _write_pictures(page, found)
    _write_counts(page, found)
    for other in others:
        page.comment(f"\nalso readable as {other.match.format} ({other.line()}):")
        page.comment("\n".join(field_lines("format", other.match.format)))
        page.comment("\n".join(field_lines("options", other.match.options)))
    return Draft(name=name, format=trial.match.format, text=page.text(), unsure=tuple(page.unsure))


def _find(survey: Survey, trial: Trial, seconds: float) -> _Found:
    items = trial.items
    text_only = bool(items) and all(item.kind in _TEXT_KINDS for item in items)
    texts = list(_texts(survey, trial))
    raws = [raw for raw, _ in trial.labels][:MOST_LABELS]
    codes = trial.modalities or Counter(
        seen.modality for seen in survey.of_kind("dicom") if seen.modality and trial.match.format in BARE
    )
    regions = any(item.regions for item in items) and any(item.kind in _VOLUME_KINDS for item in items)
    end = time.monotonic() + seconds
    if codes.total() * 2 < trial.num_items:
        codes = Counter()  # of a few files among many without a header
    modality = guess_modality(codes, texts, raws, grey=None, text_only=text_only)
    if not modality.sure and (told := _told_by_files(survey, items)):
        modality = told
    card = replace(trial_card(trial.match), tiles=TilePolicy(count=_FEW), frames=FramePolicy(count=_FEW))
    for window in volume_policies(modality.value, survey, texts):
        card = replace(card, window=window, slices=replace(card.slices, mode="largest" if regions else "even"))
        sight = look_at_items(items, survey.folder, card, max(end - time.monotonic(), 0.5))
        if not any(reason.startswith("window.") for reason in sight.reasons):
            break
    raws = list(dict.fromkeys([*raws, *(raw for raw, _ in sight.labels)]))[:MOST_LABELS]
    if not modality.sure and not _told_by_files(survey, items):
        modality = guess_modality(codes, texts, raws, grey=sight.grey, text_only=text_only)
    department = guess_department(modality.value, texts, raws)
    return _Found(
        survey=survey,
        trial=trial,
        sight=sight,
        modality=modality,
        department=department,
        window=window,
        largest=regions,
    )


def _told_by_files(survey: Survey, items: Sequence[AnnotatedItem]) -> Guess | None:
    """A modality that the files' own kind speaks for."""
    if items and all(item.kind == "slide" for item in items):
        return Guess("Histopathology", "whole-slide images")
    return Guess("CT", "values of volumes as low as those of air in CT") if survey.hounsfield else None


def _texts(survey: Survey, trial: Trial) -> list[Words]:
    folder, documents = survey.folder, survey.documents
    names = " ".join(sorted({part for path in spread(trial.paths, 500) for part in path.split("/")}))
    found = [
        Words(folder.resolve().name.replace("_", " "), "the folder's name", NAMES),
        Words(documents.title, "the title", NAMES),
        Words(documents.text[:20_000], "the description", 2),
        Words(re.sub(r"[_\d.]+", " ", names), "names of files", 1.5),
    ]
    data_set = next((path for path in survey.paths if path.endswith("dataset.json")), "")
    told = read_json(folder / data_set) if data_set else None
    if isinstance(told, dict):
        channels = told.get("modality") or told.get("channel_names") or {}
        text = f"{channels} {told.get('name', '')} {told.get('description', '')}"
        found.append(Words(text, data_set, 4))
    said = " ".join(str(getattr(each, "question", "")) for item in trial.items for each in item.annotations)
    return [*found, Words(said[:20_000], "the questions", 1)]


def _write_head(page: Page, found: _Found) -> None:
    page.comment("Drafted by gmai source init. Lines with `unsure` need somebody who knows the data.")
    page.comment("found:")
    for line in found.survey.lines():
        page.comment(f"  {line}")
    if found.survey.archives:
        page.unsure.append("archives: unpack them first with gmai source unpack, then draft again")


def _write_terms(page: Page, found: _Found, name: str) -> None:
    documents = found.survey.documents
    page.add("name", name)
    title = documents.title or name.replace("-", " ")
    page.add("title", title, unsure="" if documents.title else "taken from the folder's name")
    page.add("home", "unknown", unsure="write where the files came from")
    _write_licence(page, found)
    modality, department = found.modality, found.department
    page.add("modality", modality.value, **_told(modality))
    _write_modalities(page, found)
    page.add("department", department.value, **_told(department))
    tasks = _tasks(found)
    if tasks:
        page.add("tasks", {kind: task.value for kind, task in tasks.items()}, unsure=_all_told(tasks))


def _told(guess: Guess) -> dict[str, str]:
    return {"why": guess.why} if guess.sure else {"unsure": f"guessed: {guess.why}"}


def _all_told(tasks: dict[str, Guess]) -> str:
    return "; ".join(f"{kind}: {task.why}" for kind, task in tasks.items() if not task.sure)


def _write_licence(page: Page, found: _Found) -> None:
    documents = found.survey.documents
    own = found.trial.licences
    licence = documents.strictest() or "unknown"
    redistribution, commercial = rights(licence)
    if not documents.licences:
        page.add("licence", licence, unsure="no file names a licence")
    elif len({name for _, name in documents.licences}) > 1:
        told = ", ".join(f"{path} {name}" for path, name in documents.licences)
        page.add("licence", licence, unsure=f"several are named, the strictest was taken: {told}")
    else:
        page.add("licence", licence, unsure=f"named by {documents.licences[0][0]}; does it hold for the data?")
    if own:
        page.comment(f"licences by picture: {', '.join(f'{count} {name}' for name, count in own.most_common(6))}")
    for field, value in (("redistribution", redistribution), ("commercial", commercial)):
        if value is not None:
            page.add(field, value)
    page.add("access", "unknown")


def _write_modalities(page: Page, found: _Found) -> None:
    """What the pictures' own codes mean, where that is not the card's modality."""
    codes = sorted(found.trial.modalities)
    known = {code: DICOM_MODALITIES[code] for code in codes if code in DICOM_MODALITIES}
    unknown = ", ".join(code for code in codes if code not in known)
    unsure = f"{unknown}: no modality is known for this; write one" if unknown else ""
    if set(known.values()) - {found.modality.value}:
        page.add("modalities", known, unsure=unsure)
    elif unsure:
        page.comment(f"unsure: modalities: {unsure}")
        page.unsure.append(f"modalities: {unsure}")


def _tasks(found: _Found) -> dict[str, Guess]:
    kinds = {kind for _, kind in found.labels}
    tasks: dict[str, Guess] = {}
    if "finding" in kinds:
        raws = [raw for raw, kind in found.labels if kind == "finding"][:MOST_LABELS]
        tasks["finding"] = guess_task(found.modality.value, raws)
    if "grade" in kinds:
        tasks["grade"] = Guess("Severity Grading", "", sure=True)
    return tasks


def _write_format(page: Page, found: _Found) -> None:
    trial = found.trial
    page.add("format", trial.match.format, why=trial.line())
    files = needed_files(found.survey.folder, trial.match, trial.paths)
    if not trial.num_items:
        page.add("files", list(files), unsure="nothing that this names was found; what is missing?")
    else:
        page.add("files", list(files))
    options: dict[str, Any] = dict(trial.match.options)
    key = _subject_key(found)
    if key:
        options["subject"] = key
    if options:
        page.add("options", options)
    if trial.match.format in BARE:
        page.add("annotations", "none", why="this format brings no annotations")


def _subject_key(found: _Found) -> str:
    """The key of entries that says whose they are, for formats that have an option for it."""
    if found.trial.match.format not in {"dialogue", "reports", "text_qa", "vqa"}:
        return ""
    return table_subject(found.survey, found.trial.match.evidence)


_NAMES_OF_FOLDERS = (
    "names of folders are taken for classes; "
    "where they name people or cases, write `format: plain`, which has no labels"
)


def _write_labels(page: Page, found: _Found) -> None:
    labels = found.labels
    if not labels:
        return
    if len(labels) > MOST_LABELS:
        page.comment(f"{len(labels)} different labels: they keep their own names")
        page.unsure.append(f"labels: {len(labels)} different ones; are these labels?")
        return
    notes, unsure = label_notes(labels, found.modality.value if found.modality.value != UNKNOWN else None)
    if found.sight.labels.keys() - found.trial.labels.keys():
        page.comment(f"labels of masks as {found.sight.num_items} of {found.trial.num_items} items show them")
    if found.trial.match.format == "class_folders" and any(note.startswith("unsure") for *_, note in notes):
        unsure = [_NAMES_OF_FOLDERS, *unsure]
    for text in unsure:
        page.comment(f"unsure: {text}")
        page.unsure.append(f"labels: {text}")
    page.add_labels(notes)


def _write_rules(page: Page, found: _Found) -> None:
    trial = found.trial
    column = table_subject(found.survey, trial.match.evidence)
    if trial.match.format in {"class_table", "mask_table"} and column:
        page.add("subject", {"column": column}, unsure=f"column {column!r} is taken for whose a picture is")
    elif trial.num_subjects:
        known = f"{trial.num_subjects} of {trial.num_items}"
        page.comment(f"subjects: the reader knows those of {known} (patients of headers, documents, folders)")
    elif not _subject_key(found) and trial.paths and trial.items[0].kind not in _TEXT_KINDS | {"array", "embedded"}:
        guess = guess_subject(trial.paths, {raw for raw, _ in trial.labels})
        if guess is None:
            page.comment("unsure: subject: no name tells whose a picture is; each is its own subject")
            page.unsure.append("subject: no name tells whose a picture is; each is its own subject")
        else:
            page.add("subject", {"pattern": guess.value}, unsure=guess.why)
    if trial.splits:
        page.comment(f"splits: {', '.join(f'{count} {name}' for name, count in trial.splits.most_common(6))}")
    elif trial.paths and (split := guess_split(trial.paths)) is not None:
        page.add("split", {"pattern": split.value}, why=split.why)


def _write_pictures(page: Page, found: _Found) -> None:
    trial, sight = found.trial, found.sight
    if any(item.kind in _VOLUME_KINDS for item in trial.items):
        page.add("slices", {"mode": "largest" if found.largest else "even", "count": 3})
        window = {name: value for name, value in _fields_of(found.window).items() if value}
        preset = "the preset is guessed; gmai.images knows others" if found.window.preset else ""
        page.add("window", window, unsure=preset)
    for kind, name, policy in (("slide", "tiles", {"count": TilePolicy().count}), ("video", "frames", _FRAMES)):
        if any(item.kind == kind for item in trial.items):
            page.add(name, policy)
    if sight.with_text:
        told = f"text on {len(sight.with_text)} of {sight.num_read} pictures looked at"
        told += f", such as {shown(sight.with_text[0])}"
        page.add(
            "privacy",
            {"burned_in": "detect"},
            unsure=f"{told}: pictures with text are left out; write `keep` if it names nobody",
        )
    language = find_language(trial.items)
    if language and language != "en":
        page.add("language", language)
    for reason, count in sight.reasons.most_common(5):
        page.comment(f"when {sight.num_items} items were read: {count} {reason}: {sight.details[reason][:160]}")


def _fields_of(window: WindowPolicy) -> dict[str, Any]:
    return {name: getattr(window, name) for name in window.__dataclass_fields__}


def _write_counts(page: Page, found: _Found) -> None:
    trial = found.trial
    total = Counter(trial.found) + Counter(trial.rejected)
    expected = {unit: total[unit] for unit in _HEADER_UNITS if total[unit]}
    if expected and trial.whole:
        page.add("expected", expected, why="as found here; put the published counts in their place")
    guessed = ["home", "licence", *(["modality"] if not found.modality.sure else []), "department", "access"]
    page.add("unverified", guessed)


def draft_name(folder: Path, taken: Sequence[str]) -> str:
    """A card's name from a folder's; one that ships with gmai is not taken again."""
    own = folder.resolve().name
    name = re.sub(r"[^a-z0-9]+", "-", own.lower()).strip("-") if shown(own) == own else ""
    name = name or "data"
    return f"my-{name}" if name in taken else name
