"""What the table of ``test_trouble_complete.py`` cannot say of malformed real files. Needs ``--data FOLDER``."""

import gzip
import shutil

import nibabel
import numpy as np
import pytest

import make
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.images import open_image, read_picture
from gmai.sources import IngestConfig, ingest

pytestmark = pytest.mark.data


@pytest.fixture
def made(data):
    return data / "trouble/made"


def test_pictures_are_turned_and_windowed(made):
    turned = read_picture(made / "images/exif_orientation.jpg")
    assert turned.orientation == 6 and turned.size == turned.stored_size[::-1]
    deep = read_picture(made / "images/gray16.png")
    assert (deep.pixels == 255).mean() < 0.05


def volume_of(path):
    return open_image(path).volume()[0]


def test_a_dicom_folder(tmp_path, made):
    """The whole folder through the line: most files are changed copies of one instance; no identifier anywhere."""
    card = make.write_card(
        tmp_path / "card.yaml",
        format="dicom_series",
        modality="CT",
        annotations="none",
        slices={"mode": "all"},
        options={"files": "**/*.dcm"},
    )
    summary = ingest(IngestConfig(card=str(card), root=made / "dicom", out=tmp_path / "raw", job=JobConfig(workers=0)))
    assert summary.accepted["image"] + summary.rejected["image"] == 12
    assert summary.reasons["dicom.not_dicom"] == 1
    samples = [stored.sample for stored in iter_samples(tmp_path / "raw")]
    found = repr(samples) + (tmp_path / "raw/rejects.jsonl").read_text()
    assert not [
        word for word in ("DOE", "JANE", "0012345", "19700101", "Invented", "1.3.6.1.4.1.5962") if word in found
    ]


def test_a_series_with_a_gap_and_a_copy(tmp_path, made):
    shutil.copytree(made / "dicom/series_gap", tmp_path / "f")
    card = make.write_card(
        tmp_path / "card.yaml",
        format="dicom_series",
        modality="CT",
        annotations="none",
        slices={"mode": "all"},
        options={"files": "*.dcm"},
    )
    summary = ingest(IngestConfig(card=str(card), root=tmp_path / "f", out=tmp_path / "raw", job=JobConfig(workers=0)))
    assert summary.reasons == {"dicom.duplicate": 1} and summary.accepted["picture"] == 5
    samples = [stored.sample for stored in iter_samples(tmp_path / "raw")]
    told = next(step.parameters for step in samples[0].provenance.steps if step.name == "dicom")
    assert told["gaps"] == 1 and told["step_mm"] == 5.0
    heights = [sample.images[0].uri for sample in samples]
    assert len(set(heights)) == 5 and len({sample.subject for sample in samples}) == 1


def test_a_sound_volume_beside_the_broken_ones_is_read_whole(data):
    whole = sorted((data / "volumes/msd_hippocampus").rglob("images/*.nii.gz"))[0]
    assert gzip.decompress(whole.read_bytes())[344:347] == b"n+1"
    assert volume_of(whole).voxels.size == np.prod(nibabel.load(whole).shape)
