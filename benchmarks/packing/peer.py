"""Packers of peers as they are installed: ``PYTHON peer.py IN.npz OUT.json``. Nothing of gmai is imported here."""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np

WINDOW = 1000
"""Rows that ms-swift packs together, and that TRL's map hands to its packer."""
Packs = list[list[int]]


def trl(tokens: list[int], most: int) -> tuple[str, Packs, float]:
    """``pack_dataset(strategy="bfd")``; each row's tokens all spell its number."""
    from datasets import Dataset
    from datasets.utils.logging import disable_progress_bar
    from trl import pack_dataset

    disable_progress_bar()
    rows = Dataset.from_dict({"input_ids": [[row] * length for row, length in enumerate(tokens)]})
    start = time.process_time()
    packed = pack_dataset(rows, most, strategy="bfd", map_kwargs={"batch_size": WINDOW})
    seconds = time.process_time() - start
    packs = []
    for one in packed:
        ends = np.cumsum(one["seq_lengths"]) - 1
        packs.append([one["input_ids"][end] for end in ends])
    return f"TRL {version('trl')}, bfd", packs, seconds


def swift(tokens: list[int], most: int) -> tuple[str, Packs, float]:
    """The call of ms-swift's packing of a data set: 1,000 rows and what the last group left, by ``binpacking``."""
    import binpacking

    start = time.process_time()
    packs: Packs = []
    left: list[tuple[int, int]] = []
    for begin in range(0, len(tokens), WINDOW):
        held = [*left, *enumerate(tokens[begin : begin + WINDOW], begin)]
        groups = binpacking.to_constant_volume(held, most, weight_pos=1)
        last = begin + WINDOW >= len(tokens)
        groups, left = (groups, []) if last else (groups[:-1], groups[-1])
        packs += [[row for row, _ in group] for group in groups]
    seconds = time.process_time() - start
    return f"binpacking {version('binpacking')}, as ms-swift calls it", packs, seconds


def main() -> None:
    given = np.load(sys.argv[1])
    tokens, most = given["tokens"].tolist(), int(given["most"])
    packers: list[Callable[[list[int], int], tuple[str, Packs, float]]] = [trl, swift]
    found = [dict(zip(("name", "packs", "seconds"), packer(tokens, most), strict=True)) for packer in packers]
    with open(sys.argv[2], "w") as file:
        json.dump(found, file)


main()
