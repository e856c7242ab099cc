"""Two scored runs on the same questions: the paired difference of every node, its interval, and whether it is chance.

Two runs are compared question by question, which tells more than two intervals side by side. The interval is of the
mean difference, robust to clusters (jackknife, Student's t); ``p`` is of a permutation test that swaps the two runs
for whole clusters, so it needs no assumption on how questions about one subject go together. McNemar's test stands
beside for readers who know it; it takes questions as independent, and is too sure where they are not. Many nodes are
many tests: ``holm`` is ``p`` corrected for all of them (Holm 1979), whatever they have in common.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gmai.base import (
    from_dict,
    hash_file,
    input_key,
    iter_jsonl,
    mean_interval,
    open_run,
    output_files,
    read_json,
    to_dict,
    write_json,
    write_text,
)
from gmai.bench import read_keys
from gmai.errors import ConfigError, ScoreError
from gmai.evaluate.clusters import FEW
from gmai.evaluate.grading import Graded, weigh
from gmai.evaluate.nodes import ALL, find_nodes
from gmai.evaluate.scorers import clusters_of
from gmai.evaluate.scoring import Answer, ScoreStats, place_answers
from gmai.types import Question, record

LEVEL = 0.05
EXACT = 14
"""Clusters that differ up to which every way of swapping is gone through."""
_SEED = 20_240_601


@record
class CompareConfig:
    """How ``gmai eval compare`` compares."""

    a: Path
    """Run folder of ``gmai eval score``."""
    b: Path
    """Another, of the same questions."""
    out: Path
    """Run folder to write."""
    key: Path | None = None
    """Key file of both; by default the one the first was scored with."""
    swaps: int = 9_999
    """Random ways of swapping clusters, where there are too many to go through all."""
    resume: bool = True
    """Reuse a finished run; False empties the output folder first."""


@record
class Difference:
    """Accuracy of two runs on one node, and their difference, B less A."""

    axis: str
    node: str
    n: int
    clusters: int
    a: float
    b: float
    difference: float
    low: float
    high: float
    only_a: int
    """Questions that A alone answered rightly."""
    only_b: int
    mcnemar: float
    """p of McNemar's test: exact below 25 questions that differ, else with continuity correction."""
    p: float
    """p of the permutation test by cluster."""
    holm: float
    """``p`` corrected for all nodes tested; of the whole, which is asked first, ``p`` itself."""
    few: bool
    """True with fewer than 30 clusters."""


@record
class Comparison:
    """What two runs differ in: ``comparison.json``."""

    a: str
    b: str
    key: str
    """Content hash of the key of both."""
    nodes: tuple[Difference, ...]
    tested: int
    """Nodes beside the whole that were tested; nodes with the same questions are one."""
    below: int
    """How many of them have p below 0.05."""
    by_chance: float
    """How many would have if the runs did not differ at all."""
    corrected: int
    """How many have a corrected p below 0.05."""


@dataclass(frozen=True, slots=True)
class _Pair:
    a: Graded
    b: Graded


def compare(config: CompareConfig) -> Comparison:
    """Compare two runs into ``comparison.json`` and ``comparison.html``.

    Raises:
        ConfigError: a folder that is no finished scoring, or a key that is not there.
        ScoreError: runs of other questions, or scored by other rules.
    """
    stats = [_read_stats(folder) for folder in (config.a, config.b)]
    _check_alike(*stats)
    path = config.key or _find_key(config.a)
    inputs = {name: input_key(folder, "eval score") for name, folder in (("a", config.a), ("b", config.b))}
    inputs["key"] = hash_file(path)
    if inputs["key"] != stats[0].key:
        raise ScoreError("this is not the key the runs were scored with", where=str(path), fix="give it with --key")
    run = open_run(config.out, "eval compare", config, inputs, resume=config.resume, same={"swaps": config.swaps})
    if run.done:
        return from_dict(Comparison, read_json(run.path / "comparison.json"))
    keys = list(read_keys(path))
    first, second = (
        place_answers(iter_jsonl(folder / "answers.jsonl", Answer), keys) for folder in (config.a, config.b)
    )
    same = stats[0].name == stats[1].name
    names = [folder.as_posix() if same else one.name for folder, one in zip((config.a, config.b), stats, strict=True)]
    result = compare_answers(first, second, keys, config.swaps)
    result = replace(result, a=names[0], b=names[1], key=inputs["key"])
    write_json(run.path / "comparison.json", result)
    from gmai.evaluate.comparing_page import comparison_page

    write_text(run.path / "comparison.html", comparison_page(result))
    run.finish({"a": result.a, "b": result.b, **to_dict(result.nodes[0])}, output_files(run))
    return result


