"""Benchmarks from held-out subjects: wrong answers that are wrong, balanced positions, public rows apart from keys.

The door is light: what reads corpora and draws pictures is loaded when it is used.
"""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door

if TYPE_CHECKING:
    from gmai.bench.answers import choose_answers, find_answers
    from gmai.bench.build import build_bench
    from gmai.bench.config import BenchConfig
    from gmai.bench.folding import fold
    from gmai.bench.layout import LETTERS
    from gmai.bench.question import PublicQuestion
    from gmai.bench.table import QuestionTable, open_table
    from gmai.bench.trace import read_keys, trace_question
    from gmai.bench.tsv import FIVE, GRANULARITIES, find_question, read_header, read_tsv, write_tsv

__all__ = [
    "BenchConfig",
    "FIVE",
    "GRANULARITIES",
    "LETTERS",
    "PublicQuestion",
    "QuestionTable",
    "build_bench",
    "choose_answers",
    "find_answers",
    "find_question",
    "fold",
    "open_table",
    "read_header",
    "read_keys",
    "read_tsv",
    "trace_question",
    "write_tsv",
]

_FILES = {
    "answers": ["choose_answers", "find_answers"],
    "build": ["build_bench"],
    "config": ["BenchConfig"],
    "folding": ["fold"],
    "layout": ["LETTERS"],
    "question": ["PublicQuestion"],
    "table": ["QuestionTable", "open_table"],
    "trace": ["read_keys", "trace_question"],
    "tsv": ["FIVE", "GRANULARITIES", "find_question", "read_header", "read_tsv", "write_tsv"],
}
__getattr__ = lazy_door(__name__, {name: file for file, names in _FILES.items() for name in names})
