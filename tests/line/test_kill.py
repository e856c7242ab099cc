"""Any command of the line, killed at any moment, finishes on the next run with the bytes of an uninterrupted one."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from the_line import CARDS, Line, gmai

from gmai.base import dumps, loads
from gmai.base.files import hash_bytes, hash_file
from gmai.cli import main
from gmai.train.meters import MEASURED

NOT_HELD = {"run.json", "manifest.json", "train.html"}
QUICK = (*(f"raw/{card}" for card in CARDS), "corpus", "split", "bench")
TRAINED = ("model", "train/stage0-text", "train/stage0-vision", "train/stage1", "eval/likelihood")


def run(line: Line, name: str) -> None:
    """Run one command to its end, in this process and without workers: neither may change a byte."""
    arguments = line.command(name)
    if "--workers" in arguments:
        arguments[arguments.index("--workers") + 1] = "0"
    result = CliRunner().invoke(main, [*arguments, "--quiet"], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def kill(line: Line, name: str, files: int) -> bool:
    """Run one command and kill it once it has written so many files; False if it ended before."""
    process = subprocess.Popen(gmai(line.command(name)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = folder_of(line, name)
    while process.poll() is None and sum(path.is_file() for path in folder.rglob("*")) < files:
        time.sleep(0.002)
    process.kill()
    return process.wait() == -signal.SIGKILL


def contents(folder: Path) -> dict[str, str]:
    """Hash of each file of a run; the run's description, its page and what its log measures may differ."""
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        layer = folder.name == "corpus" and inside.parts[0] == "split"
        if path.is_dir() or layer or path.name in NOT_HELD or inside.parts[0] == ".work":
            continue
        if path.name == "log.jsonl":
            lines = [loads(line) for line in path.read_bytes().splitlines()]
            found[str(inside)] = hash_bytes(b"\n".join(dumps({**line, **dict.fromkeys(MEASURED, 0)}) for line in lines))
        else:
            found[str(inside)] = hash_file(path)
    return found


def folder_of(line: Line, name: str) -> Path:
    return line.root / ("corpus/split" if name == "split" else name)


@pytest.fixture(scope="module")
def whole(hospital, tmp_path_factory) -> Line:
    """Every quick command, uninterrupted."""
    root = tmp_path_factory.mktemp("whole")
    line = Line(root, hospital, root)
    for name in QUICK:
        run(line, name)
    return line


def check(line: Line, name: str, root: Path, files: int) -> bool:
    """Kill a command after so many files, run it to the end and compare with the uninterrupted run; True if killed."""
    again = Line(root, line.files, line.made)
    if name == "split":
        shutil.copytree(line.root / "corpus", root / "corpus", ignore=shutil.ignore_patterns("split"))
    killed = kill(again, name, files)
    run(again, name)
    assert contents(folder_of(again, name)) == contents(folder_of(line, name))
    return killed


@pytest.mark.parametrize("name", ["raw/phantom-ct", "corpus", "bench"])
def test_a_killed_command_continues(whole, tmp_path, name):
    assert check(whole, name, tmp_path, 5)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_every_data_command_at_five_moments(whole, tmp_path, name):
    assert any([check(whole, name, tmp_path / str(files), files) for files in (1, 2, 4, 7, 11)])


@pytest.fixture(scope="module")
def learned(whole) -> Line:
    """Every learning command, uninterrupted."""
    for name in TRAINED:
        run(whole, name)
    return whole


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_every_learning_command_at_five_moments(learned, tmp_path, name):
    assert any([check(learned, name, tmp_path / str(files), files) for files in (1, 2, 3, 5, 8)])
