"""Counts of a corpus: what there is of everything, as data that pages draw from. Memory does not grow with the rows."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gmai.base import open_run, read_json, write_text
from gmai.corpus.corpus import Corpus, open_corpus
from gmai.corpus.count_samples import count_samples
from gmai.corpus.count_talks import count_talks
from gmai.corpus.groups import groups_key, has_groups, iter_duplicates
from gmai.corpus.tally import largest_first
from gmai.types import record

logger = logging.getLogger(__name__)
PAGE = "stats.html"


@record
class StatsConfig:
    """What is counted, and where the counts go."""

    corpus: Path
    """The corpus folder."""
    out: Path
    """Run folder to write; ``stats.json`` holds the counts, ``stats.html`` shows them."""
    resume: bool = True
    """False counts anew where the folder holds other counts."""


def corpus_stats(config: StatsConfig, draw: Callable[[Mapping[str, Any]], str] | None = None) -> dict[str, Any]:
    """Count a finished corpus.

    Args:
        config: what is counted.
        draw: makes the page of the counts; ``gmai.curate.stats_page``. Without it there is none.

    Returns:
        What ``stats.json`` holds: ``totals``; ``samples`` and ``conversations``, each a dict of axis to name to count,
        largest first (conversations about no picture have the granularity ``text``); all that
        :mod:`~gmai.corpus.count_samples` and :mod:`~gmai.corpus.count_talks` count beside; ``variety`` as
        convert measured it and ``duplicates`` of the layer ``dedup``, each None where it is not there.
    """
    corpus = open_corpus(config.corpus)
    inputs = {"corpus": corpus.key}
    if has_groups(corpus.folder):
        inputs["dedup"] = groups_key(corpus.folder)
    same = {"page": draw is not None}
    run = open_run(config.out, "corpus stats", config, inputs, resume=config.resume, same=same)
    if run.done:
        return run.stats()
    of_samples, of_talks = count_samples(corpus), count_talks(corpus)
    totals = {**of_samples.pop("totals"), **of_talks.pop("totals")}
    stats = {
        "totals": totals,
        **of_samples,
        **of_talks,
        "variety": read_json(corpus.folder / "stats.json").get("variety"),
        "duplicates": _count_duplicates(corpus),
    }
    outputs = [run.path / "stats.json"]
    if draw is not None:
        write_text(run.path / PAGE, draw(stats))
        outputs.append(run.path / PAGE)
    run.finish(stats, outputs)
    logger.info("corpus stats: %s", ", ".join(f"{count} {name}" for name, count in totals.items()))
    return stats


def _count_duplicates(corpus: Corpus) -> dict[str, Any] | None:
    if not has_groups(corpus.folder):
        return None
    how: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    sizes: Counter[int] = Counter()
    groups = kept = members = size = 0
    last: tuple[str, str] | None = None
    for item in iter_duplicates(corpus.folder):
        if item.key != last:
            groups, last = groups + 1, item.key
            sizes[size] += 1
            size = 0
        size += 1
        members += 1
        kept += item.kept
        kinds[item.kind] += 1
        if item.like:
            how[item.how] += 1
    sizes[size] += 1
    return {
        **{"groups": groups, "members": members, "not_kept": members - kept, "linked": how.total()},
        **{"kinds": largest_first(kinds), "how": largest_first(how)},
        "group_sizes": {str(size): sizes[size] for size in sorted(sizes) if size},
    }
