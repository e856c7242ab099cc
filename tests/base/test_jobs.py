"""Jobs: same bytes however they are run, rejects counted once, a worker's death costs one item."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from gmai.base import JobConfig, Stage, Summary, open_run, output_files, pool, run_job, summary_dict, write_jsonl
from gmai.base.files import hash_file
from gmai.base.pool import run_tasks
from gmai.errors import ConfigError, RejectLimit
from gmai.types import Reject


def double(items: Iterable[int], *, deadly: int = -1, slow: int = -1, after: str = "") -> Iterator[dict | Reject]:
    for item in items:
        if item == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        if item == slow:
            time.sleep(60)
        if after and item >= 40 and not Path(after).exists():
            Path(after).touch()
            raise RuntimeError("interrupted")
        if item % 7 == 3:
            yield Reject(id=str(item), stage="double", reason="odd.three", detail="three", unit="sample")
        else:
            yield {"value": item * 2}


def write(path: Path, outputs: Sequence[dict]) -> None:
    write_jsonl(path, outputs)


def count(output: dict) -> dict[str, int]:
    return {"sample": 1}


def units(item: int) -> dict[str, int]:
    return {"image": 1, "annotation": item + 2, "question": 0}


def run(folder: Path, job: JobConfig, **options: object) -> Summary:
    opened = open_run(folder, "double", {"n": 100}, {}, resume=job.resume)
    step = partial(double, **options)
    stage = Stage(name="double", step=step, write=write, pattern="out/{shard:05d}.jsonl", count=count)
    summary = run_job(opened, stage, range(100), job)
    opened.finish(summary_dict(summary), output_files(opened))
    return summary


def hashes(folder: Path) -> dict[str, str]:
    skip = {"run.json"}
    return {str(p.relative_to(folder)): hash_file(p) for p in folder.rglob("*") if p.is_file() and p.name not in skip}


def test_same_bytes_with_any_number_of_workers(tmp_path):
    one = run(tmp_path / "a", JobConfig(workers=0, shard_size=16))
    two = run(tmp_path / "b", JobConfig(workers=2, shard_size=16))
    assert one == two
    assert one.accepted == {"sample": 86} and one.rejected == {"sample": 14} and one.reasons == {"odd.three": 14}
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_interrupted_run_continues_and_counts_nothing_twice(tmp_path):
    whole = run(tmp_path / "a", JobConfig(workers=0, shard_size=16))
    flag = str(tmp_path / "flag")
    with pytest.raises(RuntimeError, match="interrupted"):
        run(tmp_path / "b", JobConfig(workers=1, shard_size=16), after=flag)
    first = (tmp_path / "b/out/00000.jsonl").stat().st_mtime_ns
    assert run(tmp_path / "b", JobConfig(workers=1, shard_size=16), after=flag) == whole
    assert (tmp_path / "b/out/00000.jsonl").stat().st_mtime_ns == first
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_a_dead_or_hanging_worker_is_one_reject(tmp_path):
    job = JobConfig(workers=2, shard_size=16, item_timeout_s=1.5)
    summary = run(tmp_path / "a", job, deadly=18, slow=65)
    assert summary.reasons == {"odd.three": 14, "worker.died": 2}
    assert summary.accepted == {"sample": 84}


def test_what_goes_with_a_dead_worker_is_counted_in_its_units(tmp_path):
    opened = open_run(tmp_path / "a", "double", {}, {})
    stage = Stage(
        name="double",
        step=partial(double, deadly=1),
        write=write,
        pattern="out/{shard:05d}.jsonl",
        count=count,
        lost=units,
    )
    summary = run_job(opened, stage, range(2), JobConfig(workers=1))
    assert summary.rejected == {"annotation": 3, "image": 1} and summary.reasons == {"worker.died": 4}


def test_reject_limit_stops_the_run(tmp_path):
    with pytest.raises(RejectLimit, match="more than the 3 allowed"):
        run(tmp_path / "a", JobConfig(workers=0, shard_size=16, max_rejects=3))
    assert not (tmp_path / "a/manifest.json").exists()


def test_another_run_in_the_folder_is_an_error(tmp_path):
    run(tmp_path / "a", JobConfig(workers=0))
    with pytest.raises(ConfigError, match="holds another run"):
        open_run(tmp_path / "a", "double", {"n": 101}, {})
    (tmp_path / "b").mkdir()
    (tmp_path / "b/precious.txt").touch()
    with pytest.raises(ConfigError, match="no run of gmai"):
        open_run(tmp_path / "b", "double", {"n": 100}, {}, resume=False)
    assert (tmp_path / "b/precious.txt").exists()


def read_variable(task, at):
    from gmai.base import environment

    return environment("GMAI_TEST_VARIABLE")


def test_workers_have_the_environment_of_the_moment(monkeypatch):
    found = []
    for value in ("first", "second"):
        monkeypatch.setenv("GMAI_TEST_VARIABLE", value)
        found += [result for _, result in run_tasks(read_variable, [0], 1, 60)]
    assert found == ["first", "second"]


def test_a_worker_whose_parent_died_while_it_started_begins_nothing(monkeypatch):
    class Gone:
        def is_alive(self):
            return False

        def join(self):
            threading.Event().wait()

    monkeypatch.setattr(pool.multiprocessing, "parent_process", Gone)
    monkeypatch.setattr(pool.signal, "signal", lambda *_: None)
    ours, theirs = multiprocessing.Pipe()
    ours.send("a task")
    begun = []
    pool._serve(lambda task, at: begun.append(task), theirs, None, None, pool.whole_environment())
    assert begun == []
