"""Split a corpus by subject: what belongs to one person, or shows one picture, is never in two splits.

Per source, groups of subjects are put in an order drawn by hash, and the order is cut where the ratios say, counted in
samples. The same corpus and seed give the same split. Near duplicates stay together once ``gmai corpus dedup`` has
found them.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from gmai.base import Summary, from_dict, hash_unit, input_key, open_run, read_json, summary_dict, write_atomic
from gmai.corpus.corpus import SPLIT, SPLITS, SPLITS_FILE, open_corpus
from gmai.corpus.groups import DEDUP, groups_key, has_groups, iter_duplicates
from gmai.corpus.store import iter_records
from gmai.errors import ConfigError, FormatError
from gmai.types import Sample, record

logger = logging.getLogger(__name__)
Subject = tuple[str, str]
"""(source, subject)."""
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
    people = _Subjects()
    for sample in iter_records(folder):
        people.add(sample)
    if grouped:
        people.join_duplicates(folder)
    splits = _assign(people, config)
    target = run.path / SPLITS_FILE
    _write(target, splits)
    counts = Counter({split: 0 for split in SPLITS})
    for subject, split in splits.items():
        counts[split] += people.samples[subject]
    summary = Summary(name="corpus split", items=counts.total(), accepted=dict(counts), rejected={}, reasons={})
    run.finish(summary_dict(summary), [target])
    logger.info("corpus split: %s", ", ".join(f"{count} {split}" for split, count in counts.items()))
    return summary


class _Subjects:
    """Subjects with their samples counted, joined where they share a picture (union-find)."""

    def __init__(self) -> None:
        self.samples: Counter[Subject] = Counter()
        self.official: dict[Subject, set[str]] = {}
        self._parent: dict[Subject, Subject] = {}
        self._shown_by: dict[str, Subject] = {}

    def add(self, sample: Sample) -> None:
        subject = (sample.source, sample.subject)
        self._parent.setdefault(subject, subject)
        self.samples[subject] += 1
        if sample.split is not None:
            self.official.setdefault(subject, set()).add(sample.split)
        for image in sample.images:
            self._join(subject, self._shown_by.setdefault(image.asset, subject))

    def join_duplicates(self, corpus: Path) -> None:
        """Join the subjects of each group that ``gmai corpus dedup`` found."""
        first_of: dict[str, Subject] = {}
        for item in iter_duplicates(corpus):
            subject = (item.source, item.subject)
            self._join(subject, first_of.setdefault(item.group, subject))

    def _join(self, first: Subject, second: Subject) -> None:
        first, second = self._root(first), self._root(second)
        self._parent[max(first, second)] = min(first, second)

    def _root(self, subject: Subject) -> Subject:
        while (parent := self._parent[subject]) != subject:
            self._parent[subject] = subject = self._parent[parent]
        return subject

    def groups(self) -> dict[str, list[tuple[Subject, ...]]]:
        """Groups of subjects that must stay together, by the source of their first subject."""
        members: dict[Subject, list[Subject]] = {}
        for subject in sorted(self.samples):
            members.setdefault(self._root(subject), []).append(subject)
        by_source: dict[str, list[tuple[Subject, ...]]] = {}
        for (source, _), group in members.items():
            by_source.setdefault(source, []).append(tuple(group))
        return by_source


def _check_groups(corpus: Path, key: str) -> str:
    """Content hash of the groups, which must be those of this very corpus."""
    if read_json(corpus / DEDUP / "run.json")["inputs"]["corpus"] != key:
        fix = f"run: gmai corpus dedup {corpus} --no-resume, or split with --set duplicates=false"
        raise ConfigError("the duplicates were looked for in another state of the corpus", where=str(corpus), fix=fix)
    return groups_key(corpus)


def _assign(people: _Subjects, config: SplitConfig) -> dict[Subject, str]:
    splits: dict[Subject, str] = {}
    for groups in people.groups().values():
        given = {group: split for group in groups if (split := _official_split(group, people, config)) is not None}
        test = 0.0 if config.official == "test" and "test" in given.values() else config.test
        free = [group for group in groups if group not in given]
        sizes = {group: sum(people.samples[subject] for subject in group) for group in free}
        for group, split in {**given, **_cut(sizes, config.val, test, config.seed)}.items():
            splits.update(dict.fromkeys(group, split))
    return splits


def _official_split(group: Sequence[Subject], people: _Subjects, config: SplitConfig) -> str | None:
    """The official split of a group: test wins over val over train, so that no test subject is ever trained on."""
    if config.official == "none":
        return None
    names = {_known(name, subject) for subject in group for name in people.official.get(subject, ())}
    kept = ("test",) if config.official == "test" else ("test", "val", "train")
    return next((split for split in kept if split in names), None)


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


def _cut(
    sizes: Mapping[tuple[Subject, ...], int], val: float, test: float, seed: int
) -> dict[tuple[Subject, ...], str]:
    """Cut the drawn order of groups: each goes where the middle of its samples falls."""
    drawn = sorted(sizes, key=lambda group: (hash_unit(seed, *group[0]), group))
    total, before = sum(sizes.values()), 0
    found = {}
    for group in drawn:
        middle = (before + sizes[group] / 2) / total
        before += sizes[group]
        found[group] = "test" if middle < test else "val" if middle < test + val else "train"
    return found


def _write(path: Path, splits: Mapping[Subject, str]) -> None:
    rows = [(*subject, splits[subject]) for subject in sorted(splits)]
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    table = pa.table([pa.array(column, pa.string()) for column in columns], names=["source", "subject", "split"])
    with write_atomic(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
