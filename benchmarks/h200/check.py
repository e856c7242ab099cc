"""Packed rows are what single ones are, on this device; and the attention kernels beside each other.

The first is :func:`gmai.train.proof.prove_packing` on small models of two families, in float32 and in bfloat16: logits,
gradients, isolation. The second computes one line of blocks that share a picture by each kernel there is, and holds
outputs and gradients against those of the plain one in float32. At the end the kernels are timed on a long line.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cosine_similarity

from benchmarks.h200.shapes import TEXTS
from benchmarks.h200.windows import settle
from gmai.models import Block, Fitted, LoadedModel, TinyShape, make_tiny
from gmai.models.attention import Kernel, by_flex, by_groups, by_varlen, find_varlen
from gmai.models.packed import Paths
from gmai.train.proof import prove_packing
from gmai.train.weights import free_groups

SMALL = TinyShape(
    image_px=112,
    patch_px=14,
    vision_width=128,
    vision_layers=2,
    language_width=512,
    language_layers=4,
    language_mlp=1024,
    heads=4,
    vocabulary=400,
    context=4096,
    max_tiles=4,
)
HEADS, SHARED, WIDTH = 28, 4, 128
"""Of the language model of InternVL3-8B: heads of queries, of keys, their width."""
PICTURES = (1, 0, 2, 1, 3)
"""Of each row, with three questions on them."""
_BF16 = {"outputs": 0.02, "cosine": 0.999}


def main(chosen: argparse.Namespace) -> None:
    held: list[dict[str, Any]] = []
    notes: list[str] = []
    for family in ("internvl", "qwen2_5_vl"):
        for precision in ("fp32", "bf16"):
            held += prove(family, precision, chosen)
    held += compare_kernels(chosen, notes)
    device = torch.cuda.get_device_name(chosen.device) if chosen.device.startswith("cuda") else "cpu"
    good = all(one["good"] for one in held)
    result = {"device": device, "torch": torch.__version__, "good": good, "held": held, "notes": notes}
    (chosen.out / "check.json").write_text(json.dumps(result, indent=1) + "\n")
    for one in held:
        print(f"{'held' if one['good'] else 'NOT HELD':8} {one['what']}: {one['name']} {one['value']:.3g}", flush=True)
    print("\n".join(notes), flush=True)
    if not good:
        raise SystemExit(1)


def prove(family: str, precision: Any, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    made = make_tiny(SMALL, TEXTS, chosen.seed, family)
    loaded = LoadedModel(made.family.tune(made.model.to(chosen.device)), made.tokenizer, made.contract)
    free_groups(loaded, ("projector", "language"))
    rows, fitted = make_rows(loaded, chosen.seed)
    proof = prove_packing(loaded, rows, fitted, precision)
    what = f"{family}, {precision}, {proof.attention}, {proof.conversations} conversations"
    return [
        {"what": what, "name": one.name, "value": one.value, "limit": one.limit, "least": one.least, "good": one.good}
        for one in proof.found
    ]


def make_rows(loaded: LoadedModel, seed: int) -> tuple[list[list[Block]], list[Fitted]]:
    """Rows of several pictures with three questions each."""
    rng = np.random.default_rng(seed)
    scaffold = loaded.scaffold
    rows: list[list[Block]] = []
    fitted: list[Fitted] = []
    for count in PICTURES:
        shown = [rng.integers(0, 256, (*rng.integers(80, 300, 2), 3), dtype=np.uint8) for _ in range(count)]
        row = [loaded.prefix(loaded.layouts(shown))]
        for _ in range(3):
            asked, said = (scaffold.text(" ".join(rng.choice(TEXTS, rng.integers(1, 5)))) for _ in range(2))
            read, told = (*asked, *scaffold.ask), (*said, scaffold.end)
            row.append(Block((*read, *told), (0.0,) * len(read) + (1.0,) * len(told), 0))
        rows.append(row)
        fitted += [loaded.contract.fit(picture, count) for picture in shown]
    return rows, fitted


def compare_kernels(chosen: argparse.Namespace, notes: list[str]) -> list[dict[str, Any]]:
    """Every kernel on one line of blocks, against the plain one in float32."""
    made = make_tiny(SMALL, TEXTS, chosen.seed)
    rows, _ = make_rows(made, chosen.seed)
    paths = made.pack(rows).paths.to(chosen.device)
    cuda = chosen.device.startswith("cuda")
    expected = compute(by_groups, paths, torch.float32, chosen)
    held = []
    for kernel in kernels(cuda):
        try:
            found = compute(kernel, paths, torch.bfloat16, chosen, back=cuda or kernel is not by_flex)
        except (RuntimeError, NotImplementedError) as error:
            if kernel is not by_flex:  # which needs a compiler, and is taken only where no varlen kernel is
                raise
            notes.append(f"{kernel.__name__} does not run here: {str(error).splitlines()[0]}")
            continue
        outputs = float((found[0] - expected[0]).abs().max() / expected[0].abs().max())
        held.append(_held(kernel, "outputs, largest difference", outputs, _BF16["outputs"], least=False))
        for name, ours, theirs in zip(("queries", "keys", "values"), found[1:], expected[1:], strict=False):
            cosine = float(cosine_similarity(ours.flatten().double(), theirs.flatten().double(), dim=0))
            held.append(_held(kernel, f"gradients of {name}, cosine", cosine, _BF16["cosine"], least=True))
        if cuda:
            notes.append(f"{kernel.__name__}: {clock(kernel, chosen):.2f} ms for a line of {LINE:,} tokens and back.")
    return held


def kernels(cuda: bool) -> list[Kernel]:
    """Those that are tried in bfloat16 on such a device."""
    return [*([by_varlen] if cuda and find_varlen() is not None else []), by_flex, by_groups]


def compute(
    kernel: Kernel, paths: Paths, dtype: torch.dtype, chosen: argparse.Namespace, back: bool = True
) -> list[torch.Tensor]:
    """Output and gradients of random queries, keys and values, in float32."""
    leaves, weight = draw(sum(paths.lengths), dtype, chosen)
    answer = kernel(leaves[0], leaves[1], leaves[2], paths, leaves[0].shape[-1] ** -0.5)
    if not back:
        return [answer.detach().float()]
    answer.backward(weight)
    return [answer.detach().float(), *(leaf.grad.float() for leaf in leaves if leaf.grad is not None)]


def draw(length: int, dtype: torch.dtype, chosen: argparse.Namespace) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Queries, keys and values, and the gradient of the output: bfloat16 numbers in any type."""
    heads, shared, width = (HEADS, SHARED, WIDTH) if chosen.shape == "8b" else (4, 2, 16)
    source = torch.Generator().manual_seed(chosen.seed)
    shapes = [(length, number, width) for number in (heads, shared, shared, heads)]
    given = [torch.randn(shape, generator=source).bfloat16().to(chosen.device, dtype) for shape in shapes]
    return [one.requires_grad_() for one in given[:3]], given[3]


LINE = 16_384
"""Tokens of the line on which kernels are timed: 12 rows of one block each."""


def clock(kernel: Kernel, chosen: argparse.Namespace, times: int = 10) -> float:
    """Median milliseconds, forward and backward."""
    lengths = (*(1365,) * 11, LINE - 11 * 1365)
    starts = tuple(int(start) for start in np.cumsum((0, *lengths[:-1])))
    paths = Paths(starts, lengths, tuple((block,) for block in range(12)), chosen.device)
    leaves, weight = draw(LINE, torch.bfloat16, chosen)
    spent = []
    for _ in range(times + 3):
        settle(chosen.device)
        start = time.perf_counter()
        kernel(leaves[0], leaves[1], leaves[2], paths, leaves[0].shape[-1] ** -0.5).backward(weight)
        settle(chosen.device)
        spent.append(1000 * (time.perf_counter() - start))
    return float(np.median(spent[3:]))


def _held(kernel: Kernel, name: str, value: float, limit: float, *, least: bool) -> dict[str, Any]:
    good = value >= limit if least else value <= limit
    what = f"{kernel.__name__}, bf16 beside by_groups in fp32"
    return {"what": what, "name": name, "value": value, "limit": limit, "least": least, "good": good}
