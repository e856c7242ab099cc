"""Do two people who judged the same sheet agree? Cohen's kappa with its interval, overall and by task."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from gmai.curate.review import VERDICTS
from gmai.errors import FormatError
from gmai.types import record

DRAWS = 2000


@record
class Agreement:
    """How far two people agree on some conversations."""

    of: str
    """``all``, or a task."""
    n: int
    """Conversations that both judged."""
    agreed: float
    """Share with the same verdict."""
    kappa: float | None
    """Cohen's kappa: agreement beyond chance; None where both gave one and the same verdict throughout."""
    low: float | None
    """Lower end of kappa's 95 % interval (percentiles of 2,000 bootstrap draws, seeded)."""
    high: float | None
    verdicts: dict[str, dict[str, int]]
    """Verdict of the first person to that of the second to count."""

    def line(self) -> str:
        """One line for people."""
        if self.kappa is None:
            kappa = "kappa undefined: both gave one verdict throughout"
        else:
            ends = "" if self.low is None else f" [{self.low:.2f}, {self.high:.2f}]"
            kappa = f"kappa {self.kappa:.2f}{ends}"
        return f"{self.of}: n {self.n}, agreed {self.agreed:.1%}, {kappa}"


@record
class AgreementReport:
    """The whole comparison."""

    groups: tuple[Agreement, ...]
    only_first: int
    """Conversations only the first person judged."""
    only_second: int
    disputed: tuple[str, ...]
    """Ids on which the two differ, in the sheet's order."""


def compare_reviews(first: Path, second: Path) -> AgreementReport:
    """Compare two filled-in sheets, row by row by the conversation's id.

    Raises:
        FormatError: a column is missing, a verdict is not known, an id is there twice, or nothing was judged by both.
    """
    mine, theirs = _read(first), _read(second)
    both = [name for name in mine if name in theirs]
    if not both:
        raise FormatError("no conversation was judged by both", where=f"{first}, {second}", reason="review.empty")
    tasks = sorted({mine[name][1] for name in both})
    groups = {"all": both, **{task: [name for name in both if mine[name][1] == task] for task in tasks}}
    return AgreementReport(
        groups=tuple(_agree(of, [(mine[name][0], theirs[name][0]) for name in names]) for of, names in groups.items()),
        only_first=len(mine) - len(both),
        only_second=len(theirs) - len(both),
        disputed=tuple(name for name in both if mine[name][0] != theirs[name][0]),
    )


def find_kappa(table: np.ndarray) -> float | None:
    """Cohen's kappa of a square table of counts; None where chance alone would agree always."""
    total = table.sum()
    agreed = np.trace(table) / total
    chance = float(table.sum(axis=0) @ table.sum(axis=1)) / total**2
    return None if chance >= 1 else float((agreed - chance) / (1 - chance))


def _agree(of: str, pairs: Sequence[tuple[str, str]]) -> Agreement:
    codes = np.array([VERDICTS.index(one) * len(VERDICTS) + VERDICTS.index(other) for one, other in pairs])
    table = _tabulate(codes)
    kappa = find_kappa(table)
    low, high = _interval(codes) if kappa is not None and len(pairs) > 1 else (None, None)
    counts = Counter(pairs)
    verdicts = {one: {other: counts[one, other] for other in VERDICTS} for one in VERDICTS}
    agreed = float(np.trace(table) / len(pairs))
    return Agreement(of=of, n=len(pairs), agreed=agreed, kappa=kappa, low=low, high=high, verdicts=verdicts)


def _interval(codes: np.ndarray) -> tuple[float | None, float | None]:
    """Percentiles over draws with replacement; draws without a kappa are left out, as long as they are few."""
    draw = np.random.Generator(np.random.PCG64(0))
    found = [find_kappa(_tabulate(draw.choice(codes, len(codes)))) for _ in range(DRAWS)]
    known = [kappa for kappa in found if kappa is not None]
    if len(known) < 0.95 * DRAWS:
        return None, None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _tabulate(codes: np.ndarray) -> np.ndarray:
    side = len(VERDICTS)
    return np.bincount(codes, minlength=side * side).reshape(side, side)


def _read(path: Path) -> dict[str, tuple[str, str]]:
    """Id to verdict and task, of the rows that were judged."""
    found: dict[str, tuple[str, str]] = {}
    for number, row in _rows(path):
        where = f"{path}:{number}"
        verdict = (row["verdict"] or "").strip().casefold()
        if not verdict:
            continue
        if verdict not in VERDICTS:
            fix = f"write {', '.join(VERDICTS)}, or leave it empty"
            raise FormatError(f"verdict {verdict!r} is not known", where=where, fix=fix, reason="review.verdict")
        if row["id"] in found:
            raise FormatError(f"{row['id']!r} is there twice", where=where, reason="review.twice")
        found[row["id"]] = (verdict, row.get("task") or "")
    return found


def _rows(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        fix = "save the sheet as CSV in UTF-8"
        raise FormatError(f"not UTF-8: {error}", where=str(path), fix=fix, reason="review.encoding") from None
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
    if missing := {"id", "verdict"} - set(reader.fieldnames or ()):
        fix = "give the review.csv of gmai corpus review-sheet, filled in"
        raise FormatError(f"no column {', '.join(sorted(missing))}", where=str(path), fix=fix, reason="review.columns")
    return [(reader.line_num, row) for row in reader]
