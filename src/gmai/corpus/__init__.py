"""The corpus on disk: Parquet stores, random access, splits by subject, statistics, and the way back to the source."""

from gmai.corpus.build import BuildConfig, build_corpus, copy_rows
from gmai.corpus.card import write_description
from gmai.corpus.corpus import SPLITS, Corpus, open_corpus
from gmai.corpus.diff import Difference, diff_corpora
from gmai.corpus.exports import EXPORTS, ExportConfig, ExportFormat, export_corpus
from gmai.corpus.groups import (
    DEDUP,
    GROUPS_FILE,
    Duplicate,
    UnionFind,
    groups_key,
    has_groups,
    iter_duplicates,
    write_groups,
)
from gmai.corpus.imports import IMPORTS, ImportConfig, ImportFormat, PictureTools, import_corpus
from gmai.corpus.merge import MergeConfig, merge_corpora
from gmai.corpus.near import Pairs, find_matches, find_pairs
from gmai.corpus.remove import RemoveConfig, remove_samples
from gmai.corpus.split import SplitConfig, split_corpus
from gmai.corpus.stats import StatsConfig, corpus_stats
from gmai.corpus.store import (
    SAMPLE_ROWS,
    SAMPLE_SCHEMA,
    Place,
    Records,
    StoredSample,
    iter_conversations,
    iter_records,
    iter_samples,
    open_parquet,
    read_samples,
    sample_files,
    write_conversations,
    write_samples,
)
from gmai.corpus.text_near import (
    PERMUTATIONS,
    SHORTEST_WORDS,
    count_words,
    find_near_texts,
    sign_text,
    split_words,
    text_key,
)
from gmai.corpus.tombstones import REMOVED, TOMBSTONES, Graves, Tombstone, read_graves, read_tombstones
from gmai.corpus.trace import TraceStep, trace, trace_question
from gmai.corpus.used import User, find_users

__all__ = [
    "BuildConfig",
    "Corpus",
    "DEDUP",
    "Difference",
    "Duplicate",
    "EXPORTS",
    "ExportConfig",
    "ExportFormat",
    "GROUPS_FILE",
    "Graves",
    "IMPORTS",
    "ImportConfig",
    "ImportFormat",
    "MergeConfig",
    "PERMUTATIONS",
    "Pairs",
    "PictureTools",
    "Place",
    "REMOVED",
    "Records",
    "RemoveConfig",
    "SAMPLE_ROWS",
    "SAMPLE_SCHEMA",
    "SHORTEST_WORDS",
    "SPLITS",
    "SplitConfig",
    "StatsConfig",
    "StoredSample",
    "TOMBSTONES",
    "Tombstone",
    "TraceStep",
    "UnionFind",
    "User",
    "build_corpus",
    "copy_rows",
    "corpus_stats",
    "count_words",
    "diff_corpora",
    "export_corpus",
    "find_matches",
    "find_near_texts",
    "find_pairs",
    "find_users",
    "groups_key",
    "has_groups",
    "import_corpus",
    "iter_conversations",
    "iter_duplicates",
    "iter_records",
    "iter_samples",
    "merge_corpora",
    "open_corpus",
    "open_parquet",
    "read_graves",
    "read_samples",
    "read_tombstones",
    "remove_samples",
    "sample_files",
    "sign_text",
    "split_corpus",
    "split_words",
    "text_key",
    "trace",
    "trace_question",
    "write_conversations",
    "write_description",
    "write_groups",
    "write_samples",
]
