"""The corpus on disk: Parquet stores, random access, splits by subject, statistics, and the way back to the source."""

from gmai.corpus.corpus import SPLITS, Corpus, open_corpus
from gmai.corpus.split import SplitConfig, split_corpus
from gmai.corpus.stats import StatsConfig, corpus_stats
from gmai.corpus.store import (
    SAMPLE_SCHEMA,
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
from gmai.corpus.trace import TraceStep, trace, trace_question

__all__ = [
    "Corpus",
    "SAMPLE_SCHEMA",
    "SPLITS",
    "SplitConfig",
    "StatsConfig",
    "StoredSample",
    "TraceStep",
    "corpus_stats",
    "iter_conversations",
    "iter_records",
    "iter_samples",
    "open_corpus",
    "open_parquet",
    "read_samples",
    "sample_files",
    "split_corpus",
    "trace",
    "trace_question",
    "write_conversations",
    "write_samples",
]
