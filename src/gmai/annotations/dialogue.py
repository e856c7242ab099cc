"""Conversations with several turns, with or without pictures: entries of any file.

Layouts: LLaVA and ShareGPT (``conversations`` of ``from`` and ``value``), messages of chat interfaces (``role`` and
``content``), and MTS-Dialog (CSV: a dialogue whose lines begin with a role, and the section of the note written of it;
github.com/abachaa/MTS-Dialog).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from gmai.annotations.entries import Entry, EntryOptions, find_split, list_found, read_entries, read_facets
from gmai.annotations.heads import Head, as_names, name_files, read_heads
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, reject, reject_units
from gmai.annotations.picture_files import PictureFiles, PictureOptions
from gmai.annotations.turns import PLACE, Turns, read_turns
from gmai.annotations.vqa_layouts import find_places
from gmai.base import from_dict
from gmai.errors import CardError, FormatError, ImageError
from gmai.types import Annotation, Dialogue, Reject, Report, SourceCard, record

_TURNS = ("conversations", "messages", "dialogue", "dialog", "conversation", "turns", "history")
_IMAGES = ("images", "image", "image_path", "image_file")
_NOTES = ("section_text", "note", "summary")


@record
class DialogueOptions(EntryOptions, PictureOptions):
    """Where the conversations are, and how the entries' keys are called."""

    files: str | tuple[str, ...] = "*.json"
    """Glob, or several, of the files."""
    id: str = "id"
    """Key of an entry's id."""
    turns: str = "conversations"
    """Key of the conversation: messages, a text whose lines begin with roles, or pairs."""
    image: str = ""
    """Key of the picture's name, or of a list of names; an entry without one is text."""
    section: str = ""
    """Key of what the conversation is about."""
    reports: dict[str, str] = field(default_factory=dict)
    """Keys of texts written of the conversation, each with the name of the report's section, ``@`` for that of the
    entry."""
    language: str = ""
    """Key of the language; empty: the card's."""
    subject: str = ""
    """Key of what must stay in one split, such as the patient."""
    split: str = ""
    """Key of the official split; ``@split`` reads it from the names of file, folder or part."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per conversation without picture, and one per picture or group of pictures with conversations.

    Raises:
        FormatError: a file that cannot be read as a whole.
    """
    options = from_dict(DialogueOptions, card.options, where=f"card {card.name}: options", error=CardError)
    files = PictureFiles(folder, options, look)
    shown: dict[tuple[str, ...], list[tuple[Entry, tuple[Annotation, ...]]]] = defaultdict(list)
    used: set[str] = set()
    heard: set[tuple[tuple[str, ...], Turns]] = set()
    for path in list_found(card, options.files, folder):
        for entry in read_entries(folder / path, path, options):
            try:
                turns, images = _read_entry(entry, options, files)
                if (images, turns) in heard:
                    what = "the same conversation as an entry before"
                    raise FormatError(what, where=entry.pointer, reason="dialogue.duplicate")
                heard.add((images, turns))
                annotations = _annotations(entry, turns, options)
                if images:
                    shown[images].append((entry, annotations))
                else:
                    told = read_facets(card, [entry])
                    yield replace(_text_item(entry, annotations, options, used), facets=told)
            except FormatError as error:
                yield reject(entry.pointer, error.reason, str(error), unit="dialogue")
    counted: set[str] = set()
    for images in sorted(shown):
        facets = read_facets(card, [entry for entry, _ in shown[images]])
        for item in _shown_item(images, shown[images], options, files, counted):
            yield item if isinstance(item, Reject) else replace(item, facets={**item.facets, **facets})
    if options.image:
        yield from files.unnamed(counted, card, "no conversation about the picture")


