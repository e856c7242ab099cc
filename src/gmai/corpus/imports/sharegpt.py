"""ShareGPT rows as LLaMA-Factory and ms-swift read them: messages by role and content, ``images`` a list of paths."""

from collections.abc import Mapping
from typing import Any

from gmai.corpus.imports.llava import read_turns as read_named
from gmai.corpus.imports.rows import Turns, row_format, turns_by


def _turns(row: Mapping[str, Any]) -> Turns:
    return turns_by(row["messages"], "role", "content") if "messages" in row else read_named(row)


def _pictures(row: Mapping[str, Any]) -> Any:
    return row.get("images", row.get("image"))


FORMAT = row_format(_turns, _pictures)
