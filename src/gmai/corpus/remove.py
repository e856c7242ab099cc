"""Taking samples out of a corpus for good: a new corpus without them, and tombstones so that they do not come back."""

import logging
from array import array
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from gmai.base import RunFolder, input_key, open_run, write_json
from gmai.corpus.build import copy_cards, copy_rows
from gmai.corpus.card import write_description
from gmai.corpus.corpus import Corpus, open_corpus
from gmai.corpus.index import id_key
from gmai.corpus.layers import carry_layers
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
from gmai.corpus.tombstones import Graves, Tombstone, read_tombstones
from gmai.corpus.used import find_users
from gmai.errors import ConfigError
from gmai.types import Sample, record

logger = logging.getLogger(__name__)


@record
class RemoveConfig:
    """What is taken out, and why."""

    corpus: Path
    """The corpus folder; it is left as it is."""
    out: Path
    """Run folder to write: the corpus without what is taken out."""
    reason: str
    """Why, in words; it is kept with every tombstone."""
    sources: tuple[str, ...] = ()
    """Sources: whole, or only the given subjects of them."""
    subjects: tuple[str, ...] = ()
    """Subjects, of the given sources or of any."""
    ids: tuple[str, ...] = ()
    """Samples."""
    used: tuple[Path, ...] = ()
    """Folders below which runs that used the corpus are looked for."""
    resume: bool = True
    """False empties the output folder first."""


def remove_samples(config: RemoveConfig) -> dict[str, Any]:
    """Build a corpus without some samples and the conversations about them.

    The split and the groups of duplicates are carried over: who stays, stays where they were. Runs that used the
    corpus are listed in ``used.json``; they are not touched.

    Returns:
        What ``stats.json`` holds: samples and conversations kept and removed, and how many runs used the corpus.

    Raises:
        ConfigError: nothing is asked for, something asked for is not there, or nothing would be left.
    """
    if not (config.sources or config.subjects or config.ids) or not config.reason.strip():
        raise ConfigError("say what is taken out, and why", where="corpus remove", fix="give --source, --id, --subject")
    corpus = open_corpus(config.corpus)
    names = ("sources", "subjects", "ids", "reason")
    same = {**{name: getattr(config, name) for name in names}, "used": [str(path) for path in config.used]}
    inputs = {"corpus": input_key(corpus.folder)}
    run = open_run(config.out, "corpus remove", config, inputs, resume=config.resume, same=same)
    if not run.done:
        _remove(run, corpus, config)
    carry_layers(corpus.folder, run.path)
    return run.stats()


def _remove(run: RunFolder, corpus: Corpus, config: RemoveConfig) -> None:
    kept, graves = _choose(corpus.folder, config)
    files = copy_rows(sample_files(corpus.folder), run.path / "samples", SAMPLE_SCHEMA, SAMPLE_ROWS, kept)
    gone = np.sort(np.array([id_key(grave.id) for grave in graves], np.uint64))
    talks = _keep_talks(corpus.folder, gone)
    (run.path / "conversations").mkdir(exist_ok=True)
    files += copy_rows(
        conversation_files(corpus.folder), run.path / "conversations", CONVERSATION_SCHEMA, CONVERSATION_ROWS, talks
    )
    sources = {sample.source for sample in iter_records(run.path)}
    files += copy_cards(corpus.folder, run.path, sources)
    files += Graves([*read_tombstones(corpus.folder), *graves]).write(run.path)
    users = [user for user in find_users(corpus, config.used) if Path(user.path).resolve() != run.path.resolve()]
    write_json(run.path / "used.json", users)
    files += [run.path / "used.json", *write_description(run.path)]
    stats = {
        "samples": {"kept": int(kept.sum()), "removed": len(graves)},
        "conversations": {"kept": int(talks.sum()), "removed": int((~talks).sum())},
        "removed_by_source": dict(sorted(Counter(grave.source for grave in graves).items())),
        "used_by": dict(sorted(Counter(user.command for user in users).items())),
    }
    run.finish(stats, files)
    logger.info("corpus remove: %d samples, %d runs used the corpus", len(graves), len(users))


def _choose(folder: Path, config: RemoveConfig) -> tuple[np.ndarray, list[Tombstone]]:
    kept = array("B")
    graves: list[Tombstone] = []
    missing = {("source", name) for name in config.sources} | {("subject", name) for name in config.subjects}
    missing |= {("id", name) for name in config.ids}
    for sample in iter_records(folder):
        gone = _is_removed(sample, config)
        kept.append(not gone)
        if gone:
            missing -= {("source", sample.source), ("subject", sample.subject), ("id", sample.id)}
            graves.append(_bury(sample, config.reason))
    if missing:
        names = ", ".join(f"{kind} {name}" for kind, name in sorted(missing))
        raise ConfigError(
            f"the corpus does not hold {names}", where=str(folder), fix="check the names; nothing was done"
        )
    if not any(kept):
        raise ConfigError("nothing would be left of the corpus", where=str(folder), fix="delete its folder")
    return np.array(kept, bool), graves


def _is_removed(sample: Sample, config: RemoveConfig) -> bool:
    if sample.id in config.ids:
        return True
    if config.subjects:
        return sample.subject in config.subjects and (not config.sources or sample.source in config.sources)
    return sample.source in config.sources


def _bury(sample: Sample, reason: str) -> Tombstone:
    assets = tuple(image.asset for image in sample.images)
    return Tombstone(id=sample.id, source=sample.source, subject=sample.subject, assets=assets, reason=reason)


def _keep_talks(folder: Path, gone: np.ndarray) -> np.ndarray:
    parts = [np.zeros(0, bool)]
    for path in conversation_files(folder):
        for batch in open_parquet(path, CONVERSATION_SCHEMA).iter_batches(columns=["sample"]):
            keys = np.array([id_key(name) for name in batch.column("sample").to_pylist()], np.uint64)
            parts.append(~np.isin(keys, gone))
    kept = np.concatenate(parts)
    for position, prior in iter_priors(folder):
        kept[position] &= not np.isin(np.uint64(id_key(prior)), gone)
    return kept
