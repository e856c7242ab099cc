"""One side of a comparison: the fingerprints of all its pictures and texts, as columns that stay small in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gmai.base import JobConfig, Stage, Summary, hash_file, input_key, iter_jsonl, run_job
from gmai.base.run import RunFolder
from gmai.bench import read_tsv
from gmai.corpus import open_corpus
from gmai.curate.prints import THUMB_PX, VARIANTS
from gmai.curate.rows import Asked, BenchRows, CorpusRows, Row, iter_groups
from gmai.errors import ConfigError
from gmai.types import Question, Reject

_TEXTS = ("kind", "id", "source", "subject", "exact", "origin")
_BYTES = ("hashes", "boxes", "thumb", "signature")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        *((name, pa.int64()) for name in ("part", "size")),
        *((name, pa.bool_()) for name in ("alone", "flat")),
        *((name, pa.binary()) for name in _BYTES),
    ]
)
_SHARD = 8
"""Row groups, or rows of a benchmark by the hundred, in one shard."""


@dataclass(frozen=True)
class Side:
    """Columns over all rows; ``pictures`` and ``texts`` are the rows' numbers."""

    name: str
    table: pa.Table
    """The columns that name a row: kind, id, source, subject, exact, origin, part, size, alone, flat."""
    pictures: np.ndarray
    texts: np.ndarray
    hashes: np.ndarray
    """uint64 (pictures, variants)."""
    boxes: np.ndarray
    """float32 (pictures, variants, 4)."""
    thumbs: np.ndarray | None
    """uint8 (pictures, 64, 64), mapped from disk; None of a file that holds hashes alone."""
    signatures: np.ndarray
    """uint32 (texts, 64)."""

    def value(self, column: str, row: int) -> Any:
        """One value."""
        return self.table.column(column)[int(row)].as_py()

    def column(self, name: str, rows: np.ndarray) -> list[Any]:
        """The values of some rows."""
        values: list[Any] = self.table.column(name).take(pa.array(rows)).to_pylist()
        return values


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows of fingerprints; the same rows give the same bytes."""
    columns = {name: [getattr(row, name) for row in rows] for name in SCHEMA.names}
    pq.write_table(pa.table(columns, schema=SCHEMA), path, compression="zstd")


def collect(
    run: RunFolder, name: str, path: Path, job: JobConfig, split: str | None = None
) -> tuple[Summary, list[Path]]:
    """Fingerprint a corpus or a benchmark as a job, into shards of rows.

    Args:
        run: the run folder; the shards lie in its ``.work``.
        name: of the job.
        path: corpus folder, benchmark folder or benchmark file.
        job: how the work is run.
        split: only samples of this split of a corpus.

    Raises:
        ConfigError: nothing that can be compared.
    """
    pattern = f".work/{name.replace(' ', '-')}-rows/{{shard:05d}}.parquet"
    step: Callable[[Iterable[Any]], Iterator[Row | Reject]]
    items: Iterator[Any]
    if (path / "samples").is_dir():
        corpus = open_corpus(path)
        step, items, shard = CorpusRows(name, corpus, split), iter_groups(path), _SHARD
    else:
        step, items, shard = BenchRows(name, path.stem), iter_questions(path), _SHARD * 64
    stage: Stage[Any, Row] = Stage(name, step, write_rows, pattern, _count, _item_name)
    summary = run_job(run, stage, items, replace(job, shard_size=shard))
    return summary, sorted((run.path / pattern).parent.glob("*.parquet"))


def iter_questions(path: Path) -> Iterator[Asked]:
    """The rows of a benchmark folder or file, each with its key where there is one.

    Raises:
        ConfigError: neither a benchmark folder nor a benchmark file.
    """
    files = [path] if path.is_file() else sorted((path / "public").glob("*.tsv"))
    if not files:
        fix = "give a corpus, a benchmark folder, a TSV, or an output folder of gmai corpus fingerprint"
        raise ConfigError("nothing that can be compared", where=str(path), fix=fix)
    for file in files:
        key = file.parent.parent / "key" / f"{file.stem}.jsonl"
        known = {item.index: item for item in iter_jsonl(key, Question)} if key.is_file() else {}
        yield from (Asked(row, known.get(row.index)) for row in read_tsv(file))


def read_side(name: str, files: Sequence[Path], work: Path) -> Side:
    """Gather shards of rows; thumbnails and boxes go to mapped files in ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    names = [column for column in SCHEMA.names if column not in _BYTES]
    tables = [SCHEMA.empty_table().select(names)]
    hashes: list[bytes] = []
    signatures: list[bytes] = []
    width = len(VARIANTS)
    with (work / "thumbs.u8").open("wb") as thumbs, (work / "boxes.f4").open("wb") as boxes:
        for path in files:
            table = pq.read_table(path)
            tables.append(table.select(names))
            for column, take in (("hashes", hashes), ("signature", signatures)):
                take.append(b"".join(value for value in table.column(column).to_pylist() if value))
            for column, out in (("thumb", thumbs), ("boxes", boxes)):
                out.writelines(value for value in table.column(column).to_pylist() if value)
    table = pa.concat_tables(tables).combine_chunks()
    is_picture = np.array(table.column("kind").to_pylist(), object) == "picture"
    pictures = np.flatnonzero(is_picture)
    has_thumbs = (work / "thumbs.u8").stat().st_size > 0
    return Side(
        name=name,
        table=table,
        pictures=pictures,
        texts=np.flatnonzero(~is_picture),
        hashes=np.frombuffer(b"".join(hashes), np.uint64).reshape(-1, width),
        boxes=_map(work / "boxes.f4", np.float32, (width, 4)),
        thumbs=_map(work / "thumbs.u8", np.uint8, (THUMB_PX, THUMB_PX)) if has_thumbs else None,
        signatures=np.frombuffer(b"".join(signatures), np.uint32).reshape(-1, 64),
    )


def side_key(path: Path) -> str:
    """Content hash of what is compared.

    Raises:
        ConfigError: an unfinished run, or nothing there.
    """
    if path.is_file():
        return hash_file(path)
    return open_corpus(path).key if (path / "samples").is_dir() else input_key(path)


def _map(path: Path, kind: Any, shape: tuple[int, ...]) -> np.ndarray:
    if not path.stat().st_size:
        return np.empty((0, *shape), kind)
    return np.memmap(path, kind, "r").reshape(-1, *shape)


def _count(row: Row) -> dict[str, int]:
    return {row.kind: 1}


def _item_name(item: Any) -> str:
    return f"{Path(item.path).name} row group {item.number}" if hasattr(item, "number") else str(item.row.index)
