"""What a corpus folder holds, counted in one pass over its texts: what its card and its metadata say."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gmai.corpus.store import CONVERSATION_SCHEMA, conversation_files, iter_records, open_parquet
from gmai.corpus.terms import TermsOf

_TALK_AXES = ("subset", "task", "modality", "department", "language")


@dataclass(slots=True)
class Survey:
    """Counts of a corpus; axes are of conversations, ``licences`` of samples."""

    samples: int = 0
    images: int = 0
    annotations: int = 0
    conversations: int = 0
    axes: dict[str, Counter[str]] = field(default_factory=lambda: {axis: Counter() for axis in _TALK_AXES})
    licences: Counter[str] = field(default_factory=Counter)
    sources: dict[str, Counter[str]] = field(default_factory=dict)
    """For each source its samples by licence."""
    talks: Counter[str] = field(default_factory=Counter)
    """Conversations by source."""
    cards: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    restricted: set[str] = field(default_factory=set)
    """Sources with pictures that may not be passed on."""
    not_commercial: set[str] = field(default_factory=set)
    """Sources with samples that may not be used commercially."""


def survey_corpus(folder: Path) -> Survey:
    """Count what a corpus folder holds, finished or about to be."""
    terms_of = TermsOf(folder)
    found = Survey(cards=terms_of.cards)
    for sample in iter_records(folder):
        terms = terms_of(sample)
        found.samples += 1
        found.images += len(sample.images)
        found.annotations += len(sample.annotations)
        found.licences[terms.licence] += 1
        found.sources.setdefault(sample.source, Counter())[terms.licence] += 1
        if sample.images and not terms.redistribution:
            found.restricted.add(sample.source)
        if terms.why:
            found.not_commercial.add(sample.source)
    for path in conversation_files(folder):
        for batch in open_parquet(path, CONVERSATION_SCHEMA).iter_batches(columns=["source", *_TALK_AXES]):
            found.conversations += batch.num_rows
            found.talks.update(batch.column("source").to_pylist())
            for axis in _TALK_AXES:
                found.axes[axis].update(batch.column(axis).to_pylist())
    return found
