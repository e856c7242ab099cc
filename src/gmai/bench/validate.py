"""Checks of a benchmark as it is built: of the questions before pictures are drawn, and of the files as written."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gmai.base import iter_jsonl
from gmai.bench.answers import QUESTION
from gmai.bench.folding import fold
from gmai.bench.held import SPLITS, Held
from gmai.bench.layout import LETTERS
from gmai.bench.tsv import KEY_COLUMNS, read_header, read_tsv
from gmai.bench.wording import missing_cues
from gmai.errors import LeakageError
from gmai.types import Question


def check_questions(questions: Sequence[Question], held: Held) -> None:
    """Check that questions can be answered, tell nothing, and share nothing with training.

    Raises:
        LeakageError: an answer that is no option, two equal options, a question without one of its cues, positions out
            of balance, a subject or picture of training, one picture as two samples, or one region asked about at two
            levels.
    """
    assets = {s.id: [i.asset for i in s.images] for samples in held.samples.values() for s in samples}
    for question in questions:
        where = f"question {question.index} of sample {question.sample}"
        _check_options(question, where)
        _check_cues(question, where)
        if (question.source, question.subject) in held.train_subjects:
            raise LeakageError(f"subject {question.subject!r} is trained on", where=where, fix="split the corpus again")
        if not held.train_assets.isdisjoint(assets[question.sample]):
            raise LeakageError("the picture is also in training", where=where, fix="remove one of the two samples")
    _check_positions(questions)
    asked = {question.sample for question in questions}
    pictures = Counter(asset for sample in asked for asset in set(assets[sample]))
    _check_unique(pictures, "the same picture is asked about as two samples")
    regions = {(q.sample, q.kind, q.view.regions, q.twin or q.index) for q in questions if q.view.regions}
    _check_unique(Counter(region[:3] for region in regions), "one region is asked about twice")


def check_bench(folder: Path, held: Held) -> None:
    """Check the files as written: rows and keys agree, TEST shows no answer, splits share no subject.

    Raises:
        LeakageError: they do not.
    """
    owners: dict[tuple[str, str], str] = {}
    for split in SPLITS.values():
        path = folder / "public" / f"{split}.tsv"
        keys = list(iter_jsonl(folder / "key" / f"{split}.jsonl", Question))
        shown = set(KEY_COLUMNS) & set(read_header(path))
        if split == "TEST" and shown:
            raise LeakageError(f"TEST shows {', '.join(sorted(shown))}", where=str(path))
        for row, key in zip(read_tsv(path), keys, strict=True):
            same = (row.index, row.question, row.options) == (key.index, key.question, key.options)
            if not same or row.answer != (key.answer if split == "VAL" else None):
                raise LeakageError("row and key do not agree", where=f"{path}, index {row.index}")
            if owners.setdefault((key.source, key.subject), split) != split:
                raise LeakageError(f"subject {key.subject!r} is in TEST and VAL", where=str(path))
        check_questions(keys, held)


def _check_options(question: Question, where: str) -> None:
    known = LETTERS[: len(question.options)]
    if not question.answer or not set(question.answer) <= set(known):
        raise LeakageError(f"answer {question.answer!r} is none of {len(question.options)} options", where=where)
    if len(question.answer) == len(known) or (len(question.answer) > 1) > (question.form == "multiple"):
        raise LeakageError(f"answer {question.answer!r} of a question of form {question.form}", where=where)
    if len({fold(option) for option in question.options}) < len(question.options):
        raise LeakageError(f"equal options: {', '.join(question.options)}", where=where)


def _check_cues(question: Question, where: str) -> None:
    if question.kind == QUESTION:
        return
    if missing := missing_cues(question):
        raise LeakageError(f"cues {', '.join(missing)} of {question.question!r} are not as they should be", where=where)


def _check_positions(questions: Sequence[Question]) -> None:
    """In each block of split, kind, modality and size, positions differ by at most one; twins count once."""
    blocks: dict[tuple[Any, ...], Counter[str]] = {}
    for q in {(q.split, q.twin or str(q.index)): q for q in questions}.values():
        blocks.setdefault((q.split, q.kind, q.modality, len(q.options)), Counter()).update(q.answer)
    for (split, kind, modality, size), letters in blocks.items():
        numbers = [letters[letter] for letter in LETTERS[:size]]
        if max(numbers) - min(numbers) > 1:
            what = f"right options are not balanced over positions: {numbers}"
            raise LeakageError(what, where=f"{split}, {kind}, {modality}")


def _check_unique(counts: Counter[Any], what: str) -> None:
    name, number = counts.most_common(1)[0] if counts else ("", 0)
    if number > 1:
        raise LeakageError(what, where=str(name))
