"""The lexical tree: labels under modality, task, department and granularity, one below the other in any order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from gmai.types import Granularity, record

Axis = Literal["modality", "task", "department", "granularity"]
AXES: tuple[Axis, ...] = get_args(Axis)


@record
class TreeLabel:
    """One label of the lexical tree under one modality."""

    modality: str
    label: str
    tasks: tuple[str, ...]
    departments: tuple[str, ...]
    granularities: tuple[Granularity, ...]

    def on(self, axis: Axis) -> tuple[str, ...]:
        """Where it stands on an axis."""
        places: Mapping[Axis, tuple[str, ...]] = {
            "modality": (self.modality,),
            "task": self.tasks,
            "department": self.departments,
            "granularity": self.granularities,
        }
        return places[axis]


@record
class Node:
    """A node of a tree: its count of distinct labels (a label's: of modalities), what it spans, and what is below."""

    name: str
    count: int
    spans: dict[str, int]
    """Number of modalities, tasks, departments and granularities of its labels, by axis."""
    children: tuple["Node", ...] = ()


def build_node(name: str, labels: Sequence[TreeLabel], axes: Sequence[tuple[Axis, Iterable[str]]]) -> Node:
    """A node with the names of the first axis below it, those of the second below each, and labels at the end.

    Args:
        name: of the node.
        labels: all that stand below it.
        axes: axes from the top down, each with its names in order; below the first, names without labels are left out.
    """
    if axes:
        (axis, names), *rest = axes
        by_name = {name: [label for label in labels if name in label.on(axis)] for name in names}
        children = tuple(
            build_node(
                name,
                under,
                [(axis, sorted({place for label in under for place in label.on(axis)})) for axis, _ in rest],
            )
            for name, under in by_name.items()
        )
    else:
        by_label: dict[str, list[TreeLabel]] = {}
        for label in labels:
            by_label.setdefault(label.label, []).append(label)
        children = tuple(Node(name=leaf, count=len(same), spans=_spans(same)) for leaf, same in by_label.items())
    return Node(name=name, count=len({label.label for label in labels}), spans=_spans(labels), children=children)


def _spans(labels: Sequence[TreeLabel]) -> dict[str, int]:
    return {axis: len({place for label in labels for place in label.on(axis)}) for axis in AXES}
