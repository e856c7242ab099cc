"""The lexical tree of a benchmark file: how many questions, labels and subjects stand at each place."""

from collections.abc import Sequence

from gmai.bench.fields import AXES, Field, Keys, find_name, name_place, open_field, place_names
from gmai.bench.table import QuestionTable
from gmai.errors import ConfigError
from gmai.types import record

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


def build_tree(table: QuestionTable, axes: Sequence[str], keys: Keys | None = None) -> TreeNode:
    """Count the questions of a table along axes, from the top down.

    Args:
        table: the questions.
        axes: ``task``, ``department``, ``modality``, ``granularity``, ``family``, ``label``, or any column.
        keys: keys of the questions, which tell labels, subjects and data sets.

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
    return _count("all", "", range(len(table)), columns.axes, columns)


def iter_lines(node: TreeNode, depth: int | None = None, indent: int = 0) -> list[str]:
    """The tree as lines of text.

    Args:
        node: where to begin.
        depth: how many levels to show below it; None shows all.
        indent: level of the node itself.
    """
    told = {"question": node.questions, "label": node.labels, "subject": node.subjects}
    counts = ", ".join(f"{n:,} {what}{'s' * (n != 1)}" for what, n in told.items() if n is not None)
    lines = [f"{'  ' * indent}{node.name or NOT_SHOWN}  [{counts}]"]
    if depth is None or depth > 0:
        for child in node.children:
            lines += iter_lines(child, None if depth is None else depth - 1, indent + 1)
    return lines


def _find(table: QuestionTable, name: str, keys: Keys | None) -> Field | None:
    try:
        return open_field(table, name, keys)
    except ConfigError:
        return None


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
    told = [field for field in fields if field is not None]
    return len({tuple(field.values[row] for field in told) for row in rows}) if told else None


def _in_order(names: dict[str, list[int]], axis: str) -> list[str]:
    """Places in the lexicon's order, then others by name, what is not shown last."""
    known = {name: number for number, name in enumerate(place_names(axis))} if axis in AXES else {}
    return sorted(names, key=lambda name: (not name, known.get(name, len(known)), name))
