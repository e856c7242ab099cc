"""Files of questions, answers and conversations, and the pictures they speak of."""

import json
from pathlib import Path
from typing import Any

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write the ``texts`` by path, as they are or as JSON, and the ``pictures``."""
    for path, content in places["texts"].items():
        make.text(root / path, _written(path, content), places.get("encoding", "utf-8"))
    for number, path in enumerate(places.get("pictures", ())):
        make.picture(root / path, make.pixels(seed=number, channels=3))
    splits = set(places["splits"]) if "splits" in places else None
    return told(card, places.get("subjects", ()), places, splits=splits)


def _written(path: str, content: Any) -> str:
    if isinstance(content, str):
        return content
    if path.endswith(".jsonl") or (isinstance(content, tuple)):
        return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in content)
    return json.dumps(content, ensure_ascii=False)
