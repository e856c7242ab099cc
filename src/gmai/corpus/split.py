"""Split a corpus by subject: what belongs to one person, or shows one picture, is never in two splits.

Per source, groups of subjects are put in an order drawn by hash, and the order is cut where the ratios say, counted in
samples. The same corpus and seed give the same split. Near duplicates stay together once ``gmai corpus dedup`` has
found them.
"""

import logging
from array import array
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmai.base import (
    Summary,
    from_dict,
    hash_bytes,
    hash_unit,
    input_key,
    open_run,
    read_json,
    summary_dict,
    write_atomic,
)
from gmai.corpus.corpus import SPLIT, SPLITS, SPLITS_FILE, open_corpus
from gmai.corpus.groups import DEDUP, UnionFind, groups_key, has_groups, iter_duplicates
from gmai.corpus.store import SAMPLE_SCHEMA, iter_records, open_parquet, sample_files
from gmai.errors import ConfigError, FormatError
from gmai.types import record

logger = logging.getLogger(__name__)
Subject = tuple[str, str]
"""(source, subject)."""
_SEPARATOR = "\0"
"""Sorts before every letter, so that joined names have the order of the pairs."""
_TEST = SPLITS.index("test")
_OFFICIAL = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing"),
}


@record
class SplitConfig:
    """How a corpus is split."""

    corpus: Path
    """The corpus folder; the split is written into its folder ``split``."""
    val: float = 0.1
    """Share of each source's samples for choosing models."""
    test: float = 0.2
    """Share of each source's samples for the benchmark."""
    official: Literal["none", "test", "all"] = "none"
    """Which splits the sources came with are kept: none, the test split alone, or all."""
    seed: int = 0
    """Seed of the order in which subjects are dealt out."""
    duplicates: bool = True
    """Keep the groups of ``gmai corpus dedup`` together, where it has been run."""
    resume: bool = True
    """False splits anew where the folder holds another split."""


def split_corpus(config: SplitConfig) -> Summary:
    """Split a finished corpus into train, val and test.

    Returns:
        Samples per split.

    Raises:
        ConfigError: ratios that leave nothing to train on, or the folder holds a split made with other settings.
        FormatError: a source's official split has a name that is not known.
    """
    if min(config.val, config.test) < 0 or config.val + config.test >= 1:
        raise ConfigError(f"val {config.val} and test {config.test} leave nothing to train on", where="corpus split")
    folder = open_corpus(config.corpus).folder
    same = {"val": config.val, "test": config.test, "official": config.official, "seed": config.seed}
    inputs = {"corpus": input_key(folder)}
    grouped = config.duplicates and has_groups(folder)
    if grouped:
        inputs["dedup"] = _check_groups(folder, inputs["corpus"])
    run = open_run(folder / SPLIT, "corpus split", config, inputs, resume=config.resume, same=same)
    if run.done:
        logger.info("corpus split: %s was split before", folder)
        return from_dict(Summary, run.stats())
    people = _Subjects(folder, official=config.official != "none")
    if grouped:
        people.join_duplicates(folder)
    splits = _assign(people, config)
    target = run.path / SPLITS_FILE
    _write(target, people, splits)
    sizes = np.bincount(splits, people.samples, len(SPLITS)).astype(int).tolist()
    counts = dict(zip(SPLITS, sizes, strict=True))
    summary = Summary(name="corpus split", items=sum(sizes), accepted=counts, rejected={}, reasons={})
    run.finish(summary_dict(summary), [target])
    logger.info("corpus split: %s", ", ".join(f"{count} {split}" for split, count in counts.items()))
    return summary


class _Subjects:
    """Subjects, numbered in their order, with their samples counted; joined where they share a picture."""

    def __init__(self, folder: Path, official: bool) -> None:
        named = _find_subjects(folder).dictionary_encode()
        order = pc.sort_indices(named.dictionary)
        self.names = named.dictionary.take(order)
        """``source``, 0, ``subject``."""
        ranks = np.empty(len(self.names), np.int64)
        ranks[order.to_numpy()] = np.arange(len(self.names))
        of_sample = ranks[named.indices.to_numpy()]
        self.samples = np.bincount(of_sample, minlength=len(self.names))
        self.splits: list[str] = []
        """Names of the official splits."""
        self.official = np.zeros(len(self.names), np.uint64)
        """A bit for each official split that a sample of the subject is in, where these are asked for."""
        self._together = UnionFind(len(self.names))
        assets, shown_by = array("Q"), array("I")
        for number, sample in zip(of_sample.tolist(), iter_records(folder), strict=True):
            if official and sample.split is not None:
                self.official[number] |= self._bit(sample.split, number)
            for image in sample.images:
                assets.append(int(hash_bytes(image.asset.encode())[:16], 16))
                shown_by.append(number)
        self._join(np.array(assets, np.uint64), np.array(shown_by, np.int64))

    def join_duplicates(self, corpus: Path) -> None:
        """Join the subjects of each group that ``gmai corpus dedup`` found."""
        groups, names = array("Q"), []
        for item in iter_duplicates(corpus):
            groups.append(int(hash_bytes(" ".join(item.key).encode())[:16], 16))
            names.append(_SEPARATOR.join((item.source, item.subject)))
        numbers = pc.index_in(pa.array(names, pa.string()), value_set=self.names).to_numpy(zero_copy_only=False)
        self._join(np.array(groups, np.uint64), numbers.astype(np.int64))

    def name(self, number: int) -> Subject:
        """Source and subject."""
        source, _, subject = self.names[number].as_py().partition(_SEPARATOR)
        return source, subject

    def roots(self) -> np.ndarray:
        """For each subject the first of those it must stay together with."""
        return self._together.roots(np.arange(len(self.names)))

    def _join(self, keys: np.ndarray, numbers: np.ndarray) -> None:
        """Join subjects that have one key."""
        order = np.argsort(keys, kind="stable")
        for at in np.flatnonzero(keys[order[1:]] == keys[order[:-1]]).tolist():
            self._together.join(int(numbers[order[at]]), int(numbers[order[at + 1]]))

    def _bit(self, split: str, number: int) -> np.uint64:
        if split not in self.splits:
            _known(split, self.name(number))
            self.splits.append(split)
        return np.uint64(1 << self.splits.index(split))


