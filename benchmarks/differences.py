"""How often the interval of a paired difference holds the truth, and how often the test by cluster is wrong.

Two models answer the same questions. Subjects and questions are hard for both; what is left is each model's own. The
stated part of what makes an answer right belongs to the subject.
"""

from statistics import NormalDist

import numpy as np

from benchmarks.coverage import SIZES, draw_sizes
from gmai.base import interval_of_sums
from gmai.evaluate.comparing import swap_clusters

PAIRS = ((0.5, 0.5), (0.9, 0.9), (0.5, 0.6), (0.85, 0.95))
CORRELATIONS = (0.0, 0.3, 0.6)
CLUSTERS = (30, 60, 200)
SHARED = 0.7
"""Part of what belongs to the subject that is hard for both models alike."""
SWAPS = 499


def _answer(accuracy: float, alike: float, hard: np.ndarray, asked: np.ndarray, own: np.ndarray, rest: np.ndarray):
    subject = np.sqrt(SHARED) * hard + np.sqrt(1 - SHARED) * own
    question = np.sqrt(0.5) * asked + np.sqrt(0.5) * rest
    return np.sqrt(alike) * subject + np.sqrt(1 - alike) * question < NormalDist().inv_cdf(accuracy)


def try_pair(clusters: int, kind: str, alike: float, pair: tuple[float, float], runs: int) -> tuple[float, float]:
    """Share of intervals that hold the true difference, and share of tests with p below 0.05."""
    seed = [clusters, SIZES.index(kind), int(alike * 100), *(int(100 * accuracy) for accuracy in pair)]
    chance, held, refused = np.random.default_rng(seed), 0, 0
    for _ in range(runs):
        sizes = draw_sizes(kind, (1, clusters), chance)[0]
        place = np.repeat(np.arange(clusters), sizes)
        hard, asked = chance.normal(size=clusters)[place], chance.normal(size=len(place))
        a, b = (
            _answer(accuracy, alike, hard, asked, chance.normal(size=clusters)[place], chance.normal(size=len(place)))
            for accuracy in pair
        )
        sums = np.bincount(place, b.astype(float) - a, clusters)
        found = interval_of_sums(np.stack([sums, sizes], axis=1), lambda all_: all_[..., 0] / all_[..., 1], (-1.0, 1.0))
        held += found.low <= pair[1] - pair[0] <= found.high
        refused += swap_clusters(sums, SWAPS) < 0.05
    return held / runs, refused / runs


def run(arguments: list[str]) -> None:
    runs = int(arguments[0]) if arguments else 1000
    print(
        f"per cent of intervals that hold the true difference / of tests with p < 0.05, {runs} pairs of models a cell"
    )
    print("| subjects | questions of each | correlation | " + " | ".join(f"{a} and {b}" for a, b in PAIRS) + " |")
    print("|---" * (3 + len(PAIRS)) + "|")
    covered, wrong = [], []
    for clusters in CLUSTERS:
        for kind in SIZES:
            for alike in CORRELATIONS if kind != "1" else (0.0,):
                row = [try_pair(clusters, kind, alike, pair, runs) for pair in PAIRS]
                covered += [held for held, _ in row]
                wrong += [refused for (_, refused), (a, b) in zip(row, PAIRS, strict=True) if a == b]
                told = " | ".join(f"{100 * held:.1f} / {100 * refused:.1f}" for held, refused in row)
                print(f"| {clusters} | {kind} | {alike} | {told} |", flush=True)
    print(
        f"intervals: {100 * min(covered):.1f} to {100 * max(covered):.1f} %, mean {100 * np.mean(covered):.1f} %, "
        f"{sum(0.93 <= held <= 0.97 for held in covered)} of {len(covered)} within 93 to 97 %; "
        f"tests of equal models: {100 * min(wrong):.1f} to {100 * max(wrong):.1f} % below 0.05, mean "
        f"{100 * np.mean(wrong):.1f} %"
    )
