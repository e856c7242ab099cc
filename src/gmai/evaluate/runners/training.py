"""What a baseline learns from: the answers of a corpus' training part, as they would be asked there."""

from collections.abc import Iterator

from gmai.bench import choose_answers, find_answers, fold
from gmai.corpus import Corpus, StoredSample, iter_records, open_corpus
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.types import Fact, Sample

Group = tuple[str, str]
"""Question kind and modality; where the modality is asked for, it is not known."""


def open_training(config: RunConfig) -> Corpus:
    """Open the corpus of a baseline.

    Raises:
        ConfigError: no corpus is given, it is not split, or there is no picture to take away from this runner.
    """
    if config.corpus is None:
        raise ConfigError(f"runner {config.runner!r} learns from a corpus", where="corpus", fix="give --corpus FOLDER")
    if config.model is not None:
        raise ConfigError(f"runner {config.runner!r} has no model", where="model", fix="leave --model out")
    return open_corpus(config.corpus)


def find_group(kind: str, modality: str) -> Group:
    """The group of a question or a fact."""
    return (kind, "" if kind == "modality" else modality)


def iter_answers(corpus: Corpus) -> Iterator[tuple[Group, str]]:
    """Yield group and folded answer of everything that could be asked about the training part; reads no picture."""
    for sample in iter_records(corpus.folder):
        if corpus.split_of(sample) == "train":
            for fact in _facts(sample):
                yield find_group(fact.kind, sample.modality), fold(fact.answer)


def iter_views(corpus: Corpus, seed: int) -> Iterator[tuple[StoredSample, list[Fact]]]:
    """Yield the training samples of one picture with the facts that a benchmark would ask about, by the same choice."""
    for stored in corpus.samples("train"):
        if len(stored.pictures) == 1:
            yield stored, choose_answers(stored.sample.id, _facts(stored.sample), seed)


def _facts(sample: Sample) -> list[Fact]:
    return [answer for answer in find_answers(sample) if isinstance(answer, Fact)]