def compare_answers(
    first: Sequence[Graded], second: Sequence[Graded], keys: Sequence[Question], swaps: int = 9_999
) -> Comparison:
    """Compare graded answers to the same questions, node by node."""
    other = {answer.question.index: answer for answer in second}
    found, sets = [], []
    for (axis, node), group in find_nodes(first).items():
        pairs = [_Pair(answer, other[answer.question.index]) for answer in group]
        found.append(_difference(axis, node, pairs, swaps))
        sets.append(frozenset(answer.question.index for answer in group))
    tested = {questions: one.p for questions, one in zip(sets, found, strict=True) if questions != sets[0]}
    corrected = dict(zip(tested, correct(list(tested.values())), strict=True))
    nodes = [replace(one, holm=corrected.get(mine, one.p)) for one, mine in zip(found, sets, strict=True)]
    return Comparison(
        a="a",
        b="b",
        key="",
        nodes=tuple(nodes),
        tested=len(tested),
        below=sum(p < LEVEL for p in tested.values()),
        by_chance=round(LEVEL * len(tested), 2),
        corrected=sum(p < LEVEL for p in corrected.values()),
    )


def _difference(axis: str, node: str, pairs: Sequence[_Pair], swaps: int) -> Difference:
    mine = [pair.a for pair in pairs]
    weights, clusters = weigh(mine), clusters_of(mine)
    differences = [float(pair.b.right) - float(pair.a.right) for pair in pairs]
    interval = mean_interval(differences, clusters, weights, (-1.0, 1.0))
    sums = np.bincount(clusters, np.asarray(differences) * np.asarray(weights))
    only_a, only_b = differences.count(-1.0), differences.count(1.0)
    total = sum(weights)
    p = round(swap_clusters(sums, swaps), 6)
    return Difference(
        axis=axis,
        node=node,
        n=len(pairs),
        clusters=interval.clusters,
        a=round(sum(w for w, pair in zip(weights, pairs, strict=True) if pair.a.right) / total, 6),
        b=round(sum(w for w, pair in zip(weights, pairs, strict=True) if pair.b.right) / total, 6),
        difference=round(interval.accuracy, 6),
        low=round(interval.low, 6),
        high=round(interval.high, 6),
        only_a=only_a,
        only_b=only_b,
        mcnemar=round(mcnemar(only_a, only_b), 6),
        p=p,
        holm=p,
        few=interval.clusters < FEW,
    )


def mcnemar(only_a: int, only_b: int) -> float:
    """Two-sided p of McNemar's test: exact (binomial) below 25 differences, else chi squared, continuity corrected."""
    total, least = only_a + only_b, min(only_a, only_b)
    if total < 25:
        return min(1.0, 2 * sum(math.comb(total, hits) for hits in range(least + 1)) / (1 << total))
    return math.erfc(math.sqrt(max(0.0, abs(only_a - only_b) - 1) ** 2 / total / 2))


def swap_clusters(sums: np.ndarray, swaps: int) -> float:
    """Two-sided p of the sum of differences, when each cluster's sign could as well be the other.

    Args:
        sums: sum of differences of each cluster.
        swaps: random ways of swapping; up to 14 clusters that differ, all ways are gone through.
    """
    moved = sums[sums != 0]
    reached = abs(float(moved.sum())) - 1e-9
    if not len(moved):
        return 1.0
    if len(moved) <= EXACT:
        signs = 1 - 2 * ((np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1)
        return float(np.mean(np.abs(signs @ moved) >= reached))
    chance, extreme = np.random.default_rng(_SEED), 0
    for start in range(0, swaps, 1000):
        signs = 1 - 2 * chance.integers(0, 2, (min(1000, swaps - start), len(moved)))
        extreme += int(np.count_nonzero(np.abs(signs @ moved) >= reached))
    return (extreme + 1) / (swaps + 1)


def correct(values: Sequence[float]) -> list[float]:
    """Holm's correction of p values."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    found, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        found[place] = round(highest, 6)
    return found


def format_p(value: float) -> str:
    """A p value with four digits."""
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def iter_comparison_lines(found: Comparison) -> Iterator[str]:
    """Lines for people: the whole, the nodes that differ after correction, and how many would by chance."""
    clear = [one for one in found.nodes if (one.axis, one.node) == ("overall", ALL) or one.holm < LEVEL]
    for one in clear:
        told = f"{one.a:.3f} → {one.b:.3f}, {one.difference:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
        yield f"{one.axis}: {one.node}  {told}, p {format_p(one.holm)}, n {one.n}"
    yield (
        f"{found.corrected} of {found.tested} nodes differ after correction; {found.below} have p < 0.05 without, "
        f"{found.by_chance:g} would by chance"
    )


def _read_stats(folder: Path) -> ScoreStats:
    input_key(folder, "eval score")
    return from_dict(ScoreStats, read_json(folder / "stats.json"), where=str(folder), error=ConfigError)


def _check_alike(a: ScoreStats, b: ScoreStats) -> None:
    if a.key != b.key:
        raise ScoreError("the runs were scored with different keys", fix="compare runs of the same questions")
    for name in sorted({*a.versions, *b.versions}):
        one, other = a.versions.get(name, "none"), b.versions.get(name, "none")
        if one != other:
            what = f"the runs were scored by different rules: {name} {one} and {other}"
            raise ScoreError(what, fix="score both again with the same gmai and the same --rules")


def _find_key(folder: Path) -> Path:
    path = Path(read_json(folder / "run.json")["config"]["key"])
    if not path.is_file():
        raise ConfigError("the key is no longer there", where=str(path), fix="give it with --key")
    return path
