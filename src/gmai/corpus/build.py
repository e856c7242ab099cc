"""A corpus out of another: the samples and conversations that are asked for, by columns, without making any anew."""

import logging
import time
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gmai.base import (
    Summary,
    from_dict,
    hash_bytes,
    hash_file,
    input_key,
    open_run,
    summary_dict,
    to_dict,
    write_atomic,
    write_bytes,
    write_json,
    write_jsonl,
)
from gmai.corpus.card import write_description
from gmai.corpus.checked import write_checked
from gmai.corpus.corpus import open_corpus
from gmai.corpus.drop import Drop, Dropper
from gmai.corpus.groups import groups_key, has_groups
from gmai.corpus.store import (
    CONVERSATION_ROWS,
    CONVERSATION_SCHEMA,
    SAMPLE_ROWS,
    SAMPLE_SCHEMA,
    conversation_files,
    iter_priors,
    iter_records,
    open_parquet,
    sample_files,
)
from gmai.corpus.terms import TermsOf
from gmai.corpus.tombstones import REMOVED, TOMBSTONES, Graves, read_graves
from gmai.errors import ConfigError
from gmai.types import Reject, Sample, record

logger = logging.getLogger(__name__)
DUPLICATE = "build.duplicate"
_SAMPLE_AXES = ("source", "modality", "department")
_TALK_AXES = ("task", "kind", "language", "subset")
_PLURALS = {axis: f"{axis}s" for axis in _SAMPLE_AXES + _TALK_AXES} | {"modality": "modalities"}


@record
class BuildConfig:
    """Which part of a corpus is taken; an empty list takes all."""

    corpus: Path
    """The corpus folder."""
    out: Path
    """Run folder to write: a corpus of its own."""
    use: Literal["any", "commercial"] = "any"
    """``commercial`` leaves out what is NC, ND, of unknown licence, or not allowed for commercial use."""
    sources: tuple[str, ...] = ()
    """Names of sources."""
    modalities: tuple[str, ...] = ()
    """Modalities of samples."""
    departments: tuple[str, ...] = ()
    """Departments of samples."""
    tasks: tuple[str, ...] = ()
    """Clinical tasks of conversations."""
    kinds: tuple[str, ...] = ()
    """Kinds of conversations, such as ``location``."""
    languages: tuple[str, ...] = ()
    """Languages of conversations."""
    subsets: tuple[str, ...] = ()
    """``caption``, ``percept``, ``instruct``, ``text``."""
    duplicates: Drop = "keep"
    """Keep all, or one of each group of duplicates that ``gmai corpus dedup`` found: of those with the same pixels or
    words (``drop-exact``), or of all (``drop-near``)."""
    removed: tuple[Path, ...] = ()
    """Corpora that gmai corpus remove wrote: what was taken out of them is left out."""
    resume: bool = True
    """False empties the output folder first."""


def build_corpus(config: BuildConfig) -> Summary:
    """Take a part of a corpus; pictures and records pass unchanged.

    A sample is kept if it is wanted and, where conversations are chosen by an axis of theirs, if one about it is kept.
    What is left out stands in ``rejects.jsonl``, each with its reason, and by source in ``left_out.json``.

    Raises:
        ConfigError: nothing is left, a value is asked for that the corpus does not have, or nobody has looked for the
            duplicates that are to go.
    """
    start = time.monotonic()
    corpus = open_corpus(config.corpus)
    same = to_dict(config)
    for name in ("corpus", "out", "removed", "resume"):
        del same[name]
    inputs = {"corpus": input_key(corpus.folder)}
    graves = read_graves([corpus.folder], config.removed)
    inputs |= {f"removed.{number}": hash_file(folder / TOMBSTONES) for number, folder in enumerate(config.removed)}
    if config.duplicates != "keep":
        if not has_groups(corpus.folder):
            what, fix = "nobody has looked for duplicates in the corpus", f"run: gmai corpus dedup {config.corpus}"
            raise ConfigError(what, where=str(config.corpus), fix=fix)
        inputs["dedup"] = groups_key(corpus.folder)
    run = open_run(config.out, "corpus build", config, inputs, resume=config.resume, same=same)
    if run.done:
        logger.info("corpus build: %s was finished before", config.out)
        return from_dict(Summary, run.stats())
    choice = _Choice(config, graves)
    choice.choose()
    files = [*choice.copy_samples(run.path), *choice.copy_conversations(run.path)]
    write_jsonl(run.path / "rejects.jsonl", choice.rejects())
    files += [*copy_cards(config.corpus, run.path, choice.kept_sources), *graves.write(run.path)]
    summary = choice.summary()
    write_json(run.path / "left_out.json", choice.left_out())
    files += [run.path / "rejects.jsonl", run.path / "left_out.json", *write_description(run.path)]
    run.finish(summary_dict(summary), files)
    logger.info("%s", summary.line(time.monotonic() - start))
    return summary


