"""Public sets of every kind, each read by the card that is drafted for it (``--data FOLDER``)."""

import json
import time
from pathlib import Path

import pytest

from gmai.base import JobConfig
from gmai.sources import IngestConfig, InitConfig, ingest, init_source, read_card
from pool_sets import SETS, change, copy_set, count_changes

pytestmark = pytest.mark.data
MOST_CHANGES = 10
INIT_SECONDS, INGEST_SECONDS = 10.0, 180.0
"""Of the processor, and on the clock."""


@pytest.mark.parametrize("each", SETS, ids=lambda each: each.folder)
def test_a_set_is_read_whole_by_its_drafted_card(tmp_path, data, each):
    root = copy_set(data, each, tmp_path)
    start = time.process_time()
    (draft,) = init_source(InitConfig(folder=root)).drafts
    assert time.process_time() - start <= INIT_SECONDS
    assert draft.format == each.format
    text = change(draft.text, each.changes)
    assert count_changes(draft.text, text) <= min(MOST_CHANGES, len(each.changes))
    card = tmp_path / "card.yaml"
    card.write_text(text, encoding="utf-8")
    assert read_card(card).format == each.format
    start = time.monotonic()
    summary = ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=2)))
    assert time.monotonic() - start <= INGEST_SECONDS
    units = json.loads((tmp_path / "raw/stats.json").read_text())["units"]
    totals = {unit: counts["total"] for unit, counts in units.items()}
    assert {unit: totals.get(unit) for unit in each.figures} == each.figures
    if each.files:
        assert totals["image"] + totals["pair"] == each.files
    assert all(counts["accepted"] + counts["rejected"] == counts["total"] for counts in units.values())
    lines = [json.loads(line) for line in (tmp_path / "raw/rejects.jsonl").read_text().splitlines()]
    assert all(line["reason"] and line["detail"] for line in lines)
    assert sum(line["count"] for line in lines) == sum(summary.reasons.values())


def test_every_set_of_these_kinds_is_among_them(data):
    kinds = {each.folder.partition("/")[0] for each in SETS}
    there = {path.relative_to(data).as_posix() for kind in kinds for path in Path(data, kind).iterdir()}
    assert there == {each.folder for each in SETS}
