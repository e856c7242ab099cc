"""Duplicates of a corpus: which pictures and texts show or say the same, in groups, as a layer beside the samples."""

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from gmai.base import JobConfig, input_key, open_run, summary_dict, to_dict
from gmai.corpus import DEDUP, GROUPS_FILE, Duplicate, UnionFind, open_corpus, write_groups
from gmai.curate.config import Likeness
from gmai.curate.link import Link
from gmai.curate.match import link_within
from gmai.curate.side import Side, collect, read_side
from gmai.types import record

logger = logging.getLogger(__name__)


@record
class DedupConfig:
    """How duplicates are found."""

    corpus: Path
    """The corpus folder; the groups are written into its folder ``dedup``."""
    like: Likeness = Likeness()
    """When two pictures or texts count as one."""
    job: JobConfig = JobConfig()
    """How the work is run."""


def dedup_corpus(config: DedupConfig) -> dict[str, Any]:
    """Find groups of duplicates; nothing is taken out of the corpus, but ``corpus split`` keeps a group together.

    Of each group the largest picture (the longest text) is marked as kept, the first in file order among equals.

    Returns:
        What ``stats.json`` holds: the pictures and texts compared, the groups, those that span several subjects, and
        the links by what the two have in common.

    Raises:
        ConfigError: the folder is no finished corpus, or holds groups made with other settings.
    """
    folder = open_corpus(config.corpus).folder
    inputs = {"corpus": input_key(folder)}
    same = {"like": to_dict(config.like), "limit": config.job.limit}
    run = open_run(folder / DEDUP, "corpus dedup", config, inputs, resume=config.job.resume, same=same)
    if run.done:
        logger.info("corpus dedup: %s was done before", folder)
        return run.stats()
    summary, files = collect(run, "corpus dedup", folder, config.job, points=config.like.cut_out)
    side = read_side("corpus", files, run.work / "side")
    links = sorted(link_within(side, config.like), key=lambda link: (link.first, link.second))
    duplicates = group(side, links)
    target = run.path / GROUPS_FILE
    write_groups(target, duplicates)
    stats = {**summary_dict(summary), **count_groups(side, duplicates)}
    run.finish(stats, [target, run.path / "rejects.jsonl"])
    logger.info("corpus dedup: %d groups, %d of several subjects", stats["groups"], stats["groups_across_subjects"])
    return stats


def group(side: Side, links: list[Link]) -> list[Duplicate]:
    """The members of all groups, group by group in file order, the kept one of each marked."""
    together = UnionFind(len(side.table))
    found: dict[int, tuple[int, Link]] = {}
    for link in links:
        together.join(link.first, link.second)
        found.setdefault(link.second, (link.first, link))
    made = []
    for members in together.groups().values():
        kept = members[int(np.argmax(side.size[members]))]
        made += [_duplicate(side, row, kept, found.get(row)) for row in members]
    return made


def count_groups(side: Side, duplicates: list[Duplicate]) -> dict[str, Any]:
    """Counts of groups by kind, of those that span several subjects, and of members by how they were found."""
    subjects: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for item in duplicates:
        subjects.setdefault(item.key, set()).add((item.source, item.subject))
    return {
        "pictures": len(side.pictures),
        "flat_pictures": int(side.flat.sum()),
        "texts": int(side.alone.sum()),
        "groups": len(subjects),
        "groups_by_kind": dict(sorted(Counter(kind for kind, _ in subjects).items())),
        "groups_across_subjects": sum(len(found) > 1 for found in subjects.values()),
        "not_kept": sum(not item.kept for item in duplicates),
        "found": dict(sorted(Counter(item.how for item in duplicates if item.how).items())),
    }


def _duplicate(side: Side, row: int, kept: int, found: tuple[int, Link] | None) -> Duplicate:
    names = {name: side.value(name, row) for name in ("part", "kind", "source", "subject")}
    return Duplicate(
        **names,
        group=_name(side, kept),
        sample=side.value("id", row),
        kept=row == kept,
        how=found[1].how if found else "",
        likeness=found[1].likeness if found else 1.0,
        like=_name(side, found[0]) if found else "",
    )


def _name(side: Side, row: int) -> str:
    return f"{side.value('id', row)}#{side.value('part', row)}"
