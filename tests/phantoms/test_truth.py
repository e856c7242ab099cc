"""The answer key against the line: what ingest and facts compute from the files is what was drawn."""

from collections import Counter
from pathlib import Path

import pydicom
import pytest

from gmai.annotations import find_facts, region_mask
from gmai.base import JobConfig, iter_jsonl, read_json
from gmai.corpus import iter_samples
from gmai.phantoms import MODALITIES, Truth, read_truth
from gmai.sources import IngestConfig, ingest
from gmai.types import QA, Box, MaskRef, Reject, Sample

PICTURES = [modality for modality in MODALITIES if modality not in ("ct", "text")]


@pytest.fixture(scope="module")
def raw(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run folder per modality, read with the card that ships."""
    folder = tmp_path_factory.mktemp("raw")
    for modality in MODALITIES:
        config = IngestConfig(
            card=f"phantom-{modality}", root=hospital / "files", out=folder / modality, job=JobConfig(workers=0)
        )
        ingest(config)
    return folder


def samples(folder: Path) -> list[Sample]:
    return [stored.sample for stored in iter_samples(folder)]


def told(sample: Sample, kind: str) -> str | None:
    """The one answer of a kind of fact about the clean picture."""
    answers = [fact.answer for fact in find_facts(sample) if fact.kind == kind and fact.view.granularity == "image"]
    assert len(answers) <= 1
    return answers[0] if answers else None


def truths(hospital: Path, modality: str) -> list[Truth]:
    return [truth for truth in read_truth(hospital) if truth.source == f"phantom-{modality}"]


@pytest.mark.parametrize("modality", PICTURES)
def test_every_fact_of_a_picture_is_the_drawn_one(hospital, raw, modality):
    found = {sample.images[0].uri: sample for sample in samples(raw / modality)}
    drawn = {truth.file: truth for truth in truths(hospital, modality)}
    assert set(found) == set(drawn)
    for file, truth in drawn.items():
        answers = {kind: told(found[file], kind) for kind in ("finding", "location", "grade")}
        assert answers == {"finding": truth.finding, "location": truth.location, "grade": truth.grade}
        assert told(found[file], "count") == (str(len(truth.boxes)) if truth.boxes else None)
        boxes = [(item.label, item.xyxy) for item in found[file].annotations if isinstance(item, Box)]
        assert boxes == [(box.label, box.xyxy) for box in truth.boxes]
        masks = [item for item in found[file].annotations if isinstance(item, MaskRef)]
        areas = [int(region_mask(item, truth.height, truth.width).sum()) for item in masks]
        assert areas == ([] if truth.area_px is None else [truth.area_px])


def test_every_fact_of_a_slice_is_the_drawn_one(hospital, raw):
    drawn = {truth.subject: truth for truth in truths(hospital, "ct")}
    seen = set()
    for sample in samples(raw / "ct"):
        truth = drawn[sample.images[0].uri.split("/")[1]]
        seen.add(truth.subject)
        assert (told(sample, "finding"), told(sample, "location")) == (truth.finding, truth.location)
        assert sample.images[0].index in truth.frames and sample.images[0].sides == ("L", "P")
        assert sample.images[0].spacing_mm == (4.0, 4.0)
    assert seen == set(drawn)


def test_every_question_arrives(hospital, raw):
    lines = [line for line in (hospital / "files/text/qa.jsonl").read_text().splitlines() if line]
    asked = [item for sample in samples(raw / "text") for item in sample.annotations if isinstance(item, QA)]
    assert len(asked) == len(lines) == 40


def test_every_known_trouble_is_rejected_for_its_reason_and_nothing_else_is(hospital, raw):
    known = Counter((item["source"], item["reason"]) for item in read_json(hospital / "files/KNOWN_TROUBLE.json"))
    assert sum(known.values()) == 5
    rejects = {
        (f"phantom-{modality}", reject.reason)
        for modality in MODALITIES
        for reject in iter_jsonl(raw / modality / "rejects.jsonl", Reject)
    }
    assert rejects == set(known)


def test_nobody_is_named_in_what_is_read(hospital, raw):
    names = set()
    for path in sorted((hospital / "files/ct").glob("ct*/slice_000.dcm")):
        header = pydicom.dcmread(path, stop_before_pixels=True)
        names |= {str(header.PatientName), header.PatientID, header.AccessionNumber, header.StudyInstanceUID}
    assert len(names) > 20
    for path in sorted((raw / "ct").rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        assert not [name for name in names if name.encode() in data]
    for sample in samples(raw / "ct"):
        text = repr(sample)
        assert not [name for name in names if name in text]
