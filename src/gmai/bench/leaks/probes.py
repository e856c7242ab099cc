"""Guessing without looking: how far columns, positions, order and the options themselves tell which option is right.

Each probe is a way to guess. Those that must learn are fitted on one half of the questions and tried on the other, and
back. A probe is a leak if it beats what guessing without it gives by more than chance alone does once in 30,000 times
(four standard errors, clustered by subject, or by picture where subjects are not known) and by two points of a hundred.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from gmai.base import hash_unit
from gmai.bench.folding import fold
from gmai.bench.leaks.rows import CODED_BYTES, PICTURE_BYTES, Finding, Row, Sheet, names, tell, telling

ERRORS = 4.0
LEAST_GAIN = 0.02
LEAST_ROWS = 40
"""Fewer questions than this tell nothing."""
_BINS = 16
_MODULI = range(2, 8)

Guess = Callable[[Row], int]


@dataclass(frozen=True)
class Measured:
    """What a way to guess is worth."""

    accuracy: float
    chance: float
    n: int
    beats: bool


def beats_chance(right: Sequence[bool], rows: Sequence[Row]) -> Measured:
    """Hold guesses against one in the number of options."""
    chances = [1 / len(row.options) for row in rows]
    gains = [hit - chance for hit, chance in zip(right, chances, strict=True)]
    expected, single = sum(chances), sum(p * (1 - p) for p in chances)
    spread = math.sqrt(max(single, _sum_squares(gains, rows)))
    hits, n = sum(right), len(rows)
    beats = hits - expected > max(ERRORS * spread, LEAST_GAIN * n)
    return Measured(hits / n, expected / n, n, beats)


def beats_other(right: Sequence[bool], other: Sequence[bool], rows: Sequence[Row]) -> Measured:
    """Hold guesses against other guesses at the same questions (McNemar, by cluster)."""
    gains = [a - b for a, b in zip(right, other, strict=True)]
    n = len(right)
    spread = math.sqrt(max(sum(map(abs, gains)), _sum_squares(gains, rows)))
    beats = sum(gains) > max(ERRORS * spread, LEAST_GAIN * n)
    return Measured(sum(right) / n, sum(other) / n, n, beats)


def _sum_squares(gains: Sequence[float], rows: Sequence[Row]) -> float:
    """Of each cluster's gains beyond the mean: questions of one subject are guessed rightly together."""
    mean = sum(gains) / len(gains)
    sums: dict[str | int, float] = defaultdict(float)
    for gain, row in zip(gains, rows, strict=True):
        sums[row.cluster] += gain - mean
    return sum(each**2 for each in sums.values())


def find_rules(sheet: Sheet) -> Iterator[Finding]:
    """Rules that look at the options alone."""
    rows = sheet.known()
    if len(rows) < LEAST_ROWS:
        return
    for name, guess in option_rules(rows).items():
        measured = beats_chance([guess(row) == row.right for row in rows], rows)
        if measured.beats:
            yield _finding(sheet, "options", name, f"choosing the option that is {name}", measured, rows)


def option_rules(rows: Sequence[Row]) -> Mapping[str, Guess]:
    """Ways to choose by what the options look like, and how often a text is shown in the file."""
    shown = Counter(fold(option) for row in rows for option in row.options)

    def best(key: Callable[[str], float | str], last: bool = False) -> Guess:
        pick = max if last else min
        return lambda row: pick(range(len(row.options)), key=lambda n: (key(row.options[n]), -n if last else n))

    return {
        "longest": best(len, last=True),
        "shortest": best(len),
        "of most words": best(lambda text: len(text.split()), last=True),
        "first in the alphabet": best(fold),
        "last in the alphabet": best(fold, last=True),
        "shown most often": best(lambda text: shown[fold(text)], last=True),
        "shown least often": best(lambda text: shown[fold(text)]),
    }


def find_skew(sheet: Sheet) -> Iterator[Finding]:
    """Letters that are right more often than others (chi-squared, by number of options)."""
    by_size: dict[int, list[Row]] = defaultdict(list)
    for row in sheet.known():
        by_size[len(row.options)].append(row)
    for size, rows in sorted(by_size.items()):
        counts = [sum(row.right == place for row in rows) for place in range(size)]
        expected = len(rows) / size
        statistic = sum((count - expected) ** 2 / expected for count in counts)
        if len(rows) >= LEAST_ROWS and statistic > _chi_limit(size - 1):
            detail = f"of questions with {size} options, the right ones stand at {counts}: chi² {statistic:.1f}"
            best = Measured(max(counts) / len(rows), 1 / size, len(rows), True)
            yield _finding(sheet, "positions", "position", detail, best, rows)


def _chi_limit(freedom: int) -> float:
    """About the 99.99 % point of chi-squared (Wilson and Hilferty 1931)."""
    return freedom * (1 - 2 / (9 * freedom) + 3.72 * math.sqrt(2 / (9 * freedom))) ** 3


def find_predictive(sheet: Sheet) -> Iterator[Finding]:
    """Columns, order and pictures' sizes from whose value the position or the text of the right option follows."""
    rows = sheet.known()
    if len(rows) < LEAST_ROWS:
        return
    base = cross_guess(rows, lambda row: "", by_text)
    for name, value in features(rows).items():
        place = beats_chance(cross_guess(rows, value, by_place), rows)
        if place.beats:
            detail = f"{name} tells the position of the right option"
            yield _of_picture(_finding(sheet, "predictive", name, detail, place, rows))
            continue
        text = beats_other(cross_guess(rows, value, by_text), base, rows)
        if text.beats:
            detail = f"{name} tells which of the options is right, beyond how often each is"
            yield _of_picture(_finding(sheet, "predictive", name, detail, text, rows))


