"""What goes along with an export: the records of its samples, the cards, and how to make what stayed behind."""

import itertools
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gmai.base import hash_bytes, write_bytes, write_jsonl
from gmai.corpus.corpus import Corpus
from gmai.corpus.store import CONVERSATION_SCHEMA, conversation_files, iter_priors, iter_records, open_parquet
from gmai.corpus.terms import TermsOf
from gmai.types import ImageRef, Sample, record

SAMPLES = "samples.jsonl"
RECIPE = "recipe.jsonl"


@record
class RecipeLine:
    """One picture that stayed behind; the steps that make it are in the record of its sample."""

    sample: str
    source: str
    image: int
    """Place among the sample's images."""
    file: str
    """Path of the source's file below its root."""
    file_sha256: str
    picture_sha256: str
    """Of the stored picture, which names it in exports."""


def write_records(folder: Path, corpus: Corpus, split: str, left_behind: str) -> None:
    """Write the records of the samples that have conversations, the cards, and the recipe if pictures stay behind.

    Args:
        folder: the export.
        corpus: what is exported.
        split: of which split.
        left_behind: which pictures are not in the export: ``none``, ``all``, or those ``restricted`` by their terms.
    """
    for card in sorted((corpus.folder / "cards").glob("*.yaml")):
        write_bytes(folder / "cards" / card.name, card.read_bytes())
    asked = _asked(corpus)
    terms = TermsOf(corpus.folder)

    def samples() -> Iterator[Sample]:
        for sample in iter_records(corpus.folder):
            if _key(sample.id) in asked and (split == "all" or corpus.split_of(sample) == split):
                yield sample

    write_jsonl(folder / SAMPLES, samples())
    behind = (
        _line(sample, place, image)
        for sample in samples()
        if left_behind == "all" or left_behind == "restricted" and not terms(sample).redistribution
        for place, image in enumerate(sample.images)
    )
    if (first := next(behind, None)) is not None:
        write_jsonl(folder / RECIPE, itertools.chain([first], behind))


def _line(sample: Sample, place: int, image: ImageRef) -> RecipeLine:
    return RecipeLine(
        sample=sample.id,
        source=sample.source,
        image=place,
        file=image.uri,
        file_sha256=image.sha256,
        picture_sha256=image.asset,
    )


class _Keys:
    """A set of 64-bit keys in 8 bytes each."""

    def __init__(self, keys: "array[int]") -> None:
        self._keys = np.unique(np.array(keys, np.uint64))

    def __contains__(self, key: int) -> bool:
        at = int(np.searchsorted(self._keys, np.uint64(key)))
        return at < len(self._keys) and int(self._keys[at]) == key


def _asked(corpus: Corpus) -> _Keys:
    keys = array("Q")
    for path in conversation_files(corpus.folder):
        for batch in open_parquet(path, CONVERSATION_SCHEMA).iter_batches(columns=["sample"]):
            keys.extend(_key(name) for name in batch.column("sample").to_pylist())
    keys.extend(_key(prior) for _, prior in iter_priors(corpus.folder))
    return _Keys(keys)


def _key(name: str) -> int:
    return int(hash_bytes(name.encode())[:16], 16)
