"""InternVL: JSON lines, and the meta file that its trainer is given."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gmai.base import write_json
from gmai.corpus.exports.config import ExportConfig, line_format
from gmai.corpus.exports.lines import gather_lines
from gmai.corpus.exports.llava import human_gpt
from gmai.corpus.exports.shown import Shown


def _row(shown: Shown) -> dict[str, Any]:
    sides = [(picture.width, picture.height) for picture in shown.pictures]
    sizes: dict[str, Any] = {"width": sides[0][0], "height": sides[0][1]} if len(sides) == 1 else {}
    if len(sides) > 1:
        sizes = {"width_list": [width for width, _ in sides], "height_list": [height for _, height in sides]}
    return {"id": shown.conversation.id, **shown.one_or_list(), **sizes, "conversations": human_gpt(shown)}


def _gather(folder: Path, parts: Iterable[Path], config: ExportConfig) -> list[Path]:
    lines = folder / "conversations.jsonl"
    told = {
        **{"root": "./", "annotation": lines.name, "data_augment": False, "max_dynamic_patch": 12},
        **{"repeat_time": 1, "length": gather_lines(lines, parts)},
    }
    write_json(folder / "meta.json", {config.name: told})
    return [lines, folder / "meta.json"]


FORMAT = line_format(_row, _gather)
