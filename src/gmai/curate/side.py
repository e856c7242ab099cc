"""One side of a comparison: the fingerprints of all its pictures and texts, as columns that stay small in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmai.base import JobConfig, Stage, Summary, hash_file, input_key, iter_jsonl, run_job
from gmai.base.run import RunFolder
from gmai.bench import read_tsv
from gmai.corpus import PERMUTATIONS, open_corpus
from gmai.curate.points import POINT
from gmai.curate.prints import THUMB_PX, VARIANTS
from gmai.curate.rows import Asked, BenchRows, CorpusRows, Row, iter_groups
from gmai.errors import ConfigError
from gmai.types import Question, Reject

_TEXTS = ("kind", "id", "source", "subject", "exact", "origin")
_BYTES = ("hashes", "boxes", "thumb", "points", "signature", "terms")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXTS),
        *((name, pa.int64()) for name in ("part", "size")),
        *((name, pa.bool_()) for name in ("alone", "flat")),
        *((name, pa.binary()) for name in _BYTES),
    ]
)
_NAMES = ("kind", "id", "source", "subject", "part")
_NO_KEY = "0" * 32
_SHARD = 16
"""Row groups, or rows of a benchmark by the hundred, in one shard."""


class Ragged(NamedTuple):
    """Lists of several lengths, one after the other."""

    values: np.ndarray
    starts: np.ndarray
    """Where each begins, and the end of the last."""

    def owners(self) -> np.ndarray:
        """For each value the number of its list."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


