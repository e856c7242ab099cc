"""ms-swift: JSON lines of messages and images; its ROOT_IMAGE_DIR is the export's folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gmai.corpus.exports.config import ExportConfig, line_format
from gmai.corpus.exports.lines import gather_lines
from gmai.corpus.exports.llama_factory import messages
from gmai.corpus.exports.shown import Shown


def _row(shown: Shown) -> dict[str, Any]:
    images = [picture.path for picture in shown.pictures]
    return {"id": shown.conversation.id, "messages": messages(shown, ""), "images": images}


def _gather(folder: Path, parts: Iterable[Path], config: ExportConfig) -> list[Path]:
    lines = folder / "conversations.jsonl"
    gather_lines(lines, parts)
    return [lines]


FORMAT = line_format(_row, _gather)
