"""NIfTI and DICOM volumes: one orientation, order by position, irregularities told, damage refused."""

import gzip

import numpy as np
import pytest

import make
from gmai.errors import ImageError
from gmai.images import (
    SIDES,
    check_same_grid,
    cut_slice,
    find_window,
    open_image,
    peek,
    read_label_picture,
    read_label_volume,
    show_slice,
    slice_spacing,
)
from gmai.types import WindowPolicy
from make import PATIENT

RAS = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}


def marked(axcodes: str, spacing=(1.0, 2.0, 3.0)):
    """A 6 x 7 x 8 mm-grid volume with one voxel lit far right, far front and far up, stored with any axis codes."""
    world = np.zeros((6, 7, 8), np.int16)
    world[5, 6, 7] = 9
    array, affine = world, np.diag([*spacing, 1.0])
    order = [RAS[code][0] for code in axcodes]
    array, columns = array.transpose(order), affine[:, [*order, 3]].copy()
    for axis, code in enumerate(axcodes):
        if RAS[code][1] < 0:
            columns[:, 3] += columns[:, axis] * (array.shape[axis] - 1)
            columns[:, axis] *= -1
            array = np.flip(array, axis)
    return np.ascontiguousarray(array), columns


def volume_of(path, **options):
    return open_image(path, **options).volume()[0]


@pytest.mark.parametrize("axcodes", ["RAS", "LPS", "LAS", "PIR", "SRP"])
def test_a_nifti_volume_is_canonical_however_it_is_stored(tmp_path, axcodes):
    volume = volume_of(make.nifti(tmp_path / "v.nii.gz", *marked(axcodes)))
    assert volume.voxels.shape == (8, 7, 6) and volume.voxels[7, 6, 5] == 9 and volume.voxels.sum() == 9
    assert volume.spacing_mm == (3.0, 2.0, 1.0) and volume.oriented
    assert np.allclose(volume.affine, np.diag([1, 2, 3, 1]))


def test_slices_are_turned_as_they_are_looked_at(tmp_path):
    volume = volume_of(make.nifti(tmp_path / "v.nii", *marked("RAS")))
    axial, coronal, sagittal = (cut_slice(volume.voxels, axis, volume.length(axis) - 1) for axis in (2, 1, 0))
    assert axial[0, 0] == 9, "the patient's right is on the left, the front at the top"
    assert coronal[0, 0] == 9, "the patient's right is on the left, the head at the top"
    assert sagittal[0, 0] == 9, "the front is on the left, the head at the top"
    assert SIDES == {2: ("L", "P"), 1: ("L", "I"), 0: ("P", "I")}
    assert [slice_spacing(volume, axis) for axis in range(3)] == [(3.0, 2.0), (3.0, 1.0), (2.0, 1.0)]


def test_rescaling_nan_and_four_dimensions_are_told(tmp_path):
    array = np.zeros((4, 5, 6, 3), np.float32)
    array[..., 0] = 2.0
    array[0, 0, 0, 0] = np.nan
    volume = volume_of(make.nifti(tmp_path / "v.nii.gz", array))
    assert volume.voxels.shape == (6, 5, 4) and np.nansum(volume.voxels) == 2.0 * (4 * 5 * 6 - 1)
    assert volume.steps[0].parameters == {"volumes": 3, "volume": 0, "nan_voxels": 1, "axes": "ijk"}


def test_an_unknown_orientation_is_told(tmp_path):
    volume = volume_of(make.nifti(tmp_path / "v.nii", np.zeros((4, 5, 6), np.uint8), code=0))
    assert not volume.oriented and "orientation" in volume.steps[0].parameters


def reason_of(call, *arguments) -> str:
    with pytest.raises(ImageError) as error:
        call(*arguments)
    return error.value.reason


def test_damaged_nifti_files_are_refused(tmp_path):
    path = make.nifti(tmp_path / "v.nii.gz", np.random.default_rng(0).integers(0, 999, (20, 20, 20)).astype(np.int16))
    assert reason_of(volume_of, make.truncated(path)) == "nifti.truncated"
    raw = make.nifti(tmp_path / "b.nii", np.zeros((4, 4, 4), np.int16)).read_bytes()
    (tmp_path / "magic.nii").write_bytes(raw[:344] + b"xxxx" + raw[348:])
    assert reason_of(volume_of, tmp_path / "magic.nii") == "nifti.unreadable"
    (tmp_path / "short.nii").write_bytes(raw[:-20])
    assert reason_of(volume_of, tmp_path / "short.nii") == "nifti.truncated"


def test_a_header_that_claims_too_much_is_refused_before_allocating(tmp_path):
    raw = bytearray(make.nifti(tmp_path / "b.nii", np.zeros((4, 4, 4), np.int16)).read_bytes())
    raw[42:48] = np.array([32000, 32000, 32000], "<i2").tobytes()
    (tmp_path / "bomb.nii").write_bytes(raw)
    (tmp_path / "bomb.nii.gz").write_bytes(gzip.compress(bytes(raw)))
    for name in ("bomb.nii", "bomb.nii.gz"):
        assert reason_of(volume_of, tmp_path / name) == "nifti.too_large"


