"""Ingest: a card and a folder become samples on disk; every unit is accepted, or rejected with a reason."""

import logging
from collections.abc import Sequence
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import Any

from gmai.annotations import AnnotatedItem, find_reader
from gmai.base import (
    JobConfig,
    Stage,
    Summary,
    from_dict,
    open_run,
    output_files,
    run_job,
    summary_dict,
    write_text,
)
from gmai.corpus import write_samples
from gmai.errors import CardError
from gmai.images import key_fingerprint
from gmai.sources.build import Made, original_id
from gmai.sources.cards import card_text, read_card
from gmai.sources.find import find_missing
from gmai.sources.look import build_look, hash_source
from gmai.sources.privacy import shown_path
from gmai.sources.step import read_items
from gmai.sources.traits import check_key
from gmai.types import Reject, SourceCard, record

logger = logging.getLogger(__name__)
UNITS = ("image", "pair", "annotation", "contour", "question", "report", "dialogue")
"""What sources are counted in; each one of a source is accepted or rejected."""
WHOLE_VOLUMES_PER_SHARD = 8
PICTURES_PER_SHARD = 512
"""About so many tiles or frames lie in memory together."""


@record
class IngestConfig:
    """What to read and where to write it."""

    card: str
    """Name of a shipped card, or path of a YAML file."""
    root: Path
    """Folder that holds the source's files."""
    out: Path
    """Run folder to write."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Values that replace the card's, such as ``slices: {count: 5}``."""
    job: JobConfig = JobConfig()
    """How the work is run."""


def ingest(config: IngestConfig) -> Summary:
    """Read a source into a run folder; see ``docs/contracts.md`` for what it holds.

    Raises:
        CardError: the card is wrong, files it names are missing, or it asks for what needs a key and there is none.
        ConfigError: the output folder holds another run.
        FormatError: an annotation file that everything rests on cannot be read.
        RejectLimit: more rejects than allowed.
    """
    card = read_card(config.card, config.changes)
    check_root(card, config.root)
    check_key(card)
    job = _job(config.job, card)
    same = {"card": card, "limit": job.limit, "shard_size": job.shard_size}
    inputs = {"files": hash_source(config.root), "key": key_fingerprint()}
    shown = replace(config, card=card.name, root=Path("hidden")) if card.privacy.hide_paths is True else config
    run = open_run(config.out, "source ingest", shown, inputs, resume=job.resume, same=same)
    if run.done:
        stats = run.stats()
        logger.info("%s is complete", config.out)
        return from_dict(Summary, {name: stats[name] for name in Summary.__dataclass_fields__})
    items = find_reader(card.format)(config.root, card, build_look(config.root))
    stage: Stage[AnnotatedItem | Reject, Made] = Stage(
        name="ingest",
        step=partial(read_items, root=config.root, card=card),
        write=write_made,
        pattern="samples/{shard:05d}.parquet",
        count=count_made,
        item_id=partial(item_id, card=card),
        lost=item_units,
    )
    summary = run_job(run, stage, items, job)
    write_text(run.path / "card.yaml", card_text(card))
    if not summary.accepted.get("sample"):
        logger.warning("%s: no sample came out; see %s", card.name, run.path / "rejects.jsonl")
    for name in card.facets:
        if summary.accepted.get("sample") and not summary.accepted.get(f"facet.{name}"):
            logger.warning("%s: nothing tells the facet %s of any sample", card.name, name)
    units = compare(card, summary)
    if job.limit is None:
        _warn_of_differences(card, units)
    run.finish({**summary_dict(summary), "source": card.name, "units": units}, output_files(run))
    return summary


def check_root(card: SourceCard, root: Path) -> None:
    """Check that the card's files are below the root.

    Raises:
        CardError: some are not; each pattern is named.
    """
    missing = find_missing(card, root) if root.is_dir() else card.files
    if missing:
        what = f"no file matches {', '.join(missing)}"
        where_from = "" if card.home in {"", "unknown"} else f"get the data set from {card.home} and "
        raise CardError(what, where=str(root), fix=f"{where_from}give the folder of the data set as --root")


def compare(card: SourceCard, summary: Summary) -> dict[str, dict[str, int]]:
    """Accepted, rejected, total and expected counts by unit."""
    counted = {
        unit: {"accepted": summary.accepted.get(unit, 0), "rejected": summary.rejected.get(unit, 0)}
        for unit in UNITS
        if unit in summary.accepted or unit in summary.rejected
    }
    for unit, counts in counted.items():
        counts["total"] = counts["accepted"] + counts["rejected"]
        if unit in card.expected:
            counts["expected"] = card.expected[unit]
    return counted


def _warn_of_differences(card: SourceCard, units: dict[str, dict[str, int]]) -> None:
    for unit, expected in card.expected.items():
        total = units.get(unit, {}).get("total", 0)
        if total != expected:
            logger.warning("%s: %d of unit %s, but the card expects %d", card.name, total, unit, expected)


def write_made(path: Path, made: Sequence[Made]) -> None:
    """Write one shard of samples."""
    write_samples(path, [each.stored for each in made])


def count_made(made: Made) -> dict[str, int]:
    """What a sample counts for."""
    return made.units


def item_id(item: AnnotatedItem | Reject, card: SourceCard) -> str:
    """What an item is called in rejects."""
    return shown_path(item.id if isinstance(item, Reject) else original_id(item), card)


def item_units(item: AnnotatedItem | Reject) -> dict[str, int]:
    """What is lost with an item."""
    return {item.unit: item.count} if isinstance(item, Reject) else item.units


def _job(job: JobConfig, card: SourceCard) -> JobConfig:
    if card.slices.mode == "all" and card.format in {"dicom_series", "plain", "volumes"}:
        return replace(job, shard_size=min(job.shard_size, WHOLE_VOLUMES_PER_SHARD))
    many = {"slides": card.tiles.count, "videos": card.frames.count if card.frames.mode in {"even", "scenes"} else 0}
    if card.format in many:
        each = many[card.format] or PICTURES_PER_SHARD
        return replace(job, shard_size=min(job.shard_size, max(1, PICTURES_PER_SHARD // each)))
    return job
