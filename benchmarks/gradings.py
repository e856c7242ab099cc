"""How much of a secret key is read off by handing in again and again: random answers, weighed by what was told of each.

The attacker knows nothing, hands in random answers, and takes for every question the option whose gradings were best
(the boosting attack of Blum and Hardt, 2015). What it reaches in the end is compared with guessing, once with exact
scores and once with those that ``gmai eval grade`` makes public.
"""

import numpy as np

from gmai.evaluate.publishing import find_step

OPTIONS = 4
QUESTIONS = (100, 300, 1000, 4550, 21281)
GRADINGS = (20, 100, 1000)
ANSWERS = 60_000_000
"""Answers drawn for one line at most; fewer repeats for large keys."""


def attack(questions: int, gradings: int, chance: np.random.Generator) -> tuple[float, float]:
    """Accuracy reached with exact and with public scores."""
    key = chance.integers(0, OPTIONS, questions)
    given = chance.integers(0, OPTIONS, (gradings, questions))
    exact = (given == key).mean(axis=1)
    step = find_step(questions)
    tie = chance.random((questions, OPTIONS)) * 1e-9
    return _vote(given, exact, tie, key), _vote(given, np.round(exact / step) * step, tie, key)


def _vote(given: np.ndarray, told: np.ndarray, tie: np.ndarray, key: np.ndarray) -> float:
    votes = tie.copy()
    for answers, weight in zip(given, told - np.median(told), strict=True):
        votes[np.arange(len(key)), answers] += weight
    return float((votes.argmax(axis=1) == key).mean())


def run(arguments: list[str]) -> None:
    """Print a line for each size of a key and number of gradings; argument: repeats (60)."""
    repeats = int(arguments[0]) if arguments else 60
    print("| questions | step | gradings | exact scores | public scores | repeats |\n|---|---|---|---|---|---|")
    for questions in QUESTIONS:
        for gradings in GRADINGS:
            chance = np.random.default_rng(0)
            number = max(3, min(repeats, ANSWERS // (questions * gradings)))
            reached = np.mean([attack(questions, gradings, chance) for _ in range(number)], axis=0)
            shown = " | ".join(f"{100 * share:.1f} %" for share in reached)
            step = f"{100 * find_step(questions):.0f} %"
            print(f"| {questions:,} | {step} | {gradings:,} | {shown} | {number} |", flush=True)
