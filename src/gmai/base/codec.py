"""Records to bytes and back; reading is strict and says exactly which field is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any, TypeVar, cast

import orjson
from pydantic import TypeAdapter, ValidationError

from gmai.errors import FormatError, GmaiError

T = TypeVar("T")


@cache
def _adapter(cls: Hashable) -> TypeAdapter[Any]:
    kind: Any = cls
    return TypeAdapter(kind)


def dumps(value: Any, *, indent: bool = False) -> bytes:
    """Encode records, dicts and lists as UTF-8 JSON in the order given; paths are written with forward slashes."""
    return orjson.dumps(value, _plain, orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if indent else 0)


def _plain(value: Any) -> str:
    if isinstance(value, PurePath):
        return value.as_posix()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def loads(data: bytes | str, *, where: str = "") -> Any:
    """Decode JSON.

    Raises:
        FormatError: the text is not JSON, with the place.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise FormatError(f"not valid JSON: {error}", where=where, reason="json.invalid") from None


def to_dict(value: Any) -> Any:
    """Turn a record into plain dicts, lists, strings and numbers."""
    return orjson.loads(dumps(value))


def from_dict(cls: type[T], data: Any, *, where: str = "", error: type[GmaiError] = FormatError) -> T:
    """Build a record from plain data, checking every key and type.

    Raises:
        error: every wrong field with its path, such as ``annotations.0.box.xyxy.3``, and near misses for unknown keys.
    """
    try:
        result: T = _adapter(cast(Hashable, cls)).validate_python(data)
        return result
    except ValidationError as invalid:
        raise error(_explain(cls, invalid), where=where) from None


def from_json(cls: type[T], data: bytes | str, *, where: str = "", error: type[GmaiError] = FormatError) -> T:
    """Build a record from JSON text; see :func:`from_dict`."""
    try:
        result: T = _adapter(cast(Hashable, cls)).validate_json(data)
        return result
    except ValidationError as invalid:
        raise error(_explain(cls, invalid), where=where) from None


def schema_of(cls: type[Any]) -> dict[str, Any]:
    """The JSON schema of a record, strict: every field is required and no other is allowed."""
    schema = _adapter(cast(Hashable, cls)).json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        if part.get("type") == "object" and "properties" in part:
            part |= {"required": list(part["properties"]), "additionalProperties": False}
            for value in part["properties"].values():
                value.pop("default", None)
    return schema


_WORDS = {
    "missing": "is missing",
    "tuple_type": "should be a list, such as [a, b]",
    **dict.fromkeys(("dict_type", "dataclass_type"), "should be a mapping, such as {key: value}"),
    "string_type": "should be text",
}
"""What is said of an error where pydantic speaks of Python's types, by pydantic's name of the error."""


def _explain(cls: type[Any], invalid: ValidationError) -> str:
    lines = []
    for problem in invalid.errors(include_url=False, include_context=False):
        path = ".".join(str(part) for part in problem["loc"])
        text = _WORDS.get(problem["type"]) or problem["msg"].replace("Input should", "should")
        if problem["type"] == "unexpected_keyword_argument":
            near = difflib.get_close_matches(str(problem["loc"][-1]), _field_names(cls, problem["loc"][:-1]), n=3)
            text = "unknown key" + (f", did you mean {' or '.join(near)}?" if near else "")
        if problem["type"] == "string_type" and isinstance(problem["input"], bool | int | float):
            text += f", not {problem['input']!r}: write it in quotes"
        lines.append(f"{path or cls.__name__}: {text}")
    return "; ".join(lines)


def _field_names(cls: Any, path: tuple[int | str, ...]) -> list[str]:
    import typing

    for part in path:
        if is_dataclass(cls):
            cls = typing.get_type_hints(cls).get(str(part))
    return [field.name for field in fields(cls)] if is_dataclass(cls) else []


def iter_jsonl(path: Path, cls: type[T]) -> Iterator[T]:
    """Yield the records of a JSON-lines file.

    Raises:
        FormatError: a line that is no such record, named ``path:line``.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield from_json(cls, line, where=f"{path}:{number}")


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two nested dicts; where both hold a dict they are merged, else ``over`` wins."""
    result = dict(base)
    for key, value in over.items():
        mine = result.get(key)
        result[key] = merge(mine, value) if isinstance(mine, Mapping) and isinstance(value, Mapping) else value
    return result
