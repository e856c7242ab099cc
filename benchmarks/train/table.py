"""The table of ``python -m benchmarks train``: useful tokens per processor second, ours beside a peer's.

    python -m benchmarks train [--beside trl|swift] [--peer .venv-peers-train/bin/python]
        [--family internvl qwen2_5_vl] [--mix equal skewed] [--precision fp32 bf16] [--size small] [--rounds 5]
        [--steps 20] [--threads 1] [--folder made] [--tune] [--agree]

The peer is TRL's SFTTrainer or ms-swift's `sft` (InternVL only). Both train the same model from the same folder on the
same rows (a picture of 16 visual tokens, a question, an answer) in the same environment, each run in a process of its
own, in turn. Useful tokens are those of rows, visual ones too; what only pads is none. Processor time is that of the
process and all below it, after the third step. The peer runs with 16 shuffled rows and at its best: batches of like
length, four times four rows to an update, no workers, no gradient checkpointing, fused AdamW, the faster attention;
``--tune`` shows what else was tried. ``--agree`` gives the peer the rows in the order of our plan and holds the losses
of every step against ours.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.process_tree import run_measured
from benchmarks.train.rows import Material, write_model, write_rows

ROOT = Path(__file__).parents[2]
ROWS = 3200
UPDATE = 16
"""Rows of an update."""
OPTIM = {"lr": 1e-3, "betas": [0.9, 0.98], "weight_decay": 0.01, "clip": 1.0}
SKIPPED = 3
"""Steps at the start that are not counted."""
PEER = {"rows": 4, "accumulate": 4, "order": "group_by_length", "workers": 0, "attention": "best"}
FASTER = {"fp32": "sdpa", "bf16": "eager"}
"""The attention with which the peer is fastest on a processor, by measurement."""
OURS = {"batch": {"rows": UPDATE}, "workers": 0}
GMAI: dict[str, dict[str, Any]] = {
    "gmai, rows": {"ours": OURS},
    "gmai, packs": {"ours": {**OURS, "batch": {"tokens": 3200}}},
}
SHUFFLED = {**PEER, "rows": UPDATE, "accumulate": 1, "order": "random", "attention": "sdpa"}
TRIED: dict[str, dict[str, Any]] = {
    "16 x 1": {**PEER, "rows": 16, "accumulate": 1},
    "8 x 2": {**PEER, "rows": 8, "accumulate": 2},
    "2 x 8": {**PEER, "rows": 2, "accumulate": 8},
    "4 x 4, eager": {**PEER, "attention": "eager"},
    "4 x 4, sdpa": {**PEER, "attention": "sdpa"},
    "4 x 4, a worker": {**PEER, "workers": 1},
}
GMAI_TRIED: dict[str, dict[str, Any]] = {
    "gmai, 16 rows in 4 packs": {"ours": {**OURS, "batch": {"rows": UPDATE, "packs": 4}}},
    "gmai, 3 packs of 1,024": {"ours": {**OURS, "batch": {"tokens": 1024, "packs": 3}}},
    "gmai, a worker": {"ours": {**OURS, "workers": 1}},
}


class Peer(NamedTuple):
    """What ours is held against."""

    name: str
    module: str
    python: Path

    @property
    def best(self) -> str:
        """The runner that ratios are to."""
        return f"{self.name}, at its best"

    def runners(self, tune: bool) -> dict[str, dict[str, Any]]:
        """It and ours, by name."""
        settings = {"as it comes": SHUFFLED, "at its best": PEER, **(TRIED if tune else {})}
        theirs = {f"{self.name}, {what}": {"peer": each, "module": self.module} for what, each in settings.items()}
        return {**theirs, **GMAI, **(GMAI_TRIED if tune else {})}


PEERS = {
    "trl": Peer("TRL", "peer", ROOT / ".venv-peers-train/bin/python"),
    "swift": Peer("ms-swift", "peer_swift", ROOT / ".venv-peers-swift/bin/python"),
}


class Result(NamedTuple):
    """One run."""

    rate: float
    """Useful tokens per processor second."""
    fill: float
    """Useful tokens per place computed."""
    first_s: float
    """From launch to the end of the first step."""
    first_cpu_s: float
    """Processor time until then."""
    peak_mb: float
    told: dict[str, Any]


def launch(runner: dict[str, Any], python: Path, made: Material, folder: Path, **settings: Any) -> Result:
    """One run of one trainer.

    Raises:
        RuntimeError: it failed.
    """
    task = {
        "model": str(made.model),
        "corpus": str(made.corpus),
        "rows": str(made.rows),
        "out": str(folder / "told.json"),
        "launched": time.time(),
        "optim": OPTIM,
        "seed": 0,
        **runner,
        **settings,
    }
    if task.get("peer", {}).get("attention") == "best":
        task["peer"] = {**task["peer"], "attention": FASTER[task["precision"]]}
    (folder / "task.json").write_text(json.dumps(task))
    (folder / "told.json").unlink(missing_ok=True)
    command = [str(python), "-m", f"benchmarks.train.{runner.get('module', 'ours')}", str(folder / "task.json")]
    cost = run_measured(["/bin/sh", "-c", 'exec "$@" >"$0" 2>&1', str(folder / "log.txt"), *command])
    if cost.status:
        raise RuntimeError((folder / "log.txt").read_text()[-2000:])
    told = json.loads((folder / "told.json").read_text())
    steps = told["steps"]
    counted = steps[SKIPPED:]
    spent = steps[-1]["cpu_s"] - steps[SKIPPED - 1]["cpu_s"]
    return Result(
        sum(step["tokens"] for step in counted) / spent,
        sum(step["tokens"] for step in steps) / sum(step["slots"] for step in steps),
        steps[0]["wall_s"],
        steps[0]["cpu_s"],
        cost.peak_mb,
        told,
    )


def contest(runners: dict[str, dict[str, Any]], rounds: int, **settings: Any) -> dict[str, list[Result]]:
    """All in turn, so many rounds."""
    found: dict[str, list[Result]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            found[name].append(launch(runner, **settings))
    return found


def rows_of(what: str, found: dict[str, list[Result]], beside: str) -> Iterator[str]:
    """Lines of the table; ratios are of the same round."""
    base = [each.rate for each in found[beside]]
    for name, results in found.items():
        rates = [each.rate for each in results]
        ratios = [rate / other for rate, other in zip(rates, base, strict=True)]
        yield (
            f"| {what} | {name} | {median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f}) | {median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f}) | {median(each.fill for each in results):.3f} | "
            f"{min(each.first_s for each in results):.1f} ({min(each.first_cpu_s for each in results):.1f}) | "
            f"{max(each.peak_mb for each in results):,.0f} |"
        )


def agree(peer: Peer, made: Material, folder: Path, **settings: Any) -> str:
    """Both learn the same rows in the same order: the same tokens, and losses as near as rounding has it."""
    settings = {**settings, "folder": folder}
    ours = launch(GMAI["gmai, rows"], made=made, **settings).told
    lines = {json.loads(line)["id"]: line for line in made.rows.read_text().splitlines()}
    ordered = folder / "ordered.jsonl"
    ordered.write_text("\n".join(lines[sample] for step in ours["order"] for sample in step) + "\n")
    runner = {"peer": {**SHUFFLED, "order": "sequential"}, "module": peer.module}
    theirs = launch(runner, made=made._replace(rows=ordered), **settings).told
    apart = []
    for mine, their in zip(ours["steps"], theirs["steps"], strict=True):
        assert (mine["tokens"], mine["labels"]) == (their["tokens"], their["labels"]), (mine, their)
        apart.append(abs(mine["loss"] - their["loss"]))
    last = " and ".join(f"{told['steps'][-1]['loss']:.4f}" for told in (ours, theirs))
    return (
        f"losses apart: first step {apart[0]:.1e}, at most {max(apart):.1e} in {len(apart)} steps, last {last}; "
        "tokens and labels of every step equal"
    )


def machine(versions: dict[str, str]) -> str:
    """Processor, load, versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    known = ", ".join(f"{name} {number}" for name, number in versions.items())
    return (
        f"{model}, {os.cpu_count()} cores, load {load} (1, 5, 15 minutes), Python {platform.python_version()}; {known}"
    )


