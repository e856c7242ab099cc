"""Several processes share the questions of a run: the bytes of one, whoever is killed, and each batch asked once."""

import collections
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gmai.base import dumps, hash_file, iter_jsonl
from gmai.bench import write_tsv
from gmai.errors import ConfigError
from gmai.evaluate import RunConfig, run_model
from gmai.evaluate.journal import Journal
from gmai.evaluate.queue import Queue
from gmai.llm import FakeScript, FakeServer
from gmai.types import Prediction

QUESTIONS, BATCH = 103, 5
BATCHES = -(-QUESTIONS // BATCH)
COLUMNS = ("index", "question", "A", "B", "C")


def write_questions(path: Path, order: list[int]) -> Path:
    write_tsv(path, [{"index": n, "question": f"{n}?", "A": "a", "B": "b", "C": "c"} for n in order], COLUMNS)
    return path


@pytest.fixture(scope="module")
def tsv(tmp_path_factory) -> Path:
    return write_questions(tmp_path_factory.mktemp("queue") / "q.tsv", list(range(QUESTIONS)))


def start(tsv: Path, out: Path, rank: int, count: int, slow_s: float = 0.02) -> subprocess.Popen:
    command = [sys.executable, "-m", "gmai", "eval", "run", str(tsv), "--runner", "slow_runner:open_slow"]
    command += ["-o", str(out), "--batch", str(BATCH), "--name", "slow", "--quiet"]
    names = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "SLOW_S": slow_s}
    numbers = {name: str(value) for name, value in names.items()}
    path = os.pathsep.join(filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]))
    own = {"PYTHONPATH": path, "ASKED": str(out.with_suffix(".log"))}
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **numbers, **own})


def run_together(tsv: Path, out: Path, count: int, slow_s: float = 0.02) -> None:
    processes = [start(tsv, out, rank, count, slow_s) for rank in reversed(range(count))]
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * count
    assert [bool(text) for text in said] == [False] * (count - 1) + [True]  # the first process speaks


def hashes(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hash_file(p) for p in folder.rglob("*") if p.is_file() and p.name != "run.json"}


def asked(out: Path) -> dict[str, list[str]]:
    """For each batch, who was asked it, in order."""
    found = collections.defaultdict(list)
    for line in out.with_suffix(".log").read_text().splitlines():
        rank, _, batch = line.partition(": ")
        found[batch].append(rank)
    return found