class _Choice:
    """What is kept of one corpus: a reason code for each sample and each conversation, in file order."""

    def __init__(self, config: BuildConfig, graves: Graves) -> None:
        self._config = config
        self._graves = graves
        self._dropper = None if config.duplicates == "keep" else Dropper(config.corpus, config.duplicates)
        self._groups: dict[int, str] = {}
        """Of samples that go as duplicates, the group by their position."""
        self._terms = TermsOf(config.corpus)
        self._wanted = {axis: set(getattr(config, plural)) for axis, plural in _PLURALS.items()}
        self._reasons = [""]
        self._samples = np.zeros(0, np.uint8)
        self._ids = np.zeros(0, np.uint64)
        self._talks = np.zeros(0, np.uint8)
        self._about = np.zeros(0, np.uint64)
        """Keys of the samples that conversations are about."""
        self._priors: dict[int, int] = {}
        """Of conversations that compare two samples, the key of the earlier one by their position."""
        self._counts: Counter[tuple[str, str, str, str]] = Counter()
        self._dropped: dict[tuple[str, ...], list[str]] = {}
        self._kept_sources: set[str] = set()

    def choose(self) -> None:
        """Decide on every sample and conversation; nothing but texts is read."""
        seen: dict[str, set[str]] = {axis: set() for axis in _PLURALS}
        self._choose_samples(seen)
        self._choose_talks(seen)
        self._check_values(seen)
        if any(self._wanted[axis] for axis in _TALK_AXES):
            priors = [key for position, key in self._priors.items() if not self._talks[position]]
            used = np.concatenate([self._about[self._talks == 0], np.array(priors, np.uint64)])
            idle = (self._samples == 0) & ~np.isin(self._ids, used)
            self._samples[idle] = self._code("build.no_conversation")
        if self._dropper is not None:
            self._groups = self._dropper.choose(self._samples == 0)
            self._samples[list(self._groups)] = self._code(DUPLICATE)
            self._drop_talks()
        if not (self._samples == 0).any():
            raise ConfigError("nothing is left of the corpus", where=str(self._config.corpus), fix="ask for more")

    def _choose_samples(self, seen: dict[str, set[str]]) -> None:
        codes, keys = array("B"), array("Q")
        for position, sample in enumerate(iter_records(self._config.corpus)):
            for axis in _SAMPLE_AXES:
                seen[axis].add(getattr(sample, axis))
            codes.append(self._code(self._sample_reason(sample)))
            keys.append(_key(sample.id))
            if self._dropper is not None:
                self._dropper.look(position, sample)
        self._samples, self._ids = np.array(codes, np.uint8), np.array(keys, np.uint64)

    def _choose_talks(self, seen: dict[str, set[str]]) -> None:
        self._priors = {position: _key(prior) for position, prior in iter_priors(self._config.corpus)}
        kept = np.sort(self._ids[self._samples == 0])
        codes, about = array("B"), array("Q")
        for position, row in enumerate(self._iter_talks()):
            for axis in _TALK_AXES:
                seen[axis].add(row[axis])
            key = _key(row["sample"])
            there = _has(kept, key) and _has(kept, self._priors.get(position, key))
            codes.append(self._code(self._talk_reason(row) if there else "build.sample"))
            about.append(key)
        self._talks, self._about = np.array(codes, np.uint8), np.array(about, np.uint64)

    def _drop_talks(self) -> None:
        """Leave out what is about a duplicate that goes, or compares a sample with one."""
        gone = self._ids[list(self._groups)]
        lost = np.isin(self._about, gone)
        for position, key in self._priors.items():
            lost[position] |= np.isin(np.uint64(key), gone)
        self._talks[lost & (self._talks == 0)] = self._code("build.sample")

    def copy_samples(self, out: Path) -> list[Path]:
        """Write the sample files, of the kept rows."""
        files = sample_files(self._config.corpus)
        return copy_rows(files, out / "samples", SAMPLE_SCHEMA, SAMPLE_ROWS, self._samples == 0)

    def copy_conversations(self, out: Path) -> list[Path]:
        """Write the conversation files, of the kept rows."""
        (out / "conversations").mkdir(exist_ok=True)
        files = conversation_files(self._config.corpus)
        return copy_rows(files, out / "conversations", CONVERSATION_SCHEMA, CONVERSATION_ROWS, self._talks == 0)

    def rejects(self) -> Iterator[Reject]:
        """One line for each sample and conversation that is left out; counts all on the way."""
        for position, sample in enumerate(iter_records(self._config.corpus)):
            code, terms = int(self._samples[position]), self._terms(sample)
            for reject in self._reject("sample", code, sample.id, sample.source, terms.licence):
                yield self._explain(reject, position, sample, terms.licence)
            if not code:
                self._kept_sources.add(sample.source)
        for talk, row in zip(self._talks, self._iter_talks(), strict=True):
            yield from self._reject("conversation", int(talk), row["id"], row["source"], "")

    def _explain(self, reject: Reject, position: int, sample: Sample, licence: str) -> Reject:
        if reject.reason == DUPLICATE:
            group = self._groups[position]
            self._dropped.setdefault(("sample", DUPLICATE, sample.source, licence, group), []).append(sample.id)
            return replace(reject, detail=f"shows or says the same as {group}")
        grave = self._graves.find(sample.id) if reject.reason == REMOVED else None
        return reject if grave is None else replace(reject, detail=grave.reason)

    def _reject(self, unit: str, code: int, name: str, source: str, licence: str) -> Iterator[Reject]:
        reason = self._reasons[code]
        self._counts[unit, reason, source, licence] += 1
        if reason:
            detail = f"licence {licence}" if reason.startswith("licence.") else "not asked for"
            yield Reject(id=name, stage="corpus build", reason=reason, detail=detail, unit=unit)

    def summary(self) -> Summary:
        """The counts, once the rejects are written."""
        accepted, rejected, reasons = Counter[str](sample=0, conversation=0), Counter[str](), Counter[str]()
        for (unit, reason, _, _), count in self._counts.items():
            (rejected if reason else accepted)[unit] += count
            if reason:
                reasons[reason] += count
        items = accepted.total() + rejected.total()
        parts = {"accepted": accepted, "rejected": rejected, "reasons": reasons}
        sorted_parts = {name: dict(sorted(part.items())) for name, part in parts.items()}
        return Summary(name="corpus build", items=items, **sorted_parts)

    def left_out(self) -> list[dict[str, object]]:
        """What is left out, by unit, source, licence and reason; of duplicates group by group, with the samples."""
        names = ("unit", "reason", "source", "licence", "group")
        told: list[dict[str, object]] = [
            {**dict(zip(names, key, strict=False)), "count": self._counts[key]}
            for key in sorted(self._counts)
            if key[1] not in ("", DUPLICATE)
        ]
        return told + [
            {**dict(zip(names, key, strict=True)), "count": len(samples), "samples": samples}
            for key, samples in sorted(self._dropped.items())
        ]

    @property
    def kept_sources(self) -> set[str]:
        """Sources of which a sample is kept."""
        return self._kept_sources

    def _sample_reason(self, sample: Sample) -> str:
        if self._graves.find(sample.id) is not None:
            return REMOVED
        for axis in _SAMPLE_AXES:
            if self._wanted[axis] and getattr(sample, axis) not in self._wanted[axis]:
                return f"build.{axis}"
        return self._terms(sample).why if self._config.use == "commercial" else ""

    def _talk_reason(self, row: dict[str, str]) -> str:
        for axis in _TALK_AXES:
            if self._wanted[axis] and row[axis] not in self._wanted[axis]:
                return f"build.{axis}"
        return ""

    def _code(self, reason: str) -> int:
        if reason not in self._reasons:
            self._reasons.append(reason)
        return self._reasons.index(reason)

    def _check_values(self, seen: dict[str, set[str]]) -> None:
        for axis, wanted in self._wanted.items():
            if missing := sorted(wanted - seen[axis]):
                fix = f"there are: {', '.join(sorted(seen[axis]))}"
                raise ConfigError(f"the corpus has no {axis} {', '.join(missing)}", where=_PLURALS[axis], fix=fix)

    def _iter_talks(self) -> Iterator[dict[str, str]]:
        for path in conversation_files(self._config.corpus):
            columns = ["id", "sample", "source", *_TALK_AXES]
            for batch in open_parquet(path, CONVERSATION_SCHEMA).iter_batches(columns=columns):
                yield from batch.to_pylist()