def test_label_maps_hold_whole_numbers(tmp_path):
    labels = np.zeros((4, 4, 4), np.float32)
    labels[1] = 2.0
    volume = read_label_volume(make.nifti(tmp_path / "a.nii", labels))
    assert volume.voxels.dtype == np.int32 and set(np.unique(volume.voxels)) == {0, 2}
    assert reason_of(read_label_volume, make.nifti(tmp_path / "b.nii", labels + 0.25)) == "labels.not_whole"


def test_label_pictures_keep_their_values(tmp_path):
    values = np.zeros((6, 8), np.uint8)
    values[2:4, 1:5] = 3
    assert np.array_equal(read_label_picture(make.picture(tmp_path / "i.png", values)), values)
    palette = make.picture(tmp_path / "p.png", values, mode="P")
    assert (read_label_picture(palette) != 0).sum() == 8
    grey = make.picture(tmp_path / "rgb.png", np.dstack([values] * 3))
    assert np.array_equal(read_label_picture(grey), values)
    assert reason_of(read_label_picture, make.picture(tmp_path / "c.png", make.pixels(channels=3))) == "labels.colour"
    assert reason_of(read_label_picture, make.picture(tmp_path / "l.jpg", values)) == "labels.lossy"


def stack(frames: int = 5) -> np.ndarray:
    return (np.arange(frames)[:, None, None] * 100 + np.arange(12 * 16).reshape(12, 16)).astype(np.int16)


def series_of(folder):
    return volume_of(sorted(folder.glob("*.dcm")))


def test_a_series_is_sorted_by_position_and_rescaled(tmp_path):
    positions = [(0, 0, z) for z in (10, 0, 20, 5, 15)]
    folder = make.series(tmp_path / "s", stack(), positions, RescaleIntercept=-1024, InstanceNumber=1)
    volume = series_of(folder)
    heights = volume.voxels[:, 11, 15]
    assert heights.tolist() == [100 - 1024, 300 - 1024, 0 - 1024, 400 - 1024, 200 - 1024]
    assert volume.spacing_mm == (5.0, 1.0, 1.0) and volume.voxels.dtype == np.int16
    assert [name.rpartition("/")[2] for name in volume.names] == ["001.dcm", "003.dcm", "000.dcm", "004.dcm", "002.dcm"]
    assert volume.steps[0].parameters == {"modality": "CT", "slices": 5, "step_mm": 5.0}


def test_an_axial_slice_is_shown_as_it_was_stored(tmp_path):
    folder = make.series(tmp_path / "s", stack())
    volume = series_of(folder)
    window = find_window(volume.voxels, WindowPolicy(mode="range"))
    shown = show_slice(volume, 2, 0, window)
    assert np.array_equal(cut_slice(volume.voxels, 2, 0), stack()[0]) and shown[0, 0] == 0
    assert shown.flags.c_contiguous


def test_gaps_uneven_steps_and_tilt_are_told(tmp_path):
    gap = make.series(tmp_path / "gap", stack(), [(0, 0, z) for z in (0, 5, 10, 20, 25)])
    told = series_of(gap).steps[0].parameters
    assert told["gaps"] == 1 and told["uneven_after_mm"] == {"2": 10.0} and told["step_mm"] == 5.0
    tilted = series_of(make.series(tmp_path / "tilt", stack(), [(0, 2 * i, 5 * i) for i in range(5)]))
    assert tilted.steps[0].parameters["tilt_deg"] == pytest.approx(21.8, abs=0.1) and tilted.sheared
    assert reason_of(show_slice, tilted, 0, 0, None) == "volume.sheared"
    assert show_slice(tilted, 2, 0, find_window(tilted.voxels, WindowPolicy())).shape == (12, 16)


def test_a_second_slice_at_one_place_is_left_out_and_counted(tmp_path):
    folder = make.series(tmp_path / "s", stack(), [(0, 0, z) for z in (0, 5, 5, 10, 15)])
    volume, errors = open_image(sorted(folder.glob("*.dcm"))).volume()
    assert [error.reason for error in errors] == ["dicom.repeated_position"]
    assert volume.voxels[:, 11, 15].tolist() == [0, 100, 300, 400] and "volumes" not in volume.steps[0].parameters


