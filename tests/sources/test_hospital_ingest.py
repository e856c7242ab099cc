"""The drawn hospital read through its cards: the annotations say what was drawn, and the broken files are rejects."""

import json

import numpy as np
import pytest

from gmai.annotations import find_facts
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.images import decode_mask
from gmai.phantoms import HospitalConfig, read_truth, write_hospital
from gmai.sources import IngestConfig, find_sources, ingest

HERE = JobConfig(workers=0)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    """A hospital of a few patients, ingested: its truth, its samples by source, its rejects."""
    folder = tmp_path_factory.mktemp("hospital")
    write_hospital(
        HospitalConfig(out=folder / "h", ct=6, xray=8, histology=6, fundus=3, ultrasound=8, text=5, job=HERE)
    )
    samples, rejects = {}, {}
    for card, root in find_sources(folder / "h"):
        assert root == folder / "h/files"
        ingest(IngestConfig(card=card.name, root=root, out=folder / card.name, job=HERE))
        samples[card.name] = [stored.sample for stored in iter_samples(folder / card.name)]
        lines = (folder / card.name / "rejects.jsonl").read_text().splitlines()
        rejects[card.name] = [json.loads(line) for line in lines]
    return list(read_truth(folder / "h")), samples, rejects


def truth_of(truths, source):
    return {truth.file: truth for truth in truths if truth.source == source}


def facts_of(sample):
    return {fact.kind: fact.answer for fact in find_facts(sample) if fact.view.granularity == "image"}


def test_all_six_wards_are_found(hospital):
    _, samples, _ = hospital
    wards = ("ct", "fundus", "histology", "text", "ultrasound", "xray")
    assert {name: bool(found) for name, found in samples.items()} == {f"phantom-{ward}": True for ward in wards}
    assert len(samples["phantom-text"]) == 5


def test_the_slices_of_a_ct_show_the_finding_where_it_was_put(hospital):
    truths, samples, _ = hospital
    truth = truth_of(truths, "phantom-ct")
    assert len(samples["phantom-ct"]) == 12
    for sample in samples["phantom-ct"]:
        drawn = truth[sample.images[0].uri.rpartition("/")[0]]
        facts = facts_of(sample)
        assert facts["finding"] == drawn.finding and facts.get("location", drawn.location) == drawn.location
        assert sample.images[0].index in drawn.frames and sample.images[0].sides == ("L", "P")
    assert sum("location" in facts_of(sample) for sample in samples["phantom-ct"]) >= 8
    assert len({sample.subject for sample in samples["phantom-ct"]}) == 6


@pytest.mark.parametrize("ward", ["xray", "ultrasound"])
def test_boxes_and_masks_show_the_finding_where_it_was_put(hospital, ward):
    truths, samples, _ = hospital
    truth = truth_of(truths, f"phantom-{ward}")
    assert len(samples[f"phantom-{ward}"]) == 8
    for sample in samples[f"phantom-{ward}"]:
        drawn, facts = truth[sample.images[0].uri], facts_of(sample)
        assert facts["finding"] == drawn.finding and facts.get("location", drawn.location) == drawn.location
        if ward == "ultrasound":
            (mask,) = sample.annotations
            assert int(np.count_nonzero(decode_mask(mask.rle, mask.size))) == drawn.area_px
        else:
            assert [box.xyxy for box in sample.annotations] == [box.xyxy for box in drawn.boxes]


def test_cells_and_grades_are_those_drawn(hospital):
    truths, samples, _ = hospital
    cells, grades = truth_of(truths, "phantom-histology"), truth_of(truths, "phantom-fundus")
    for sample in samples["phantom-histology"]:
        drawn = cells[sample.images[0].uri]
        assert [(box.label, box.xyxy) for box in sample.annotations] == [(box.label, box.xyxy) for box in drawn.boxes]
    for sample in samples["phantom-fundus"]:
        drawn = grades[sample.images[0].uri]
        assert sample.annotations[0].name == drawn.grade and sample.subject == drawn.subject


def test_what_is_broken_is_rejected_with_its_reason(hospital):
    _, _, rejects = hospital
    found = {
        source: {(lost["unit"], lost["reason"]): lost["count"] for lost in lines} for source, lines in rejects.items()
    }
    assert found["phantom-ct"][("pair", "dicom.no_pixels")] == 1
    assert found["phantom-ct"][("pair", "volume.shape_mismatch")] == 1
    assert found["phantom-histology"][("image", "image.truncated")] == 1
    assert found["phantom-xray"] == {("annotation", "box.outside"): 1}
    assert found["phantom-fundus"] == {("image", "image.missing"): 1, ("annotation", "image.missing"): 1}
    assert not found["phantom-ultrasound"] and not found["phantom-text"]
