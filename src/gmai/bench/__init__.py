"""Benchmarks from held-out subjects: wrong answers that are wrong, balanced positions, public rows apart from keys.

The door is light: what reads corpora and draws pictures is loaded when it is used.
"""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door

if TYPE_CHECKING:
    from gmai.bench.answers import choose_answers, find_answers
    from gmai.bench.build import build_bench
    from gmai.bench.config import BenchConfig
    from gmai.bench.cut import Cut, make_cut, read_cut
    from gmai.bench.datasets.build import DatasetConfig, import_dataset
    from gmai.bench.datasets.card import DatasetCard, dataset_names, read_dataset
    from gmai.bench.encode import (
        decode_base64_to_image,
        encode_image_file_to_base64,
        encode_image_to_base64,
        encode_lossless,
    )
    from gmai.bench.folding import fold
    from gmai.bench.importing import ImportConfig, find_shown_keys, import_bench
    from gmai.bench.layout import LETTERS
    from gmai.bench.leaks import CheckConfig, CheckReport, Finding, check_files
    from gmai.bench.miniature import MiniatureConfig, write_miniature
    from gmai.bench.query import Query, parse_query
    from gmai.bench.question import PublicQuestion
    from gmai.bench.seal import SealConfig, seal_bench, verify_key
    from gmai.bench.showing import write_pictures
    from gmai.bench.splits import Split, find_splits
    from gmai.bench.table import QuestionTable, open_table
    from gmai.bench.trace import read_keys, trace_question
    from gmai.bench.tree import TreeNode, build_tree, lexical_tree, tree_lines
    from gmai.bench.tsv import FIVE, GRANULARITIES, find_question, read_header, read_tsv, write_tsv

__all__ = [
    "BenchConfig",
    "CheckConfig",
    "CheckReport",
    "Cut",
    "DatasetCard",
    "DatasetConfig",
    "FIVE",
    "Finding",
    "GRANULARITIES",
    "ImportConfig",
    "LETTERS",
    "MiniatureConfig",
    "PublicQuestion",
    "Query",
    "QuestionTable",
    "SealConfig",
    "Split",
    "TreeNode",
    "build_bench",
    "build_tree",
    "check_files",
    "choose_answers",
    "dataset_names",
    "decode_base64_to_image",
    "encode_image_file_to_base64",
    "encode_image_to_base64",
    "encode_lossless",
    "find_answers",
    "find_question",
    "find_shown_keys",
    "find_splits",
    "fold",
    "import_bench",
    "import_dataset",
    "lexical_tree",
    "make_cut",
    "open_table",
    "parse_query",
    "read_cut",
    "read_dataset",
    "read_header",
    "read_keys",
    "read_tsv",
    "seal_bench",
    "trace_question",
    "tree_lines",
    "verify_key",
    "write_miniature",
    "write_pictures",
    "write_tsv",
]

_FILES = {
    "answers": ["choose_answers", "find_answers"],
    "build": ["build_bench"],
    "config": ["BenchConfig"],
    "cut": ["Cut", "make_cut", "read_cut"],
    "datasets.build": ["DatasetConfig", "import_dataset"],
    "datasets.card": ["DatasetCard", "dataset_names", "read_dataset"],
    "encode": ["decode_base64_to_image", "encode_image_file_to_base64", "encode_image_to_base64", "encode_lossless"],
    "folding": ["fold"],
    "importing": ["ImportConfig", "find_shown_keys", "import_bench"],
    "layout": ["LETTERS"],
    "leaks": ["CheckConfig", "CheckReport", "Finding", "check_files"],
    "miniature": ["MiniatureConfig", "write_miniature"],
    "query": ["Query", "parse_query"],
    "question": ["PublicQuestion"],
    "seal": ["SealConfig", "seal_bench", "verify_key"],
    "showing": ["write_pictures"],
    "splits": ["Split", "find_splits"],
    "table": ["QuestionTable", "open_table"],
    "tree": ["TreeNode", "build_tree", "lexical_tree", "tree_lines"],
    "trace": ["read_keys", "trace_question"],
    "tsv": ["FIVE", "GRANULARITIES", "find_question", "read_header", "read_tsv", "write_tsv"],
}
__getattr__ = lazy_door(__name__, {name: file for file, names in _FILES.items() for name in names})
