"""What a model's likelihoods say of its answers: calibration, and accuracy where it may abstain.

Confidence is the share of the chosen option among the exponentials of all options' log-likelihoods, as the run has
normalised them. Bins are ten of equal width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gmai.base import Interval, interval_of_sums, mean_interval
from gmai.bench import LETTERS
from gmai.evaluate.grading import Graded, weigh
from gmai.evaluate.scorers import Found, Scorer, cluster_sums, clusters_of, mean, share, share_interval

BINS = 10
COVERAGES = (0.5, 0.8, 0.9)
GROUPS = 100
"""Parts of the clusters that the area under the risk-coverage curve is computed without, one at a time."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence."""

    low: float
    high: float
    n: int
    confidence: float
    """Mean confidence of them."""
    accuracy: Interval


def has_confidence(answer: Graded) -> bool:
    """True of one choice among several options that all have a likelihood."""
    return len(answer.given.likelihoods) > 1 and answer.choice is not None and len(answer.choice) == 1


def shares_of_options(answer: Graded) -> np.ndarray:
    """Softmax of the options' likelihoods."""
    values = np.asarray(answer.given.likelihoods, dtype=float)
    values = np.exp(values - values.max())
    return np.asarray(values / values.sum())


def confidences(answers: Sequence[Graded]) -> np.ndarray:
    """Confidence in the option chosen, of each answer."""
    return np.array([shares_of_options(one)[LETTERS.index(one.choice or "A")] for one in answers])


def _bins_of(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.minimum((values * BINS).astype(int), BINS - 1))


def reliability(answers: Sequence[Graded], values: np.ndarray) -> list[Bin]:
    """Accuracy with its interval beside confidence, of every bin that has answers."""
    places = _bins_of(values)
    found = []
    for place in range(BINS):
        mine = np.flatnonzero(places == place).tolist()
        if len(mine):
            group = [answers[n] for n in mine]
            interval = share_interval(group, [one.right for one in group])
            found.append(Bin(place / BINS, (place + 1) / BINS, len(mine), float(values[mine].mean()), interval))
    return found


def _calibration_error(sums: np.ndarray) -> np.ndarray:
    """Expected calibration error from sums of (right less confidence) of each bin, and last the questions."""
    return np.asarray(np.abs(sums[..., :BINS]).sum(-1) / sums[..., -1])


def risk_coverage(values: np.ndarray, right: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of wrong answers among the surest 1, 2, … of all, and what each adds to the coverage.

    Of answers equally sure, each is their mean.
    """
    order = np.argsort(-values, kind="stable")
    _, place = np.unique(values[order], return_inverse=True)
    weight = weights[order]
    wrong = (1.0 - right[order].astype(float)) * weight
    level = (np.bincount(place, wrong) / np.bincount(place, weight))[place]
    return np.asarray(np.cumsum(level * weight) / np.cumsum(weight)), np.asarray(weight / weight.sum())


def _mean_risk(values: np.ndarray, right: np.ndarray, weights: np.ndarray) -> float:
    risks, steps = risk_coverage(values, right, weights)
    return float((risks * steps).sum())


def _area(answers: Sequence[Graded], values: np.ndarray) -> Interval:
    right, clusters = np.array([one.right for one in answers]), np.asarray(clusters_of(answers))
    weights, number = np.asarray(weigh(answers)), int(clusters.max()) + 1
    found = _mean_risk(values, right, weights)
    parts = min(number, GROUPS)
    if number < 2:
        return Interval(accuracy=found, low=0.0, high=1.0, clusters=1, effect=1.0)
    group = clusters % parts
    without = [_mean_risk(values[group != n], right[group != n], weights[group != n]) for n in range(parts)]
    moved = found - parts * (np.asarray(without) - found)
    spread = mean_interval(moved.tolist(), range(parts), bounds=(-np.inf, np.inf)) if np.ptp(moved) > 0 else None
    half = (spread.high - spread.low) / 2 if spread else 0.5
    low, high = max(0.0, found - half), min(1.0, found + half)
    return Interval(accuracy=found, low=low, high=high, clusters=number, effect=1.0)


def _measure(answers: Sequence[Graded]) -> Iterator[Found]:
    brier = mean_interval([_brier(one) for one in answers], clusters_of(answers), weigh(answers), (0.0, 2.0))
    yield Found("calibration.brier", len(answers), brier.accuracy, brier, "sum over options, 0 to 2")
    yield from measure_confidence(answers, confidences(answers), "")


def measure_confidence(answers: Sequence[Graded], values: np.ndarray, word: str) -> Iterator[Found]:
    """Calibration error, reliability, risk over coverage and accuracy of the surest.

    Args:
        answers: at least one.
        values: confidence in each, from 0 to 1.
        word: put before the names of the measures.
    """
    places = _bins_of(values)
    over = [float(one.right) - value for one, value in zip(answers, values, strict=True)]
    columns = [np.where(places == place, over, 0.0).tolist() for place in range(BINS)]
    error = interval_of_sums(cluster_sums(answers, columns), _calibration_error)
    note = f"{BINS} bins of equal width; of few questions it comes out too high"
    yield Found(f"{word}calibration.ece", len(answers), error.accuracy, error, note)
    yield mean(f"{word}calibration.confidence", answers, values.tolist(), "mean confidence")
    for one in reliability(answers, values):
        note = f"accuracy at a confidence of {one.low:.1f} to {one.high:.1f}, in the mean {one.confidence:.4f}"
        yield Found(f"{word}calibration.bin_{one.low:.1f}", one.n, one.accuracy.accuracy, one.accuracy, note)
    area = _area(answers, values)
    yield Found(f"{word}abstention.aurc", len(answers), area.accuracy, area, "mean risk over all coverages; 0 is best")
    ordered = np.sort(values)[::-1]
    for coverage in COVERAGES:
        least = ordered[max(1, round(coverage * len(answers))) - 1]
        kept = [one for one, value in zip(answers, values, strict=True) if value >= least]
        note = f"of the surest {len(kept) / len(answers):.1%}; the equally sure stay together"
        yield share(f"{word}abstention.accuracy_at_{coverage * 100:.0f}", kept, [one.right for one in kept], note)


def _brier(answer: Graded) -> float:
    letters = LETTERS[: len(answer.question.options)]
    truth = np.array([float(letter in answer.question.answer) for letter in letters])
    return float(((shares_of_options(answer) - truth) ** 2).sum())


SCORER = Scorer(version="2", fits=has_confidence, measure=_measure, nodes="overall")
