"""Which questions of a table a query is true of."""

import operator
import re
from collections.abc import Callable, Mapping

import numpy as np

from gmai.bench.fields import AXES, NUMBERS, Field, Keys, is_place, open_field, place_names
from gmai.bench.query_parts import Group, Node, Not, Test, point
from gmai.bench.table import QuestionTable
from gmai.errors import ConfigError
from gmai.lexicon import near_terms

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def find_rows(root: Node, text: str, table: QuestionTable, keys: Keys | None = None) -> np.ndarray:
    """Numbers of the rows of a table for which a query holds.

    Raises:
        ConfigError: a name or a place of the lexical tree that is not known, with near misses.
    """
    fields: dict[str, Field] = {}

    def holds(node: Node) -> np.ndarray:
        if isinstance(node, Not):
            return ~holds(node.part)
        if isinstance(node, Group):
            join = np.logical_and if node.sign == "&" else np.logical_or
            found: np.ndarray = join.reduce([holds(part) for part in node.parts])
            return found
        if node.name not in fields:
            fields[node.name] = open_field(table, node.name, keys, point(text, node.at))
        return _compare(fields[node.name], node, text)

    return np.flatnonzero(holds(root))


def _compare(field: Field, test: Test, text: str) -> np.ndarray:
    check = _check_of(field, test, text)
    known: dict[tuple[str, ...], bool] = {value: any(map(check, value)) for value in set(field.values)}
    found = np.fromiter((known[value] for value in field.values), dtype=bool, count=len(field.values))
    return ~found if test.sign in ("!=", "!~", "not in") else found


def _check_of(field: Field, test: Test, text: str) -> Callable[[str], bool]:
    if test.sign in ("~", "!~"):
        pattern = re.compile(test.values[0] if test.regex else re.escape(test.values[0]), re.IGNORECASE)
        return lambda value: pattern.search(value) is not None
    if test.sign in ("<", "<=", ">", ">=") or field.name in NUMBERS:
        return _number_check(test, text)
    wanted = {meant for value in test.values for meant in field.meaning(value)}
    if field.name in AXES:
        _check_places(field, test, text)
    return lambda value: not wanted.isdisjoint(field.meaning(value))


def _number_check(test: Test, text: str) -> Callable[[str], bool]:
    limits: list[float | None] = [_number(value) for value in test.values]
    if None in limits:
        wrong = test.values[limits.index(None)]
        raise ConfigError(f"{wrong!r} is no number", where=point(text, test.at), reason="query.number")
    check: Callable[[float, float], bool] = _COMPARE.get(test.sign, operator.eq)

    def holds(value: str) -> bool:
        number = _number(value)
        return number is not None and any(check(number, limit) for limit in limits if limit is not None)

    return holds


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _check_places(field: Field, test: Test, text: str) -> None:
    """A place that neither the lexicon nor the table knows is a slip of the pen, not a search without finds."""
    shown = {value for values in field.values for value in values}
    here = {meant for value in shown for meant in field.meaning(value)}
    for value in test.values:
        if not value or not here.isdisjoint(field.meaning(value)) or is_place(field.name, value):
            continue
        near = near_terms(value, sorted({*shown, *place_names(field.name)} - {""}), field.name)
        fix = f"did you mean {' or '.join(near)}?" if near else f"gmai bench tree lists every {field.name}"
        raise ConfigError(f"unknown {field.name} {value!r}", where=point(text, test.at), fix=fix, reason="query.value")