def _of_picture(finding: Finding) -> Finding:
    """What pictures show may well go with how large they are: that is to be looked at, and no leak by itself."""
    shown = finding.column in (PICTURE_BYTES, CODED_BYTES, "picture size")
    return replace(finding, level="doubt") if shown else finding


def features(rows: Sequence[Row]) -> dict[str, Callable[[Row], str]]:
    """What may tell: each column, the index, the order of rows, what pictures show of themselves."""
    found: dict[str, Callable[[Row], str]] = {}
    for name in names(rows):
        values = Counter(row.columns.get(name, "") for row in rows)
        if not telling(name) and 1 < len(values) < len(rows) / 2:
            found[name] = lambda row, name=name: row.columns.get(name, "")  # type: ignore[misc]
        if len(values) > _BINS and all(value.isdecimal() for value in values):
            found[f"{name} (size)"] = _binned(rows, lambda row, name=name: int(row.columns[name]))  # type: ignore[misc]
    for modulus in _MODULI:
        found[f"index modulo {modulus}"] = lambda row, modulus=modulus: str(row.index % modulus)  # type: ignore[misc]
        found[f"row modulo {modulus}"] = lambda row, modulus=modulus: str(row.number % modulus)  # type: ignore[misc]
    found["index (size)"] = _binned(rows, lambda row: row.index)
    found["row order"] = _binned(rows, lambda row: row.number)
    found["number of options"] = lambda row: str(len(row.options))
    padded = any(row.seen.get(CODED_BYTES) != row.seen.get(PICTURE_BYTES) for row in rows)
    for name in dict.fromkeys(name for row in rows for name in row.seen if name != CODED_BYTES or padded):
        numbers = [row.seen.get(name, "") for row in rows]
        if len(set(numbers)) > _BINS and all(number.isdecimal() for number in numbers):
            found[name] = _binned(rows, lambda row, name=name: int(row.seen[name]))  # type: ignore[misc]
        elif len(set(numbers)) > 1:
            found[name] = lambda row, name=name: row.seen.get(name, "")  # type: ignore[misc]
    return found


def _binned(rows: Sequence[Row], value: Callable[[Row], int]) -> Callable[[Row], str]:
    ordered = sorted(value(row) for row in rows)
    edges = [ordered[len(ordered) * n // _BINS] for n in range(1, _BINS)]
    return lambda row: str(sum(value(row) >= edge for edge in edges))


Fit = Callable[[Sequence[Row], Callable[[Row], str]], Guess]


def cross_guess(rows: Sequence[Row], value: Callable[[Row], str], fit: Fit) -> list[bool]:
    """Whether each row is guessed rightly by what is learnt from the other half; no subject is in both halves."""
    halves: tuple[list[Row], list[Row]] = ([], [])
    for row in rows:
        halves[_toss(row.cluster, -1) < 0.5].append(row)
    right: dict[int, bool] = {}
    for mine, other in (halves, halves[::-1]):
        guess = fit(mine, value)
        right |= {row.number: guess(row) == row.right for row in other}
    return [right[row.number] for row in rows]


def by_place(rows: Sequence[Row], value: Callable[[Row], str]) -> Guess:
    """Guess the position that is right most often where the value is the same."""
    seen: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for row in rows:
        seen[value(row), len(row.options)][row.right or 0] += 1

    def guess(row: Row) -> int:
        counts = seen.get((value(row), len(row.options)), Counter())
        return min(range(len(row.options)), key=lambda place: (-counts[place], coin(row, place)))

    return guess


def by_text(rows: Sequence[Row], value: Callable[[Row], str]) -> Guess:
    """Guess the option that, where shown beside the same value, was right most often for the times it was shown."""
    right: Counter[tuple[str, str]] = Counter()
    shown: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for place, option in enumerate(row.options):
            for one in {value(row), ""}:
                shown[one, fold(option)] += 1
                right[one, fold(option)] += place == row.right

    def worth(row: Row, option: str) -> float:
        everywhere = (right["", option] + 0.5) / (shown["", option] + 0.5 * len(row.options))
        here = value(row), option
        return (right[here] + 2 * everywhere) / (shown[here] + 2)

    return lambda row: min(
        range(len(row.options)), key=lambda place: (-worth(row, fold(row.options[place])), coin(row, place))
    )


@lru_cache(maxsize=1 << 18)
def _toss(what: int | str, place: int) -> float:
    return hash_unit("coin", what, place)


def coin(row: Row, place: int) -> float:
    """A number that is drawn by hash, for ties."""
    return _toss(row.index, place)


def _finding(sheet: Sheet, check: str, column: str, detail: str, measured: Measured, rows: Sequence[Row]) -> Finding:
    said = f"{detail}: {100 * measured.accuracy:.1f} % right, {100 * measured.chance:.1f} % without"
    found = tell(sheet, check, "leak", rows, said, column)
    return replace(found, accuracy=round(measured.accuracy, 4), chance=round(measured.chance, 4))
