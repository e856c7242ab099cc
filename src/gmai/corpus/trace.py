"""The way back: from a conversation, a sample or a benchmark question to file, slice and annotation record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from gmai.base import from_json, hash_bytes, iter_jsonl, read_yaml, to_dict
from gmai.corpus.corpus import Corpus, open_corpus
from gmai.corpus.store import CONVERSATION_SCHEMA, StoredSample, conversation_files, open_parquet
from gmai.errors import ConfigError, FormatError
from gmai.types import Conversation, Fact, Question, record


@record
class TraceStep:
    """One step of the way back: what is looked at, its name, and what is known of it."""

    what: str
    """``conversation``, ``question``, ``fact``, ``sample``, ``step``, ``file``, ``annotation`` or ``source``."""
    name: str
    details: dict[str, Any]

    def lines(self) -> list[str]:
        """The step for people: a head line, then one indented line for each detail."""
        shown = [(key, value) for key, value in self.details.items() if value not in ("", None, [], {})]
        return [f"{self.what:<12} {self.name}", *(f"{'':<12}   {key}: {_shown(value)}" for key, value in shown)]


def trace(folder: Path, item_id: str) -> list[TraceStep]:
    """Follow a sample or a conversation of a corpus back to its source.

    Args:
        folder: a finished corpus.
        item_id: id of a sample or of a conversation.

    Returns:
        The steps, from the item to its source; of a conversation, only the annotations its facts rest on.

    Raises:
        FormatError: no such id.
    """
    corpus = open_corpus(folder)
    found = _find_conversation(folder, item_id)
    if found is None:
        return _trace_sample(corpus, corpus.sample(item_id))
    conversation, place = found
    pointers = tuple(pointer for fact in conversation.facts for pointer in fact.records)
    return [
        TraceStep(what="conversation", name=item_id, details=_conversation_details(conversation, place)),
        *(
            TraceStep(what="step", name=f"{step.name} {step.version}", details=step.parameters)
            for step in conversation.steps
        ),
        *(_fact_step(fact) for fact in conversation.facts),
        *(
            step
            for name in (conversation.prior, conversation.sample)
            if name
            for step in _trace_sample(corpus, corpus.sample(name), pointers)
        ),
    ]


def trace_question(folder: Path, key: Path, index: int) -> list[TraceStep]:
    """Follow a benchmark question back to its source.

    Args:
        folder: the corpus the benchmark was built from.
        key: the benchmark's key, one question per line.
        index: the question's index.

    Raises:
        ConfigError: the key has no such question.
        FormatError: the corpus has no such sample.
    """
    question = next((line for line in iter_jsonl(key, Question) if line.index == index), None)
    if question is None:
        raise ConfigError(f"no question {index}", where=str(key))
    corpus = open_corpus(folder)
    step = TraceStep(what="question", name=str(index), details={**to_dict(question), "file": key.name})
    return [step, *_trace_sample(corpus, corpus.sample(question.sample), question.records)]


def _find_conversation(folder: Path, item_id: str) -> tuple[Conversation, str] | None:
    for path in conversation_files(folder):
        file = open_parquet(path, CONVERSATION_SCHEMA)
        for group in range(file.num_row_groups):
            row = pc.index(file.read_row_group(group, columns=["id"]).column("id"), item_id).as_py()
            if row >= 0:
                text = file.read_row_group(group, columns=["record"]).column("record")[row].as_py()
                place = f"{path.parent.name}/{path.name} row group {group} row {row}"
                return from_json(Conversation, text, where=str(path)), place
    return None


def _conversation_details(conversation: Conversation, place: str) -> dict[str, Any]:
    names = ("subset", "kind", "task", "answer", "template")
    details = {name: getattr(conversation, name) for name in names if getattr(conversation, name)}
    turns = [f"{turn.role}: {turn.text}" for turn in conversation.turns]
    return {**details, "level": conversation.view.granularity, "at": place, "turns": turns}


def _fact_step(fact: Fact) -> TraceStep:
    details = {
        "about": fact.about,
        "values": fact.values,
        "records": list(fact.records),
        "level": fact.view.granularity,
    }
    kept = {key: value for key, value in details.items() if value}
    return TraceStep(what="fact", name=f"{fact.kind} = {fact.answer}", details=kept)


def _trace_sample(corpus: Corpus, stored: StoredSample, pointers: tuple[str, ...] | None = None) -> list[TraceStep]:
    sample = stored.sample
    details = {"subject": sample.subject, "modality": sample.modality, "at": corpus.place(sample.id)}
    if corpus.is_split:
        details["split"] = corpus.split_of(sample)
    return [
        TraceStep(what="sample", name=sample.id, details=details),
        *(
            TraceStep(what="step", name=f"{step.name} {step.version}", details=step.parameters)
            for step in reversed(sample.provenance.steps)
        ),
        *_file_steps(stored),
        *_annotation_steps(stored, pointers),
        _source_step(corpus.folder, stored),
    ]


def _file_steps(stored: StoredSample) -> Iterator[TraceStep]:
    for image, picture in zip(stored.sample.images, stored.pictures, strict=True):
        if hash_bytes(picture) != image.asset:
            what = f"the stored picture of {image.uri} is not the one that was written"
            raise FormatError(what, where=stored.sample.id, reason="store.asset")
        known = {key: value for key, value in to_dict(image).items() if value is not None and key != "uri"}
        yield TraceStep(what="file", name=image.uri, details=known)


def _annotation_steps(stored: StoredSample, pointers: tuple[str, ...] | None) -> Iterator[TraceStep]:
    for annotation in stored.sample.annotations:
        if pointers is None or annotation.record in pointers:
            known = {key: value for key, value in to_dict(annotation).items() if value not in (None, "", [], False)}
            known.pop("rle", None)
            yield TraceStep(what="annotation", name=known.pop("record"), details=known)


def _source_step(folder: Path, stored: StoredSample) -> TraceStep:
    origin = stored.sample.provenance
    details: dict[str, Any] = {"licence": origin.licence, "original id": origin.original_id}
    card = folder / "cards" / f"{origin.source}.yaml"
    if card.exists():
        kept = ("title", "home", "citation")
        details |= {key: value for key, value in read_yaml(card).items() if key in kept and value}
    return TraceStep(what="source", name=origin.source, details=details)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(item)}" for key, item in value.items())
    return str(value).replace("\n", " / ")
