"""The lexical tree of a benchmark file: how many questions, labels and subjects stand at each place."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from gmai.bench.fields import AXES, Field, Keys, find_name, name_place, open_field, place_names
from gmai.bench.table import QuestionTable
from gmai.errors import ConfigError
from gmai.lexicon import Axis, Node, read_lexicon
from gmai.types import record

LEXICAL: tuple[Axis, ...] = get_args(Axis)
NOT_SHOWN = "not shown"
"""Where questions stand whose file leaves the place empty."""


@record
class TreeNode:
    """One place of a tree."""

    name: str
    axis: str = ""
    """What is counted by; empty for the root."""
    questions: int
    labels: int | None = None
    """Different right answers; None where neither file nor key tells them."""
    subjects: int | None = None
    """Different subjects, each of its own data set; None where they are not told."""
    children: tuple["TreeNode", ...] = ()


@record
class _Columns:
    axes: tuple[Field, ...]
    label: Field | None
    source: Field | None
    subject: Field | None


def build_tree(table: QuestionTable, axes: Sequence[str], keys: Keys | None = None, name: str = "all") -> TreeNode:
    """Count the questions of a table along axes, from the top down.

    Args:
        table: the questions.
        axes: ``task``, ``department``, ``modality``, ``granularity``, ``family``, ``label``, or any column.
        keys: keys of the questions, which tell labels, subjects and data sets.
        name: of the root.

    Raises:
        ConfigError: an axis that is not known, or that the file does not show.
    """
    if len({find_name(axis) for axis in axes}) < len(axes):
        raise ConfigError(f"an axis is there twice: {', '.join(axes)}", where="axes")
    columns = _Columns(
        axes=tuple(open_field(table, axis, keys, "axes") for axis in axes),
        label=_find(table, "label", keys),
        source=_find(table, "source", keys),
        subject=_find(table, "subject", keys),
    )
    return _count(name, "", range(len(table)), columns.axes, columns)


def lexical_tree(axes: Sequence[str]) -> TreeNode:
    """The lexical tree itself: labels under the places of one axis or of several; it has no questions.

    Raises:
        ConfigError: not an axis of it.
    """
    wanted = [find_name(axis) for axis in axes]
    known = [axis for name in wanted for axis in LEXICAL if axis == name]
    if not known or len(known) < len(wanted):
        wrong = next((axis for axis, name in zip(axes, wanted, strict=True) if name not in LEXICAL), "nothing")
        raise ConfigError(f"{wrong!r} is no axis of the lexical tree", fix=f"axes: {', '.join(LEXICAL)}")
    return _of_lexicon(read_lexicon().tree(known[0], *known[1:]), "all", known)


def _of_lexicon(node: Node, name: str, axes: Sequence[str]) -> TreeNode:
    children = tuple(_of_lexicon(child, child.name, axes[1:]) for child in node.children) if axes else ()
    named = tuple(replace(child, axis=axes[0]) for child in children) if axes else ()
    return TreeNode(name=name, questions=0, labels=node.count, children=named)


def tree_lines(node: TreeNode, depth: int | None = None, indent: int = 0) -> list[str]:
    """The tree as lines of text.

    Args:
        node: where to begin.
        depth: how many levels to show below it; None shows all.
        indent: level of the node itself.
    """
    told = {"question": node.questions, "label": node.labels, "subject": node.subjects}
    counts = ", ".join(f"{n:,} {what}{'s' * (n != 1)}" for what, n in told.items() if n)
    lines = [f"{'  ' * indent}{node.name or NOT_SHOWN}  [{counts}]"]
    if depth is None or depth > 0:
        for child in node.children:
            lines += tree_lines(child, None if depth is None else depth - 1, indent + 1)
    return lines


def _find(table: QuestionTable, name: str, keys: Keys | None) -> Field | None:
    """What may be counted, None where it is not told of any question."""
    try:
        field = open_field(table, name, keys)
    except ConfigError:
        return None
    return field if any(field.values[row] != ("",) for row in range(len(table))) else None


def _count(name: str, axis: str, rows: Sequence[int], axes: tuple[Field, ...], columns: _Columns) -> TreeNode:
    groups: dict[str, list[int]] = {}
    if axes:
        for row in rows:
            for text in dict.fromkeys(axes[0].values[row]):
                groups.setdefault(name_place(axes[0].name, text), []).append(row)
    return TreeNode(
        name=name,
        axis=axis,
        questions=len(rows),
        labels=_distinct(rows, columns.label),
        subjects=_distinct(rows, columns.source, columns.subject) if columns.subject else None,
        children=tuple(
            _count(place, axes[0].name, groups[place], axes[1:], columns) for place in _in_order(groups, axes[0].name)
        )
        if axes
        else (),
    )


def _distinct(rows: Sequence[int], *fields: Field | None) -> int | None:
    """Number of different things told of the rows by the last field, apart by those before it."""
    told = [field for field in fields if field is not None]
    if not told:
        return None
    return len({tuple(field.values[row] for field in told) for row in rows if told[-1].values[row] != ("",)})


def _in_order(names: dict[str, list[int]], axis: str) -> list[str]:
    """Places in the lexicon's order, then others by name, what is not shown last."""
    known = {name: number for number, name in enumerate(place_names(axis))} if axis in AXES else {}
    return sorted(names, key=lambda name: (not name, known.get(name, len(known)), name))
