"""The first half of the line: files → samples → conversations → split → benchmark, in this process."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gmai.base import JobConfig, Summary
from gmai.bench import BenchConfig, build_bench
from gmai.convert import ConvertConfig, convert
from gmai.corpus import SplitConfig, StatsConfig, corpus_stats, split_corpus
from gmai.curate import stats_page
from gmai.demo.config import DemoConfig
from gmai.errors import ConfigError
from gmai.phantoms import HospitalConfig, write_hospital
from gmai.sources import IngestConfig, find_sources, ingest

logger = logging.getLogger(__name__)
PHANTOM_KINDS = ("modality", "finding", "location", "grade", "qa")
PATIENTS = ("ct", "xray", "histology", "fundus", "ultrasound", "text")


@dataclass(frozen=True)
class Prepared:
    """What the first half made."""

    raw: tuple[Path, ...]
    corpus: Path
    bench: Path
    ingested: dict[str, Summary]
    """Source to what was accepted and rejected."""


def prepare_data(config: DemoConfig) -> Prepared:
    """Read every source found, convert, split by subject and build the benchmark.

    Raises:
        ConfigError: no known data set below the folder.
    """
    job = config.job
    folder = config.data or _draw(config, job)
    ingested = {}
    for name, card, root in _find(folder):
        target = config.out / "raw" / name
        logger.info("→ gmai source ingest %s --root %s -o %s", card, root, target)
        ingested[name] = ingest(IngestConfig(card=card, root=root, out=target, job=job))
    raw = tuple(config.out / "raw" / name for name in ingested)
    kinds = config.kinds if config.kinds is not None else () if config.data else PHANTOM_KINDS
    corpus, bench = config.out / "corpus", config.out / "bench"
    logger.info("→ gmai convert %s/* -o %s", config.out / "raw", corpus)
    convert(ConvertConfig(raw=raw, out=corpus, seed=config.seed, kinds=kinds, job=job))
    logger.info("→ gmai corpus split %s", corpus)
    split_corpus(SplitConfig(corpus=corpus, seed=config.seed, resume=job.resume))
    logger.info("→ gmai corpus stats %s -o %s", corpus, config.out / "stats")
    corpus_stats(StatsConfig(corpus=corpus, out=config.out / "stats", resume=job.resume), stats_page)
    logger.info("→ gmai bench build %s -o %s", corpus, bench)
    build_bench(BenchConfig(corpus=corpus, out=bench, seed=config.seed, kinds=kinds, job=job))
    return Prepared(raw, corpus, bench, ingested)


def _draw(config: DemoConfig, job: JobConfig) -> Path:
    usual = HospitalConfig(out=config.out / "hospital", seed=config.seed, job=job)
    patients = {name: max(8, round(getattr(usual, name) * config.size)) for name in PATIENTS}
    logger.info("→ drawing a hospital of phantoms into %s", usual.out)
    write_hospital(replace(usual, **patients))
    return usual.out / "files"


def _find(folder: Path) -> Sequence[tuple[str, str, Path]]:
    """(run name, card name, root) of each source; two roots of one card are told apart by a number."""
    found = find_sources(folder)
    if not found:
        fix = "gmai source list shows the known data sets and the files each needs"
        raise ConfigError("no known data set lies here", where=str(folder), fix=fix)
    cards = [card.name for card, _ in found]
    seen: dict[str, int] = {}
    named = []
    for card, root in found:
        seen[card.name] = seen.get(card.name, 0) + 1
        name = card.name if cards.count(card.name) == 1 else f"{card.name}-{seen[card.name]}"
        named.append((name, card.name, root))
    return named
