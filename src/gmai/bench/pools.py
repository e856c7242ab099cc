"""Labels of regions over all data sets of one modality, task and level: what options may be filled up with."""

from collections.abc import Iterable

from gmai.lexicon import may_be_related
from gmai.types import Box, Fact, Granularity, MaskRef, Polygon, Sample

Place = tuple[str, str, Granularity]
"""Modality, clinical task, level."""


class Pools:
    """Which labels each data set marks regions with."""

    def __init__(self) -> None:
        self._labels: dict[Place, dict[str, set[str]]] = {}

    def add(self, sample: Sample) -> None:
        """Take note of the labels of a sample's regions."""
        task = sample.tasks.get("finding") or "Disease Diagnosis"
        for item in sample.annotations:
            if isinstance(item, Box | Polygon | MaskRef):
                levels: tuple[Granularity, ...] = ("box",) if isinstance(item, Box) else ("box", "mask", "contour")
                for level in levels:
                    sources = self._labels.setdefault((sample.modality, task, level), {})
                    sources.setdefault(sample.source, set()).add(item.label)

    def others(self, sample: Sample, fact: Fact, true: Iterable[str]) -> tuple[str, ...]:
        """Labels of other data sets that exclude whatever is known to be true; each once, in order of their names.

        Args:
            sample: the picture asked about.
            fact: what is asked of it.
            true: all labels that are true of it.
        """
        sources = self._labels.get((sample.modality, fact.task, fact.view.granularity), {})
        foreign = {label for source, labels in sources.items() if source != sample.source for label in labels}
        known = (*true, fact.answer)
        return tuple(
            label for label in sorted(foreign) if not any(may_be_related(label, one, sample.modality) for one in known)
        )

    def sizes(self) -> list[dict[str, object]]:
        """Each pool with its number of labels and of data sets, for reports."""
        return [
            {
                "modality": modality,
                "task": task,
                "level": level,
                "labels": len({label for labels in sources.values() for label in labels}),
                "data_sets": len(sources),
            }
            for (modality, task, level), sources in sorted(self._labels.items())
        ]
