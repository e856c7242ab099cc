"""The corpus on disk: Parquet stores, random access, splits by subject, statistics, and the way back to the source."""

from gmai.corpus.corpus import Corpus, open_corpus
from gmai.corpus.store import StoredSample, iter_conversations, iter_samples, write_conversations, write_samples

__all__ = [
    "Corpus",
    "StoredSample",
    "iter_conversations",
    "iter_samples",
    "open_corpus",
    "write_conversations",
    "write_samples",
]
