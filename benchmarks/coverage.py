"""How often the 95 % interval of an accuracy holds the truth, in simulated models of known accuracy.

Two ways in which answers about one subject go together: ``beta``, each subject has an accuracy of its own (beta
distributed); ``copied``, a subject has one answer, and each question takes it or one of its own. Both have the stated
correlation within subjects.

A share of 2,000 has a standard error of 0.5 points: cells that seem to lie outside 93 to 97 % are simulated again,
20,000 times with another seed.
"""

import math

import numpy as np

from gmai.base.intervals import shares_of

ACCURACIES = (0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9)
CORRELATIONS = (0.0, 0.1, 0.3, 0.6)
SIZES = ("1", "5", "20", "1 to 10", "skewed")
CLUSTERS = (10, 20, 30, 60, 200)
AGAIN = 20_000


def draw_sizes(kind: str, shape: tuple[int, int], chance: np.random.Generator) -> np.ndarray:
    """Questions of each subject; ``skewed`` is log-normal, median 3, mean about 4.5, at most 100."""
    if kind == "skewed":
        return np.minimum(100, 1 + np.floor(chance.lognormal(0.8, 1.0, shape))).astype(int)
    if kind == "1 to 10":
        return chance.integers(1, 11, shape)
    return np.full(shape, int(kind))


def draw_hits(model: str, sizes: np.ndarray, accuracy: float, alike: float, chance: np.random.Generator) -> np.ndarray:
    """Right answers of each subject."""
    if not alike:
        return chance.binomial(sizes, accuracy)
    if model == "beta":
        spread = (1 - alike) / alike
        return chance.binomial(sizes, chance.beta(accuracy * spread, (1 - accuracy) * spread, sizes.shape))
    copied = chance.binomial(sizes, math.sqrt(alike))
    return copied * (chance.random(sizes.shape) < accuracy) + chance.binomial(sizes - copied, accuracy)


def cover(model: str, clusters: int, kind: str, alike: float, accuracy: float, runs: int, *seed: int) -> float:
    """Share of simulated models whose true accuracy is in the interval."""
    cell = [clusters, int(accuracy * 100), int(alike * 100), SIZES.index(kind), len(model)]
    chance = np.random.default_rng([*cell, *seed])
    sizes = draw_sizes(kind, (runs, clusters), chance)
    hits = draw_hits(model, sizes, accuracy, alike, chance)
    _, low, high, _ = shares_of(hits.astype(float), sizes.astype(float))
    return float(np.mean((low <= accuracy + 1e-12) & (accuracy - 1e-12 <= high)))


def cells(clusters: tuple[int, ...] = CLUSTERS) -> list[tuple[str, int, str, float]]:
    """Every setting there is: model, subjects, sizes, correlation; single questions are correlated with nothing."""
    found = []
    for model in ("beta", "copied"):
        for number in clusters:
            for kind in SIZES:
                for alike in CORRELATIONS:
                    if alike == 0 and model == "copied" or alike and kind == "1":
                        continue
                    found.append((model, number, kind, alike))
    return found


def is_outside(share: float) -> bool:
    return not 0.93 <= share <= 0.97


def tell(found: list[float]) -> str:
    over = sum(value > 0.97 for value in found)
    under = sum(value < 0.93 for value in found)
    inside = len(found) - over - under
    ends = f"{100 * min(found):.1f} | {100 * max(found):.1f} | {100 * np.mean(found):.1f}"
    return f"{ends} | {inside} of {len(found)} | {over} | {under} |"


def run(arguments: list[str]) -> None:
    runs = int(arguments[0]) if arguments else 2000
    print(f"coverage in percent, {runs} simulated models a cell, accuracies {', '.join(map(str, ACCURACIES))}")
    print("| subjects | questions of each | correlation | answers | " + " | ".join(map(str, ACCURACIES)) + " |")
    print("|---" * (4 + len(ACCURACIES)) + "|")
    once: dict[int, list[float]] = {number: [] for number in CLUSTERS}
    checked: dict[int, list[float]] = {number: [] for number in CLUSTERS}
    again = []
    for setting in cells():
        model, number, kind, alike = setting
        row = [cover(*setting, accuracy, runs) for accuracy in ACCURACIES]
        told = " | ".join(f"{100 * value:.1f}" for value in row)
        print(f"| {number} | {kind} | {alike} | {model if alike else 'independent'} | {told} |")
        for accuracy, value in zip(ACCURACIES, row, strict=True):
            once[number].append(value)
            if is_outside(value):
                value = cover(*setting, accuracy, AGAIN, 1)
                again.append((value, setting, accuracy))
            checked[number].append(value)
    print(
        "\n| subjects | lowest cell | highest cell | mean | cells within 93 to 97 | above | below |\n"
        + "|---" * 7
        + "|"
    )
    for number in CLUSTERS:
        print(f"| {number} | {tell(once[number])}")
        print(f"| {number}, checked again | {tell(checked[number])}")
    print(f"\nstill outside after {AGAIN} models:")
    for value, (model, number, kind, alike), accuracy in sorted(again):
        if is_outside(value) and number >= 30:
            print(f"{100 * value:.2f} %: {number} subjects of {kind}, {model} {alike}, accuracy {accuracy}")
