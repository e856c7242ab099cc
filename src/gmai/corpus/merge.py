"""Several corpora as one: their files side by side, if no id and no card is there twice."""

import logging
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gmai.base import RunFolder, input_key, link_file, open_run
from gmai.corpus.card import write_description
from gmai.corpus.corpus import open_corpus
from gmai.corpus.index import id_key
from gmai.corpus.store import CONVERSATION_SCHEMA, SAMPLE_SCHEMA, conversation_files, open_parquet, sample_files
from gmai.corpus.tombstones import Graves, read_graves
from gmai.errors import ConfigError, FormatError
from gmai.types import record

logger = logging.getLogger(__name__)


@record
class MergeConfig:
    """Which corpora are merged."""

    corpora: tuple[Path, ...]
    """Two corpora or more."""
    out: Path
    """Run folder to write: a corpus of its own, not yet split."""
    resume: bool = True
    """False empties the output folder first."""


def merge_corpora(config: MergeConfig) -> dict[str, Any]:
    """Merge corpora; files are hard links where the disk allows it, copies elsewhere.

    The result is not split: subjects of two corpora may show one picture, so it has to be split as a whole.

    Returns:
        What ``stats.json`` holds: samples and conversations, and how many each corpus brought.

    Raises:
        ConfigError: fewer than two corpora, two cards of one source that differ, or a sample that was taken out of
            another of the corpora.
        FormatError: an id is there twice.
    """
    if len(config.corpora) < 2:
        raise ConfigError("there is nothing to merge", where="corpus merge", fix="give two corpora or more")
    folders = [open_corpus(folder).folder for folder in config.corpora]
    inputs = {f"corpus.{number}": input_key(folder) for number, folder in enumerate(folders)}
    run = open_run(config.out, "corpus merge", config, inputs, resume=config.resume, same={})
    if not run.done:
        _merge(run, folders)
    return run.stats()


def _merge(run: RunFolder, folders: list[Path]) -> None:
    graves = read_graves(folders)
    counts = {
        "samples": _check_ids(folders, "sample", graves),
        "conversations": _check_ids(folders, "conversation", Graves([])),
    }
    files = [path for number, folder in enumerate(folders) for path in _link_all(number, folder, run.path)]
    files += _link_cards(folders, run.path)
    files += graves.write(run.path)
    files += write_description(run.path)
    totals = {unit: sum(each) for unit, each in counts.items()}
    by_corpus = [dict(zip(counts, each, strict=True)) for each in zip(*counts.values(), strict=True)]
    run.finish({"totals": totals, "by_corpus": by_corpus}, files)
    logger.info("corpus merge: %s", ", ".join(f"{count} {unit}" for unit, count in totals.items()))


def _check_ids(folders: list[Path], unit: str, graves: Graves) -> list[int]:
    """Count the rows of each corpus, all of whose ids must differ and none be that of a sample taken out."""
    keys, counts = array("Q"), []
    for folder in folders:
        before = len(keys)
        keys.extend(id_key(name) for name in _iter_ids(folder, unit))
        counts.append(len(keys) - before)
    values, seen = np.unique(np.array(keys, np.uint64), return_counts=True)
    twice = set(values[seen > 1].tolist())
    if twice:
        found = Counter(name for folder in folders for name in _iter_ids(folder, unit) if id_key(name) in twice)
        what = f"{len(twice)} {unit} ids are there twice, such as {next(iter(found))!r}"
        fix = "merge corpora of different sources, or take them out of one with gmai corpus remove"
        raise FormatError(what, where=", ".join(map(str, folders)), fix=fix, reason="store.twins")
    for grave in graves:
        at = int(np.searchsorted(values, np.uint64(id_key(grave.id))))
        if at < len(values) and int(values[at]) == id_key(grave.id):
            what = f"sample {grave.id!r} was taken out of one corpus: {grave.reason}"
            raise ConfigError(what, where="corpus merge", fix="take it out of the others too: gmai corpus remove --id")
    return counts


def _iter_ids(folder: Path, unit: str) -> Iterator[str]:
    is_sample = unit == "sample"
    for path in sample_files(folder) if is_sample else conversation_files(folder):
        schema = SAMPLE_SCHEMA if is_sample else CONVERSATION_SCHEMA
        for batch in open_parquet(path, schema).iter_batches(columns=["id"]):
            yield from batch.column("id").to_pylist()


def _link_all(number: int, folder: Path, out: Path) -> Iterator[Path]:
    """Sample files keep their names' order within a corpus; the corpus' number stands in front."""
    for name, paths in (("samples", sample_files(folder)), ("conversations", conversation_files(folder))):
        (out / name).mkdir(exist_ok=True)
        for path in paths:
            target = out / name / f"{number:02d}-{path.name}"
            if not target.exists():
                link_file(path, target)
            yield target


def _link_cards(folders: list[Path], out: Path) -> list[Path]:
    cards: dict[str, Path] = {}
    for folder in folders:
        for path in sorted((folder / "cards").glob("*.yaml")):
            known = cards.setdefault(path.name, path)
            if known.read_bytes() != path.read_bytes():
                what = f"the corpora have two different cards of {path.stem}"
                raise ConfigError(what, where=f"{known}, {path}", fix="ingest the source anew with one card")
    targets = {out / "cards" / name: path for name, path in cards.items()}
    for target, path in targets.items():
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            link_file(path, target)
    return list(targets)
