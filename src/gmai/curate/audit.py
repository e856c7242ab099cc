"""Does a corpus hold what a benchmark asks about? By subject, sample, file, picture, near copy and text."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from gmai.base import JobConfig, input_key, open_run, to_dict, write_jsonl, write_text
from gmai.base.run import RunFolder
from gmai.corpus import open_corpus
from gmai.curate.audit_page import audit_page
from gmai.curate.config import Likeness
from gmai.curate.fingerprint import COMMAND as FINGERPRINT
from gmai.curate.fingerprint import PRINTS_FILE, hide_subject
from gmai.curate.hit import SAME_SAMPLE, SAME_SUBJECT, Hit
from gmai.curate.match import link_between
from gmai.curate.side import Side, collect, read_side, side_key
from gmai.errors import ConfigError, LeakageError
from gmai.types import record

logger = logging.getLogger(__name__)


@record
class AuditConfig:
    """What is held against what."""

    corpus: Path
    """The corpus a model is or will be trained on."""
    against: tuple[Path, ...]
    """Benchmark folders or files, corpora, or folders of ``gmai corpus fingerprint``."""
    out: Path
    """Run folder to write: ``hits.jsonl``, ``audit.html`` and the counts in ``stats.json``."""
    split: str = ""
    """Split of the corpus that is audited; by default ``train`` where the corpus is split, or else all of it."""
    against_split: str = ""
    """Split of the corpora it is held against; by default all of them."""
    like: Likeness = Likeness()
    """When two pictures or texts count as one."""
    job: JobConfig = JobConfig()
    """How the work is run."""


def audit_corpus(config: AuditConfig) -> dict[str, Any]:
    """Audit a corpus; the report is written before a hit is raised.

    Returns:
        What ``stats.json`` holds: what was compared, and hits by the way they were found.

    Raises:
        LeakageError: there is a hit.
        ConfigError: a folder that cannot be compared.
    """
    corpus = open_corpus(config.corpus)
    split = config.split or ("train" if corpus.is_split else None)
    keys = {f"against.{number}": side_key(path) for number, path in enumerate(config.against)}
    inputs = {"corpus": corpus.key, **keys}
    same = {"like": to_dict(config.like), "split": split, "against_split": config.against_split}
    run = open_run(config.out, "corpus audit", config, inputs, resume=config.job.resume, same=same)
    if not run.done:
        _audit(run, config, split)
    stats = run.stats()
    if stats["hits"]:
        found = ", ".join(f"{count} {how}" for how, count in stats["hits_by_how"].items())
        fix = f"see {config.out}/audit.html; gmai corpus remove takes samples out"
        raise LeakageError(f"{stats['samples_hit']} samples leak: {found}", where=str(config.corpus), fix=fix)
    return stats


def _audit(run: RunFolder, config: AuditConfig, split: str | None) -> None:
    summary, files = collect(run, "corpus audit", config.corpus, config.job, split, config.like.cut_out)
    mine = read_side("corpus", files, run.work / "corpus")
    hits: list[Hit] = []
    compared = [_account(mine, summary.rejected)]
    for number, path in enumerate(config.against):
        theirs, rejected = _open_other(run, number, path, config)
        hits += sorted(_find_hits(mine, theirs, config.like), key=lambda hit: (hit.how, hit.sample, hit.other))
        compared.append(_account(theirs, rejected))
    write_jsonl(run.path / "hits.jsonl", hits)
    stats = {
        "split": split or "",
        "compared": compared,
        "hits": len(hits),
        "samples_hit": len({hit.sample for hit in hits}),
        "hits_by_how": dict(sorted(Counter(hit.how for hit in hits).items())),
        "hits_by_hash_alone": sum(not hit.compared for hit in hits),
        "like": to_dict(config.like),
    }
    write_text(run.path / "audit.html", audit_page(stats, hits))
    files = [run.path / name for name in ("hits.jsonl", "audit.html")]
    run.finish(stats, files)
    logger.info("corpus audit: %d hits", len(hits))


def _open_other(run: RunFolder, number: int, path: Path, config: AuditConfig) -> tuple[Side, dict[str, int]]:
    name, work = path.name, run.work / f"against-{number}"
    if (path / PRINTS_FILE).is_file():
        input_key(path, FINGERPRINT)
        return read_side(name, [path / PRINTS_FILE], work), {}
    split = config.against_split or None
    if split is not None and not (path / "samples").is_dir():
        raise ConfigError("a benchmark has no splits of a corpus", where=str(path), fix="leave against_split empty")
    summary, files = collect(run, f"corpus audit {number}", path, config.job, split, config.like.cut_out)
    return read_side(name, files, work), summary.rejected


def _find_hits(mine: Side, theirs: Side, like: Likeness) -> Iterator[Hit]:
    yield from _find_subjects(mine, theirs)
    for link in link_between(mine, theirs, like):
        hit = _hit(mine, theirs, link.first, link.second, link.how)
        yield replace(hit, likeness=link.likeness, compared=link.compared)


def _find_subjects(mine: Side, theirs: Side) -> Iterator[Hit]:
    """One hit for each pair of samples that share their id, or else their subject (the first of each, to name it)."""
    hidden = theirs.thumbs is None
    known: dict[str, int] = {}
    ids: dict[str, int] = {}
    for row, (source, subject, name) in enumerate(_columns(theirs, "source", "subject", "id")):
        known.setdefault(subject if hidden else hide_subject(source, subject), row)
        if subject:
            ids.setdefault(name, row)
    before = ""
    for row, (source, subject, name) in enumerate(_columns(mine, "source", "subject", "id")):
        if name == before:
            continue
        before = name
        key = hide_subject(source, subject)
        if not hidden and name in ids:
            yield _hit(mine, theirs, row, ids[name], SAME_SAMPLE)
        elif key and key in known:
            yield _hit(mine, theirs, row, known[key], SAME_SUBJECT)


def _columns(side: Side, *names: str) -> Iterator[tuple[str, ...]]:
    """The values of some columns, row by row; few at a time are objects of Python."""
    for batch in side.table.select(names).to_batches(max_chunksize=4096):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _hit(mine: Side, theirs: Side, row: int, other: int, how: str) -> Hit:
    of_subject = how in (SAME_SUBJECT, SAME_SAMPLE)
    return Hit(
        against=theirs.name,
        how=how,
        sample=mine.value("id", row),
        part=-1 if of_subject else mine.value("part", row),
        source=mine.value("source", row),
        subject=mine.value("subject", row),
        other=theirs.value("id", other),
        other_part=-1 if of_subject else theirs.value("part", other),
        likeness=1.0,
        compared=True,
    )


def _account(side: Side, rejected: dict[str, int]) -> dict[str, Any]:
    """What of a side was compared, and what could not be."""
    flat = int(side.flat.sum())
    return {
        "name": side.name,
        "pictures": len(side.pictures),
        "flat_pictures": flat,
        "texts": len(side.texts),
        "hashes_alone": side.thumbs is None and len(side.pictures) > 0,
        "rejected": rejected,
    }