def _find_subjects(folder: Path) -> pa.StringArray:
    """Source and subject of every sample, as one text."""
    parts = [pa.array([], pa.string())]
    for path in sample_files(folder):
        table = open_parquet(path, SAMPLE_SCHEMA).read(columns=["source", "subject"]).combine_chunks()
        columns = [table.column(name).combine_chunks() for name in ("source", "subject")]
        parts.append(pc.binary_join_element_wise(*columns, _SEPARATOR))
    return pa.concat_arrays(parts)


def _check_groups(corpus: Path, key: str) -> str:
    """Content hash of the groups, which must be those of this very corpus."""
    if read_json(corpus / DEDUP / "run.json")["inputs"]["corpus"] != key:
        fix = f"run: gmai corpus dedup {corpus} --no-resume, or split with --set duplicates=false"
        raise ConfigError("the duplicates were looked for in another state of the corpus", where=str(corpus), fix=fix)
    return groups_key(corpus)


def _assign(people: _Subjects, config: SplitConfig) -> np.ndarray:
    """For each subject the number of its split."""
    roots = people.roots()
    sizes = np.bincount(roots, people.samples, len(roots)).astype(np.int64)
    given = _official(people, roots, config)
    splits = given.copy()
    heads = np.flatnonzero(roots == np.arange(len(roots)))
    sources = _column(people.names, 0).take(pa.array(heads)).dictionary_encode()
    for source in range(len(sources.dictionary)):
        groups = heads[sources.indices.to_numpy() == source]
        test = 0.0 if config.official == "test" and (given[groups] == _TEST).any() else config.test
        free = groups[given[groups] < 0]
        units = np.array([hash_unit(config.seed, *people.name(group)) for group in free.tolist()])
        splits[free] = _cut(sizes[free], units, config.val, test)
    assigned: np.ndarray = splits[roots]
    return assigned


def _official(people: _Subjects, roots: np.ndarray, config: SplitConfig) -> np.ndarray:
    """For each group, by its first subject, the official split that is kept; -1 where there is none.

    Test wins over val over train, so that no test subject is ever trained on.
    """
    found = np.full(len(roots), -1)
    if config.official == "none":
        return found
    bits = np.zeros(len(roots), np.uint64)
    np.bitwise_or.at(bits, roots, people.official)
    for split in ("test",) if config.official == "test" else ("train", "val", "test"):
        mine = sum(1 << bit for bit, name in enumerate(people.splits) if name.casefold() in _OFFICIAL[split])
        found[(bits & np.uint64(mine)) != 0] = SPLITS.index(split)
    return found


def _known(name: str, subject: Subject) -> str:
    for split, spellings in _OFFICIAL.items():
        if name.casefold() in spellings:
            return split
    raise FormatError(
        f"official split {name!r} is not known",
        where=f"{subject[0]}: subject {subject[1]}",
        fix="mend the card's split rule, or use official=none",
        reason="split.official",
    )


def _cut(sizes: np.ndarray, units: np.ndarray, val: float, test: float) -> np.ndarray:
    """Cut the drawn order of groups: each goes where the middle of its samples falls."""
    drawn = np.argsort(units, kind="stable")
    middle = (np.cumsum(sizes[drawn]) - sizes[drawn] / 2) / max(int(sizes.sum()), 1)
    found = np.empty(len(sizes), np.int64)
    found[drawn] = np.select([middle < test, middle < test + val], [_TEST, SPLITS.index("val")], SPLITS.index("train"))
    return found


def _column(names: pa.StringArray, part: int) -> pa.StringArray:
    return pc.list_element(pc.split_pattern(names, _SEPARATOR, max_splits=1), part)


def _write(path: Path, people: _Subjects, splits: np.ndarray) -> None:
    columns = [*(_column(people.names, part) for part in (0, 1)), pa.array(SPLITS, pa.string()).take(pa.array(splits))]
    table = pa.table(columns, names=["source", "subject", "split"])
    with write_atomic(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