@pytest.fixture(scope="module")
def whole(tsv, tmp_path_factory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("whole") / "out"
    run_together(tsv, out, 1, 0)
    assert len(asked(out)) == BATCHES
    return hashes(out)


def wait_for(out: Path, rank: int, batches: int, process: subprocess.Popen) -> None:
    """Until a process has been asked so many batches."""
    log = out.with_suffix(".log")
    while not log.exists() or log.read_text().count(f"{rank}: ") < batches:
        assert process.poll() is None
        time.sleep(0.005)


def test_processes_share_the_batches_and_write_the_same_bytes(tsv, whole, tmp_path):
    run_together(tsv, tmp_path / "out", 3, 0.1)
    assert hashes(tmp_path / "out") == whole
    who = asked(tmp_path / "out")
    assert len(who) == BATCHES and all(len(ranks) == 1 for ranks in who.values())
    assert len({rank for ranks in who.values() for rank in ranks}) > 1
    assert not (tmp_path / "out/.work").exists()


@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_process_leaves_its_batch_to_the_others(tsv, whole, tmp_path, killed):
    processes = [start(tsv, tmp_path / "out", rank, 2, 0.15) for rank in range(2)]
    wait_for(tmp_path / "out", killed, 2, processes[killed])
    processes[killed].kill()
    assert processes[killed].wait() == -signal.SIGKILL
    assert processes[1 - killed].wait(timeout=120) == 0
    assert hashes(tmp_path / "out") == whole
    who = asked(tmp_path / "out")
    again = {batch: ranks for batch, ranks in who.items() if len(ranks) > 1}
    assert len(who) == BATCHES
    assert all(ranks == [str(killed), str(1 - killed)] for ranks in again.values()) and len(again) <= 1
    for process in processes:
        process.stdout.close()


def test_another_number_of_processes_goes_on_after_all_were_killed(tsv, whole, tmp_path):
    processes = [start(tsv, tmp_path / "out", rank, 3, 0.1) for rank in range(3)]
    wait_for(tmp_path / "out", 0, 3, processes[0])
    for process in processes:
        process.kill()
        process.communicate()
    assert not (tmp_path / "out/manifest.json").exists()
    run_together(tsv, tmp_path / "out", 2, 0)
    assert hashes(tmp_path / "out") == whole
    assert sum(len(ranks) - 1 for ranks in asked(tmp_path / "out").values()) <= 3


def test_a_process_that_comes_late_finds_the_run_finished(tsv, whole, tmp_path):
    run_together(tsv, tmp_path / "out", 1, 0)
    late = start(tsv, tmp_path / "out", 3, 4)
    assert (late.communicate(timeout=60)[0], late.returncode) == (b"", 0)
    assert hashes(tmp_path / "out") == whole


def test_questions_in_another_order_have_the_same_answers(tsv, whole, tmp_path):
    order = list(range(QUESTIONS))
    random.Random(1).shuffle(order)
    run_together(write_questions(tmp_path / "q.tsv", order), tmp_path / "out", 2)
    assert hashes(tmp_path / "out")["predictions.jsonl"] == whole["predictions.jsonl"]
    assert all(batch.split() == sorted(batch.split(), key=int) for batch in asked(tmp_path / "out"))


def test_a_server_is_asked_by_one_process(tsv, tmp_path):
    with FakeServer(FakeScript(latency_ms=5)) as server:
        command = [sys.executable, "-m", "gmai", "eval", "run", str(tsv), "--model", f"m=openai:fake@{server.url}"]
        command += ["-o", str(tmp_path / "out"), "--batch", "7", "--quiet"]
        processes = [
            subprocess.Popen(
                command, stdout=subprocess.DEVNULL, env={**os.environ, "RANK": str(rank), "WORLD_SIZE": "2"}
            )
            for rank in range(2)
        ]
        assert [process.wait(timeout=120) for process in processes] == [0, 0]
        assert server.counts["answered"] == QUESTIONS
    answers = list(iter_jsonl(tmp_path / "out/predictions.jsonl", Prediction))
    assert [answer.index for answer in answers] == list(range(QUESTIONS))


def test_workers_read_what_others_have_answered_but_no_torn_line(tmp_path):
    def answer(index: int) -> Prediction:
        return Prediction(index=index, mode="baseline", choice="A")

    with Journal(tmp_path, 0, sync_s=0) as first, Journal(tmp_path, 1, sync_s=0) as second:
        second.add([answer(4), answer(2)])
        assert (4, 0) not in first
        first.refresh()
        assert (4, 0) in first and (2, 0) in first
        first.add([answer(4), answer(1)])
        line = dumps(answer(3))
        with second.path.open("ab") as torn:
            torn.write(line[:9])
            torn.flush()
            first.refresh()
            assert (3, 0) not in first
            torn.write(line[9:] + b"\n")
        first.refresh()
        assert [found.index for found in first.answers()] == [1, 2, 3, 4]


def hold(path: Path, number: int, has) -> None:
    with Queue(path) as queue:
        has.put((queue.claim(number), queue.claim(number + 1)))
        time.sleep(60)


def test_a_claim_ends_with_its_process(tmp_path):
    context = multiprocessing.get_context("fork")
    with Queue(tmp_path / "queue") as queue:
        assert queue.claim(7)
        has = context.Queue()
        other = context.Process(target=hold, args=(tmp_path / "queue", 7, has))
        other.start()
        assert has.get(timeout=30) == (False, True)
        assert not queue.claim(8) and queue.claim(9)
        other.kill()
        other.join()
        assert queue.claim(8, wait=True)


def test_only_one_process_may_start_over(tsv, tmp_path, monkeypatch):
    config = RunConfig(tsv=tsv, out=tmp_path / "out", runner="random", resume=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="start a run over"):
        run_model(config)
    monkeypatch.setenv("RANK", "2")
    with pytest.raises(ConfigError, match="number no process"):
        run_model(config)
