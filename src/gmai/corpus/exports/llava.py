"""LLaVA: one JSON array of conversations from human and gpt, pictures as files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gmai.corpus.exports.config import ExportConfig, line_format
from gmai.corpus.exports.lines import gather_array
from gmai.corpus.exports.shown import Shown


def human_gpt(shown: Shown) -> list[dict[str, str]]:
    """Turns as LLaVA and InternVL name them, a placeholder for each picture in the first."""
    return [{"from": "gpt" if place % 2 else "human", "value": text} for place, text in enumerate(shown.prompt())]


def _row(shown: Shown) -> dict[str, Any]:
    sizes = {"width": shown.pictures[0].width, "height": shown.pictures[0].height} if len(shown.pictures) == 1 else {}
    return {"id": shown.conversation.id, **shown.one_or_list(), **sizes, "conversations": human_gpt(shown)}


def _gather(folder: Path, parts: Iterable[Path], config: ExportConfig) -> list[Path]:
    gather_array(folder / "conversations.json", parts)
    return [folder / "conversations.json"]


FORMAT = line_format(_row, _gather)
