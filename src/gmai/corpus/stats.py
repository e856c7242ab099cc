"""Counts of a corpus: what there is of everything, as data that reports draw from."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gmai.base import open_run
from gmai.corpus.corpus import Corpus, open_corpus
from gmai.corpus.store import iter_records
from gmai.types import Box, Conversation, Label, MaskRef, Polygon, Sample, record

logger = logging.getLogger(__name__)
Counts = dict[str, int]
_SAMPLE_AXES = ("source", "modality", "department", "language")
_CONVERSATION_AXES = ("source", "subset", "kind", "task", "modality", "department", "language")


@record
class StatsConfig:
    """What is counted, and where the counts go."""

    corpus: Path
    """The corpus folder."""
    out: Path
    """Run folder to write; ``stats.json`` holds the counts."""
    resume: bool = True
    """False counts anew where the folder holds other counts."""


def corpus_stats(config: StatsConfig) -> dict[str, Any]:
    """Count a finished corpus.

    Returns:
        What ``stats.json`` holds: ``totals``; ``samples`` and ``conversations``, each a dict of axis to name to count,
        largest first (conversations about no picture have the granularity ``text``); ``labels`` and ``annotations``
        (kinds); ``sunburst``, rows of modality, department, task and number of conversations; ``image_sizes``, rows of
        width, height and count; ``text_words``, for each role the number of turns with so many words and percentiles.
    """
    corpus = open_corpus(config.corpus)
    run = open_run(config.out, "corpus stats", config, {"corpus": corpus.key}, resume=config.resume, same={})
    if run.done:
        return run.stats()
    stats = {**_count_samples(corpus), **_count_conversations(corpus)}
    totals = {**stats.pop("sample_totals"), **stats.pop("conversation_totals")}
    stats = {"totals": totals, **stats}
    run.finish(stats, [run.path / "stats.json"])
    logger.info("corpus stats: %s", ", ".join(f"{count} {name}" for name, count in totals.items()))
    return stats


def _count_samples(corpus: Corpus) -> dict[str, Any]:
    axes: dict[str, Counter[str]] = {axis: Counter() for axis in (*_SAMPLE_AXES, "licence", "split")}
    sizes: Counter[tuple[int, int]] = Counter()
    labels: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    subjects: set[tuple[str, str]] = set()
    totals: Counter[str] = Counter(samples=0, subjects=0, images=0, annotations=0)
    for sample in iter_records(corpus.folder):
        for axis in _SAMPLE_AXES:
            axes[axis][getattr(sample, axis)] += 1
        axes["licence"][sample.provenance.licence] += 1
        if corpus.is_split:
            axes["split"][corpus.split_of(sample)] += 1
        sizes.update((image.width, image.height) for image in sample.images)
        kinds.update(annotation.kind for annotation in sample.annotations)
        labels.update(_names(sample))
        subjects.add((sample.source, sample.subject))
        totals.update(samples=1, images=len(sample.images), annotations=len(sample.annotations))
    totals["subjects"] = len(subjects)
    return {
        "sample_totals": dict(totals),
        "samples": {axis: _largest_first(counts) for axis, counts in axes.items()},
        "labels": _largest_first(labels),
        "annotations": _largest_first(kinds),
        "image_sizes": [{"width": w, "height": h, "count": sizes[w, h]} for w, h in sorted(sizes)],
    }


def _count_conversations(corpus: Corpus) -> dict[str, Any]:
    axes: dict[str, Counter[str]] = {axis: Counter() for axis in (*_CONVERSATION_AXES, "granularity")}
    sunburst: Counter[tuple[str, str, str]] = Counter()
    words: dict[str, Counter[int]] = {"user": Counter(), "assistant": Counter()}
    totals = Counter(conversations=0, turns=0, facts=0)
    for item in corpus.conversations():
        for axis in _CONVERSATION_AXES:
            axes[axis][getattr(item, axis)] += 1
        axes["granularity"]["text" if item.subset == "text" else item.view.granularity] += 1
        sunburst[item.modality, item.department, item.task] += 1
        for role, length in _lengths(item):
            words[role][length] += 1
        totals.update(conversations=1, turns=len(item.turns), facts=len(item.facts))
    rows = [
        {"modality": modality, "department": department, "task": task, "count": count}
        for (modality, department, task), count in sorted(sunburst.items())
    ]
    return {
        "conversation_totals": dict(totals),
        "conversations": {axis: _largest_first(counts) for axis, counts in axes.items()},
        "sunburst": rows,
        "text_words": {role: _spread(counts) for role, counts in words.items()},
    }


def _names(sample: Sample) -> Iterator[str]:
    for annotation in sample.annotations:
        if isinstance(annotation, Label):
            yield annotation.name
        elif isinstance(annotation, Box | Polygon | MaskRef):
            yield annotation.label


def _lengths(conversation: Conversation) -> Iterable[tuple[str, int]]:
    return ((turn.role, len(turn.text.split())) for turn in conversation.turns)


def _largest_first(counts: Counter[str]) -> Counts:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _spread(counts: Counter[int]) -> dict[str, Any]:
    lengths = np.repeat(sorted(counts), [counts[length] for length in sorted(counts)])
    percentiles = {f"p{share}": float(np.percentile(lengths, share)) for share in (5, 50, 95)} if len(lengths) else {}
    return {**percentiles, "counts": {str(length): counts[length] for length in sorted(counts)}}