class Thumbs:
    """Thumbnails in a file, uint8 (64, 64) each, read one by one: few are ever looked at, and mapped pages add up."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __getitem__(self, number: int) -> np.ndarray:
        size = THUMB_PX * THUMB_PX
        return np.fromfile(self._path, np.uint8, size, offset=number * size).reshape(THUMB_PX, THUMB_PX)


@dataclass(frozen=True)
class Side:
    """Columns over all rows, mapped from disk; ``pictures`` and ``texts`` are the rows' numbers."""

    name: str
    table: pa.Table
    """The columns that name a row: kind, id, source, subject, part."""
    pictures: np.ndarray
    texts: np.ndarray
    exact: np.ndarray
    """uint64 (rows, 2): the beginning of the hash of the pixels or words."""
    origin: np.ndarray
    """The same of the source's file with what was cut out of it; 0 where there is none."""
    size: np.ndarray
    alone: np.ndarray
    flat: np.ndarray
    hashes: np.ndarray
    """uint64 (pictures, variants)."""
    boxes: np.ndarray
    """float32 (pictures, variants, 4)."""
    thumbs: Thumbs | None
    """None of a file that holds hashes alone."""
    points: Ragged
    """Of each picture, :data:`gmai.curate.points.POINT`."""
    signatures: np.ndarray
    """uint32 (texts, 64)."""
    terms: Ragged
    """Of each text, uint32, see :func:`gmai.curate.wording.fold_text`."""

    def value(self, column: str, row: int) -> Any:
        """One value of the table."""
        return self.table.column(column)[int(row)].as_py()


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows of fingerprints; the same rows give the same bytes."""
    columns = {name: [getattr(row, name) for row in rows] for name in SCHEMA.names}
    pq.write_table(pa.table(columns, schema=SCHEMA), path, compression="zstd")


def collect(
    run: RunFolder, name: str, path: Path, job: JobConfig, split: str | None = None, points: bool = True
) -> tuple[Summary, list[Path]]:
    """Fingerprint a corpus or a benchmark as a job, into shards of rows.

    Args:
        run: the run folder; the shards lie in its ``.work``.
        name: of the job.
        path: corpus folder, benchmark folder or benchmark file.
        job: how the work is run.
        split: only samples of this split of a corpus.
        points: also look for the points of pictures, by which pieces of them are told.

    Raises:
        ConfigError: nothing that can be compared.
    """
    pattern = f".work/{name.replace(' ', '-')}-rows/{{shard:05d}}.parquet"
    step: Callable[[Iterable[Any]], Iterator[Row | Reject]]
    items: Iterator[Any]
    if (path / "samples").is_dir():
        corpus = open_corpus(path)
        step, items, shard = CorpusRows(name, corpus, split, points), iter_groups(path), _SHARD
    else:
        step, items, shard = BenchRows(name, path.stem, points), iter_questions(path), _SHARD * 64
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
    """Gather shards of rows into files in ``work``, one a column, which are mapped."""
    work.mkdir(parents=True, exist_ok=True)
    lengths: dict[str, list[np.ndarray]] = {"points": [], "terms": []}
    is_picture, flags, sizes = [], [], []
    schema = pa.schema([SCHEMA.field(column) for column in _NAMES])
    with ExitStack() as stack:
        names = stack.enter_context(pa.ipc.new_file(work / "names.arrow", schema))
        out = {each: stack.enter_context((work / each).open("wb")) for each in ("exact", "origin", *_BYTES)}
        for path in files:
            table = pq.read_table(path).combine_chunks()
            names.write_table(table.select(_NAMES))
            is_picture.append(np.array(table.column("kind").to_pylist(), object) == "picture")
            flags.append(np.array([table.column("alone").to_pylist(), table.column("flat").to_pylist()], bool))
            sizes.append(table.column("size").to_numpy())
            for column in ("exact", "origin"):
                out[column].write(
                    bytes.fromhex("".join(key[:32] or _NO_KEY for key in table.column(column).to_pylist()))
                )
            for column in _BYTES:
                out[column].writelines(data for data in table.column(column).to_pylist() if data)
            for column, kind in (("points", "picture"), ("terms", "text")):
                mine = table.filter(pc.equal(table.column("kind"), kind))
                lengths[column].append(pc.binary_length(mine.column(column)).to_numpy())
    pictures = _join(is_picture, bool)
    alone, flat = np.concatenate([np.zeros((2, 0), bool), *flags], axis=1)
    width = len(VARIANTS)
    return Side(
        name=name,
        table=pa.ipc.open_file(pa.memory_map(str(work / "names.arrow"))).read_all(),
        pictures=np.flatnonzero(pictures),
        texts=np.flatnonzero(~pictures),
        exact=_map(work / "exact", np.uint64, (2,)),
        origin=_map(work / "origin", np.uint64, (2,)),
        size=_join(sizes, np.int64),
        alone=alone,
        flat=flat,
        hashes=_map(work / "hashes", np.uint64, (width,)),
        boxes=_map(work / "boxes", np.float32, (width, 4)),
        thumbs=Thumbs(work / "thumb") if (work / "thumb").stat().st_size else None,
        points=_ragged(work / "points", POINT, lengths["points"]),
        signatures=_map(work / "signature", np.uint32, (PERMUTATIONS,)),
        terms=_ragged(work / "terms", np.dtype(np.uint32), lengths["terms"]),
    )


def side_key(path: Path) -> str:
    """Content hash of what is compared.

    Raises:
        ConfigError: an unfinished run, or nothing there.
    """
    if path.is_file():
        return hash_file(path)
    return open_corpus(path).key if (path / "samples").is_dir() else input_key(path)


def _join(parts: Sequence[np.ndarray], kind: Any) -> np.ndarray:
    return np.concatenate([np.zeros(0, kind), *parts])


def _ragged(path: Path, kind: np.dtype[Any], lengths: Sequence[np.ndarray]) -> Ragged:
    counts = _join(lengths, np.int64) // kind.itemsize
    return Ragged(_map(path, kind, ()), np.append(0, np.cumsum(counts)))


def _map(path: Path, kind: Any, shape: tuple[int, ...]) -> np.ndarray:
    if not path.stat().st_size:
        return np.empty((0, *shape), kind)
    return np.memmap(path, kind, "r").reshape(-1, *shape)


def _count(row: Row) -> dict[str, int]:
    return {row.kind: 1}


def _item_name(item: Any) -> str:
    return f"{Path(item.path).name} row group {item.number}" if hasattr(item, "number") else str(item.row.index)
