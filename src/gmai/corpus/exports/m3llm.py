"""M3LLM-PMC: JSON lines of image, caption and pairs of question and answer."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gmai.corpus.exports.config import ExportConfig, line_format
from gmai.corpus.exports.lines import gather_lines
from gmai.corpus.exports.shown import Shown
from gmai.types import Report


def _row(shown: Shown) -> dict[str, Any]:
    pairs = [
        {"question": question, "answer": answer, "context": "", "improved context": ""}
        for question, answer in zip(shown.texts[::2], shown.texts[1::2], strict=True)
    ]
    reports = {item.section: item.text for item in shown.sample.annotations if isinstance(item, Report)}
    image = shown.one_or_list().get("image", "")
    return {"id": shown.conversation.id, "image": image, "caption": reports.get("caption", ""), "qa_pairs": pairs}


def _gather(folder: Path, parts: Iterable[Path], config: ExportConfig) -> list[Path]:
    lines = folder / "conversations.jsonl"
    gather_lines(lines, parts)
    return [lines]


FORMAT = line_format(_row, _gather)
