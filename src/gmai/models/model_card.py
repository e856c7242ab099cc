"""The card of an exported model: what it was made of, what may be done with it, and what it scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import gmai
from gmai.base import from_dict, read_json
from gmai.models.card_head import UNKNOWN, licence_of, read_card_head, write_card_head
from gmai.models.trained import Trained
from gmai.types import Score

LIMIT = (
    "Research use, not for diagnosis. It is no medical device; its statements are no better than the annotations it "
    "was trained on, and can be wrong in ways that sound right."
)


def write_model_card(
    trained: Trained, scores: Sequence[Path], stats: dict[str, Any], name: str, licence: str = ""
) -> str:
    """The text of README.md.

    Args:
        trained: the run.
        scores: folders of ``gmai eval score``.
        stats: what the export found.
        name: title.
        licence: of the model; by default the base's.
    """
    bases = {part: weights.folder for part, weights in trained.start.others.items()}
    own = licence or licence_of(read_card_head(trained.start.folder))
    parts = [
        f"# {name}",
        f"**{LIMIT}**",
        f"Trained with gmai {gmai.__version__}, stage `{trained.config['stage']}`, {trained.stats['steps']} steps, "
        f"seed {trained.config['seed']}. Key of the run: `{trained.key}`.",
        "## Base",
        _table(("part", "folder", "licence"), _bases(trained.start.folder, bases)),
        "## Data",
        _data(trained),
        "## What trained",
        _table(("part", "tensors", "changed", f"changed in {stats['dtype']}"), _changes(stats["changes"])),
        f"Opened again in a process of its own: {stats['logits']['questions']} questions, with no, one and two "
        f"pictures; logits differ by at most {stats['logits']['difference']:.1e}.",
        "## Scores",
        _scores(scores),
        "## Use",
        f"How pictures are seen is fixed in `visual_contract.json` (hash `{trained.stats['contract']}`): gmai trains, "
        "evaluates and serves by it.",
    ]
    head = {
        "license": own.lower() if own != UNKNOWN else "other",
        **({"license_name": UNKNOWN} if own == UNKNOWN else {}),
        "library_name": "peft" if stats["form"] == "adapter" else "transformers",
        "pipeline_tag": "image-text-to-text",
        "tags": ["medical", "research-use"],
    }
    return write_card_head(head) + "\n" + "\n\n".join(parts) + "\n"


def _bases(folder: Path, others: dict[str, Path]) -> Iterable[tuple[str, str, str]]:
    for part, place in {"model": folder, **others}.items():
        yield part, place.parent.name if place.name == "model" else place.name, licence_of(read_card_head(place))


def _data(trained: Trained) -> str:
    """The mixture as it was learned from, with the licences that the corpora's cards tell."""
    config = trained.config
    sets = list(config.get("data") or [{"name": "corpus", "corpus": config.get("corpus"), "ratio": 1.0}])
    told = {one["name"]: one for one in trained.stats.get("mixture", [])}
    rows = []
    for one in sets:
        learned = told.get(one["name"], {})
        rows.append(
            (
                str(one["name"]),
                f"{one.get('ratio', 1.0):g}",
                str(learned.get("rows", "")),
                _licences(Path(one["corpus"])) if one.get("corpus") else UNKNOWN,
            )
        )
    return _table(("set", "passes in an epoch", "rows learned from", "licences of its sources (samples)"), rows)


def _licences(corpus: Path) -> str:
    head = read_card_head(corpus)
    inside = head.get("licences_inside")
    if isinstance(inside, dict) and inside:
        return ", ".join(f"{name} ({count})" for name, count in inside.items())
    return licence_of(head)


def _changes(changes: dict[str, dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    for part, row in changes.items():
        changed = str(row["changed"]) if row["trains"] else "frozen"
        yield part, str(row["tensors"]), changed, str(row["left"]) if row["trains"] else "frozen"


def _scores(folders: Sequence[Path]) -> str:
    if not folders:
        return "None given."
    rows = []
    for folder in folders:
        scores = from_dict(tuple[Score, ...], read_json(folder / "scores.json"), where=str(folder / "scores.json"))
        name = str(read_json(folder / "stats.json").get("name") or folder.name)
        for score in scores:
            if score.axis == "overall":
                interval = f"{score.low:.3f} to {score.high:.3f}"
                rows.append((name, score.node, str(score.n), f"{score.accuracy:.3f}", interval, f"{score.chance:.3f}"))
    return _table(("answers", "questions", "n", "accuracy", "95 % interval", "chance"), rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in cells)
