"""A graph of tasks: order by need, errors and deaths reach the caller, workers end with their parent."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from gmai.base import Task, run_graph
from gmai.errors import ConfigError, ImageError


def append(path: str, text: str) -> str:
    with Path(path).open("a") as out:
        out.write(text)
    return text


def fail() -> None:
    raise ImageError("cut short", where="a.png")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_tasks_run_after_what_they_need(tmp_path):
    path = str(tmp_path / "log")
    seen = []
    tasks = [
        Task("c", partial(append, path, "c"), ("b", "a")),
        Task("b", partial(append, path, "b"), ("a",)),
        Task("a", partial(append, path, "a")),
    ]
    results = run_graph(tasks, 2, lambda name, result: seen.append(name))
    assert results == {"a": "a", "b": "b", "c": "c"} and seen == ["a", "b", "c"]
    assert Path(path).read_text() == "abc"


def test_what_a_task_raises_reaches_the_caller():
    with pytest.raises(ImageError, match="cut short"):
        run_graph([Task("a", fail)], 1, lambda name, result: None)
    with pytest.raises(RuntimeError, match="process died"):
        run_graph([Task("a", die)], 1, lambda name, result: None)


def test_a_circle_is_refused():
    with pytest.raises(ConfigError, match="never run: a, b"):
        run_graph([Task("a", fail, ("b",)), Task("b", fail, ("a",))], 1, lambda name, result: None)


def test_workers_end_soon_after_a_killed_parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        "import time, os, sys\nfrom functools import partial\nfrom pathlib import Path\n"
        "from gmai.base import Task, run_graph\n"
        "def work(path):\n    Path(path).write_text(str(os.getpid()))\n    time.sleep(60)\n"
        "if __name__ == '__main__':\n    run_graph([Task('a', partial(work, sys.argv[1]))], 1, print)\n"
    )
    note = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, str(script), str(note)])
    until = time.monotonic() + 20
    while not (note.exists() and note.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    worker = int(note.read_text())
    parent.kill()
    parent.wait()
    while Path(f"/proc/{worker}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()
