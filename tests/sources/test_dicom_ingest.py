"""DICOM through the line: frames of films, uptake windows, planes as they were taken, modalities of the headers."""

import json

import numpy as np
import pytest

import make
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.images import decode_picture, replay
from gmai.sources import IngestConfig, ingest

SECRETS = ("Doe", "MRN-0012345", "19700101", "20200102", "1.2.3.4.5")


def run(tmp_path, root, **fields):
    more = {"format": "dicom_series", "modality": "CT", "annotations": "none", "files": ["**/*.dcm"], **fields}
    card = make.write_card(tmp_path / "card.yaml", **more)
    job = JobConfig(workers=0)
    summary = ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=job))
    stored = list(iter_samples(tmp_path / "raw"))
    lost = (tmp_path / "raw/rejects.jsonl").read_text()
    told = lost + "".join(repr(each.sample) for each in stored)
    assert not [secret for secret in SECRETS if secret in told]
    return summary, stored, [json.loads(line) for line in lost.splitlines()]


def test_a_film_gives_frames_by_the_cards_policy_that_can_be_made_again(tmp_path):
    frames = np.stack([np.roll(make.pixels(), number, 1) for number in range(12)])
    root = tmp_path / "files"
    make.dicom(root / "us.dcm", frames, NumberOfFrames=12, FrameTime=50, Modality="US", ImagePositionPatient=None)
    policy = {"mode": "even", "count": 3}
    summary, stored, _ = run(tmp_path, root, frames=policy, modalities={"US": "UltraSound"}, window={"mode": "range"})
    images = [each.sample.images[0] for each in stored]
    assert summary.accepted["image"] == 1 and [image.index for image in images] == [2, 6, 10]
    assert [image.time_s for image in images] == [0.1, 0.3, 0.5]
    assert {image.modality for image in images} == {"UltraSound"}
    assert len({each.sample.id for each in stored}) == 3 and len({each.sample.subject for each in stored}) == 1
    for each, image in zip(stored, images, strict=True):
        assert decode_picture(each.pictures[0])[..., 0].argmax() == frames[image.index].argmax()
        assert replay([root / "us.dcm"], image, each.sample.provenance.steps) == each.pictures[0]


@pytest.mark.parametrize(("axis", "sizes"), [(None, {(16, 12)}), (2, {(3, 16)})])
def test_slices_are_those_that_were_taken_unless_the_card_says_another_axis(tmp_path, axis, sizes):
    places = [(4 * number, 0, 0) for number in range(3)]
    sagittal = {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}
    make.series(tmp_path / "files/a", np.stack([make.pixels(12, 16)] * 3).astype(np.int16), places, **sagittal)
    _, stored, _ = run(tmp_path, tmp_path / "files", slices={"mode": "all", **({} if axis is None else {"axis": axis})})
    assert {(each.sample.images[0].width, each.sample.images[0].height) for each in stored} == sizes


def test_pet_without_what_uptake_needs_is_rejected_and_named(tmp_path):
    values = np.stack([make.pixels(12, 16)] * 3).astype(np.int16)
    pet = {"Modality": "PT", "Units": "BQML", "DecayCorrection": "START", "SeriesDate": "20200102"}
    make.series(tmp_path / "files/a", values, **pet, SeriesInstanceUID="1.2.3.4.51")
    make.series(tmp_path / "files/bb", values, **{**pet, "Units": "GML"}, SeriesInstanceUID="1.2.3.4.52")
    summary, stored, lost = run(tmp_path, tmp_path / "files", window={"mode": "suv", "width": 100})
    assert summary.accepted["image"] == 3 and summary.rejected["image"] == 3 and summary.reasons == {"window.suv": 3}
    assert "PatientWeight" in lost[0]["detail"]
    assert stored[0].sample.images[0].window == (50, 100)