def _read_entry(entry: Entry, options: DialogueOptions, files: PictureFiles) -> tuple[Turns, tuple[str, ...]]:
    if entry.problem:
        raise FormatError(entry.problem, where=entry.pointer, reason=entry.reason)
    turns = read_turns(entry.get(options.turns), entry.pointer)
    if len(turns) < 2:
        raise FormatError(f"{len(turns)} turns", where=entry.pointer, reason="dialogue.empty")
    values = {key: entry.text(key) for key in entry.values} if options.path else {}
    names = entry.texts(options.image)
    images = tuple(files.named(values, name, entry.pointer) for name in names)
    places = sum(text.count(PLACE) for _, text in turns)
    if places and places != len(images):
        what = f"{places} places for pictures, {len(images)} pictures"
        raise FormatError(what, where=entry.pointer, reason="dialogue.images")
    return turns, images


def _annotations(entry: Entry, turns: Turns, options: DialogueOptions) -> tuple[Annotation, ...]:
    section = entry.text(options.section)
    found: list[Annotation] = [Dialogue(turns=turns, record=entry.pointer, section=section)]
    for key, name in options.reports.items():
        if text := entry.text(key):
            found.append(Report(text=text, record=f"{entry.pointer}#{key}", section=section if name == "@" else name))
    return tuple(found)


def _fields(entry: Entry, options: DialogueOptions) -> dict[str, Any]:
    keys = {"language": options.language, "subject": options.subject, "split": options.split}
    return {name: entry.text(key) or None for name, key in keys.items()}


def _text_item(
    entry: Entry, annotations: tuple[Annotation, ...], options: DialogueOptions, used: set[str]
) -> AnnotatedItem:
    name = entry.text(options.id)
    if not name or name in used:
        name = entry.pointer
    used.add(name)
    fields = _fields(entry, options)
    return AnnotatedItem(
        id=name, kind="text", files=(entry.file,), annotations=annotations, units={"dialogue": 1}, **fields
    )


def _shown_item(
    images: tuple[str, ...],
    entries: list[tuple[Entry, tuple[Annotation, ...]]],
    options: DialogueOptions,
    files: PictureFiles,
    counted: set[str],
) -> Iterator[AnnotatedItem | Reject]:
    units = {"image": len(set(images) - counted), "dialogue": len(entries)}
    counted.update(images)
    name = "|".join(images)
    missing = [image for image in images if not files.there(image)]
    if missing:
        yield from reject_units(name, units, "image.missing", f"{', '.join(missing)} is not there")
        return
    annotations = tuple(each for _, found in entries for each in found)
    try:
        yield files.item(images, id=name, units=units, annotations=annotations, **_fields(entries[0][0], options))
    except ImageError as error:
        yield from reject_units(name, units, error.reason, str(error))


def detect(folder: Path) -> Match | None:
    """Files of entries whose conversation can be read into turns."""
    groups: dict[str, list[Head]] = defaultdict(list)
    for head in read_heads(folder):
        turns = head.find(_TURNS)
        if turns and _readable(head, turns):
            groups[turns].append(head)
    if not groups:
        return None
    turns, heads = max(groups.items(), key=lambda item: len(item[1]))
    paths = [head.path for head in heads]
    image = next((key for head in heads if (key := head.find(_IMAGES))), "")
    note = heads[0].find(_NOTES)
    options: dict[str, Any] = {"files": name_files(folder, paths), "turns": turns}
    if image:
        names = [name for head in heads for entry in head.entries for name in as_names(entry.get(image))]
        options |= {"image": image, **find_places(folder, names)}
    if section := heads[0].find(("section_header", "section")):
        options["section"] = section
    if note:
        options["reports"] = {note: "@" if section else "note"}
    if all(find_split(path) for path in paths):
        options["split"] = "@split"
    return Match(format="dialogue", options=options, evidence=paths[0])


def _readable(head: Head, key: str) -> bool:
    for entry in head.entries:
        try:
            if len(read_turns(entry.get(key), "")) >= 2:
                return True
        except FormatError:
            continue
    return False


FORMAT = Format(read=read, options=DialogueOptions, detect=detect)
