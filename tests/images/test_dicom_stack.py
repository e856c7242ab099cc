"""DICOM series in space: order and orientation against SimpleITK, repeated places, mosaics, enhanced files."""

import struct
from itertools import product

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import make
from gmai.annotations.series import Series, group_series
from gmai.errors import ImageError
from gmai.images import cut_slice, open_image, peek
from gmai.sources.look import build_look

ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
PLANES = {
    "axial": [1, 0, 0, 0, 1, 0],
    "feet first": [-1, 0, 0, 0, 1, 0],
    "coronal": [1, 0, 0, 0, 0, -1],
    "sagittal": [0, 1, 0, 0, 0, -1],
    "oblique": [0.9396926, 0.3420201, 0, -0.2961981, 0.8137977, -0.5],
    "oblique sagittal": [0.1736482, 0.9848078, 0, 0, 0, -1],
}


def noise(frames=5, seed=0):
    return np.random.default_rng(seed).integers(-1000, 3000, (frames, 12, 16)).astype(np.int16)


def read(folder, index=0):
    return open_image(sorted(folder.rglob("*.dcm"))).volume(index)


def reason_of(folder, index=0) -> str:
    with pytest.raises(ImageError) as error:
        read(folder, index)
    return error.value.reason


def assert_same_as_simpleitk(volume, files):
    """Every voxel that SimpleITK has at a place, the volume has at the same place (RAS and LPS differ in sign)."""
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(files[0].parent))
    image = sitk.ReadImage(names)
    array = sitk.GetArrayFromImage(image)
    back = np.linalg.inv(volume.affine)
    for z, y, x in product(*((0, size // 2, size - 1) for size in array.shape)):
        left, rear, up = image.TransformIndexToPhysicalPoint((x, y, z))
        i, j, k = (back @ (-left, -rear, up, 1))[:3]
        assert np.allclose([i, j, k], np.rint([i, j, k]), atol=1e-3)
        assert volume.voxels[round(k), round(j), round(i)] == array[z, y, x]


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("plane", PLANES)
def test_every_voxel_lies_where_simpleitk_puts_it(tmp_path, plane, way):
    cosines = np.array(PLANES[plane])
    normal = np.cross(cosines[:3], cosines[3:])
    positions = [np.round(np.array([-7.5, 20, 31]) + way * 2.5 * n * normal, 6) for n in (3, 0, 4, 1, 2)]
    elements = {"ImageOrientationPatient": cosines.tolist(), "PixelSpacing": [0.7, 1.1], "RescaleIntercept": -5}
    folder = make.series(tmp_path / "s", noise(), positions, **elements)
    volume, errors = read(folder)
    assert not errors and volume.oriented and not volume.sheared
    assert sorted(volume.spacing_mm) == pytest.approx([0.7, 1.1, 2.5], abs=1e-5)
    assert_same_as_simpleitk(volume, sorted(folder.glob("*.dcm")))


def times(folder, key, values, frames=4):
    """One series whose places are repeated for each value of an element; volumes are written one after the other."""
    for number, value in enumerate(values):
        part = folder / str(number)
        make.series(part, noise(frames, number), **{key: value})
        for slot, path in enumerate(sorted(part.glob("*.dcm"))):
            dataset = pydicom.dcmread(path)
            dataset.SOPInstanceUID = f"1.2.9.{number}.{slot}"
            dataset.InstanceNumber = slot * len(values) + number + 1
            dataset.save_as(path)
    return folder


@pytest.mark.parametrize(
    ("key", "values", "order"),
    [
        ("TemporalPositionIdentifier", [3, 1, 2], [1, 2, 0]),
        ("EchoTime", [30, 4.5, 100], [1, 0, 2]),
        ("DiffusionBValue", [1000.0, 0.0], [1, 0]),
        ("TriggerTime", [20, 9, 100], [1, 0, 2]),
        ("AcquisitionNumber", [2, 10, 1], [2, 0, 1]),
        ("AcquisitionTime", ["120001.5", "115959", "120002"], [1, 0, 2]),
        ("SliceThickness", [5, 5, 5], [0, 1, 2]),
    ],
)
def test_repeated_places_are_volumes_in_the_order_of_what_tells_them_apart(tmp_path, key, values, order):
    folder = times(tmp_path, key, values)
    for index, number in enumerate(order):
        volume, errors = read(folder, index)
        told = volume.steps[0].parameters
        assert not errors and np.array_equal(volume.voxels[:, ::-1, ::-1], noise(4, number))
        by = "InstanceNumber" if key == "SliceThickness" else key
        assert (told["volumes"], told["volume"], told["volumes_by"]) == (len(values), index, by)
    assert reason_of(folder, len(values)) == "volume.index"


def test_echoes_of_times_are_parted_by_both(tmp_path):
    for number, (echo, time) in enumerate(product((30, 5), (2, 1))):
        times(tmp_path / str(number), "EchoTime", [echo], 3)
        for path in (tmp_path / str(number)).rglob("*.dcm"):
            dataset = pydicom.dcmread(path)
            dataset.TemporalPositionIdentifier, dataset.SOPInstanceUID = time, f"{dataset.SOPInstanceUID}.{number}"
            dataset.PixelData = (noise(3)[0] * 0 + 10 * echo + time).tobytes()
            dataset.save_as(path)
    values = [int(read(tmp_path, index)[0].voxels[0, 0, 0]) for index in range(4)]
    assert values == [51, 301, 52, 302]
    assert read(tmp_path)[0].steps[0].parameters["volumes_by"] == "TemporalPositionIdentifier EchoTime"


def test_grids_of_a_series_are_items_of_their_own_and_jitter_is_none(tmp_path):
    make.series(tmp_path / "a", noise(4), SeriesInstanceUID="1.2.3.4.9")
    make.series(tmp_path / "bb", noise(3), [(3 * n, 0, 0) for n in range(3)], SeriesInstanceUID="1.2.3.4.9",
                ImageOrientationPatient=PLANES["sagittal"])  # fmt: skip
    dataset = pydicom.dcmread(tmp_path / "a/001.dcm")
    dataset.ImageOrientationPatient = [1, 0.0051, 0, -0.0051, 1, 0]  # rounds to other hundredths than its neighbours
    dataset.save_as(tmp_path / "a/001.dcm")
    paths = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.dcm"))
    found = list(group_series(paths, build_look(tmp_path)))
    assert all(isinstance(each, Series) for each in found) and [len(each.files) for each in found] == [4, 3]
    assert len({each.item().id for each in found}) == 2


def csa_header(count, normal):
    """A Siemens CSA2 image header of two tags."""

    def tag(name, values):
        items = b"".join(
            struct.pack("<4i", len(v), len(v), 77, len(v)) + v + b"\0" * (-len(v) % 4)
            for v in (f"{value}".encode() + b"\0" for value in values)
        )
        return struct.pack("<64si4s3i", name.encode(), len(values), b"FD\0\0", 5, len(values), 77) + items

    tags = tag("NumberOfImagesInMosaic", [count]) + tag("SliceNormalVector", normal)
    return b"SV10\x04\x03\x02\x01" + struct.pack("<2i", 2, 77) + tags


def mosaic(path, csa=True):
    slices = noise(5)
    picture = np.zeros((36, 48), np.int16)
    for number, values in enumerate(slices):
        row, column = divmod(number, 3)
        picture[row * 12 : row * 12 + 12, column * 16 : column * 16 + 16] = values
    elements = {"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"], "Modality": "MR", "SpacingBetweenSlices": 3}
    make.dicom(path, picture, PixelSpacing=[2, 2], **elements)
    if csa:
        dataset = pydicom.dcmread(path)
        block = dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
        block.add_new(0x10, "OB", csa_header(5, ["0.0", "0.0", "-1.0"]))
        dataset.save_as(path)
    return slices


def test_a_mosaic_is_taken_apart_by_its_private_header(tmp_path):
    slices = mosaic(tmp_path / "m.dcm")
    volume, _ = read(tmp_path)
    assert volume.voxels.shape == (5, 12, 16) and volume.spacing_mm == (3.0, 2.0, 2.0)
    assert np.array_equal(volume.voxels[::-1, ::-1, ::-1], slices), "the private normal runs against the plane's"
    corner = volume.affine @ (15, 11, 4, 1)  # of the first slice: the mosaic's centre is the centre of every slice
    assert np.allclose(corner[:3], [-(48 - 16), -(36 - 12), 0])
    assert volume.steps[0].parameters["mosaic"].startswith("slices cut out")


def test_a_mosaic_smaller_than_its_private_header_says_is_shown_whole(tmp_path):
    mosaic(tmp_path / "m.dcm")
    dataset = pydicom.dcmread(tmp_path / "m.dcm")
    dataset.Columns, dataset.PixelData = 2, dataset.PixelData[: 36 * 2 * 2]
    dataset.save_as(tmp_path / "m.dcm")
    assert read(tmp_path)[0].voxels.shape == (1, 36, 2)


def test_a_mosaic_without_its_private_header_is_shown_whole_and_told(tmp_path):
    mosaic(tmp_path / "m.dcm", csa=False)
    volume, _ = read(tmp_path)
    told = "shown whole: the private header that tells its slices apart is missing"
    assert volume.voxels.shape == (1, 36, 48) and volume.steps[0].parameters["mosaic"] == told


def claimed(count, normal=("0.0", "0.0", "1.0")):
    return csa_header(count, list(normal))


@pytest.mark.parametrize(
    ("private", "why"),
    [
        (b"", "is damaged"),
        (claimed(5)[:200], "is damaged (error)"),
        (claimed(5)[4:], "is damaged"),
        (claimed("five"), "is damaged (ValueError)"),
        (claimed("nan"), "is damaged (ValueError)"),
        (claimed("inf"), "is damaged (OverflowError)"),
        (claimed(5, ["0.0", "1.0"]), "is damaged (ValueError)"),
        (claimed(5, ["0.0", "0.0", "3.0"]), "claims 5 slices along [0.0, 0.0, 3.0]"),
        (claimed(5, ["nan", "0.0", "1.0"]), "claims 5 slices along [nan, 0.0, 1.0]"),
        (claimed(10**9), "claims 1000000000 slices"),
        (claimed(-4), "claims -4 slices"),
        (claimed(5).replace(b"SliceNormalVector", b"SliceNormalVectox"), "do not say where its slices lie"),
    ],
)
def test_a_mosaic_whose_private_header_is_damaged_is_shown_whole_and_told(tmp_path, private, why):
    mosaic(tmp_path / "m.dcm")
    dataset = pydicom.dcmread(tmp_path / "m.dcm")
    dataset[0x0029, 0x1010].value = private
    dataset.save_as(tmp_path / "m.dcm")
    volume, _ = read(tmp_path)
    assert volume.voxels.shape == (1, 36, 48) and why in volume.steps[0].parameters["mosaic"]


def macro(name, **elements):
    item, group = Dataset(), Dataset()
    for key, value in elements.items():
        setattr(group, key, value)
    setattr(item, name, Sequence([group]))
    return item


def merge(*items):
    whole = Dataset()
    for item in items:
        whole.update(item)
    return whole


def enhanced(path, values, frames, **shared_measures):
    """An enhanced CT; ``frames`` are (position, cosines, slope, temporal index) of each frame."""
    make.dicom(path, values, SOPClassUID=ENHANCED_CT, NumberOfFrames=len(values), PixelSpacing=None,
               ImageOrientationPatient=None, ImagePositionPatient=None)  # fmt: skip
    dataset = pydicom.dcmread(path)
    measures = {"PixelSpacing": [0.5, 0.8], "SliceThickness": 2, **shared_measures}
    dataset.SharedFunctionalGroupsSequence = Sequence([macro("PixelMeasuresSequence", **measures)])
    dataset.PerFrameFunctionalGroupsSequence = Sequence([
        merge(
            macro("PlanePositionSequence", ImagePositionPatient=list(position)),
            macro("PlaneOrientationSequence", ImageOrientationPatient=list(cosines)),
            macro("PixelValueTransformationSequence", RescaleSlope=slope, RescaleIntercept=-10, RescaleType="HU"),
            macro("FrameVOILUTSequence", WindowCenter=40, WindowWidth=400),
            macro("FrameContentSequence", TemporalPositionIndex=time),
        )
        for position, cosines, slope, time in frames
    ])  # fmt: skip
    dataset.save_as(path)
    return path


AXIAL = PLANES["axial"]


def test_an_enhanced_file_is_a_volume_with_place_values_and_window(tmp_path):
    values = noise(4)
    order = [2, 0, 3, 1]
    enhanced(tmp_path / "e.dcm", values, [((0, 0, 3 * z), AXIAL, 1 + z, 1) for z in order])
    volume, _ = read(tmp_path)
    assert volume.spacing_mm == (3.0, 0.5, 0.8) and volume.frame_numbers == (2, 4, 1, 3)
    assert volume.header_window[:2] == (40, 400) and "volumes" not in volume.steps[0].parameters
    for z in range(4):
        exact = values[order.index(z)].astype(np.float32) * (1 + z) - 10
        assert np.array_equal(volume.voxels[z, ::-1, ::-1], exact)
    assert len(set(volume.hashes)) == 1 and len(volume.instances) == 4


def test_times_and_stacks_of_an_enhanced_file_are_parted(tmp_path):
    values = noise(9)
    places = [((0, 0, 3 * z), AXIAL, 1, time) for time in (2, 1) for z in range(3)]
    scouts = [((0, 0, 0), PLANES["coronal"], 1, 1), ((4, 0, 0), PLANES["sagittal"], 1, 1)]
    enhanced(tmp_path / "e.dcm", values[:8], places + scouts)
    volume, errors = read(tmp_path, 1)
    told = volume.steps[0].parameters
    assert not errors and volume.voxels[:, 11, 15].tolist() == (values[:3, 0, 0] - 10).tolist()
    assert (told["stacks"], told["stack"], told["volumes"], told["volumes_by"]) == (3, 0, 2, "TemporalPositionIndex")


def test_a_nuclear_reconstruction_is_stacked_by_its_detector(tmp_path):
    values = noise(4)
    path = make.dicom(tmp_path / "n.dcm", values, Modality="NM", NumberOfFrames=4, ImageOrientationPatient=None,
                      ImagePositionPatient=None, ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"],
                      SpacingBetweenSlices=-4)  # fmt: skip
    dataset = pydicom.dcmread(path)
    detector = Dataset()
    detector.ImagePositionPatient, detector.ImageOrientationPatient = [0, 0, 50], AXIAL
    dataset.DetectorInformationSequence = Sequence([detector])
    dataset.save_as(path)
    volume, _ = read(tmp_path)
    assert volume.affine is not None and volume.spacing_mm == (4.0, 1.0, 1.0)
    assert np.array_equal(volume.voxels[::-1, ::-1, ::-1], values)


def test_rows_and_columns_at_no_right_angle_are_refused(tmp_path):
    make.series(tmp_path / "s", noise(), ImageOrientationPatient=[1, 0, 0, 0.5, 0.8, 0])
    assert reason_of(tmp_path) == "dicom.header"


def test_a_look_tells_series_and_grid_apart(tmp_path):
    folder = make.series(tmp_path / "a", noise(2))
    first, second = (peek(path, path.name) for path in sorted(folder.glob("*.dcm")))
    assert (
        first.grid == second.grid == (12, 16, 1, 1, 0, 0, 0, 1, 0, 1, 1) and first.whole_series == second.whole_series
    )
    assert first.object == "image" and not first.references


def test_slices_in_colour_are_a_volume_apart_from_grey_ones(tmp_path):
    for number in range(3):
        rgb = make.pixels(12, 16, 3, seed=number)
        make.dicom(tmp_path / f"c{number}.dcm", rgb, ImagePositionPatient=[0, 0, number])
        make.dicom(tmp_path / f"g{number}.dcm", noise()[number], ImagePositionPatient=[0, 0, number])
    paths = sorted(path.name for path in tmp_path.glob("*.dcm"))
    found = list(group_series(paths, build_look(tmp_path)))
    assert [sorted(name[0] for name in each.files) for each in found] == [["c"] * 3, ["g"] * 3]
    volume, _ = open_image([tmp_path / name for name in found[0].files]).volume()
    assert volume.voxels.shape == (3, 12, 16, 3)
    assert np.array_equal(cut_slice(volume.voxels, 2, 1), make.pixels(12, 16, 3, seed=1))


def test_where_windows_differ_that_of_the_middle_slice_is_used_and_told(tmp_path):
    folder = make.series(tmp_path / "s", noise())
    for number, path in enumerate(sorted(folder.glob("*.dcm"))):
        dataset = pydicom.dcmread(path)
        dataset.WindowCenter, dataset.WindowWidth = 10 * number, 100
        dataset.save_as(path)
    volume, _ = read(folder)
    assert volume.header_window[:2] == (20, 100) and "differs" in volume.steps[0].parameters["window"]
