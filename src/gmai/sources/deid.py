"""A lab's folder copied without identifiers: every file cleaned, or left out with a reason; nothing passes unseen."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from gmai.base import (
    JobConfig,
    Stage,
    Summary,
    from_dict,
    iter_jsonl,
    open_run,
    output_files,
    run_job,
    summary_dict,
    write_jsonl,
)
from gmai.errors import ConfigError
from gmai.images import KEY_VARIABLE, has_key, key_fingerprint
from gmai.sources.deid_files import CleanFile, DeidItem, FileReport, clean_files, find_files, new_path
from gmai.sources.look import hash_source
from gmai.types import Reject, record

logger = logging.getLogger(__name__)
FILES = "files"


@record
class DeidConfig:
    """What to clean and where to write it."""

    folder: Path
    """Folder to copy; it is not changed."""
    out: Path
    """Run folder to write; the cleaned files lie below ``files``, under hashed names."""
    burned_in: Literal["auto", "detect", "keep"] = "auto"
    """``auto`` leaves out DICOM files whose header says that text is burned in, and looks for text in raster pictures
    and in DICOM pictures of the kinds that carry it; ``detect`` looks in every picture; ``keep`` in none."""
    text: Literal["leave_out", "copy"] = "leave_out"
    """What is done with tables and texts (CSV, JSON, XML …), which are never cleaned: ``copy`` takes them as they are,
    on your word that they name nobody."""
    words: tuple[str, ...] = ()
    """Words that labels and descriptions may hold, beside the vocabulary, such as the names of your structures."""
    mapping: Path | None = None
    """File to write with the old and new name of every file, which brings identities back: outside ``out``."""
    key_optional: bool = False
    """True: work without a secret key; identifiers can then be guessed back from their hashes."""
    job: JobConfig = JobConfig()
    """How the work is run."""


@record
class Mapped:
    """One file's way back."""

    old: str
    new: str
    left_out: str = ""
    """Why the file was left out; empty if it was cleaned."""


def deid(config: DeidConfig) -> Summary:
    """Copy a folder without identifiers; see ``docs/guides/deidentify.md``.

    Raises:
        ConfigError: no secret key is set; the output or the mapping lies where it must not; the output folder holds
            another run.
        RejectLimit: more files left out than allowed.
    """
    _check(config)
    job = config.job
    same = {"burned_in": config.burned_in, "text": config.text, "words": config.words, "limit": job.limit,
            "shard_size": job.shard_size}  # fmt: skip
    inputs = {"files": hash_source(config.folder, hidden=True), "key": key_fingerprint()}
    shown = replace(config, folder=Path("hidden"), out=Path("hidden"), mapping=None)
    run = open_run(config.out, "source deid", shown, inputs, resume=job.resume, same=same)
    items = find_files(config.folder)
    if not run.done:
        words = frozenset(word.lower() for word in config.words)
        work = CleanFile(config.folder, run.path / FILES, config.burned_in, config.text == "copy", words)
        stage: Stage[DeidItem, FileReport] = Stage(
            name="deid",
            step=partial(clean_files, work=work),
            write=_write_report,
            pattern="report/{shard:05d}.jsonl",
            count=_count,
            item_id=new_path,
            lost=_lost,
        )
        summary = run_job(run, stage, items, job, len(items))
        run.finish({**summary_dict(summary), **_totals(run.path)}, output_files(run))
    stats = run.stats()
    if config.mapping is not None:
        write_jsonl(config.mapping, _mapping(items, run.path))
    return from_dict(Summary, {name: stats[name] for name in Summary.__dataclass_fields__})


def _check(config: DeidConfig) -> None:
    folder, out = config.folder.resolve(), config.out.resolve()
    if not has_key() and not config.key_optional:
        fix = f"set {KEY_VARIABLE} to a long random text and keep it safe, or --set key_optional=true for a trial"
        raise ConfigError("no secret key is set: identifiers could be guessed back from their hashes", fix=fix)
    if out == folder or folder in out.parents or out in folder.parents:
        raise ConfigError("the output and the folder lie in one another", where=str(out), fix="choose another output")
    if config.mapping is not None and out in config.mapping.resolve().parents:
        raise ConfigError("the mapping would lie among the cleaned files", where="mapping", fix="put it elsewhere")
    if not has_key():
        logger.warning("no %s is set: hashes can be guessed back; do not hand the output on", KEY_VARIABLE)


def _write_report(path: Path, reports: Sequence[FileReport]) -> None:
    write_jsonl(path, reports)


def _count(report: FileReport) -> dict[str, int]:
    return {"file": 1, report.kind: 1}


def _lost(_: DeidItem) -> dict[str, int]:
    return {"file": 1}


def _totals(folder: Path) -> dict[str, Any]:
    """Elements removed, kept and replaced, and what else was done, by kind of file."""
    totals: dict[str, Counter[str]] = {}
    for part in sorted((folder / "report").glob("*.jsonl")):
        for report in iter_jsonl(part, FileReport):
            totals.setdefault(report.kind, Counter()).update(report.done)
    return {"done": {kind: dict(sorted(counts.items())) for kind, counts in sorted(totals.items())}}


def _mapping(items: Sequence[DeidItem], folder: Path) -> list[Mapped]:
    lost = {reject.id: reject.reason for reject in iter_jsonl(folder / "rejects.jsonl", Reject)}
    return [Mapped(old=item.path, new=new_path(item), left_out=lost.get(new_path(item), "")) for item in items]
