"""LLaMA-Factory: ShareGPT by messages and images, and the dataset_info.json its ``dataset_dir`` needs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gmai.base import write_json
from gmai.corpus.exports.config import ExportConfig, line_format
from gmai.corpus.exports.lines import gather_lines
from gmai.corpus.exports.shown import Shown


def messages(shown: Shown, separator: str) -> list[dict[str, str]]:
    """Turns by role and content, a placeholder for each picture in the first."""
    return [
        {"role": "assistant" if place % 2 else "user", "content": text}
        for place, text in enumerate(shown.prompt(separator))
    ]


def _row(shown: Shown) -> dict[str, Any]:
    images = [picture.path for picture in shown.pictures]
    return {"id": shown.conversation.id, "messages": messages(shown, "\n"), "images": images}


def _gather(folder: Path, parts: Iterable[Path], config: ExportConfig) -> list[Path]:
    lines = folder / "conversations.jsonl"
    gather_lines(lines, parts)
    told = {
        "file_name": lines.name,
        "formatting": "sharegpt",
        "columns": {"messages": "messages", "images": "images"},
        "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
    }
    write_json(folder / "dataset_info.json", {config.name: told})
    return [lines, folder / "dataset_info.json"]


FORMAT = line_format(_row, _gather)
