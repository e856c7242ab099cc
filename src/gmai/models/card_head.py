"""The head of a card: what README.md says in YAML before its text, as Hugging Face reads it."""

from pathlib import Path
from typing import Any

import yaml

_LINE = "---"
UNKNOWN = "unknown"
"""The licence of what states none."""


def read_card_head(folder: Path) -> dict[str, Any]:
    """The head of a folder's README.md; empty where there is none, or none that can be read."""
    path = folder / "README.md"
    if not path.is_file():
        return {}
    start, _, rest = path.read_text(encoding="utf-8", errors="replace").partition(f"{_LINE}\n")
    if start.strip():
        return {}
    try:
        head = yaml.safe_load(rest.partition(f"\n{_LINE}")[0])
    except yaml.YAMLError:
        return {}
    return head if isinstance(head, dict) else {}


def write_card_head(head: dict[str, Any]) -> str:
    """The head as text."""
    return f"{_LINE}\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}{_LINE}\n"


def licence_of(head: dict[str, Any]) -> str:
    """The licence that a head states, or ``unknown``; of Hugging Face's ``other`` its name."""
    stated = head.get("license_name") if head.get("license") == "other" else head.get("license")
    return str(stated or head.get("license") or UNKNOWN)
