"""An import or a build that is killed at any moment ends on the next run with the bytes of an uninterrupted one."""

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from corpus_files import make_corpus, make_sample

from gmai.base import JobConfig
from gmai.cli import main
from gmai.corpus import ExportConfig, export_corpus, iter_conversations, iter_records
from gmai.images import draw_view

SOURCES = ("aaa", "bbb", "ccc")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A corpus of three sources, its export, and what an import and a build make of them uninterrupted."""
    folder = tmp_path_factory.mktemp("made")
    make_corpus(folder / "corpus", {name: [make_sample(name, number) for number in range(300)] for name in SOURCES})
    config = ExportConfig(corpus=folder / "corpus", format="llava", out=folder / "export", job=JobConfig(workers=0))
    export_corpus(config, draw_view)
    for name in ("import", "build"):
        finish(folder, name, folder / name)
    return folder


def command(made: Path, name: str, out: Path) -> list[str]:
    if name == "import":
        return ["corpus", "import", "llava", str(made / "export"), "-o", str(out), "--quiet"]
    return ["corpus", "build", str(made / "corpus"), "-o", str(out), "--set", "sources=[aaa, ccc]", "--quiet"]


def finish(made: Path, name: str, out: Path) -> None:
    result = CliRunner().invoke(main, command(made, name, out), catch_exceptions=False)
    assert result.exit_code == 0, result.output


def kill(made: Path, name: str, out: Path, files: int) -> bool:
    """Kill a run once there are so many files, temporary ones too; False if it ended before."""
    process = subprocess.Popen([sys.executable, "-m", "gmai", *command(made, name, out)])
    while process.poll() is None and sum(path.is_file() for path in out.rglob("*")) < files:
        time.sleep(0.001)
    process.kill()
    return process.wait() == -signal.SIGKILL and not (out / "manifest.json").exists()


def check(made: Path, name: str, out: Path, files: int) -> bool:
    killed = kill(made, name, out, files)
    finish(made, name, out)
    assert (out / "manifest.json").read_bytes() == (made / name / "manifest.json").read_bytes()
    whole = {path.relative_to(made / name) for path in (made / name).rglob("*") if path.is_file()}
    assert {path.relative_to(out) for path in out.rglob("*") if path.is_file()} == whole
    for found in (iter_records(out), iter_conversations(out)):
        assert max(Counter(item.id for item in found).values()) == 1
    return killed


@pytest.mark.parametrize(("name", "files"), [("import", 6), ("build", 3)])
def test_a_killed_run_ends_the_same(made, tmp_path, name, files):
    assert check(made, name, tmp_path / "out", files)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["import", "build"])
def test_a_run_killed_at_any_moment_ends_the_same(made, tmp_path, name):
    assert sum(check(made, name, tmp_path / str(files), files) for files in range(1, 10)) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["import", "build"])
def test_a_run_killed_twice_ends_the_same(made, tmp_path, name):
    killed = [kill(made, name, tmp_path / "out", files) for files in (2, 5)]
    assert any(killed)
    check(made, name, tmp_path / "out", 4)
