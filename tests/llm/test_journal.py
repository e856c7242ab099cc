"""The journal: whole lines at any cut, on a full disk and after a kill; a killed run goes on."""

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gmai.base import dumps
from gmai.errors import FormatError
from gmai.llm import Answer, FakeScript, FakeServer, Journal


def answer(number, text="x"):
    return Answer(key=f"{number:064x}", text=text, finish="stop", usage={"prompt": 1, "completion": 1})


def test_a_journal_cut_anywhere_keeps_every_whole_line(tmp_path):
    whole = tmp_path / "whole.jsonl"
    with Journal(whole) as journal:
        for i in range(5):
            journal.add(answer(i, "текст" * i))
    data = whole.read_bytes()
    ends = [i + 1 for i, byte in enumerate(data) if byte == 10]
    for cut in range(0, len(data), 7):
        path = tmp_path / "cut.jsonl"
        path.write_bytes(data[:cut])
        kept = sum(end <= cut for end in ends)
        with Journal(path) as journal:
            assert len(journal) == kept
            assert [journal.find(f"{i:064x}") is not None for i in range(5)] == [i < kept for i in range(5)]
            journal.add(answer(9))
        with Journal(path) as journal:
            assert len(journal) == kept + 1 and journal.find(f"{9:064x}").text == "x"


def test_a_file_of_another_kind_is_no_journal(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(dumps({"id": 1}) + b"\n")
    with pytest.raises(FormatError, match="no answer"):
        Journal(tmp_path / "a.jsonl")


def test_answers_are_in_the_file_at_once_and_synced_within_one_group(tmp_path, monkeypatch):
    synced = threading.Event()
    sync = os.fdatasync

    def watched(number):
        sync(number)
        synced.set()

    monkeypatch.setattr(os, "fdatasync", watched)
    with Journal(tmp_path / "a.jsonl") as journal:
        for number in range(3):
            journal.add(answer(number))
            assert len((tmp_path / "a.jsonl").read_bytes().splitlines()) == number + 1
            assert synced.wait(5) and journal.find(f"{number:064x}").key == f"{number:064x}"
            synced.clear()


def test_a_full_disk_is_an_error_and_leaves_whole_lines(tmp_path):
    class Full:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, data):
            self.file.write(bytes(data[:10]))
            raise OSError(28, "No space left on device")

    with Journal(tmp_path / "a.jsonl") as journal:
        journal.add(answer(1))
        file, journal._file = journal._file, Full(journal._file)
        with pytest.raises(OSError, match="No space"):
            journal.add(answer(2))
        journal._file = file
        journal.add(answer(3))
    with Journal(tmp_path / "a.jsonl") as journal:
        assert len(journal) == 2 and journal.find(f"{3:064x}").text == "x"


def test_a_disk_that_cannot_sync_stops_the_run(tmp_path, monkeypatch):
    def broken(_):
        raise OSError(5, "Input/output error")

    journal = Journal(tmp_path / "a.jsonl")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", broken)
        journal.add(answer(1))
        deadline = time.monotonic() + 5
        while journal._failed is None and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(OSError, match="Input/output"):
            journal.add(answer(2))
    with pytest.raises(OSError, match="Input/output"):
        journal.close()


def asking(url, folder, count, in_flight):
    script = Path(__file__).with_name("asking.py")
    return [sys.executable, str(script), url, str(folder / "j.jsonl"), str(folder / "out"), str(count), str(in_flight)]


def kill_often(folder, count, in_flight, kills, latency_ms):
    """Kill a run at random moments, let it end, and return how many answers the server gave in all."""
    draw = random.Random(0)
    journal = folder / "j.jsonl"
    with FakeServer(FakeScript(latency_ms=latency_ms)) as server:
        command = asking(server.url, folder, count, in_flight)
        for wanted in sorted(draw.sample(range(count * 9 // 10), kills)):
            child = subprocess.Popen(command)
            deadline = time.monotonic() + 60
            while child.poll() is None and time.monotonic() < deadline:
                if journal.exists() and journal.read_bytes().count(b"\n") >= wanted:
                    break
                time.sleep(0.002)
            time.sleep(draw.random() * latency_ms / 1000)
            child.kill()
            child.wait()
        subprocess.run(command, check=True)
        return server.counts["answered"]


def check_whole(folder, count):
    assert (folder / "out").read_bytes() == b"".join(b"You asked: question %d\n" % i for i in range(count))
    keys = [line[:80] for line in (folder / "j.jsonl").read_bytes().splitlines()]
    assert len(keys) == len(set(keys)) == count


def test_a_killed_run_goes_on_and_asks_again_only_what_was_under_way(tmp_path):
    """An answer is in the file before the next is read, so a kill can lose those on the way and no other."""
    sent = kill_often(tmp_path, count=400, in_flight=16, kills=4, latency_ms=20)
    check_whole(tmp_path, 400)
    assert 0 <= sent - 400 <= 4 * 16


@pytest.mark.slow
def test_a_run_killed_at_twenty_moments_asks_again_only_what_was_under_way(tmp_path):
    sent = kill_often(tmp_path, count=10_000, in_flight=64, kills=20, latency_ms=50)
    check_whole(tmp_path, 10_000)
    assert 0 <= sent - 10_000 <= 20 * 64
