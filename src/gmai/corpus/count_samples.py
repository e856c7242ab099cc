"""Counts of the samples of a corpus: whose they are, what was said about them, what their pictures are like."""

from array import array
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from gmai.corpus.corpus import SPLIT, SPLITS, SPLITS_FILE, Corpus
from gmai.corpus.store import iter_records
from gmai.corpus.tally import Distinct, describe, describe_tail, hash_64, largest_first
from gmai.corpus.terms import Terms, TermsOf
from gmai.errors import FormatError
from gmai.types import Box, Label, MaskRef, Polygon, Sample

AXES = ("source", "modality", "department", "language")
_ROWS = 4096
"""Rows of the table of splits read at once."""
SIZES = 100
"""Most rows of ``image_sizes``, the commonest sizes; ``image_sides`` counts all."""
ENOUGH = 30
"""Samples a label needs before its share in a split says anything."""
_TASKS = {
    **{"label": "classification", "box": "detection", "polygon": "segmentation", "mask": "segmentation"},
    **{"qa": "question answering", "report": "report", "dialogue": "dialogue", "measurement": "measurement"},
}
_IN_SPACE = {"classification", "detection", "segmentation", "measurement"}


def count_samples(corpus: Corpus) -> dict[str, Any]:
    """Count the samples of a corpus in one pass.

    Returns:
        ``totals``; ``samples``, axis to name to count (``original_task`` is what the source's annotations are for; a
        sample with several kinds of annotations counts for each); ``sources``, a row for each; ``licences``, a row for
        each licence with what it allows; ``allowed``, samples by what may be done with them; ``labels`` (annotations)
        and ``label_samples`` (samples) by label, ``label_tail`` (see :func:`~gmai.corpus.tally.describe_tail`) of the
        latter; ``annotations`` by kind; ``image_sizes``, rows of the commonest; ``image_sides``, lengths of the longer
        and shorter side; ``pictures_per_sample``; ``split_labels``, None where the corpus is not split.
    """
    counting = _Counting(corpus)
    for sample in iter_records(corpus.folder):
        counting.add(sample)
    return counting.result()


