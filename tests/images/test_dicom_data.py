"""Real DICOM, folder by folder: every file is part of a sample or a counted reject, and lies where others put it."""

from collections import Counter

import nibabel
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from gmai.annotations.dicom_series import read
from gmai.errors import ImageError
from gmai.images import open_image, peek
from gmai.images.dicom.file import open_dicom
from gmai.images.dicom.syntax import find_syntax
from gmai.images.volume import canonical
from gmai.sources.build import Made
from gmai.sources.look import build_look
from gmai.sources.step import read_items
from gmai.types import Reject, SlicePolicy, SourceCard
from gmai.types.card import PrivacyPolicy

pytestmark = pytest.mark.data


def counted(folder):
    """How many files became part of a sample, and how many were rejected for which reason."""
    card = SourceCard(name="real", title="Real", home="https://example.org", licence="unknown", modality="CT",
                      department="none", format="dicom_series", files=("**/*",), options={"files": "**/*"},
                      annotations="none", slices=SlicePolicy(mode="all"),
                      privacy=PrivacyPolicy(burned_in="keep"))  # fmt: skip
    counts: Counter[str] = Counter()
    for found in read_items(read(folder, card, build_look(folder)), root=folder, card=card):
        if isinstance(found, Reject):
            counts[found.reason] += found.count
        elif isinstance(found, Made):
            counts["accepted"] += found.units.get("image", 0)
    assert sum(counts.values()) == sum(path.is_file() for path in folder.rglob("*"))
    return dict(counts)


EXPECTED = {
    "dcm_qa_ct_ge": {"accepted": 14, "dicom.not_dicom": 2},
    "dcm_qa_nih": {"accepted": 158, "dicom.not_dicom": 18},
    "pydicom_test_files": {
        "accepted": 74,
        "dicom.directory": 8,
        "dicom.duplicate": 23,  # one picture in many codings
        "dicom.header": 1,
        "dicom.no_picture": 9,  # dose, structures, segmentations
        "dicom.no_pixels": 60,
        "dicom.not_dicom": 11,
        "dicom.pixels": 1,
        "dicom.unreadable": 8,
    },
    "rt_utils_mock": {"accepted": 5, "dicom.duplicate": 1, "dicom.no_picture": 4, "dicom.not_dicom": 2},
    "highdicom_test_files": {
        "accepted": 9,
        "dicom.duplicate": 1,
        "dicom.no_picture": 12,
        "dicom.no_pixels": 3,
        "dicom.not_dicom": 5,
    },
    "dcmqi_seg": {"accepted": 11, "dicom.no_picture": 7, "dicom.no_pixels": 2, "dicom.not_dicom": 15},
    "dicompyler_rt": {"accepted": 1, "dicom.no_picture": 1, "dicom.no_pixels": 1, "dicom.not_dicom": 2},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_file_is_part_of_a_sample_or_a_counted_reject(data, name):
    assert counted(data / "dicom" / name) == EXPECTED[name]


CODINGS = {
    "Deflated Explicit VR Little Endian": 1,
    "Explicit VR Big Endian": 4,
    "Explicit VR Little Endian": 40,
    "Implicit VR Little Endian": 2,
    "JPEG 2000 Image Compression": 3,
    "JPEG 2000 Image Compression (Lossless Only)": 4,
    "JPEG Baseline (Process 1)": 14,
    "JPEG Extended (Process 2 and 4)": 2,
    "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])": 1,
    "JPEG-LS Lossless Image Compression": 1,
    "JPEG-LS Lossy (Near-Lossless) Image Compression": 4,
    "RLE Lossless": 7,
}
"""Files of each coding that are read, of pydicom's own."""
NOT_READ = {
    "JPEG2000-embedded-sequence-delimiter.dcm": "dicom.pixels",
    "MR_truncated.dcm": "dicom.truncated",
}


@pytest.mark.filterwarnings("ignore:Expected explicit VR")
def test_pydicoms_own_files_are_read_in_every_coding(data):
    read_files: Counter[str] = Counter()
    refused = {}
    for path in sorted((data / "dicom/pydicom_test_files/test_files").rglob("*")):
        try:
            seen = peek(path, path.name) if path.is_file() else None
        except ImageError:
            continue
        if seen is None or seen.kind != "dicom" or seen.object != "image":
            continue
        try:
            open_image(path).volume()
            with open_dicom(path, path.name) as file:
                read_files[find_syntax(pydicom.dcmread(file, specific_tags=["Rows"])).name] += 1
        except ImageError as error:
            refused[path.name] = error.reason
    assert dict(read_files) == CODINGS and refused == NOT_READ


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEGLSNearLossless_16.dcm", "JPEG2000.dcm", "693_J2KI.dcm",
                                  "MR_small_RLE.dcm", "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_gdcm.dcm",
                                  "image_dfl.dcm", "MR_small_bigendian.dcm", "CT_small.dcm"])  # fmt: skip
