"""``gmai bench import NAME``: the files of a published benchmark, as they were published, to a benchmark folder."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from gmai.base import Summary, digest, from_dict, open_run, to_dict, write_jsonl
from gmai.bench.datasets.card import DatasetCard, SplitRule, read_dataset
from gmai.bench.datasets.pictures import PictureStore
from gmai.bench.datasets.reading import split_files, survey_split
from gmai.bench.datasets.writing import DatasetSplit, SplitWriter
from gmai.bench.importing import STAGE, ImportConfig, import_bench
from gmai.errors import ConfigError
from gmai.types import Reject, record

logger = logging.getLogger(__name__)


@record
class DatasetConfig:
    """What ``gmai bench import NAME`` reads."""

    name: str
    """Name of a shipped card, or path of one."""
    root: Path
    """Folder that holds the published files as the card says."""
    out: Path
    """Run folder to write."""
    splits: tuple[str, ...] = ()
    """Splits to import; empty takes those that the card names as default."""
    language: str = ""
    """Questions of this language alone, such as en or zh; empty takes all."""
    pictures: Literal["inline", "link", ""] = ""
    """``inline``: base64 in the public file; ``link``: files beside it; empty: as the card says."""
    partial: bool = False
    """Go on if a numbered part of a TSV is missing."""
    resume: bool = True
    """Reuse a finished run; False starts over."""


def import_dataset(config: DatasetConfig) -> Summary:
    """Make a benchmark folder of a published benchmark.

    Every question of a split is accepted or a reject with its reason. Pictures keep their bytes. The public file has
    no answer and no path that may tell it; the key has all that is known.

    Raises:
        ConfigError: an unknown name or split, or no such folder.
        FormatError: a file is missing, or cannot be read as a whole.
    """
    card = read_dataset(config.name)
    splits = _choose(card, config)
    if card.layout == "tables":
        return _import_tables(card, splits, config)
    inline = (config.pictures or card.pictures) == "inline"
    surveys = {name: survey_split(card, split, config.root) for name, split in splits.items()}
    inputs = {name: digest(survey.inputs) for name, survey in surveys.items()}
    same = {"card": to_dict(card), "splits": list(splits), "language": config.language, "inline": inline}
    run = open_run(config.out, STAGE, config, inputs, resume=config.resume, same=same)
    if run.done:
        return from_dict(Summary, run.stats()["summary"])
    told: dict[str, DatasetSplit] = {}
    rejects: list[Reject] = []
    files = [run.path / "rejects.jsonl"]
    for name, split in splits.items():
        store = PictureStore(config.root, run.path, inline)
        writer = SplitWriter(name, card, split, config.language.lower(), store, surveys[name])
        files += writer.write(run.path)
        told[name] = writer.tell()
        rejects += writer.rejects
    write_jsonl(run.path / "rejects.jsonl", rejects)
    summary = _summary(told, rejects)
    stats = {"summary": to_dict(summary), "splits": to_dict(told), "unverified": list(card.unverified)}
    _tell_unexpected(card, told)
    run.finish(stats, dict.fromkeys(files))
    return summary


def _choose(card: DatasetCard, config: DatasetConfig) -> dict[str, SplitRule]:
    wanted = config.splits or card.default
    unknown = [name for name in wanted if name not in card.splits]
    if unknown:
        raise ConfigError(f"{card.name} has no split {unknown[0]!r}", fix=f"splits: {', '.join(card.splits)}")
    if card.layout == "tables" and (config.language or config.pictures):
        what = "its files are benchmark files already, which are taken as they are"
        raise ConfigError(what, where=card.name, fix="leave out language and pictures")
    if not config.root.is_dir():
        raise ConfigError("no such folder", where=str(config.root), fix=f"{card.home}: {'; '.join(card.place)}")
    return {name: card.splits[name] for name in wanted}


def _import_tables(card: DatasetCard, splits: Mapping[str, SplitRule], config: DatasetConfig) -> Summary:
    sources = tuple(config.root / file for split in splits.values() for file in split_files(card, split, config.root))
    name = next(iter(splits)) if len(splits) == 1 else ""
    return import_bench(
        ImportConfig(
            sources=sources, out=config.out, name=card.name, split=name, partial=config.partial, resume=config.resume
        )
    )


def _tell_unexpected(card: DatasetCard, told: Mapping[str, DatasetSplit]) -> None:
    for name, split in told.items():
        found = split.questions + split.other_language
        if split.expected not in (None, found):
            logger.warning("%s %s: %d questions, %d as published", card.name, name, found, split.expected)


def _summary(told: Mapping[str, DatasetSplit], rejects: Sequence[Reject]) -> Summary:
    reasons = Counter(reject.reason for reject in rejects)
    accepted = sum(split.accepted for split in told.values())
    return Summary(
        name=STAGE,
        items=accepted + len(rejects),
        accepted={"question": accepted},
        rejected={"question": len(rejects)} if rejects else {},
        reasons=dict(sorted(reasons.items())),
    )