class _Counting:
    def __init__(self, corpus: Corpus) -> None:
        self._terms_of = TermsOf(corpus.folder)
        self._splits = _Splits(corpus) if corpus.is_split else None
        axes = [*AXES, "original_task", "licence", *(["split"] if self._splits else [])]
        self._axes: dict[str, Counter[str]] = {axis: Counter() for axis in axes}
        self._totals = Counter(samples=0, images=0, annotations=0)
        self._labels: Counter[str] = Counter()
        self._label_samples: dict[str, Counter[str]] = {}
        self._kinds: Counter[str] = Counter()
        self._sizes: Counter[tuple[int, int]] = Counter()
        self._pictures: Counter[int] = Counter()
        self._licences: Counter[tuple[str, Terms]] = Counter()
        self._people: dict[str, tuple[Distinct, Distinct]] = {}
        self._images: Counter[str] = Counter()

    def add(self, sample: Sample) -> None:
        terms = self._terms_of(sample)
        split = self._splits.of(sample) if self._splits else ""
        for axis in AXES:
            self._axes[axis][getattr(sample, axis)] += 1
        self._axes["licence"][terms.licence] += 1
        self._axes["original_task"].update(original_tasks(sample))
        if split:
            self._axes["split"][split] += 1
        self._licences[sample.source, terms] += 1
        self._images[sample.source] += len(sample.images)
        self._pictures[len(sample.images)] += 1
        self._sizes.update((image.width, image.height) for image in sample.images)
        self._kinds.update(annotation.kind for annotation in sample.annotations)
        self._totals.update(samples=1, images=len(sample.images), annotations=len(sample.annotations))
        names = Counter(_names(sample))
        self._labels.update(names)
        for name in names:
            self._label_samples.setdefault(name, Counter())[split] += 1
        self._add_person(sample)

    def _add_person(self, sample: Sample) -> None:
        if sample.source not in self._people:
            self._people[sample.source] = (Distinct(), Distinct())
        subjects, studies = self._people[sample.source]
        subjects.add(sample.subject)
        if sample.study is not None:
            studies.add(f"{sample.subject}\0{sample.study}")

    def result(self) -> dict[str, Any]:
        people = {source: (len(one), len(other)) for source, (one, other) in self._people.items()}
        totals = {
            **{"samples": self._totals["samples"], "subjects": sum(one for one, _ in people.values())},
            **{"studies": sum(other for _, other in people.values())},
            **{"images": self._totals["images"], "annotations": self._totals["annotations"]},
            **{"sources": len(people), "labels": len(self._labels)},
        }
        label_samples = {name: counts.total() for name, counts in self._label_samples.items()}
        return {
            "totals": totals,
            "samples": {axis: largest_first(counts) for axis, counts in self._axes.items()},
            "sources": self._sources(people),
            "licences": self._licence_rows(),
            "allowed": self._allowed(),
            "labels": largest_first(self._labels),
            "label_samples": largest_first(label_samples),
            "label_tail": describe_tail(label_samples.values()),
            "annotations": largest_first(self._kinds),
            **self._picture_sizes(),
            "pictures_per_sample": {str(number): self._pictures[number] for number in sorted(self._pictures)},
            "split_labels": self._split_labels() if self._splits else None,
        }

    def _sources(self, people: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
        counts = largest_first(self._axes["source"])
        return [
            {
                **{"source": source, "samples": count, "subjects": people[source][0], "studies": people[source][1]},
                **{"images": self._images[source]},
                "licences": sorted({terms.licence for name, terms in self._licences if name == source}),
            }
            for source, count in counts.items()
        ]

    def _licence_rows(self) -> list[dict[str, Any]]:
        counts: Counter[tuple[str, bool, bool, str]] = Counter()
        for (_, terms), count in self._licences.items():
            counts[terms.licence, terms.commercial, terms.redistribution, terms.why] += count
        return [
            {**dict(zip(("licence", "commercial", "redistribution", "why"), key, strict=True)), "samples": count}
            for key, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ]

    def _allowed(self) -> dict[str, dict[str, int]]:
        counts = {name: {"yes": 0, "no": 0} for name in ("commercial", "redistribution")}
        for (_, terms), count in self._licences.items():
            for name, each in counts.items():
                each["yes" if getattr(terms, name) else "no"] += count
        return counts

    def _picture_sizes(self) -> dict[str, Any]:
        commonest = sorted(self._sizes, key=lambda size: (-self._sizes[size], size))[:SIZES]
        sides: dict[str, Counter[int]] = {"longer": Counter(), "shorter": Counter()}
        for (width, height), count in self._sizes.items():
            sides["longer"][max(width, height)] += count
            sides["shorter"][min(width, height)] += count
        return {
            "image_sizes": [{"width": w, "height": h, "count": self._sizes[w, h]} for w, h in commonest],
            "different_sizes": len(self._sizes),
            "image_sides": {name: describe(counts) for name, counts in sides.items()},
        }

    def _split_labels(self) -> dict[str, Any]:
        """How the labels lie in the splits: samples of each, those missing, and the largest departure of a share."""
        everything = self._axes["split"]
        overall = {split: everything[split] / max(everything.total(), 1) for split in SPLITS}
        gaps: dict[str, float] = {}
        for name, counts in self._label_samples.items():
            if counts.total() >= ENOUGH:
                gaps[name] = max(abs(counts[split] / counts.total() - overall[split]) for split in SPLITS)
        widest = max(sorted(gaps), key=lambda name: gaps[name], default=None)
        there = [split for split in SPLITS if everything[split]]
        missing = {split: sum(not counts[split] for counts in self._label_samples.values()) for split in there}
        gap = {"label": widest, "gap": round(gaps[widest], 4)} if widest is not None else None
        return {
            "shares": {split: round(overall[split], 4) for split in there},
            "counts": {
                name: {split: counts[split] for split in there} for name, counts in sorted(self._label_samples.items())
            },
            **{"missing": missing, "enough": ENOUGH, "labels_with_enough": len(gaps), "widest": gap},
        }


class _Splits:
    """The split of every subject in nine bytes each, by hash."""

    def __init__(self, corpus: Corpus) -> None:
        self._where = str(corpus.folder / SPLIT)
        hashes, places = array("Q"), array("b")
        for batch in pq.ParquetFile(corpus.folder / SPLIT / SPLITS_FILE, buffer_size=1 << 16).iter_batches(
            batch_size=_ROWS
        ):
            rows = zip(*(batch.column(name).to_pylist() for name in ("source", "subject", "split")), strict=True)
            for source, subject, split in rows:
                hashes.append(hash_64(f"{source}\0{subject}"))
                places.append(SPLITS.index(split))
        order = np.argsort(np.frombuffer(hashes, np.uint64))
        self._hashes, self._places = np.frombuffer(hashes, np.uint64)[order], np.frombuffer(places, np.int8)[order]

    def of(self, sample: Sample) -> str:
        wanted = np.uint64(hash_64(f"{sample.source}\0{sample.subject}"))
        place = int(np.searchsorted(self._hashes, wanted))
        if place == len(self._hashes) or self._hashes[place] != wanted:
            what = f"subject {sample.subject!r} of source {sample.source!r} is in no split"
            raise FormatError(what, where=self._where, reason="split.subject")
        return SPLITS[self._places[place]]


def original_tasks(sample: Sample) -> set[str]:
    """What the annotations of a sample are for, on what: ``segmentation, 3D`` is of slices of a volume."""
    tasks = {_TASKS[annotation.kind] for annotation in sample.annotations}
    if not sample.images:
        return tasks or {"none"}
    image = sample.images[0]
    space = "video" if image.kind == "video" else "3D" if image.axis is not None else "2D"
    return {f"{task}, {space}" if task in _IN_SPACE else task for task in tasks} or {"none"}


def _names(sample: Sample) -> Iterator[str]:
    for annotation in sample.annotations:
        if isinstance(annotation, Label):
            yield annotation.name
        elif isinstance(annotation, Box | Polygon | MaskRef):
            yield annotation.label
