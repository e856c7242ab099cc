"""The way back from a question: its key, then sample, file, slice and annotation record from the corpus."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gmai.base import iter_jsonl
from gmai.errors import ConfigError
from gmai.types import Question

if TYPE_CHECKING:
    from gmai.corpus import TraceStep


def read_keys(path: Path) -> Iterator[Question]:
    """Yield the questions of a key file.

    Raises:
        ConfigError: there is no such file.
        FormatError: a line that is no question.
    """
    if not path.is_file():
        raise ConfigError("no key file", where=str(path), fix="give key/TEST.jsonl or key/VAL.jsonl of a benchmark")
    return iter_jsonl(path, Question)


def trace_question(bench: Path, index: int, corpus: Path) -> "list[TraceStep]":
    """Follow a question to its source.

    Args:
        bench: output folder of ``gmai bench build``.
        index: the question's index, in TEST or VAL.
        corpus: the corpus the benchmark was built from.

    Raises:
        ConfigError: the benchmark has no such question, or holds no keys.
    """
    from gmai.corpus import trace_question as trace_sample  # keys alone need no corpus

    for path in sorted((bench / "key").glob("*.jsonl")):
        if any(question.index == index for question in read_keys(path)):
            return trace_sample(corpus, path, index)
    raise ConfigError(f"no question with index {index}", where=str(bench / "key"), fix="see the column index")
