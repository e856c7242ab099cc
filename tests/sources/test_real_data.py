"""Real public data: accepted + rejected is what each set holds, each reject with its reason (``--data FOLDER``)."""

import json

import pytest

from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.sources import IngestConfig, check_source, find_sources, ingest, read_card

pytestmark = pytest.mark.data

FIGURES = {
    "bccd": {"image": 364, "annotation": 4155 + 372 + 361},
    "brain-tumor2": {"image": 178, "annotation": 233},
    "covid-cxr-segmentations": {"image": 16, "annotation": 93},
    "dsb2018-nuclei": {"image": 38, "annotation": 887},
    "ge-head-ct": {"image": 14},
    "medquad": {"question": 599},
    "msd-hippocampus": {"pair": 40},
    "mts-dialog": {"dialogue": 1301},
    "pneumoniamnist": {"image": 2428 + 270, "annotation": 2428 + 270},
    "pubmedqa": {"question": 300},
    "vqa-rad": {"image": 180, "question": 1296},
}
"""Counts as each set's own description gives them."""
REASONS = {
    "bccd": {"box.degenerate": 2},
    "covid-cxr-segmentations": {"mask.none": 2},
    "medquad": {"text.empty": 183},
    "mts-dialog": {"dialogue.duplicate": 3, "dialogue.empty": 2},
    "vqa-rad": {"annotation.missing": 1, "vqa.duplicate": 4},
}

EXCERPTS = {"covid-cxr-segmentations", "medquad"}
"""Sets of which the folder holds a part, so that the published counts are not met."""


@pytest.fixture(scope="module")
def roots(request):
    folder = request.config.getoption("--data")
    return {card.name: root for card, root in find_sources(folder)} if folder else {}


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_every_unit_of_a_public_set_is_accounted_for(tmp_path, data, roots, name):
    config = IngestConfig(card=name, root=roots[name], out=tmp_path / "raw", job=JobConfig(workers=2))
    summary = ingest(config)
    units = json.loads((tmp_path / "raw/stats.json").read_text())["units"]
    assert {unit: counts["total"] for unit, counts in units.items()} == FIGURES[name]
    assert summary.reasons == REASONS.get(name, {})
    lines = [json.loads(line) for line in (tmp_path / "raw/rejects.jsonl").read_text().splitlines()]
    assert all(line["reason"] and line["detail"] for line in lines)
    samples = [stored.sample for stored in iter_samples(tmp_path / "raw")]
    assert len({sample.id for sample in samples}) == len(samples) == summary.accepted["sample"]
    assert str(data) not in (tmp_path / "raw/rejects.jsonl").read_text()
    assert check_source(read_card(name), roots[name]).agrees is (name not in EXCERPTS)


def test_a_tilted_series_is_told_and_shown_as_it_was_taken(tmp_path, data, roots):
    ingest(IngestConfig(card="ge-head-ct", root=roots["ge-head-ct"], out=tmp_path / "raw", job=JobConfig(workers=0)))
    samples = [stored.sample for stored in iter_samples(tmp_path / "raw")]
    told = {step.name: step.parameters for step in samples[0].provenance.steps}["dicom"]
    assert told["tilt_deg"] == pytest.approx(18.5, abs=0.1) and told["slices"] == 14
    assert told["step_mm"] == pytest.approx(4.0, abs=0.01) and "gaps" not in told
    assert len({sample.subject for sample in samples}) == 1 and not samples[0].annotations
    assert samples[0].images[0].sides == ("L", "P") and samples[0].images[0].window == (35.0, 100.0)
