"""Counting takes no more memory for more rows."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from corpus_files import make_conversation, make_sample

from gmai.base import open_run, output_files
from gmai.corpus import SplitConfig, split_corpus, write_conversations, write_samples
from gmai.types import Turn

COUNT = """
import json, resource, sys
from pathlib import Path
from gmai.corpus import StatsConfig, corpus_stats
stats = corpus_stats(StatsConfig(corpus=Path(sys.argv[1]), out=Path(sys.argv[2])))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"mib": peak / 1024, **stats["totals"]}))
"""
FILE_ROWS = 5_000


def write_rows(folder: Path, samples: int) -> Path:
    """A corpus of so many samples of as many subjects, each with four conversations of other words."""
    run = open_run(folder, "convert", {"made": "by a test"}, {})
    for name in ("samples", "conversations"):
        (folder / name).mkdir()
    for start in range(0, samples, FILE_ROWS):
        stored = [make_sample("aaa", 2 * number, shade=0) for number in range(start, min(start + FILE_ROWS, samples))]
        write_samples(folder / f"samples/aaa-{start:07d}.parquet", stored)
        talks = [
            replace(
                talk, id=f"{talk.id}{place}", turns=(Turn(role="user", text="What " * (number % 60)), talk.turns[1])
            )
            for number, talk in enumerate(make_conversation(item) for item in stored)
            for place in range(4)
        ]
        write_conversations(folder / f"conversations/{start:07d}.parquet", talks)
    run.finish({}, output_files(run))
    split_corpus(SplitConfig(corpus=folder))
    return folder


def count(corpus: Path, out: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", COUNT, str(corpus), str(out)], capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path):
    few = count(write_rows(tmp_path / "few", 5_000), tmp_path / "few-stats")
    many = count(write_rows(tmp_path / "many", 50_000), tmp_path / "many-stats")
    assert (many["samples"], many["subjects"], many["conversations"]) == (50_000, 50_000, 200_000)
    assert many["mib"] - few["mib"] < 60, (few, many)
