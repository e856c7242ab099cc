"""Long work over many items: sharded, in worker processes, resumable, every reject counted.

A step is a generator function ``Iterable[A] -> Iterator[B | Reject]``. Items are cut into shards; a shard's outputs are
one file, written whole, then its marker. A re-run skips shards with a marker, so it continues where it was killed and
gives the same bytes, with any number of workers.
"""

import itertools
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import NonNegativeInt, PositiveInt

from gmai.base.codec import iter_jsonl, to_dict
from gmai.base.files import read_json, write_atomic, write_json, write_jsonl
from gmai.base.pool import Death, run_tasks
from gmai.base.progress import Progress
from gmai.base.run import RunFolder
from gmai.errors import GmaiError, RejectLimit
from gmai.types import Reject, record

A = TypeVar("A")
B = TypeVar("B")
logger = logging.getLogger(__name__)


@record
class JobConfig:
    """How a job is run; none of these but ``limit`` and ``shard_size`` changes what it makes."""

    workers: NonNegativeInt = 2
    """Worker processes; 0 works in the calling process."""
    limit: PositiveInt | None = None
    """Take only the first items."""
    shard_size: PositiveInt = 256
    """Items in one output file, the unit of resuming."""
    max_rejects: NonNegativeInt | None = None
    """Stop when more than this many rejects are counted; None sets no limit."""
    resume: bool = True
    """Continue an interrupted run; False empties the output folder first."""
    engine: Literal["local"] = "local"
    """Where shards run."""
    item_timeout_s: float = 120.0
    """Longest time at one item before its worker is ended and the item rejected."""


@record
class Summary:
    """What one job did."""

    name: str
    items: int
    accepted: dict[str, int]
    """Accepted units: samples, images, annotations, questions …"""
    rejected: dict[str, int]
    """Rejected units."""
    reasons: dict[str, int]
    """Rejected units by reason."""

    def line(self, seconds: float) -> str:
        """One line for people: in, out, rejected by reason, seconds."""
        out = ", ".join(f"{count} {unit}" for unit, count in self.accepted.items()) or "nothing"
        reasons = ", ".join(f"{reason} {count}" for reason, count in self.reasons.items())
        lost = f"{sum(self.rejected.values())} rejected" + (f" ({reasons})" if reasons else "")
        return f"{self.name}: {self.items} in, {out} out, {lost}, {seconds:.1f} s"


@dataclass(frozen=True)
class Stage(Generic[A, B]):
    """One kind of work: the step, how a shard of its outputs is written, and what is counted. All picklable."""

    name: str
    step: Callable[[Iterable[A]], Iterator[B | Reject]]
    write: Callable[[Path, Sequence[B]], None]
    pattern: str
    """Path of a shard's file below the run folder, such as ``samples/{shard:05d}.parquet``."""
    count: Callable[[B], Mapping[str, int]]
    item_id: Callable[[A], str] = str
    lost: Callable[[A], Mapping[str, int]] | None = None
    """Units that go with an item whose worker dies at it; one record if not given."""


@dataclass(frozen=True)
class _Shard(Generic[A]):
    index: int
    items: tuple[A, ...]
    dead: tuple[tuple[int, str], ...] = ()
    """Items that ended a worker, with how; they become rejects."""


@dataclass(frozen=True)
class _ShardWork(Generic[A, B]):
    stage: Stage[A, B]
    folder: Path

    def __call__(self, shard: _Shard[A], at: Callable[[int], None]) -> dict[str, Any]:
        rejects = [lost for position, why in shard.dead for lost in _dead(self.stage, shard.items[position], why)]
        outputs: list[B] = []
        for result in self.stage.step(_announce(shard, at)):
            if isinstance(result, Reject):
                rejects.append(result)
            else:
                outputs.append(result)
        if outputs:
            with write_atomic(self.folder / self.stage.pattern.format(shard=shard.index)) as temporary:
                self.stage.write(temporary, outputs)
        counts: Counter[str] = Counter()
        for output in outputs:
            counts.update(self.stage.count(output))
        return _mark(self.folder, self.stage, shard, counts, rejects, bool(outputs))


def run_job(
    run: RunFolder, stage: Stage[A, B], items: Iterable[A], job: JobConfig, total: int | None = None
) -> Summary:
    """Run a stage over items into a run folder; shards that an earlier run finished are kept.

    Args:
        run: the folder; the caller finishes it.
        stage: the work.
        items: cheap, picklable descriptions of what to do, in a fixed order; read lazily.
        job: how to run it.
        total: number of items, for the time left.

    Returns:
        The counts over all shards, old and new.

    Raises:
        RejectLimit: more rejects than ``job.max_rejects``.
    """
    start = time.monotonic()
    limited = itertools.islice(items, job.limit)
    markers: dict[int, dict[str, Any]] = {}
    progress = Progress(stage.name, min(total, job.limit) if total is not None and job.limit is not None else total)

    def pending() -> Iterator[_Shard[A]]:
        for index in itertools.count():
            chunk = tuple(itertools.islice(limited, job.shard_size))
            if not chunk:
                return
            marker = _marker_path(run.path, stage.name, index)
            if marker.exists():
                markers[index] = read_json(marker)
                progress.skip(len(chunk))
            else:
                yield _Shard(index, chunk)

    for shard, marker in _until_done(_ShardWork(stage, run.path), pending(), job):
        markers[shard.index] = marker
        progress.add(len(shard.items))
        _check_limit(markers.values(), job, run.path)
    progress.close()
    _check_limit(markers.values(), job, run.path)
    summary = _summarise(stage.name, markers)
    _collect_rejects(run.path, stage.name, len(markers))
    logger.info("%s", summary.line(time.monotonic() - start))
    return summary


