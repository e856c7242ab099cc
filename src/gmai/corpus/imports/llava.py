"""LLaVA and InternVL rows: turns from human and gpt, ``image`` a path or a list of them."""

from collections.abc import Mapping
from typing import Any

from gmai.corpus.imports.rows import Turns, row_format, turns_by


def read_turns(row: Mapping[str, Any]) -> Turns:
    """Turns of a row."""
    return turns_by(row.get("conversations"), "from", "value")


def read_pictures(row: Mapping[str, Any]) -> Any:
    """Names of a row's pictures."""
    return row.get("image")


FORMAT = row_format(read_turns, read_pictures)
