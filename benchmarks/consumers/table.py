"""The table of ``python -m benchmarks consumers``: what each loader saw of an export beside what was exported.

    python -m benchmarks consumers [-o FOLDER] [--data FOLDER] [--internvl CHECKOUT] [--llava CHECKOUT]

``make consumers`` builds the environments first. The loaders of InternVL and LLaVA-NeXT live in their
repositories: give checkouts of them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.consumers.corpus import export_all, make_corpus
from benchmarks.consumers.reads.told import Told
from gmai.corpus import iter_conversations, iter_records

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv-consumers"
READS = Path(__file__).parent / "reads"
LIMIT_S = 900


@dataclass(frozen=True)
class Consumer:
    """One reader of one thing."""

    name: str
    environment: str
    script: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """What a reader told, or why it told nothing."""

    consumer: Consumer
    told: dict[str, object]
    error: str = ""


def main(arguments: list[str]) -> None:
    """Make the corpus, export it, have every consumer read it, print the table; exits with 1 if a count differs."""
    given = _parse(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        out = given.out or Path(temporary)
        corpus = make_corpus(out, given.data)
        exports = export_all(corpus, out / "exports")
        wanted = _count(corpus)
        read = [_read(each, given.environments) for each in _consumers(corpus, exports, given)]
    print("\n".join(_lines(wanted, read)))
    sys.exit(any(_differs(wanted, each) for each in read))


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks consumers")
    parser.add_argument("-o", "--out", type=Path, help="where corpus and exports are kept; by default nowhere")
    parser.add_argument("--data", type=Path, help="folder of public data sets that shipped cards know, beside phantoms")
    parser.add_argument("--internvl", type=Path, help="checkout of https://github.com/OpenGVLab/InternVL")
    parser.add_argument("--llava", type=Path, help="checkout of https://github.com/LLaVA-VL/LLaVA-NeXT")
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS)
    return parser.parse_args(arguments)


def _consumers(corpus: Path, exports: dict[str, Path], given: argparse.Namespace) -> Iterator[Consumer]:
    plain = {
        "`datasets`, the corpus by its card": ("corpus", corpus),
        "`datasets`, JSON lines": ("lines", exports["swift"]),
        "`webdataset`": ("shards", exports["webdataset"]),
        "`mlcroissant`": ("croissant", corpus),
        "`huggingface_hub`, both cards": ("card", corpus),
    }
    for name, (what, folder) in plain.items():
        yield Consumer(name, "plain", "plain.py", (what, str(folder)))
    yield Consumer("LLaMA-Factory", "llama-factory", "llama_factory.py", (str(exports["llama-factory"]),))
    yield Consumer("ms-swift", "swift", "ms_swift.py", (str(exports["swift"]),))
    yield Consumer("InternVL", "trainers", "internvl.py", _with(exports["internvl"], given.internvl))
    yield Consumer("LLaVA-NeXT", "trainers", "llava_next.py", _with(exports["llava"], given.llava))


def _with(export: Path, checkout: Path | None) -> tuple[str, ...]:
    return (str(export), str(checkout)) if checkout else (str(export),)


def _read(consumer: Consumer, environments: Path) -> Read:
    python = environments.absolute() / consumer.environment / "bin/python"
    if not python.exists():
        return Read(consumer, {}, "not run: no environment, see `make consumers`")
    if consumer.environment == "trainers" and len(consumer.arguments) == 1:
        return Read(consumer, {}, "not run: no checkout, give --internvl and --llava")
    command = [str(python), "-W", "ignore", str(READS / consumer.script), *consumer.arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        return Read(consumer, {}, f"failed: {done.stderr.strip().rpartition(chr(10))[2]}")
    return Read(consumer, json.loads(done.stdout.strip().rpartition("\n")[2]))


def _count(corpus: Path) -> dict[str, int]:
    """What a reader must tell, from the corpus itself."""
    pictures = {sample.id: len(sample.images) for sample in iter_records(corpus)}
    told = Told()
    for talk in iter_conversations(corpus):
        told.add([turn.text for turn in talk.turns], pictures[talk.sample])
    return told.counts


def _differs(wanted: dict[str, int], read: Read) -> bool:
    if not read.told:
        return read.error.startswith("failed")
    return bool(read.told["rows"]) and any(read.told[name] != count for name, count in wanted.items())


def _lines(wanted: dict[str, int], read: list[Read]) -> Iterator[str]:
    names = list(wanted)
    yield f"| consumer | {' | '.join(name.replace('_', ' ') for name in names)} | versions |"
    yield "|---" * (len(names) + 2) + "|"
    yield f"| exported | {' | '.join(f'{wanted[name]:,}' for name in names)} | |"
    for each in read:
        cells = [f"{each.told[name]:,}" if each.told and each.told["rows"] else "" for name in names]
        versions = each.told.get("versions", {})
        shown = [f"{name} {version}" for name, version in versions.items()] if isinstance(versions, dict) else []
        note = each.error or ", ".join([*shown, *([str(each.told["note"])] if each.told["note"] else [])])
        yield f"| {each.consumer.name} | {' | '.join(cells)} | {note} |"
