"""What can stand for questions on the command line: a TSV, a saved cut, a benchmark folder, a data set's name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gmai.base import hash_bytes, iter_jsonl, write_jsonl
from gmai.bench import PublicQuestion, QuestionTable, open_table
from gmai.errors import ConfigError
from gmai.types import Question


@dataclass(frozen=True)
class Data:
    """Questions and, where they are there, their answers."""

    name: str
    tsv: Path
    """Benchmark file or saved cut."""
    key: Path | None = None
    """Key file over all questions of the benchmark file."""


def find_data(text: str, benches: Path) -> Data:
    """The questions that a text names; ``FOLDER:VAL`` names one file of a benchmark folder that holds several.

    Args:
        text: path of a TSV, of a cut or of a benchmark folder, or the name of a folder below ``benches``.
        benches: where imported data sets are kept.

    Raises:
        ConfigError: there is no such thing, or a folder of several files without TEST.
    """
    for path, split in _readings(text, benches):
        if path.is_file() and not split:
            beside = path.parent.parent / "key" / f"{path.stem}.jsonl"
            key = beside if path.parent.name == "public" and beside.is_file() else None
            name = f"{path.resolve().parent.parent.name}_{path.stem}" if key else path.stem
            return Data(name, path, key)
        if (path / "public").is_dir():
            return _of_folder(path, split)
    where = benches / text
    fix = f"give a TSV, a cut or a benchmark folder; gmai bench import {text} --root FOLDER -o {where} makes one"
    raise ConfigError(f"no questions {text!r}", where=str(where), fix=fix, reason="eval.no_data")


def _readings(text: str, benches: Path) -> Iterator[tuple[Path, str]]:
    """The text as a path, then as a folder and a file of it, then the same below ``benches``."""
    folder, _, split = text.rpartition(":")
    for root in (Path(), benches):
        yield root / text, ""
        if folder:
            yield root / folder, split


def _of_folder(folder: Path, split: str) -> Data:
    files = {path.stem: path for path in sorted((folder / "public").glob("*.tsv"))}
    chosen = split or (next(iter(files)) if len(files) == 1 else "TEST")
    if chosen not in files:
        known = ", ".join(f"{folder}:{name}" for name in files) or "none"
        raise ConfigError(f"no file {chosen}.tsv", where=str(folder / "public"), fix=f"files: {known}")
    key = folder / "key" / f"{chosen}.jsonl"
    return Data(f"{folder.resolve().name}_{chosen}", files[chosen], key if key.is_file() else None)


def find_key(data: Data, made: Path) -> Path | None:
    """The key file of the questions; where only the file itself has the answers, it is made.

    Args:
        data: the questions.
        made: where a key is written that is not there as such: of a cut, or of a file with answers in it.

    Returns:
        None if the answers are not known here.
    """
    table = open_table(data.tsv)
    if data.key is not None and data.tsv.suffix == ".tsv":
        return data.key
    found = _known_answers(table, data.key)
    if found is None:
        return None
    write_jsonl(made, [found[index] for index in sorted(found)])
    return made


def _known_answers(table: QuestionTable, key: Path | None) -> Mapping[int, Question] | None:
    known = {one.index: one for one in iter_jsonl(key, Question)} if key else {}
    for question in table:
        if question.index not in known and question.answer is None:
            return None
        known.setdefault(question.index, _keyed(question))
    wanted = set(table.indices)
    return {index: question for index, question in known.items() if index in wanted}


def _keyed(question: PublicQuestion) -> Question:
    """A question with the answer of its own file, which says nothing of subjects: a picture is taken for one."""
    assets = tuple(hash_bytes(data) for data in question.pictures())
    extra = {name.lower(): text for name, text in question.extra.items()}
    return Question(
        index=question.index,
        sample="",
        source="",
        subject="+".join(asset[:16] for asset in assets) or str(question.index),
        question=question.question,
        options=question.options,
        answer=question.answer or "",
        kind=question.kind,
        task=question.task,
        department=question.department,
        modality=question.modality,
        granularity=question.granularity,
        split=extra.get("split", ""),
        form=question.form,
        assets=assets,
    )
