"""Standardised uptake values: QIBA's formula, clocks across midnight, vendors' scales, and what is missing named."""

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import make
from gmai.errors import ImageError
from gmai.images import find_volume_window, open_image, show_slice
from gmai.types import WindowPolicy

HALF_LIFE_S = 6586.2
DOSE_BQ = 3.7e8
PET = {
    "Modality": "PT",
    "Units": "BQML",
    "DecayCorrection": "START",
    "CorrectedImage": ["ATTN", "DECY"],
    "PatientWeight": "70",
    "SeriesDate": "20200102",
    "SeriesTime": "130000",
    "AcquisitionDate": "20200102",
    "AcquisitionTime": "130000.5",
    "RescaleSlope": "2.5",
}
TRACER = {
    "RadionuclideTotalDose": DOSE_BQ,
    "RadionuclideHalfLife": HALF_LIFE_S,
    "RadiopharmaceuticalStartTime": "120000",
}
AN_HOUR = 70_000 / (DOSE_BQ * 2 ** (-3600 / HALF_LIFE_S))


def pet(folder, tracer=TRACER, private=(), **elements):
    make.series(folder, np.arange(3 * 12 * 16, dtype=np.int16).reshape(3, 12, 16) * 40, **{**PET, **elements})
    for path in folder.glob("*.dcm"):
        dataset = pydicom.dcmread(path)
        if tracer is not None:
            item = Dataset()
            for name, value in tracer.items():
                if value is not None:
                    setattr(item, name, value)
            dataset.RadiopharmaceuticalInformationSequence = Sequence([item])
        for number, value in private:
            dataset.private_block(0x7053, "Philips PET Private Group", create=True).add_new(number, "DS", value)
        dataset.save_as(path)
    return open_image(sorted(folder.glob("*.dcm"))).volume()[0]


def test_uptake_by_body_weight_with_decay_until_the_scan(tmp_path):
    volume = pet(tmp_path)
    assert volume.suv == pytest.approx(AN_HOUR, rel=1e-9) and AN_HOUR == pytest.approx(2.7636e-4, rel=1e-4)
    window = find_volume_window(volume, WindowPolicy(mode="suv", width=5))
    assert window.centre * volume.suv == pytest.approx(2.5) and window.ends[0] == 0
    shown = show_slice(volume, 2, 1, window)
    uptake = volume.voxels[1, ::-1, ::-1].astype(np.float64) * volume.suv
    assert np.abs(shown - np.clip(uptake / 5 * 255, 0, 255)).max() <= 0.51
    assert find_volume_window(volume, WindowPolicy(mode="suv")).ends[1] * volume.suv == pytest.approx(10)


@pytest.mark.parametrize(
    ("elements", "tracer", "factor"),
    [
        ({"DecayCorrection": "ADMIN"}, {}, 70_000 / DOSE_BQ),
        ({"Units": "GML"}, {}, 1.0),
        # made after the scan: the first picture's time counts
        ({"SeriesTime": "190000", "AcquisitionTime": "130000"}, {}, AN_HOUR),
        # injected before midnight
        (
            {"SeriesTime": "003000", "AcquisitionTime": "003100"},
            {"RadiopharmaceuticalStartTime": "233000.00"},
            AN_HOUR,
        ),
        (
            {},
            {"RadiopharmaceuticalStartDateTime": "20200102120000.000000", "RadiopharmaceuticalStartTime": "01"},
            AN_HOUR,
        ),
        ({"DecayCorrection": None, "DecayCorrectionDateTime": "20200102130000"}, {}, AN_HOUR),
    ],
)
def test_the_ways_a_header_says_it(tmp_path, elements, tracer, factor):
    assert pet(tmp_path, {**TRACER, **tracer}, **elements).suv == pytest.approx(factor, rel=1e-6)


def test_the_earliest_picture_of_the_series_counts(tmp_path):
    pet(tmp_path, SeriesTime="190000")
    for number, path in enumerate(sorted(tmp_path.glob("*.dcm"))):
        dataset = pydicom.dcmread(path)
        dataset.AcquisitionTime = f"13{10 - 5 * number:02d}00"
        dataset.save_as(path)
    volume = open_image(sorted(tmp_path.glob("*.dcm"))).volume()[0]
    assert volume.suv == pytest.approx(AN_HOUR, rel=1e-6)


def test_counts_with_the_vendors_scale(tmp_path):
    assert pet(tmp_path / "a", private=[(0x00, "0.00031")], Units="CNTS").suv == 0.00031
    volume = pet(tmp_path / "bb", private=[(0x00, "0"), (0x09, "1.5")], Units="CNTS")
    assert volume.suv == pytest.approx(1.5 * AN_HOUR, rel=1e-6)


@pytest.mark.parametrize(
    ("elements", "tracer", "word"),
    [
        ({"PatientWeight": None}, {}, "PatientWeight"),
        ({"Units": None}, {}, "Units"),
        ({"Units": "CNTS"}, {}, "7053,1000"),
        ({"DecayCorrection": "NONE"}, {}, "DecayCorrection"),
        ({"AcquisitionTime": None}, {}, "AcquisitionTime"),
        ({}, None, "RadiopharmaceuticalInformationSequence"),
        ({}, {"RadionuclideTotalDose": None}, "RadionuclideTotalDose"),
        ({}, {"RadionuclideTotalDose": 370}, "RadionuclideTotalDose in Bq"),
        ({}, {"RadionuclideHalfLife": None}, "RadionuclideHalfLife"),
        ({}, {"RadiopharmaceuticalStartTime": None}, "RadiopharmaceuticalStartTime"),
        ({}, {"RadiopharmaceuticalStartDateTime": "20191230120000"}, "a day before"),
        ({"Modality": "CT"}, {}, "no PET"),
    ],
)
def test_what_is_missing_is_named_and_nothing_leaves(tmp_path, elements, tracer, word):
    volume = pet(tmp_path, None if tracer is None else {**TRACER, **tracer}, **elements)
    with pytest.raises(ImageError, match=word) as error:
        find_volume_window(volume, WindowPolicy(mode="suv"))
    assert error.value.reason == "window.suv" and volume.suv is None
    told = f"{error.value} {volume.steps}"
    assert not [secret for secret in ("20200102", "130000", "120000", "70 ", "20191230") if secret in told]
