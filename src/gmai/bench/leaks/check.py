"""``gmai bench check``: every check of one or more benchmark files, and whether any of them is a leak."""

from collections.abc import Sequence
from pathlib import Path

from gmai.bench.leaks.columns import find_options_in_columns, find_told, take_answers
from gmai.bench.leaks.pictures import Seen, corpus_pictures, find_twins, look_at_pictures
from gmai.bench.leaks.probes import LEAST_ROWS, find_predictive, find_rules, find_skew
from gmai.bench.leaks.rows import Finding, Sheet, read_sheet
from gmai.bench.leaks.wordings import find_bad_options, find_doubles, find_missing
from gmai.bench.splits import Split, find_splits
from gmai.errors import FormatError
from gmai.types import record

_ORDER = {"leak": 0, "doubt": 1, "note": 2}


@record
class CheckConfig:
    """What ``gmai bench check`` looks at."""

    files: tuple[Path, ...]
    """TSV files, saved cuts or benchmark folders."""
    against: tuple[Path, ...] = ()
    """Files or folders of the same kind, or corpora, that must not share pictures with them."""
    key: Path | None = None
    """Key file of a single TSV, so that what predicts the answers can be found."""
    pictures: bool = True
    """Read the pictures too."""


@record
class CheckReport:
    """What was found."""

    files: dict[str, int]
    """Number of questions of each file."""
    answers: dict[str, str]
    """Where the answers of each file are known from; empty: they are not, and what predicts them was not looked for."""
    findings: tuple[Finding, ...]

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """The findings that are leaks."""
        return tuple(finding for finding in self.findings if finding.level == "leak")


def check_files(config: CheckConfig) -> CheckReport:
    """Look for everything that tells answers.

    Raises:
        ConfigError: a file that is not there, or several with one key.
        FormatError: a file to hold them against that is damaged.
    """
    findings: list[Finding] = []
    sheets: list[tuple[Sheet, Seen | None]] = []
    for split in (split for path in config.files for split in find_splits(path, config.key)):
        try:
            sheet = read_sheet(split)
        except FormatError as error:
            findings.append(Finding(check="unreadable", level="leak", detail=str(error), file=split.name))
            continue
        seen = look_at_pictures(split, sheet) if config.pictures else None
        findings += _check_sheet(sheet, seen)
        sheets.append((sheet, seen))
    if config.pictures:
        findings += _check_between(sheets, config.against)
    return CheckReport(
        files={sheet.name: len(sheet.rows) for sheet, _ in sheets},
        answers={sheet.name: sheet.source for sheet, _ in sheets},
        findings=tuple(sorted(findings, key=lambda f: (_ORDER[f.level], f.file, f.check, f.column))),
    )


def _check_sheet(sheet: Sheet, seen: Seen | None) -> list[Finding]:
    found = list(find_told(sheet))
    found += find_options_in_columns(sheet)
    take_answers(sheet)
    found += [*find_skew(sheet), *find_rules(sheet), *find_predictive(sheet)]
    found += [*find_bad_options(sheet), *find_missing(sheet)]
    if seen is not None:
        found += [*seen.findings, *find_doubles(sheet, seen.exact)]
    if len(sheet.known()) < LEAST_ROWS:
        detail = f"{len(sheet.known())} answers are known: nothing that predicts them could be looked for"
        found.append(Finding(check="predictive", level="note", detail=detail, file=sheet.name, of=len(sheet.rows)))
    return found


def _check_between(sheets: Sequence[tuple[Sheet, Seen | None]], against: Sequence[Path]) -> list[Finding]:
    """Every file against those after it, and against what is given to hold it against."""
    others = [(path.name, _seen_of(path)) for path in against]
    found: list[Finding] = []
    for number, (sheet, seen) in enumerate(sheets):
        if seen is None:
            continue
        later = [(other.name, its) for other, its in sheets[number + 1 :] if its is not None]
        for name, its in [*later, *others]:
            found += find_twins(sheet, seen, its, name)
    return found


def _seen_of(path: Path) -> Seen:
    if (path / "samples").is_dir():
        return corpus_pictures(path)
    exact: dict[int, str] = {}
    looks: dict[int, int] = {}
    for split in find_splits(path):
        seen = _look(split)
        start = len(exact)
        exact |= {start + n: value for n, value in enumerate(seen.exact.values())}
        looks |= {start + n: value for n, value in enumerate(seen.looks.values())}
    return Seen(exact, looks, ())


def _look(split: Split) -> Seen:
    return look_at_pictures(split, read_sheet(split))
