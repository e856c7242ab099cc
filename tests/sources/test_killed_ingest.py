"""An ingest that is killed at any moment continues to the same bytes."""

import signal
import subprocess
import sys
import time

import pytest

import make

ARGUMENTS = ["--workers", "2", "--shard-size", "8", "--quiet"]


def command(root, out):
    given = ["source", "ingest", "pneumoniamnist", "--root", str(root), "-o", str(out)]
    return [sys.executable, "-m", "gmai", *given, *ARGUMENTS]


def everything(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "run.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.slow
def test_a_killed_ingest_continues_to_the_same_bytes(tmp_path):
    make.medmnist(tmp_path / "f/pneumoniamnist.npz", {"train": 3000, "val": 100})
    start = time.monotonic()
    subprocess.run(command(tmp_path / "f", tmp_path / "whole"), check=True)
    seconds = time.monotonic() - start
    whole = everything(tmp_path / "whole")
    assert "manifest.json" in whole and len([name for name in whole if name.startswith("samples/")]) == 388
    killed = 0
    for share in (0.2, 0.4, 0.6, 0.8, 0.95):
        out = tmp_path / f"at{share}"
        with subprocess.Popen(command(tmp_path / "f", out)) as process:
            time.sleep(seconds * share)
            process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
        subprocess.run(command(tmp_path / "f", out), check=True)
        assert everything(out) == whole, share
    assert killed >= 3