def test_pixels_are_those_that_simpleitk_reads(data, name):
    path = data / "dicom/pydicom_test_files/test_files" / name
    volume, _ = open_image(path).volume()
    flipped = volume.voxels[:, ::-1, ::-1] if volume.affine is not None else volume.voxels
    exact = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    assert np.abs(flipped.astype(np.float64) - exact).max() <= 2, "lossy decoders may round differently"


@pytest.mark.parametrize(
    ("folder", "pattern", "told"),
    [
        ("dcm_qa_ct_ge", "In/GE/*.dcm", {"slices": 14, "tilt_deg": pytest.approx(18.5, abs=0.1)}),
        ("dcmqi_seg", "data/segmentations/ct-3slice/*.dcm", {"slices": 3}),
        ("rt_utils_mock", "tests/oriented_data/[0-9].dcm", {"slices": 3}),
        ("pydicom_test_files", "test_files/dicomdirtests/77654033/CT2/*", {"slices": 4}),
        ("pydicom_test_files", "test_files/dicomdirtests/98892001/CT5N/*", {"slices": 5}),
    ],
)
def test_every_slice_lies_where_simpleitk_puts_its_file(data, folder, pattern, told):
    files = sorted((data / "dicom" / folder).glob(pattern))
    volume, errors = open_image(files).volume()
    assert not errors and {name: volume.steps[0].parameters[name] for name in told} == told
    assert volume.sheared == ("tilt_deg" in told)
    offsets = np.zeros((len(files), 3)) if volume.offsets_mm is None else volume.offsets_mm
    back = np.linalg.inv(volume.affine)
    for path in files:
        offset = offsets[volume.names.index(str(path))]
        image = sitk.ReadImage(str(path))
        array = sitk.GetArrayFromImage(image)[0]
        for y, x in ((0, 0), (3, array.shape[1] - 1), (array.shape[0] - 1, 5)):
            left, rear, up = image.TransformIndexToPhysicalPoint((x, y, 0))
            place = (back @ (*(np.array([-left, -rear, up]) - offset), 1))[:3]
            i, j, k = np.rint(place).astype(int)
            assert np.abs(place - (i, j, k)).max() < 2e-3
            assert np.isclose(volume.voxels[k, j, i], array[y, x], rtol=1e-6, atol=0), "float32 of a slope"


@pytest.mark.parametrize(
    ("series", "reference", "volumes", "by"),
    [
        ("20180918GE/mr_0004", "DCM2NIIX_regression_test_4.nii", 10, "InstanceNumber"),
        ("20180918Si/mr_0003", "EPI_PE=AP_3.nii", 2, "AcquisitionNumber"),
        ("20180918Si/mr_0004", "EPI_PE=PA_4.nii", 2, "AcquisitionNumber"),
        ("20180918Si/mr_0005", "EPI_PE=RL_5.nii", 2, "AcquisitionNumber"),
        ("20180918Si/mr_0006", "EPI_PE=LR_6.nii", 2, "AcquisitionNumber"),
    ],
)
def test_four_dimensional_series_and_mosaics_are_as_dcm2niix_makes_them(data, series, reference, volumes, by):
    folder = data / "dicom/dcm_qa_nih"
    truth = nibabel.load(folder / "Ref" / reference)
    voxels, affine, _ = canonical(np.asanyarray(truth.dataobj), truth.affine)
    for index in range(volumes):
        volume, errors = open_image(sorted((folder / "In" / series).glob("*.dcm"))).volume(index)
        told = volume.steps[0].parameters
        assert not errors and (told["volumes"], told["volumes_by"]) == (volumes, by)
        assert np.array_equal(volume.voxels, voxels[..., index])
        assert np.abs(volume.affine - affine).max() < 2e-5


@pytest.mark.parametrize("shape", ["23x38x3", "24x38x3"])
def test_an_enhanced_file_equals_the_slices_it_was_made_of(data, shape):
    folder = data / "dicom/dcmqi_seg/data/segmentations" / shape
    one, _ = open_image(next(folder.rglob("mf.dcm"))).volume()
    many, _ = open_image(sorted(folder.rglob("IMG*.dcm"))).volume()
    assert np.array_equal(one.voxels, many.voxels) and np.allclose(one.affine, many.affine, atol=1e-4)
    assert len(one.frame_numbers) == 3 and not many.frame_numbers