def _until_done(
    work: _ShardWork[A, B], shards: Iterator[_Shard[A]], job: JobConfig
) -> Iterator[tuple[_Shard[A], dict[str, Any]]]:
    again: list[_Shard[A]] = []
    source = shards
    while True:
        for shard, result in run_tasks(work, source, job.workers, job.item_timeout_s):
            if isinstance(result, Death):
                again.append(_without(shard, result))
            else:
                yield shard, result
        if not again:
            return
        source, again = iter(again), []


def _without(shard: _Shard[A], death: Death) -> _Shard[A]:
    known = {position for position, _ in shard.dead}
    if death.position < 0 or death.position in known:
        raise RuntimeError(f"a worker of shard {shard.index} {death.why} at no item of its own")
    return _Shard(shard.index, shard.items, (*shard.dead, (death.position, death.why)))


def _announce(shard: _Shard[A], at: Callable[[int], None]) -> Iterator[A]:
    dead = {position for position, _ in shard.dead}
    for position, item in enumerate(shard.items):
        if position not in dead:
            at(position)
            yield item


def _dead(stage: Stage[A, B], item: A, why: str) -> list[Reject]:
    units = {"record": 1} if stage.lost is None else stage.lost(item)
    return [
        Reject(id=stage.item_id(item), stage=stage.name, reason="worker.died", detail=why, unit=unit, count=count)
        for unit, count in units.items()
        if count
    ]


def _marker_path(folder: Path, name: str, index: int) -> Path:
    return folder / ".work" / name.replace(" ", "-") / f"{index:05d}.json"


def _mark(
    folder: Path, stage: Stage[A, B], shard: _Shard[A], counts: Counter[str], rejects: Sequence[Reject], has_file: bool
) -> dict[str, Any]:
    path = _marker_path(folder, stage.name, shard.index)
    lost: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for reject in rejects:
        lost[reject.unit] += reject.count
        reasons[reject.reason] += reject.count
    write_jsonl(path.with_suffix(".rejects.jsonl"), rejects)
    marker = {
        "items": len(shard.items),
        "accepted": dict(sorted(counts.items())),
        "rejected": dict(sorted(lost.items())),
        "reasons": dict(sorted(reasons.items())),
        "lines": len(rejects),
        "file": stage.pattern.format(shard=shard.index) if has_file else None,
    }
    write_json(path, marker)
    return marker


def _check_limit(markers: Iterable[Mapping[str, Any]], job: JobConfig, folder: Path) -> None:
    count = sum(marker["lines"] for marker in markers)
    if job.max_rejects is not None and count > job.max_rejects:
        fix = f"see {folder}/.work/*/*.rejects.jsonl, mend the source, or raise --max-rejects"
        raise RejectLimit(f"{count} rejects, more than the {job.max_rejects} allowed", where="--max-rejects", fix=fix)


def _summarise(name: str, markers: Mapping[int, Mapping[str, Any]]) -> Summary:
    totals = {key: Counter[str]() for key in ("accepted", "rejected", "reasons")}
    for marker in markers.values():
        for key, total in totals.items():
            total.update(marker[key])
    items = sum(marker["items"] for marker in markers.values())
    return Summary(name=name, items=items, **{key: dict(sorted(total.items())) for key, total in totals.items()})


def _collect_rejects(folder: Path, name: str, shards: int) -> None:
    parts = [_marker_path(folder, name, index).with_suffix(".rejects.jsonl") for index in range(shards)]
    write_jsonl(folder / "rejects.jsonl", (reject for part in parts for reject in iter_jsonl(part, Reject)))


def each(
    function: Callable[[A], Iterable[B | Reject]],
    items: Iterable[A],
    *,
    stage: str,
    item_id: Callable[[A], str],
    unit: str,
) -> Iterator[B | Reject]:
    """Apply ``function`` to each item; a :class:`GmaiError` it raises becomes a reject of that item."""
    for item in items:
        try:
            yield from function(item)
        except GmaiError as error:
            yield Reject(id=item_id(item), stage=stage, reason=error.reason, detail=str(error), unit=unit)


def output_files(run: RunFolder) -> list[Path]:
    """Every file of a run that its manifest should list: all but the description, the state and the manifest itself."""
    skip = {"run.json", "manifest.json"}
    return [
        path
        for path in run.path.rglob("*")
        if path.is_file() and path.relative_to(run.path).parts[0] != ".work" and path.name not in skip
    ]


def summary_dict(summary: Summary) -> dict[str, Any]:
    """A summary as plain data for ``stats.json``."""
    data: dict[str, Any] = to_dict(summary)
    return data