def main(arguments: list[str]) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks train")
    parser.add_argument("--beside", default="trl", choices=list(PEERS))
    parser.add_argument("--peer", type=Path, help="python that has the peer")
    parser.add_argument("--family", nargs="+")
    parser.add_argument("--mix", nargs="+", default=["equal", "skewed"], choices=["equal", "skewed"])
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16"], choices=["fp32", "bf16"])
    parser.add_argument("--size", default="small", choices=["small", "medium"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep models, rows and what each run told here")
    parser.add_argument("--tune", action="store_true", help="what else was tried, one round")
    parser.add_argument("--agree", action="store_true", help="only hold the losses of every step against each other")
    given = parser.parse_args(arguments)
    peer = PEERS[given.beside]
    peer = peer._replace(python=given.peer or peer.python)
    if not peer.python.exists():
        sys.exit(f"no {peer.python}: make bench-peers")
    given.family = given.family or (["internvl"] if given.beside == "swift" else ["internvl", "qwen2_5_vl"])
    os.environ |= {"OMP_NUM_THREADS": str(given.threads), "HF_HUB_OFFLINE": "1"}
    os.environ["PYTHONPATH"] = f"{ROOT}:{ROOT / 'src'}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        _tell(given, peer, folder.resolve())


def _tell(given: argparse.Namespace, peer: Peer, folder: Path) -> None:
    settings = {"python": peer.python.absolute(), "folder": folder, "steps": given.steps, "threads": given.threads}
    if not given.agree:
        print(
            f"| model, rows, precision | trainer | useful tokens per processor second | beside {peer.best} | fill "
            "| first step, s (processor) | peak MB |\n|---|---|---|---|---|---|---|"
        )
    versions: dict[str, str] = {}
    for family in given.family:
        model = write_model(folder / f"{family}-{given.size}", family, given.size)
        for mix in given.mix:
            made = write_rows(folder / f"{family}-{given.size}-{mix}", model, mix, ROWS)
            for precision in given.precision:
                what = f"{family} {given.size}, {mix}, {precision}"
                if given.agree:
                    print(f"{what}: {agree(peer, made=made, precision=precision, **settings)}", flush=True)
                    continue
                runners = peer.runners(given.tune)
                found = contest(runners, 1 if given.tune else given.rounds, made=made, precision=precision, **settings)
                print("\n".join(rows_of(what, found, peer.best)), flush=True)
                told = found[peer.best][0].told
                versions = {**told["versions"], **told["versions_of_peer"]}
    print("\n" + machine(versions))
