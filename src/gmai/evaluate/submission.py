"""Answers to hand in where the key lies elsewhere: raw replies, what was read, what they depend on, and their hash."""

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from gmai.base import (
    DAMAGED_GZIP,
    digest,
    dumps,
    from_dict,
    from_json,
    hash_file,
    input_key,
    iter_jsonl,
    read_json,
    to_dict,
    write_bytes,
)
from gmai.bench import LETTERS, PublicQuestion, QuestionTable, open_table
from gmai.errors import ConfigError, FormatError
from gmai.evaluate.parsing import EXTRACTOR
from gmai.evaluate.run import PREDICTIONS, RunStats
from gmai.types import Prediction, Question, record

FORMAT = "gmai-submission-1"
SUBMISSION = "submission.json.gz"
"""What a run writes into its folder where there is no key."""
MOST_BYTES = 1 << 30
"""Largest submission that is read, unpacked."""
_DECODING = ("blind", "circular", "max_new_tokens", "precision", "request", "runner", "seed")
"""Settings of a run that are handed in; paths and addresses stay at home."""
_LONGEST = 200


@record
class SubmitConfig:
    """How ``gmai eval submit`` writes a submission."""

    predictions: Path
    """Run folder of ``gmai eval run``."""
    out: Path
    """File to write: ``submission.json`` or ``submission.json.gz``."""
    model_name: str = ""
    """What the model is called on the board; by default as the run calls it."""
    team: str = ""
    """Who hands in."""
    paper: str = ""
    """Address of a description, http or https."""
    data: Path | None = None
    """The benchmark file that was answered; by default where the run found it."""


@record
class Submission:
    """Everything that is handed in."""

    format: str
    model: str
    team: str
    paper: str
    data: str
    """Content hash of the questions that were answered."""
    inputs: dict[str, str]
    """Content hashes of prompt, model and whatever else the answers depend on."""
    decoding: dict[str, Any]
    """Settings that can change an answer."""
    run: str
    """Key of the run."""
    extractor: str
    """Version of the rules by which ``choice`` was read."""
    questions: int
    unread: int
    """Answers from which no choice was read; those to questions without options are read when they are graded."""
    errors: int
    """Questions without a reply."""
    predictions: tuple[Prediction, ...]
    sha256: str = ""
    """Hash of all the rest."""

    def sealed(self) -> "Submission":
        """The same with its hash."""
        return replace(self, sha256=self.find_hash())

    def find_hash(self) -> str:
        """SHA-256 of everything but the hash."""
        return digest({name: value for name, value in to_dict(self).items() if name != "sha256"})


def submit(config: SubmitConfig) -> Submission:
    """Write a finished run's answers to one file, which its key holder can grade.

    Raises:
        ConfigError: the run has not finished, its questions are not here or others, or a name that cannot be shown.
        FormatError: an index twice, missing or of no question, or a choice that is none of the options.
    """
    folder = config.predictions
    input_key(folder, "eval run")
    stats = from_dict(RunStats, read_json(folder / "stats.json"), where=str(folder / "stats.json"), error=ConfigError)
    told = read_json(folder / "run.json")
    table = _open_data(config.data or Path(told["config"]["tsv"]), stats)
    predictions = tuple(iter_jsonl(folder / PREDICTIONS, Prediction))
    check_answers(predictions, {question.index: question for question in table}, str(folder))
    name = config.model_name or stats.name
    check_names(name, config.team, config.paper)
    questions, unread, errors = _count(predictions)
    made = Submission(
        format=FORMAT,
        model=name,
        team=config.team,
        paper=config.paper,
        data=stats.inputs["tsv"],
        inputs={key: value for key, value in stats.inputs.items() if key != "tsv"},
        decoding={key: told["config"][key] for key in _DECODING if key in told["config"]},
        run=told["key"],
        extractor=EXTRACTOR,
        questions=questions,
        unread=unread,
        errors=errors,
        predictions=predictions,
    ).sealed()
    data = dumps(made) + b"\n"
    write_bytes(config.out, gzip.compress(data, mtime=0) if config.out.suffix == ".gz" else data)
    return made


def write_submission(folder: Path, out: Path | None = None, **values: Any) -> Path:
    """Write the submission of a run folder, by default into it, and return the file."""
    path = out or folder / SUBMISSION
    submit(SubmitConfig(predictions=folder, out=path, **values))
    return path


