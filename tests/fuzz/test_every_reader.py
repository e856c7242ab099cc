"""Every reader, its files damaged thousands of times: sound, or an error or reject with a reason; nothing else, ever.

No input takes over 5 s or a gigabyte more than the reader needs anyway, none makes a file or opens a connection. A
child process does the work; a decoder that ends it would end a worker of ingest, which goes on without the item.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from siege import besiege
from subjects import SUBJECTS

from gmai.annotations import FORMATS

SLICE = 48
MANY = 10_000
DEADLY = {"dicom jpeg", "dicom jpeg-ls"}
"""GDCM ends its process on some damaged frames; ingest loses the file and says so (see ``test_dicom_crash.py``)."""
PARTS = 6
"""Child processes that share the slice: starting one costs more than its inputs."""


@pytest.mark.parametrize("part", range(PARTS))
def test_a_seeded_slice(part, tmp_path):
    names = [name for name in SUBJECTS if name not in DEADLY][part::PARTS]
    out = tmp_path / "outcomes.jsonl"
    command = [sys.executable, str(Path(__file__).with_name("attack.py")), "|".join(names), "0", str(SLICE), str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert ended.returncode == 0, (ended.stderr[-2000:], found[-1:])
    assert [each for each in found if any(outcome.startswith("BAD") for outcome in each[2])] == []
    assert len({(name, index) for name, index, _ in found}) == SLICE * len(names)


@pytest.mark.parametrize("name", sorted(DEADLY))
def test_a_seeded_slice_of_what_may_end_a_process(name, tmp_path):
    found = besiege(name, 0, SLICE, tmp_path)
    assert not [outcome for outcome in found if outcome.startswith("BAD")] and found.total() >= SLICE


@pytest.mark.slow
@pytest.mark.parametrize("name", SUBJECTS)
def test_ten_thousand(name, tmp_path):
    found = besiege(name, 0, MANY, tmp_path)
    wrong = ("BAD",) if name in DEADLY else ("BAD", "death")
    assert not [outcome for outcome in found if outcome.startswith(wrong)] and found.total() >= MANY


def test_every_format_is_attacked():
    attacked = {subject.card["format"] for subject in SUBJECTS.values()}
    assert attacked == set(FORMATS.names())
