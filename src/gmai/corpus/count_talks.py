"""Counts of the conversations of a corpus, column by column; a record is opened only to count its facts."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from gmai.base import loads
from gmai.corpus.corpus import Corpus
from gmai.corpus.store import CONVERSATION_ROWS, CONVERSATION_SCHEMA, conversation_files, open_parquet
from gmai.corpus.tally import describe, largest_first

AXES = ("source", "subset", "kind", "task", "modality", "department", "language")
BY_CHARACTER = frozenset({"zh", "ja"})
"""Languages that set no space between words: their texts are measured in characters."""
_COLUMNS = [*AXES, "granularity", "messages", "record"]
_LEVELS = ("modality", "department", "task")


def count_talks(corpus: Corpus) -> dict[str, Any]:
    """Count the conversations of a corpus in one pass.

    Returns:
        ``totals``; ``conversations``, axis to name to count; ``sunburst``, rows of modality, department, task and
        count; ``turns``, subset to number of turns to count; ``text_lengths``, for each language its
        ``unit`` and for ``user`` and ``assistant`` what :func:`~gmai.corpus.tally.describe` says of their turns.
    """
    axes: dict[str, Counter[str]] = {axis: Counter() for axis in (*AXES, "granularity")}
    sunburst: Counter[tuple[str, ...]] = Counter()
    turns: Counter[tuple[str, int]] = Counter()
    lengths: dict[tuple[str, str], Counter[int]] = {}
    facts = 0
    for batch in _batches(corpus):
        columns = {name: batch.column(name).to_pylist() for name in (*AXES, "granularity")}
        for axis in AXES:
            axes[axis].update(columns[axis])
        pairs = zip(columns["subset"], columns["granularity"], strict=True)
        axes["granularity"].update("text" if subset == "text" else level for subset, level in pairs)
        sunburst.update(zip(*(columns[level] for level in _LEVELS), strict=True))
        said = batch.column("messages")
        numbers = said.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        turns.update(zip(columns["subset"], numbers.tolist(), strict=True))
        _measure(said, np.repeat(np.array(columns["language"], object), numbers), lengths)
        facts += sum(len(loads(text.as_py()).get("facts") or ()) for text in batch.column("record"))
    return {
        "totals": {
            **{"conversations": axes["source"].total(), "facts": facts},
            "turns": sum(number * count for (_, number), count in turns.items()),
        },
        "conversations": {axis: largest_first(counts) for axis, counts in axes.items()},
        "sunburst": [{**dict(zip(_LEVELS, path, strict=True)), "count": sunburst[path]} for path in sorted(sunburst)],
        "turns": {
            subset: {str(number): turns[subset, number] for name, number in sorted(turns) if name == subset}
            for subset in sorted(axes["subset"])
        },
        "text_lengths": {
            language: {
                "unit": "characters" if language in BY_CHARACTER else "words",
                **{role: describe(lengths.get((language, role), {})) for role in ("user", "assistant")},
            }
            for language in sorted({language for language, _ in lengths})
        },
    }


def _batches(corpus: Corpus) -> Iterator[pa.RecordBatch]:
    for path in conversation_files(corpus.folder):
        file = open_parquet(path, CONVERSATION_SCHEMA)
        yield from file.iter_batches(batch_size=CONVERSATION_ROWS, columns=_COLUMNS)


def _measure(said: pa.ListArray, languages: np.ndarray, lengths: dict[tuple[str, str], Counter[int]]) -> None:
    """Add the lengths of a batch's turns: words, or characters without spaces."""
    flat = said.flatten()
    roles, texts = flat.field("role").to_pylist(), flat.field("content").to_pylist()
    for role, text, language in zip(roles, texts, languages.tolist(), strict=True):
        words = text.split()
        length = sum(map(len, words)) if language in BY_CHARACTER else len(words)
        lengths.setdefault((language, role), Counter())[length] += 1
