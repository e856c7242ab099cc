"""Grading what was handed in: checked against the key, read again, scored, counted; what is public keeps the key."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import PositiveInt

from gmai.base import (
    digest,
    from_dict,
    hash_file,
    loads,
    open_run,
    output_files,
    read_json,
    to_dict,
    write_json,
    write_jsonl,
)
from gmai.bench import read_keys, verify_key
from gmai.errors import ConfigError, FormatError
from gmai.evaluate.config import ScoreConfig
from gmai.evaluate.data_names import find_unkeyed
from gmai.evaluate.grading import chance_of
from gmai.evaluate.ledger import Line, Tally, enter
from gmai.evaluate.parsing import EXTRACTOR, extract_choice
from gmai.evaluate.publishing import Node, publish, tell_bits
from gmai.evaluate.reading import IN_WORDS
from gmai.evaluate.rotations import rotate, turn_back
from gmai.evaluate.run import PREDICTIONS
from gmai.evaluate.runners.replay_files import read_replies
from gmai.evaluate.scoring import ScoreStats, score
from gmai.evaluate.submission import (
    FORMAT,
    Submission,
    check_answers,
    check_names,
    is_as_hashed,
    read_limited,
    read_submission,
)
from gmai.types import Prediction, Question, Score, record

STAGE = "eval grade"
PUBLIC = "gmai-graded-1"
_ENDING = ".commitment.json"


@record
class GradeConfig:
    """How ``gmai eval grade`` grades."""

    submission: Path
    """What was handed in: ``submission.json(.gz)``, or answers of VLMEvalKit (XLSX, TSV, CSV, JSON)."""
    key: Path
    """Key file of the benchmark."""
    out: Path
    """Run folder to write; ``public`` in it may be shown."""
    sealed: Path | None = None
    """Folder of the sealed file and its commitment; by default the folder ``public`` beside that of the key."""
    least: PositiveInt = 100
    """Questions that a node must have to be told in public."""
    ledger: Path | None = None
    """List of what was graded; by default ``gradings/KEY.jsonl`` in the key's folder."""
    most: PositiveInt = 20
    """Gradings that a team is granted with this key."""
    model_name: str = ""
    """What the model is called; needed only for answers that do not say it."""
    team: str = ""
    """Who handed in; needed only for answers that do not say it."""
    resume: bool = True
    """Reuse a finished run; False empties the output folder first."""


@record
class GradedSubmission:
    """What may be told of a grading: ``public/graded.json``."""

    format: str
    model: str
    team: str
    paper: str
    data: str
    """Hash of the questions, as the submission says; empty if it does not say."""
    data_name: str
    submission: str
    """Hash of the submission."""
    key: str
    """Hash of the key."""
    commitment: str
    """Root of the commitment that the key was held against; empty if the benchmark is not sealed."""
    extractor: str
    """Version of the rules by which replies were read here."""
    questions: int
    invalid: int
    submissions: int
    """How often this team has been graded with this key, this time included."""
    least: int
    nodes: tuple[Node, ...]
    sha256: str = ""
    """Hash of all the rest."""

    def find_hash(self) -> str:
        """SHA-256 of everything but the hash."""
        return digest({name: value for name, value in to_dict(self).items() if name != "sha256"})


@record
class GradeStats:
    """What grading found: ``stats.json`` of its folder, for the key holder alone."""

    questions: int
    correct: int
    invalid: int
    read_as: str
    """Version of the rules by which the submission's replies had been read."""
    read_otherwise: int
    """Replies that the rules of this version read otherwise."""
    told_bits: float
    """What all gradings of this team have told of this key at most."""
    key_bits: float
    """What there is to tell: how rarely guessing gets all; of open questions nothing is known and nothing counted."""


def grade_submission(config: GradeConfig) -> GradedSubmission:
    """Grade into ``scores`` (as of ``gmai eval score``) and ``public/graded.json``, which may be shown.

    Raises:
        ConfigError: no key, or the team has been graded often enough.
        FormatError: what was handed in is damaged, changed, incomplete or of other questions; a pickle.
        LeakageError: the key is not the one that was committed to.
    """
    keys = list(read_keys(config.key))
    handed, unkeyed = _read(config), find_unkeyed(config.key)
    handed = replace(handed, predictions=tuple(one for one in handed.predictions if one.index not in unkeyed))
    check_answers(handed.predictions, {key.index: key for key in keys}, str(config.submission))
    data, root = _verify(config)
    if handed.data and data and handed.data != data:
        what = "the answers are to other questions than the key's"
        raise FormatError(what, where=str(config.submission), reason="grade.data")
    inputs = {"submission": handed.sha256, "key": hash_file(config.key), "data": data, "commitment": root}
    same = {"least": config.least, "extractor": EXTRACTOR}
    run = open_run(config.out, STAGE, config, inputs, resume=config.resume, same=same)
    if run.done:
        return from_dict(GradedSubmission, read_json(run.path / "public" / "graded.json"))
    predictions, changed = _read_again(handed, keys)
    write_jsonl(run.path / PREDICTIONS, predictions)
    given = ScoreConfig(predictions=run.path / PREDICTIONS, key=config.key, out=run.path / "scores", name=handed.model)
    stats = score(given)
    found = from_dict(tuple[Score, ...], read_json(run.path / "scores" / "scores.json"))
    nodes = publish(found, keys, config.least)
    tally = _enter(config, handed, inputs["key"], nodes)
    graded = _describe(config, handed, inputs, nodes, tally, stats)
    write_json(run.path / "public" / "graded.json", graded)
    told = GradeStats(
        questions=stats.questions,
        correct=stats.correct,
        invalid=stats.invalid,
        read_as=handed.extractor,
        read_otherwise=changed,
        told_bits=tally.bits,
        key_bits=round(sum(-math.log2(chance_of(key) or 1.0) for key in keys), 1),
    )
    files = [path for path in output_files(run) if path.name != "run.json"]
    run.finish(to_dict(told), files)
    return graded


