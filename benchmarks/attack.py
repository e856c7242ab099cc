"""What an attacker who never looks at a picture gets out of a benchmark, channel by channel, as Markdown.

``python -m benchmarks attack BENCH [CORPUS [GROWTH]]`` seals the TEST split of a benchmark folder with fresh salts, its
pictures padded to at most GROWTH times their bytes, and tries every channel with the open VAL split and, where it is
given, the training part of the corpus.
"""

import json
import tempfile
import time
from pathlib import Path

from gmai.bench import SealConfig, seal_bench
from gmai.bench.leaks.attack import attack, guess_salts

GUESSES = 1_000_000


def run(arguments: list[str]) -> None:
    bench = Path(arguments[0])
    corpus = Path(arguments[1]) if len(arguments) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        sealed = Path(folder) / "sealed"
        growth = {"largest_growth": float(arguments[2])} if len(arguments) > 2 else {}
        seal_bench(SealConfig(bench=bench, out=sealed, **growth))
        sizes = json.loads((sealed / "stats.json").read_text())["sizes"]["TEST"]
        channels = attack(sealed / "public/TEST.tsv", sealed / "key/TEST.jsonl", bench / "public/VAL.tsv", corpus)
        leaves = json.loads((sealed / "public/TEST.commitment.json").read_text())["leaves"]
        start = time.monotonic()
        tried, hits = guess_salts(leaves, GUESSES)
        seconds = time.monotonic() - start
    print(f"pictures padded to {len(sizes['areas'])} sizes, {sizes['growth']:.2f} times as large together\n")
    print("| channel | rests on | questions | right | 95 % interval | chance | better |\n|---|---|---|---|---|---|---|")
    for c in sorted(channels, key=lambda c: c.chance - c.accuracy):
        shown = f"{c.accuracy:.3f} | {c.low:.3f}–{c.high:.3f} | {c.chance:.3f}" if c.n else "– | – | –"
        print(f"| {c.name} | {c.basis} | {c.n} | {shown} | {'yes' if c.beats else 'no'} |")
    print(f"\n{tried:,} commitments of guessed salts, {tried / seconds:,.0f} a second: {hits} hits.")
    print("A salt has 256 bits: to try all of them at this rate takes more than 10^60 times the age of the universe.")