def test_a_sagittal_series_is_cut_along_its_own_axis(tmp_path):
    positions = [(4 * i, 0, 0) for i in range(5)]
    folder = make.series(tmp_path / "s", stack(), positions, ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    volume = series_of(folder)
    assert volume.stack_axis == 0 and volume.voxels.shape == (12, 16, 5) and volume.spacing_mm == (1.0, 1.0, 4.0)
    last = cut_slice(volume.voxels, 0, 4)
    assert np.array_equal(last, stack()[0]), "the first file lies furthest to the patient's right"
    assert volume.file_of(0, 4)[0].endswith("000.dcm") and volume.file_of(2, 0)[0].endswith("004.dcm")


def test_a_label_map_must_lie_on_the_series(tmp_path):
    volume = series_of(make.series(tmp_path / "s", stack(), [(-7, -5, 5 * i) for i in range(5)]))
    array = np.zeros((16, 12, 5), np.uint8)
    affine = np.array([[-1, 0, 0, 7], [0, -1, 0, 5], [0, 0, 5, 0], [0, 0, 0, 1]], float)
    check_same_grid(volume, read_label_volume(make.nifti(tmp_path / "ok.nii", array, affine)))
    moved = affine.copy()
    moved[0] *= -1
    labels = read_label_volume(make.nifti(tmp_path / "moved.nii", array, moved))
    assert reason_of(check_same_grid, volume, labels) == "volume.place_mismatch"
    short = read_label_volume(make.nifti(tmp_path / "short.nii", array[..., :4], affine))
    assert reason_of(check_same_grid, volume, short) == "volume.shape_mismatch"


def test_a_file_that_cannot_be_read_leaves_a_gap_and_an_error(tmp_path):
    folder = make.series(tmp_path / "s", stack())
    make.dicom(folder / "002.dcm", stack()[2], ImagePositionPatient=[0, 0, 10], PixelData=None)
    volume, errors = open_image(sorted(folder.glob("*.dcm"))).volume()
    assert [error.reason for error in errors] == ["dicom.no_pixels"]
    assert len(volume.voxels) == 4 and volume.steps[0].parameters["gaps"] == 1


def test_damaged_dicom_files_are_refused(tmp_path):
    short = make.dicom(tmp_path / "rows.dcm", Rows=40)
    assert reason_of(volume_of, short) == "dicom.truncated"
    assert reason_of(volume_of, make.truncated(make.dicom(tmp_path / "cut.dcm"), 0.8)) == "dicom.truncated"
    huge = make.dicom(tmp_path / "huge.dcm", Rows=65535, Columns=65535)
    assert reason_of(volume_of, huge) == "dicom.too_large"
    (tmp_path / "no.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"no" * 40)
    assert reason_of(peek, tmp_path / "no.dcm", "no.dcm") == "dicom.unreadable"


def test_a_header_with_what_is_no_number_is_refused(tmp_path):
    path = make.dicom(tmp_path / "Jane/0.dcm", ImagePositionPatient=[0, 0, 12345])
    path.write_bytes(path.read_bytes().replace(b"12345", b"1x3x5"))
    with pytest.raises(ImageError) as error:
        peek(path, "Jane/0.dcm")
    assert error.value.reason == "dicom.header" and error.value.where.startswith("hidden/")
    assert reason_of(volume_of, path) == "dicom.header"


def test_monochrome1_is_shown_inverted_and_colour_as_it_is(tmp_path):
    values = make.pixels()
    path = make.dicom(tmp_path / "m1.dcm", values, PhotometricInterpretation="MONOCHROME1", ImagePositionPatient=None)
    volume = volume_of(path)
    window = find_window(volume.voxels, WindowPolicy(mode="range"))
    shown = show_slice(volume, 2, 0, window)
    assert shown[np.unravel_index(values.argmax(), values.shape)] == 0 and shown.max() == 255
    colour = volume_of(make.dicom(tmp_path / "rgb.dcm", make.pixels(channels=3), ImagePositionPatient=None))
    assert np.array_equal(show_slice(colour, 2, 0, None), make.pixels(channels=3)) and not colour.oriented


def test_frames_without_a_place_are_shown_as_stored(tmp_path):
    frames = stack(3)
    path = make.dicom(tmp_path / "f.dcm", frames, NumberOfFrames=3, ImagePositionPatient=None)
    volume = volume_of(path)
    assert volume.affine is None and np.array_equal(cut_slice(volume.voxels, 2, 1, flip=False), frames[1])


def test_a_look_at_dicom_gives_hashes_and_never_an_identifier(tmp_path):
    folder = tmp_path / "a"
    make.series(folder, stack(2))
    first, second = (peek(path, f"a/{path.name}") for path in sorted(folder.glob("*.dcm")))
    assert first.series == second.series and first.instance != second.instance and first.subject == second.subject
    assert first.shown == "a/000.dcm" and (first.width, first.height) == (16, 12)
    every = repr((first, second))
    assert not [value for value in (*PATIENT.values(), "1.2.3.4") if value in every]


@pytest.mark.parametrize(
    "path", ["doe/0.dcm", "x/MRN0012345.dcm", "19700101-a/0.dcm", "Jane_x/0.dcm", "s/1.2.3.4.5/0.dcm"]
)
def test_a_path_that_spells_an_identifier_is_hidden(tmp_path, path):
    shown = peek(make.dicom(tmp_path / "0.dcm"), path).shown
    assert shown.startswith("hidden/") and shown == peek(tmp_path / "0.dcm", path).shown
