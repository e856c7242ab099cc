"""Every command of the line, as a user would type it."""

import sys
from dataclasses import dataclass
from pathlib import Path

CARDS = ("phantom-ct", "phantom-xray", "phantom-histology", "phantom-fundus", "phantom-ultrasound", "phantom-text")
SMALL = ["--set", "steps=4", "--set", "batch.rows=4", "--set", "threads=1", "--set", "checkpoint_every=1"]
SHARDS = ["--shard-size", "4", "--workers", "2"]
SHAPE = ["--set", "shape.hidden=32", "--set", "shape.layers=1"]


@dataclass(frozen=True)
class Line:
    """The commands of the line with their output folders below ``root``; inputs come from ``made``."""

    root: Path
    files: Path
    made: Path

    def command(self, name: str) -> list[str]:
        """Arguments of one command; it writes to ``root / name``."""
        noun, made, out = name.split("/")[0], self.made, ["-o", str(self.root / name)]
        if noun == "raw":
            return ["source", "ingest", name.split("/")[1], "--root", str(self.files), *out, *SHARDS]
        if noun == "corpus":
            return ["convert", *(str(made / "raw" / card) for card in CARDS), *out, *SHARDS]
        if noun == "split":
            return ["corpus", "split", str(self.root / "corpus")]
        if noun == "bench":
            return ["bench", "build", str(made / "corpus"), *out, *SHARDS]
        if noun == "model":
            return ["model", "tiny", str(made / "corpus"), *out]
        if noun == "train":
            return ["train", f"tiny-{name.split('/')[1]}", *out, *SMALL, *self.starts(name)]
        if noun == "eval":
            tsv, model = made / "bench/public/TEST.tsv", made / "train/stage1"
            return ["eval", "run", str(tsv), "--model", str(model), "--limit", "24", "--batch", "4", *out]
        raise AssertionError(name)

    def starts(self, name: str) -> list[str]:
        made = self.made
        init = {"model": made / "model"}
        if name == "train/stage1":
            init |= {"language": made / "train/stage0-text", "vision": made / "train/stage0-vision"}
        settings = {"corpus": made / "corpus", **{f"init.{key}": value for key, value in init.items()}}
        return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


def gmai(arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "gmai", *arguments]