def read_submission(path: Path) -> Submission:
    """Read a submission that somebody else wrote.

    Raises:
        FormatError: too large, no submission, of another format, or not as its hash says.
    """
    data = read_limited(path)
    found = from_json(Submission, data, where=str(path))
    if found.format != FORMAT:
        raise FormatError(f"format {found.format!r}", where=str(path), fix=FORMAT, reason="submission.format")
    if not is_as_hashed(found):
        what = "the submission is not as its hash says"
        raise FormatError(what, where=str(path), fix="write it again with gmai eval submit", reason="submission.hash")
    if (found.questions, found.unread, found.errors) != _count(found.predictions):
        raise FormatError("other counts than answers", where=str(path), reason="submission.counts")
    check_names(found.model, found.team, found.paper)
    return found


class Hashed(Protocol):
    """A record that holds the hash of all the rest."""

    @property
    def sha256(self) -> str:
        """The hash it holds."""

    def find_hash(self) -> str:
        """The hash it should hold."""


def is_as_hashed(found: Hashed) -> bool:
    """True if a record is as its hash says; numbers and texts that no JSON can hold have none."""
    try:
        return found.sha256 == found.find_hash()
    except TypeError:
        return False


def _count(predictions: Sequence[Prediction]) -> tuple[int, int, int]:
    """Questions, answers without a choice, and questions without a reply."""
    given = [prediction for prediction in predictions if not prediction.rotation]
    return len(given), sum(one.choice is None for one in given), sum(bool(one.error) for one in given)


def read_limited(path: Path) -> bytes:
    """A file's bytes, unpacked if it is gzip, never more than :data:`MOST_BYTES`."""
    try:
        with path.open("rb") as source:
            packed = source.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as source:
            data: bytes = source.read(MOST_BYTES + 1)
    except DAMAGED_GZIP as error:
        raise FormatError(f"cannot be read: {error}", where=str(path), reason="submission.damaged") from None
    if len(data) > MOST_BYTES:
        what = f"more than {MOST_BYTES} bytes"
        raise FormatError(what, where=str(path), reason="submission.large")
    return data


def check_answers(
    predictions: Sequence[Prediction], questions: Mapping[int, PublicQuestion | Question], where: str
) -> None:
    """Check that every question is answered once (in every rotation, if any), and by what it offers.

    Raises:
        FormatError: it is not so, with the index.
    """
    given: dict[int, list[Prediction]] = {}
    for prediction in predictions:
        given.setdefault(prediction.index, []).append(prediction)
    _refuse("without an answer", set(questions) - set(given), where, "submission.missing")
    _refuse("answered that are no questions", set(given) - set(questions), where, "submission.extra")
    for index, answers in given.items():
        place = f"{where}, index {index}"
        turns = Counter(answer.rotation for answer in answers)
        if max(turns.values()) > 1:
            raise FormatError("answered twice", where=place, reason="submission.twice")
        options = len(questions[index].options)
        if sorted(turns) not in ([0], list(range(max(1, options)))):
            raise FormatError("rotations are missing or unknown", where=place, reason="submission.rotation")
        for answer in answers:
            _check_choice(answer.choice, questions[index], place)


def _check_choice(choice: str | None, question: PublicQuestion | Question, where: str) -> None:
    if choice is None or not question.options:
        return
    letters = LETTERS[: len(question.options)]
    fits = len(choice) == 1 or question.form == "multiple"
    if not choice or not fits or list(choice) != sorted(set(choice)) or not set(choice) <= set(letters):
        what = f"choice {choice!r} of a question with {len(letters)} options"
        raise FormatError(what, where=where, fix="letters in order, or null", reason="submission.choice")


def _refuse(what: str, indices: Iterable[int], where: str, reason: str) -> None:
    found = sorted(indices)
    if found:
        shown = ", ".join(map(str, found[:5])) + (" …" if len(found) > 5 else "")
        raise FormatError(f"{len(found)} {what}", where=f"{where}, index {shown}", reason=reason)


def check_names(model: str, team: str, paper: str) -> None:
    """Check what will be shown to people.

    Raises:
        ConfigError: no model, a name that is too long or has control characters, an address of another kind.
    """
    if not model.strip():
        raise ConfigError("the model has no name", where="--model-name")
    for where, text in (("--model-name", model), ("--team", team), ("--paper", paper)):
        if len(text) > _LONGEST or not text.isprintable():
            raise ConfigError(f"longer than {_LONGEST} characters, or not printable", where=where)
    if paper and not re.fullmatch(r"https?://[^\s<>\"']+", paper):
        raise ConfigError(f"{paper!r} is no address", where="--paper", fix="give http:// or https://")


def _open_data(path: Path, stats: RunStats) -> QuestionTable:
    if not path.is_file():
        raise ConfigError("the questions are not here", where=str(path), fix="give the benchmark file: --data TSV")
    table = open_table(path)
    if stats.inputs.get("tsv") not in (table.key, hash_file(path)):
        fix = "give the benchmark file that was answered: --data TSV"
        raise ConfigError("other questions than were answered", where=str(path), fix=fix)
    return table
