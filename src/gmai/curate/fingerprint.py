"""Fingerprints to share in place of data: hashes of pictures, texts and subjects, from which none can be made again."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gmai.base import JobConfig, Summary, from_dict, hash_bytes, open_run, summary_dict, write_atomic
from gmai.curate.side import SCHEMA, collect, side_key
from gmai.types import record

COMMAND = "corpus fingerprint"
PRINTS_FILE = "fingerprints.parquet"


@record
class FingerprintConfig:
    """What is fingerprinted."""

    data: Path
    """A corpus folder, a benchmark folder, or a benchmark file."""
    out: Path
    """Run folder to write."""
    split: str | None = None
    """Only samples of this split of a corpus: train, val or test."""
    job: JobConfig = JobConfig()
    """How the work is run."""


def fingerprint(config: FingerprintConfig) -> Summary:
    """Write ``fingerprints.parquet``: what ``gmai corpus audit --against`` needs, and no picture, text, id or name.

    Returns:
        Counts of pictures and texts.

    Raises:
        ConfigError: nothing that can be fingerprinted.
    """
    inputs = {"data": side_key(config.data)}
    same = {"split": config.split, "limit": config.job.limit}
    run = open_run(config.out, COMMAND, config, inputs, resume=config.job.resume, same=same)
    if run.done:
        return from_dict(Summary, run.stats())
    summary, files = collect(run, COMMAND, config.data, config.job, config.split, points=False)
    target = run.path / PRINTS_FILE
    with write_atomic(target) as temporary, pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
        for path in files:
            writer.write_table(_bare(pq.read_table(path)))
    run.finish(summary_dict(summary), [target, run.path / "rejects.jsonl"])
    return summary


def hide_subject(source: str, subject: str) -> str:
    """The hash under which a subject is shared; empty where it has no name."""
    return hash_bytes(f"{source}\x1f{subject}".encode()) if subject else ""


def _bare(table: pa.Table) -> pa.Table:
    """The same rows without thumbnails and points, with ids and subjects as hashes."""
    rows = table.to_pylist()
    hidden = {
        "id": [hash_bytes(row["id"].encode()) for row in rows],
        "source": [""] * len(rows),
        "subject": [hide_subject(row["source"], row["subject"]) for row in rows],
        "thumb": [b""] * len(rows),
        **{name: [b""] * len(rows) for name in ("points", "terms")},
    }
    columns = {name: hidden.get(name, table.column(name)) for name in SCHEMA.names}
    return pa.table(columns, schema=SCHEMA)