def copy_rows(files: Sequence[Path], out: Path, schema: pa.Schema, rows: int, kept: np.ndarray) -> list[Path]:
    """Write the kept rows of each file into a file of the same name, in row groups of ``rows``; empty files are not."""
    written, start = [], 0
    out.mkdir(exist_ok=True)
    for path in files:
        file = open_parquet(path, schema)
        mask = kept[start : start + file.metadata.num_rows]
        start += file.metadata.num_rows
        if not mask.any():
            continue
        written.append(out / path.name)
        with (
            write_atomic(out / path.name) as temporary,
            write_checked(temporary, schema) as writer,
        ):
            for table in _chunks(file, mask, rows):
                writer.write_table(table)
    return written


def _chunks(file: pq.ParquetFile, mask: np.ndarray, rows: int) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    start = 0
    for group in range(file.num_row_groups):
        part = mask[start : start + file.metadata.row_group(group).num_rows]
        start += len(part)
        if part.any():
            waiting.append(file.read_row_group(group).filter(pa.array(part)))
        while sum(table.num_rows for table in waiting) >= rows:
            table = pa.concat_tables(waiting)
            yield table.slice(0, rows)
            waiting = [table.slice(rows)]
    if sum(table.num_rows for table in waiting):
        yield pa.concat_tables(waiting)


def copy_cards(corpus: Path, out: Path, sources: Collection[str]) -> list[Path]:
    """Copy the cards of some sources; a source without a card has none there either."""
    copied = []
    for path in sorted((corpus / "cards").glob("*.yaml")):
        if path.stem in sources:
            copied.append(out / "cards" / path.name)
            write_bytes(copied[-1], path.read_bytes())
    return copied


def _key(name: str) -> int:
    return int(hash_bytes(name.encode())[:16], 16)


def _has(keys: np.ndarray, key: int) -> bool:
    at = int(np.searchsorted(keys, np.uint64(key)))
    return at < len(keys) and int(keys[at]) == key