def read_graded(path: Path) -> GradedSubmission:
    """Read what was made public.

    Raises:
        FormatError: it is of another format, or not as its hash says.
    """
    found = from_dict(GradedSubmission, read_json(path), where=str(path))
    if found.format != PUBLIC or not is_as_hashed(found):
        raise FormatError("not as its hash says", where=str(path), reason="grade.hash")
    check_names(found.model, found.team, found.paper)
    return found


def _read(config: GradeConfig) -> Submission:
    """The submission; answers from elsewhere are made one."""
    path = config.submission
    if not path.is_file():
        raise ConfigError("nothing was handed in", where=str(path))
    if path.suffix == ".gz" or (path.suffix.lower() == ".json" and _is_ours(path)):
        return read_submission(path)
    replies = read_replies(path)
    check_names(config.model_name or path.stem, config.team, "")
    made = Submission(
        format=FORMAT,
        model=config.model_name or path.stem,
        team=config.team,
        paper="",
        data="",
        inputs={"replies": hash_file(path)},
        decoding={},
        run="",
        extractor="",
        questions=len(replies),
        unread=0,
        errors=0,
        predictions=tuple(Prediction(index=k, mode="replay", choice=None, text=v) for k, v in sorted(replies.items())),
    )
    return replace(made, sha256=made.find_hash())


def _is_ours(path: Path) -> bool:
    found = loads(read_limited(path), where=str(path))
    return isinstance(found, dict) and str(found.get("format", "")).startswith("gmai-")


def _verify(config: GradeConfig) -> tuple[str, str]:
    """Hash of the questions and root of the commitment, where there are any; the key is held against it."""
    folder, name = config.sealed or config.key.parent.parent / "public", config.key.stem
    told = folder / f"{name}{_ENDING}"
    if told.is_file():
        verify_key(folder, config.key.parent, (name,))
        found = read_json(told)
        return str(found["public"]), str(found["root"])
    if config.sealed is not None:
        fix = "give the folder public of gmai bench seal"
        raise ConfigError(f"no commitment {told.name}", where=str(folder), fix=fix)
    tsv = folder / f"{name}.tsv"
    return (hash_file(tsv) if tsv.is_file() else ""), ""


def _read_again(handed: Submission, keys: Sequence[Question]) -> tuple[list[Prediction], int]:
    """The answers as the rules of this version read them, and how many these read otherwise than was handed in.

    Raises:
        FormatError: the same rules had read it otherwise: text or choice was changed.
    """
    questions = {key.index: key for key in keys}
    read, changed = [], 0
    for given in handed.predictions:
        found = _read_reply(given, questions[given.index])
        if found.choice != given.choice and handed.extractor:
            changed += 1
            if handed.extractor == EXTRACTOR:
                what = f"the reply names {found.choice!r}, {given.choice!r} was handed in as read from it"
                raise FormatError(what, where=f"index {given.index}", reason="grade.choice")
        read.append(found)
    return read, changed


def _read_reply(given: Prediction, question: Question) -> Prediction:
    if given.mode not in IN_WORDS or given.error or not question.options or not given.text:
        return given
    found = extract_choice(given.text, rotate(question.options, given.rotation), form=question.form)
    return replace(given, choice=turn_back(found.letter, given.rotation, len(question.options)), reason=found.reason)


def _enter(config: GradeConfig, handed: Submission, key: str, nodes: Sequence[Node]) -> Tally:
    line = Line(team=handed.team, model=handed.model, submission=handed.sha256, key=key, bits=tell_bits(nodes))
    path = config.ledger or config.key.parent / "gradings" / f"{config.key.stem}.jsonl"
    return enter(path, line, config.most)


def _describe(
    config: GradeConfig,
    handed: Submission,
    inputs: Mapping[str, str],
    nodes: tuple[Node, ...],
    tally: Tally,
    stats: ScoreStats,
) -> GradedSubmission:
    made = GradedSubmission(
        format=PUBLIC,
        model=handed.model,
        team=handed.team,
        paper=handed.paper,
        data=inputs["data"],
        data_name=f"{config.key.resolve().parent.parent.name}_{config.key.stem}",
        submission=handed.sha256,
        key=inputs["key"],
        commitment=inputs["commitment"],
        extractor=EXTRACTOR,
        questions=stats.questions,
        invalid=stats.invalid,
        submissions=tally.submissions,
        least=config.least,
        nodes=nodes,
    )
    return replace(made, sha256=made.find_hash())
