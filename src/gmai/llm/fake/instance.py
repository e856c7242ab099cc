"""The plainest value that follows a JSON schema, as a server with constrained decoding would be bound to give one."""

import json
from typing import Any

MOST_WORDS = 12


def build_instance(schema: dict[str, Any], text: str) -> str:
    """A value as JSON text; strings are words of the question."""
    return json.dumps(_value(schema, schema.get("$defs", {}), text), ensure_ascii=False)


def _value(schema: dict[str, Any], shapes: dict[str, Any], text: str) -> Any:
    if reference := schema.get("$ref"):
        return _value(shapes[reference.rpartition("/")[2]], shapes, text)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return _value(schema[name][0], shapes, text)
    return _typed(schema, shapes, text)


def _typed(schema: dict[str, Any], shapes: dict[str, Any], text: str) -> Any:
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: _value(part, shapes, text) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        if "prefixItems" in schema:
            return [_value(part, shapes, text) for part in schema["prefixItems"]]
        return [_value(schema.get("items", {"type": "string"}), shapes, text)] * max(schema.get("minItems", 1), 1)
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        return least + 1 if "exclusiveMinimum" in schema else least
    if kind == "boolean":
        return True
    return None if kind == "null" else " ".join(text.split()[:MOST_WORDS]) or "text"
