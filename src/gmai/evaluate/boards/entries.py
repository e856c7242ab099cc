"""Rows of the board: scored runs and graded submissions, read and put together by the key they were scored with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gmai.base import digest, from_dict, hash_file, input_key, iter_jsonl, read_json
from gmai.bench import read_keys
from gmai.errors import ConfigError
from gmai.evaluate.grading import Graded
from gmai.evaluate.publishing import Node
from gmai.evaluate.scoring import Answer, ScoreStats, place_answers
from gmai.evaluate.submission_grading import read_graded
from gmai.types import Question, Score, record

Apart = Literal["", "best", "yes", "no"]


@record
class Entry:
    """One row of the board: who answered how, and the scores."""

    name: str
    mode: str
    blind: bool
    questions: int
    invalid: int
    ties: int
    scores: tuple[Score | Node, ...]
    refusals: int = 0
    errors: int = 0
    team: str = ""
    paper: str = ""
    key: str = ""
    """Hash of the key."""
    identity: str = ""
    """Hash of what the row depends on: the answers, the key, and the versions of the rules."""
    versions: dict[str, str] | None = None
    rounded: bool = False
    """True of a graded submission's public numbers."""
    apart: Apart = ""
    """Whether it can be told from the best row; empty where that was not asked."""
    p: float | None = None
    """p of the paired test against the best, corrected for the rows of the table."""

    @property
    def label(self) -> str:
        """What the row is called."""
        handed = (self.team or "graded") if self.rounded else ""
        words = (self.mode if self.mode != self.name else "", "blind" if self.blind else "", handed)
        extras = [word for word in words if word]
        return f"{self.name} ({', '.join(extras)})" if extras else self.name

    @property
    def whole(self) -> Score | Node | None:
        """The score over every question; None where it is not told."""
        return next((score for score in self.scores if (score.axis, score.node) == ("overall", "all")), None)


@dataclass(frozen=True)
class Row:
    """An entry with its answers one by one, where the key they were scored with is here."""

    entry: Entry
    data: str
    """What the questions are called."""
    answers: tuple[Graded, ...] = ()


def find_folders(given: Sequence[Path]) -> list[Path]:
    """Folders of scores and public parts of gradings, in or below what was given.

    Raises:
        ConfigError: a folder with neither.
    """
    found: dict[Path, None] = {}
    for path in given:
        inside = list(_find(path))
        if not inside:
            fix = "give output folders of gmai eval run, score or grade"
            raise ConfigError("nothing to tabulate", where=str(path), fix=fix)
        found.update(dict.fromkeys(inside))
    return list(found)


def _find(path: Path) -> Iterator[Path]:
    graded = (path, path / "graded.json", path / "public" / "graded.json")
    if path.name == "graded.json" or any(one.is_file() for one in graded):
        yield next(one for one in graded if one.is_file())
    elif (path / "scores.json").is_file() or (path / "run.json").is_file():
        yield path if (path / "scores.json").is_file() or not (path / "scores").is_dir() else path / "scores"
    elif path.is_dir():
        for child in sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")):
            yield from _find(child)


def read_row(path: Path, keys: "Keys") -> Row:
    """Read a folder of scores, or the public part of a grading.

    Raises:
        ConfigError: a run that has not finished or is none of scores.
        FormatError: a file that is damaged or changed.
    """
    return _read_graded(path) if path.is_file() else _read_scores(path, keys)


def find_key(path: Path) -> str:
    """Content hash of a row's folder or file."""
    return hash_file(path) if path.is_file() else input_key(path, "eval score")


class Keys:
    """Keys that rows were scored with, read once each; only those that are still what they were."""

    def __init__(self) -> None:
        self._read: dict[str, list[Question] | None] = {}

    def find(self, folder: Path, key: str) -> list[Question] | None:
        """The questions of a folder of scores; None if their file is no longer there, or another."""
        if self._read.get(key) is None:
            path = Path(read_json(folder / "run.json")["config"]["key"])
            same = path.is_file() and hash_file(path) == key
            self._read[key] = list(read_keys(path)) if same else None
        return self._read[key]


def _read_scores(folder: Path, keys: Keys) -> Row:
    input_key(folder, "eval score")
    stats = from_dict(ScoreStats, read_json(folder / "stats.json"), where=str(folder), error=ConfigError)
    scores = from_dict(tuple[Score, ...], read_json(folder / "scores.json"), where=str(folder / "scores.json"))
    questions = keys.find(folder, stats.key)
    answers = place_answers(iter_jsonl(folder / "answers.jsonl", Answer), questions) if questions else []
    known = ("name", "mode", "blind", "questions", "invalid", "ties", "refusals", "errors", "key", "versions")
    told = read_json(folder / "run.json")
    depends = {"inputs": told["inputs"], "versions": stats.versions, "answers": stats.inputs}
    entry = Entry(scores=scores, identity=digest(depends), **{name: getattr(stats, name) for name in known})
    return Row(entry, _name_data(folder, Path(told["config"]["key"])), tuple(answers))


def _name_data(folder: Path, key: Path) -> str:
    """What the questions are called: after the benchmark folder, the key made in a run's folder, or the key's file."""
    if key.parent.name == "key":
        return f"{key.resolve().parent.parent.name}_{key.stem}"
    return key.resolve().parent.name if key.stem == "key" else key.stem


def _read_graded(path: Path) -> Row:
    found = read_graded(path)
    entry = Entry(
        name=found.model,
        mode="",
        blind=False,
        questions=found.questions,
        invalid=found.invalid,
        ties=0,
        scores=found.nodes,
        team=found.team,
        paper=found.paper,
        key=found.key,
        identity=found.sha256,
        versions={"extractor": found.extractor},
        rounded=True,
    )
    return Row(entry, found.data_name)


@dataclass(frozen=True)
class Group:
    """Rows scored with one key, best first."""

    data: str
    rows: tuple[Row, ...]
    rule: str = ""
    """How it was asked whether rows differ from the best."""

    @property
    def entries(self) -> list[Entry]:
        """The rows without their answers."""
        return [row.entry for row in self.rows]


def group_rows(rows: Sequence[Row]) -> list[Group]:
    """Rows by key, each group with a name of its own.

    Raises:
        ConfigError: two rows of one name in a group.
    """
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        by_key.setdefault(row.entry.key, []).append(row)
    names = {key: min(row.data for row in group) for key, group in by_key.items()}
    found = []
    for key, group in by_key.items():
        _check_labels([row.entry.label for row in group])
        ordered = sorted(group, key=lambda row: (-_reached(row.entry), row.entry.label))
        twice = list(names.values()).count(names[key]) > 1
        found.append(Group(f"{names[key]} {key[:8]}" if twice else names[key], tuple(ordered)))
    return sorted(found, key=lambda group: group.data)


def mark(row: Row, apart: Apart, p: float | None = None) -> Row:
    """The row with what is known of its distance to the best."""
    return replace(row, entry=replace(row.entry, apart=apart, p=p))


def _reached(entry: Entry) -> float:
    return entry.whole.accuracy if entry.whole else -1.0


def _check_labels(labels: Sequence[str]) -> None:
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise ConfigError(f"two rows are called {twice!r}", where="scores", fix="give one another --name")
