"""Building a benchmark from a split corpus: public rows without a trace of the answer, keys apart."""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from gmai.base import (
    Stage,
    Summary,
    from_dict,
    open_run,
    output_files,
    run_job,
    summary_dict,
    write_json,
    write_jsonl,
    write_text,
)
from gmai.base.run import RunFolder
from gmai.bench.answers import STAGE
from gmai.bench.baselines import measure_baselines, one_of_each
from gmai.bench.config import BenchConfig
from gmai.bench.held import SPLITS, Held, read_held
from gmai.bench.layout import LETTERS
from gmai.bench.plan import count_axes, plan_questions
from gmai.bench.render import WORK, Asked, Draw, Drawn, DrawnPictures, shrink, write_drawn
from gmai.bench.tsv import FIVE, KEY_COLUMNS, PUBLIC_COLUMNS, write_tsv
from gmai.bench.validate import check_bench, check_questions
from gmai.bench.validation import validate
from gmai.bench.validation_page import SHOWN, validation_page
from gmai.corpus import Corpus, open_corpus
from gmai.errors import ConfigError
from gmai.types import Question

_CHANGES_OUTPUT = (
    "seed", "kinds", "granularities", "options", "per_label", "closed_questions", "languages", "twins", "multiple",
    "shared",
)  # fmt: skip


def build_bench(config: BenchConfig) -> Summary:
    """Ask about the held-out subjects of a corpus; see the table of folders in docs/contracts.md for what is written.

    Returns:
        Counts of questions and of what was rejected; ``stats.json`` also counts what was left out on purpose.

    Raises:
        ConfigError: the corpus is not split, or no question can be asked of its test subjects.
        LeakageError: a check of the finished files fails.
    """
    _check_config(config)
    corpus = open_corpus(config.corpus)
    same = {name: getattr(config, name) for name in _CHANGES_OUTPUT} | {"limit": config.job.limit}
    inputs = {"corpus": corpus.key}
    run = open_run(config.out, STAGE, config, inputs, resume=config.job.resume, same=same)
    if run.done:
        stats = run.stats()
        return from_dict(Summary, {field.name: stats[field.name] for field in fields(Summary)})
    return _build(run, corpus, config)


def _build(run: RunFolder, corpus: Corpus, config: BenchConfig) -> Summary:
    held = read_held(corpus, config.job.limit)
    questions = plan_questions(held, config)
    if not any(question.split == "TEST" for question in questions):
        fix = "see the reasons in gmai bench build's rejects, or hold more subjects out"
        raise ConfigError("no question can be asked of the test subjects", where=str(config.corpus), fix=fix)
    check_questions(questions, held)
    stage = Stage(STAGE, Draw(corpus), write_drawn, WORK, _count, _name)
    summary = run_job(run, stage, _by_sample(questions, held), replace(config.job, limit=None))
    _write_files(run.path, questions)
    check_bench(run.path, held)
    _write_validation(run.path, questions, held, config)
    left_out = dict(sorted((+held.left_out).items()))
    run.finish({**summary_dict(summary), "left_out": left_out, "axes": count_axes(questions)}, output_files(run))
    return summary


def _write_files(folder: Path, questions: Sequence[Question]) -> None:
    pictures = DrawnPictures(folder)
    for split in SPLITS.values():
        mine = [question for question in questions if question.split == split]
        columns = PUBLIC_COLUMNS if split == "TEST" else (*PUBLIC_COLUMNS, *KEY_COLUMNS)
        rows = (_row(question, pictures[question.index]) for question in mine)
        write_tsv(folder / "public" / f"{split}.tsv", rows, columns)
        write_jsonl(folder / "key" / f"{split}.jsonl", mine)


def _write_validation(folder: Path, questions: Sequence[Question], held: Held, config: BenchConfig) -> None:
    """Baselines, checks and page; TEST is measured, VAL is shown."""
    asked = one_of_each([question for question in questions if question.split == "TEST"])
    known = [question for question in questions if question.split == "VAL"]
    training = [sample for _, _, sample in sorted(held.training, key=lambda item: item[:2])]
    baselines = measure_baselines(asked, known, training, sorted(held.modalities), config.seed)
    found = validate(questions, held, baselines)
    write_json(folder / "baselines.json", baselines)
    write_json(folder / "validation.json", found)
    pictures = DrawnPictures(folder)
    chosen = _of_each_level(known or asked)
    shown = [(question, tuple(map(shrink, pictures.files(question.index)))) for question in chosen]
    write_text(folder / "validation.html", validation_page(found, shown))


def _of_each_level(questions: Sequence[Question]) -> list[Question]:
    levels: dict[tuple[str, str], list[Question]] = {}
    for question in questions:
        levels.setdefault((question.granularity, question.form), []).append(question)
    return [question for name in sorted(levels) for question in levels[name][:SHOWN]]


def _row(question: Question, image: str) -> dict[str, Any]:
    """All columns; the writer leaves out those of the key where the file has none.

    A question for the modality does not show it, nor the department, which often tells it.
    """
    told = question.kind != "modality"
    return {
        "index": question.index,
        "image": image,
        "question": question.question,
        **dict(zip(LETTERS, question.options, strict=False)),
        "clinical vqa task": question.task,
        "department": question.department if told else "",
        "perceptual granularity": question.granularity,
        "modality": question.modality if told else "",
        "kind": question.kind,
        "form": question.form,
        "language": question.language,
        "answer": question.answer,
        "category": "; ".join(question.options[LETTERS.index(letter)] for letter in question.answer),
    }


def _by_sample(questions: Sequence[Question], held: Held) -> list[Asked]:
    """Questions sample by sample in the corpus' order, which is quick to read; rejects ride along with the first."""
    mine: dict[str, list[Question]] = {}
    for question in questions:
        mine.setdefault(question.sample, []).append(question)
    samples = [sample.id for split in SPLITS.values() for sample in held.samples[split] if sample.id in mine]
    work = [Asked(sample, tuple(mine[sample])) for sample in samples]
    return [Asked("", (), tuple(held.rejects)), *work] if held.rejects else work


def _count(drawn: Drawn) -> dict[str, int]:
    return {"question": 1}


def _name(asked: Asked) -> str:
    return asked.sample or "rejects"


def _check_config(config: BenchConfig) -> None:
    if not 2 <= config.options <= len(FIVE):
        raise ConfigError(f"options must be 2 to {len(FIVE)}, not {config.options}", where="options")
    if not config.languages or len(set(config.languages)) < len(config.languages):
        raise ConfigError("languages must be one or more, each once", where="languages")
    if config.per_label < 1:
        raise ConfigError(f"per_label must be 1 or more, not {config.per_label}", where="per_label")
