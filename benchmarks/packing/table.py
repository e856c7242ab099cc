"""Fill, balance and speed of packs over a mix of rows, ours beside others."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.packing.contenders import buffers, next_fit
from benchmarks.packing.rows import make_index
from gmai.models import Costs
from gmai.train import BatchConfig, RowConfig, SetConfig
from gmai.train.lengths import Measure
from gmai.train.mixture import Mixture, Needs
from gmai.train.order import Order
from gmai.train.plan import StepPlan, assign, plan_steps

RANKS = 8
CASES = ((1, 16_384, 48), (4, 16_384, 48), (12, 16_384, 48), (12, 16_384, 64), (12, 8_192, 28))
"""Most tiles of a row; tokens and tiles of a pack."""
COSTS = Costs(
    token=2 * 6.53e9,
    pair=4.0 * 3584 * 28,
    label=2 * 0.545e9,
    visual=2 * 27.5e6,
    patch=0.0,
    row=2 * 0.302e9,
    sight=4.0 * 1024,
    class_rows=1,
    vision_layers=24,
    whole_layers=None,
    window=0,
    merge=2,
    lora_per_rank=0.0,
    idle_share=0.0,
)
"""Operations of an 8B model of this kind (published sizes): its vision encoder frozen, the rest trained."""


@dataclass
class Result:
    name: str
    packs: list[np.ndarray]
    seconds: float | None
    imbalance: float


def main(chosen: argparse.Namespace) -> None:
    count = chosen.rows or 30_000
    for most, tokens, tiles in CASES:
        with tempfile.TemporaryDirectory() as folder:
            index = make_index(Path(folder) / "index", count, most, chosen.seed)
            one = SetConfig(name="mix", corpus=Path(folder))
            rows = RowConfig(questions=None, chances={}, weights={})
            mixture = Mixture([one], [index], rows, Needs(longest=tokens + 1, tiles=tiles))
            measure = Measure(mixture, chosen.seed, tokens, COSTS, ("projector", "language"))
            start = time.process_time()
            batch = BatchConfig(tokens=tokens, tiles=tiles, packs=2 * RANKS)
            plan = plan_steps(measure, Order(mixture, {}, chosen.seed), batch, None, 1.0)
            seconds = time.process_time() - start
            show(plan, seconds, (tokens, tiles), most, chosen)


def show(plan: StepPlan, seconds: float, most: tuple[int, int], cap: int, chosen: argparse.Namespace) -> None:
    lengths, slots, costs = (np.asarray(getattr(plan, name), np.int64) for name in ("tokens", "tiles", "costs"))
    ends = [0, *plan.pack_ends.tolist()]
    ours = [np.arange(a, b) for a, b in zip(ends, ends[1:], strict=False)]
    results = [Result("ours", ours, seconds, planned_imbalance(plan))]
    order = np.random.default_rng(chosen.seed).permutation(len(lengths))
    for name, packer in (("next-fit", next_fit), ("streaming buffers (InternVL's way)", buffers)):
        start = time.process_time()
        packs = [order[pack] for pack in packer(lengths[order], slots[order], most)]
        results.append(Result(name, packs, time.process_time() - start, dealt_imbalance(packs, costs)))
    for found in ask_peers(lengths[order], most[0], chosen.peers):
        packs = [order[np.array(pack)] for pack in found["packs"]]
        results.append(Result(found["name"], packs, found["seconds"], dealt_imbalance(packs, costs)))
    bound = max(lengths.sum() / most[0], slots.sum() / most[1])
    kinds = f"at most {cap} tiles a row, packs of {most[0]:,} tokens and {most[1]} tiles"
    print(f"\n{len(lengths):,} rows, {kinds}: {lengths.mean():.0f} tokens and {slots.mean():.2f} tiles a row")
    print(f"| {'':34} | packs | token fill | tile fill | of the bound | over tiles | imbalance | M rows/min |")
    print("|---|---|---|---|---|---|---|---|")
    for result in results:
        number = len(result.packs)
        over = np.mean([slots[pack].sum() > most[1] for pack in result.packs])
        speed = "" if result.seconds is None else f"{len(lengths) / result.seconds * 60 / 1e6:.2f}"
        fills = f"{lengths.sum() / most[0] / number:.4f} | {slots.sum() / most[1] / number:.4f}"
        rest = f"{bound / number:.4f} | {over:.1%} | {result.imbalance:.3f} | {speed}"
        print(f"| {result.name:34} | {number} | {fills} | {rest} |", flush=True)


def planned_imbalance(plan: StepPlan) -> float:
    """Cost of the dearest process over the mean, averaged over whole steps."""
    found = []
    for step in range(plan.steps - 1):
        loads = [sum(plan.costs[share.entries].sum() for share in own) for own in assign(plan, step, RANKS)]
        found.append(max(loads) / np.mean(loads))
    return float(np.mean(found))


def dealt_imbalance(packs: list[np.ndarray], costs: np.ndarray) -> float:
    """The same where each process takes the next two packs."""
    sums = np.array([costs[pack].sum() for pack in packs], float)
    whole = sums[: len(sums) // (2 * RANKS) * 2 * RANKS].reshape(-1, RANKS, 2).sum(2)
    return float((whole.max(1) / whole.mean(1)).mean())


def ask_peers(tokens: np.ndarray, most: int, python: str) -> list[dict]:
    if not python:
        return []
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / "in.npz", Path(folder) / "out.json"
        np.savez(given, tokens=tokens, most=most)
        subprocess.run([python, str(Path(__file__).with_name("peer.py")), str(given), str(told)], check=True)
        found: list[dict] = json.loads(told.read_text())
        return found
