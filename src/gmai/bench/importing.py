"""A benchmark folder from files that others published: their rows as they are, and the key that they show."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from gmai.base import Summary, from_dict, hash_bytes, open_run, to_dict, write_jsonl
from gmai.bench.cells import read_letters
from gmai.bench.fields import name_place
from gmai.bench.marked_twins import mark_twins
from gmai.bench.parts import Parts, find_parts, write_public
from gmai.bench.question import TELLING, PublicQuestion
from gmai.bench.table import QuestionTable, open_table
from gmai.errors import ConfigError, FormatError
from gmai.types import Question, Reject, record

STAGE = "bench import"
_HAN = re.compile(r"[\u3400-\u9fff]")


@record
class ImportConfig:
    """What ``gmai bench import`` reads."""

    sources: tuple[Path, ...]
    """TSV files of GMAI-MMBench or VLMEvalKit, or folders of them; parts of one file are put together by number."""
    out: Path
    """Run folder to write."""
    name: str = ""
    """Data set's name, for keys; empty takes the first file's."""
    split: str = ""
    """Split of all files, such as TEST; empty reads it from their names, else VAL if there are answers."""
    partial: bool = False
    """Go on if a numbered part is missing."""
    resume: bool = True
    """Reuse a finished run; False starts over."""


@record
class ImportedSplit:
    """What one split holds: in ``stats.json``."""

    files: tuple[str, ...]
    questions: int
    keyed: int
    """Questions whose answer is known."""
    shows: tuple[str, ...]
    """Columns of the public file that tell the answer, as it was published."""
    twins: int
    """Questions that ask the same of the same region as another one, drawn in another way."""


def import_bench(config: ImportConfig) -> Summary:
    """Make a benchmark folder of published files; see the table of folders in docs/contracts.md.

    Questions whose answer is missing or names no option stay in the public file and are rejects of the key.

    Raises:
        ConfigError: no files, a missing part, or two files that would be one split without being its parts.
        FormatError: a damaged file, one without a question, or an index that is there twice.
    """
    splits = [(_name_split(parts), parts) for parts in find_parts(config.sources, config.split, partial=config.partial)]
    tables = {name: open_table(parts.files) for name, parts in splits}
    for split, table in tables.items():
        if not len(table):
            where = ", ".join(str(file.path) for file in table.files)
            raise FormatError(f"no question in {split}, only a header", where=where, reason="tsv.empty")
    name = config.name or splits[0][1].files[0].stem
    inputs = {f"{split}/{n}": file.key for split, table in tables.items() for n, file in enumerate(table.files)}
    same = {"name": name, "files": [[split, *(file.name for file in parts.files)] for split, parts in splits]}
    run = open_run(config.out, STAGE, config, inputs, resume=config.resume, same=same)
    if run.done:
        return from_dict(Summary, run.stats()["summary"])
    rejects: list[Reject] = []
    told: dict[str, ImportedSplit] = {}
    files = []
    for split, table in tables.items():
        public, key = run.path / "public" / f"{split}.tsv", run.path / "key" / f"{split}.jsonl"
        public.unlink(missing_ok=True)
        write_public(table, public)
        shows = table.has_column("answer") and any(table.column("answer"))
        keyed, unkeyed = find_shown_keys(table, name, split) if shows else ([], [])
        rejects += unkeyed
        files.append(public)
        if keyed:
            write_jsonl(key, keyed)
            files.append(key)
        told[split] = _tell(table, keyed)
    write_jsonl(run.path / "rejects.jsonl", rejects)
    summary = _summary(told, rejects)
    run.finish({"summary": to_dict(summary), "splits": to_dict(told)}, [*files, run.path / "rejects.jsonl"])
    return summary


def _name_split(parts: Parts) -> str:
    if parts.split:
        return parts.split
    if len(parts.files) > 1:
        names = ", ".join(file.name for file in parts.files)
        fix = "give them one at a time, or --split if they are parts of one"
        raise ConfigError("several files, none of which names its split", where=names, fix=fix)
    table = open_table(parts.files[0])
    return "VAL" if table.has_column("answer") and any(table.column("answer")) else "TEST"


def find_shown_keys(
    table: QuestionTable, name: str, split: str = "", known: Collection[int] = ()
) -> tuple[list[Question], list[Reject]]:
    """Keys that a file shows itself, twins named, and why its other questions have none.

    Args:
        table: the questions.
        name: of the data set.
        split: of the file; empty takes each question's column of that name.
        known: indices whose key is known otherwise.
    """
    found, lost = [], []
    for question in table:
        if question.index in known:
            continue
        part = split or question.extra.get("split", "")
        if why := _fault(question):
            place = f"{part}/{question.index}"
            lost.append(Reject(id=place, stage=STAGE, reason=why[0], detail=why[1], unit="key"))
        else:
            found.append(key_of(question, name, part))
    return mark_twins(found, table), lost


def _fault(question: PublicQuestion) -> tuple[str, str] | None:
    if question.answer is None:
        return "bench.no_answer", "its answer is empty"
    if question.options and read_letters(question.answer, len(question.options)) is None:
        return "bench.answer_no_option", f"{question.answer!r} is no letter of its {len(question.options)} options"
    return None


def key_of(question: PublicQuestion, name: str, split: str) -> Question:
    """The key of a question whose file shows its answer; of subjects such a file says nothing, so pictures are told.

    Args:
        question: with its answer.
        name: of the data set.
        split: of the file.
    """
    extra = {column.lower(): text for column, text in question.extra.items()}
    language = extra.get("language", extra.get("lang", ""))[:2].lower()
    return Question(
        index=question.index,
        sample=f"{name}/{split}/{question.index}",
        source=name,
        subject=extra.get("subject", ""),
        question=question.question,
        options=question.options,
        answer=question.answer or "",
        kind=question.kind or "qa",
        task=name_place("task", question.task),
        department=name_place("department", question.department),
        modality=name_place("modality", question.modality),
        granularity=question.granularity,
        split=split,
        form=question.form,
        assets=tuple(hash_bytes(picture) for picture in question.pictures()),
        language=language or ("zh" if _HAN.search(question.question) else "en"),
    )


def _tell(table: QuestionTable, keyed: Sequence[Question]) -> ImportedSplit:
    return ImportedSplit(
        files=tuple(file.path.name for file in table.files),
        questions=len(table),
        keyed=len(keyed),
        shows=tuple(name for name in table.columns if name.lower() in TELLING and any(table.column(name))),
        twins=sum(bool(key.twin) for key in keyed),
    )


def _summary(told: dict[str, ImportedSplit], rejects: Sequence[Reject]) -> Summary:
    reasons: dict[str, int] = {}
    for reject in rejects:
        reasons[reject.reason] = reasons.get(reject.reason, 0) + reject.count
    questions = sum(split.questions for split in told.values())
    accepted = {"question": questions, "key": sum(split.keyed for split in told.values())}
    rejected = {"key": len(rejects)} if rejects else {}
    return Summary(
        name=STAGE, items=questions, accepted=accepted, rejected=rejected, reasons=dict(sorted(reasons.items()))
    )
