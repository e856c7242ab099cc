"""A file of questions and answers."""

import json
from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write the entries that ``entries`` gives, a list or an object by id, as JSON or JSON lines."""
    entries = places["entries"]
    for path in places["files"]:
        lines = isinstance(entries, list) and path.endswith(".jsonl")
        content = "\n".join(json.dumps(entry) for entry in entries) if lines else json.dumps(entries)
        make.text(root / path, content + "\n")
    return told(card, (), places)
