"""Regions of volumes: label maps with values or one structure, cut slice by slice."""

import numpy as np
import pytest

import make
from gmai.annotations import RegionFile
from gmai.errors import ImageError
from gmai.images import REGIONS, LabelVolume, open_image, read_regions
from gmai.images.regions import MarkedVolume, crop_mark

AFFINE = np.diag([0.7, 1.1, 2.5, 1.0])


@pytest.fixture
def volume(tmp_path):
    path = make.nifti(tmp_path / "a.nii.gz", np.arange(6 * 5 * 4, dtype=np.int16).reshape(6, 5, 4), AFFINE)
    return open_image(path).volume()[0]


def labels(tmp_path, values, **fields):
    return make.nifti(tmp_path / "l.nii.gz", values, AFFINE), RegionFile(path="l.nii.gz", **fields)


def random_values(high=4, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, high, (6, 5, 4)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32])
def test_a_label_map_gives_its_values_on_every_slice(tmp_path, volume, dtype):
    values = random_values(dtype=dtype)
    if dtype == np.int16:
        values[values == 3] = -2
    if dtype == np.int32:
        values[values == 3] = 70000
    path, file = labels(tmp_path, values, ignore=(2,), names={"1": "liver"})
    regions = read_regions("labels", path, volume, file)
    voxels = values.transpose(2, 1, 0)
    for axis in range(3):
        assert regions.areas(axis).tolist() == [
            int(np.isin(plane, (0, 2), invert=True).sum()) for plane in np.moveaxis(voxels, 2 - axis, 0)
        ]
        for index in range(voxels.shape[2 - axis]):
            plane = np.moveaxis(voxels, 2 - axis, 0)[index][::-1, ::-1]
            found = list(regions.cut(axis, index))
            assert [value for value, _, _ in found] == [int(v) for v in np.unique(plane) if v not in (0, 2)]
            for value, name, mask in found:
                assert np.array_equal(mask, plane == value) and name == ("liver" if value == 1 else str(value))
    assert regions.lost == () and regions.steps == ()


def test_a_file_of_one_structure_is_kept_as_small_as_it_is(tmp_path, volume):
    values = np.zeros((6, 5, 4), np.uint8)
    values[1:3, 2, 1:4], values[5, 4, 3] = 7, 9
    path, file = labels(tmp_path, values, label="spleen", ignore=(9,))
    regions = read_regions("labels", path, volume, file)
    assert isinstance(regions, MarkedVolume) and regions.marks[0].inside.shape == (3, 1, 2)
    whole = LabelVolume(values.transpose(2, 1, 0).astype(np.int32), ignore=frozenset({9}), label="spleen")
    for axis in range(3):
        assert regions.areas(axis).tolist() == whole.areas(axis).tolist()
        for index in range(regions.shape[2 - axis]):
            some, same = list(regions.cut(axis, index)), list(whole.cut(axis, index))
            assert [each[:2] for each in some] == [each[:2] for each in same]
            assert all(np.array_equal(a[2], b[2]) for a, b in zip(some, same, strict=True))


def test_an_empty_file_of_a_structure_marks_nothing(tmp_path, volume):
    path, file = labels(tmp_path, np.zeros((6, 5, 4), np.uint8), label="spleen")
    regions = read_regions("labels", path, volume, file)
    assert not regions.areas(2).any() and not list(regions.cut(2, 1))
    assert crop_mark(1, "spleen", np.zeros((2, 2, 2), bool)) is None


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_flipped_shifted_or_smaller_label_map_is_refused(tmp_path, volume, axis):
    shifted, flipped = AFFINE.copy(), AFFINE.copy()
    shifted[axis, 3] += AFFINE[axis, axis]
    flipped[axis, axis] *= -1
    for affine in (shifted, flipped):
        path = make.nifti(tmp_path / "l.nii.gz", random_values(), affine)
        with pytest.raises(ImageError) as caught:
            read_regions("labels", path, volume, RegionFile(path="l.nii.gz"))
        assert caught.value.reason == "volume.place_mismatch"
    path = make.nifti(tmp_path / "l.nii.gz", np.delete(random_values(), 0, axis), AFFINE)
    with pytest.raises(ImageError) as caught:
        read_regions("labels", path, volume, RegionFile(path="l.nii.gz"))
    assert caught.value.reason == "volume.shape_mismatch"


def test_a_volume_of_several_times_takes_one_label_map(tmp_path):
    values = np.arange(6 * 5 * 4 * 3, dtype=np.int16).reshape(6, 5, 4, 3)
    volume = open_image(make.nifti(tmp_path / "a.nii.gz", values, AFFINE)).volume()[0]
    path, file = labels(tmp_path, random_values())
    assert read_regions("labels", path, volume, file).areas(2).any()


def test_the_kinds_of_region_files_are_a_registry():
    assert {"labels", "rtstruct", "seg"} <= set(REGIONS.names())
