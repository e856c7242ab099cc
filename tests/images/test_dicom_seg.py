"""DICOM segmentations: every kind, on the grid of their image or refused."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

import make
import make_regions
from gmai.annotations import RegionFile
from gmai.errors import ImageError
from gmai.images import open_image, read_regions
from gmai.types import FramePolicy

AFFINE = np.array([[-0.7, 0, 0, 30], [0, -1.1, 0, 20], [0, 0, 2.5, -40], [0, 0, 0, 1]], float)
"""As scanners write axial slices: rows to the patient's left and back."""
SHAPE = (11, 7, 5)


@pytest.fixture
def images(tmp_path):
    return make_regions.series_at(tmp_path / "ct", np.arange(11 * 7 * 5, dtype=np.int16).reshape(SHAPE), AFFINE)


def volume_of(images):
    return open_image(images).volume()[0]


def read(path, images, **fields):
    return read_regions("seg", path, volume_of(images), RegionFile(path="seg.dcm", kind="seg", **fields))


def whole(regions):
    """Each region as voxels (z, y, x) of the canonical grid."""
    found = {}
    for mark in regions.marks:
        voxels = np.zeros(regions.shape, bool)
        voxels[tuple(slice(low, low + size) for low, size in zip(mark.corner, mark.inside.shape, strict=True))] = (
            mark.inside
        )
        found[mark.label] = voxels
    return found


def frames_of(mask, number=1, slices=None):
    """Frames (rows j, columns i) of a mask (i, j, k)."""
    chosen = range(mask.shape[2]) if slices is None else slices
    return [(number, k, np.ascontiguousarray(mask[:, :, k].T)) for k in chosen]


def blob(*corners):
    mask = np.zeros(SHAPE, bool)
    mask[tuple(slice(low, high) for low, high in corners)] = True
    return mask


def canonical(mask):
    """The mask (i, j, k) of AFFINE as canonical voxels (z, y, x)."""
    return mask[::-1, ::-1].transpose(2, 1, 0)


LESION, ORGAN = blob((2, 5), (1, 3), (1, 4)), blob((3, 11), (2, 7), (0, 5))


def test_binary_segments_may_overlap_and_leave_slices_out(tmp_path, images):
    frames = frames_of(LESION, 1, [1, 2, 3]) + frames_of(ORGAN, 2)
    regions = read(make_regions.seg(tmp_path / "s.dcm", images, frames, ["lesion", "organ"]), images)
    found = whole(regions)
    assert (found["lesion"] == canonical(LESION)).all() and (found["organ"] == canonical(ORGAN)).all()
    assert (LESION & ORGAN).any() and not regions.lost
    assert regions.steps[0].parameters["type"] == "BINARY" and regions.steps[0].parameters["frames"] == 8
    assert regions.areas(2).tolist() == (canonical(LESION) * 1 + canonical(ORGAN)).sum(axis=(1, 2)).tolist()
    for axis in range(3):
        for index in range(SHAPE[axis]):
            plane = np.moveaxis(canonical(LESION), 2 - axis, 0)[index][::-1, ::-1]
            cut = {name: mask for _, name, mask in regions.cut(axis, index)}
            assert (cut.get("lesion", np.zeros_like(plane)) == plane).all()


def test_an_odd_number_of_bits_a_frame(tmp_path):
    rng = np.random.default_rng(1)
    mask = rng.random((5, 3, 4)) < 0.5
    images = make_regions.series_at(tmp_path / "ct", np.zeros((5, 3, 4), np.int16), AFFINE)
    regions = read(make_regions.seg(tmp_path / "s.dcm", images, frames_of(mask)), images)
    assert (whole(regions)["lesion"] == canonical(mask)).all()


def test_frames_in_any_order_turned_and_flipped_are_put_where_they_lie(tmp_path, images):
    header = pydicom.dcmread(images[0])
    rows, columns = np.array(header.ImageOrientationPatient, float).reshape(2, 3)
    frames = [(1, k, np.ascontiguousarray(LESION[::-1, :, k])) for k in (3, 1, 2)]
    path = make_regions.seg(tmp_path / "s.dcm", images, frames)
    found = pydicom.dcmread(path)
    shared = found.SharedFunctionalGroupsSequence[0]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = [*columns, *(-rows)]
    shared.PixelMeasuresSequence[0].PixelSpacing = [0.7, 1.1]
    for group in found.PerFrameFunctionalGroupsSequence:
        place = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float) + rows * 0.7 * (SHAPE[0] - 1)
        group.PlanePositionSequence[0].ImagePositionPatient = list(place)
    found.save_as(path)
    assert (whole(read(path, images))["lesion"] == canonical(LESION)).all()


def test_a_frame_may_cover_a_part_of_its_slice(tmp_path, images):
    path = make_regions.seg(tmp_path / "s.dcm", images, [(1, 2, np.ones((3, 4), np.uint8))])
    found = pydicom.dcmread(path)
    place = found.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0]
    place.ImagePositionPatient = list(np.array(place.ImagePositionPatient, float) + [0.7 * 5, 1.1 * 2, 0])
    found.save_as(path)
    assert (whole(read(path, images))["lesion"] == canonical(blob((5, 9), (2, 5), (2, 3)))).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_label_map_names_its_values(tmp_path, images, dtype):
    values = np.where(LESION, 1, np.where(ORGAN, 2, 0)).astype(dtype)
    values[0, 0, 0] = 9
    path = make_regions.seg(
        tmp_path / "s.dcm", images, frames_of(values), ["lesion", "organ"], SegmentationType="LABELMAP"
    )
    regions = read(path, images)
    found = whole(regions)
    assert (found["lesion"] == canonical(LESION)).all() and (found["organ"] == canonical(ORGAN & ~LESION)).all()
    assert found["9"].sum() == 1 and regions.steps[0].parameters["undescribed"] == 1
    assert set(whole(read(path, images, ignore=(2, 9)))) == {"lesion"}


def test_the_padding_of_a_label_map_is_background(tmp_path, images):
    values = np.where(LESION, 1, 5).astype(np.uint8)
    elements = {"SegmentationType": "LABELMAP", "PixelPaddingValue": 5}
    regions = read(make_regions.seg(tmp_path / "s.dcm", images, frames_of(values), **elements), images)
    assert set(whole(regions)) == {"lesion"} and (whole(regions)["lesion"] == canonical(LESION)).all()


def test_fractions_count_from_half_the_maximum_on_and_it_is_told(tmp_path, images):
    values = np.zeros(SHAPE, np.uint8)
    values[2, 1, 0], values[3, 1, 0], values[4, 1, 0], values[5, 1, 0] = 49, 50, 100, 1
    elements = {"SegmentationType": "FRACTIONAL", "MaximumFractionalValue": 100}
    regions = read(make_regions.seg(tmp_path / "s.dcm", images, frames_of(values), **elements), images)
    assert (whole(regions)["lesion"] == canonical(values >= 50)).all()
    told = regions.steps[0].parameters
    assert (told["type"], told["threshold"], told["pixels_between"]) == ("FRACTIONAL", 0.5, 3)


def test_a_segment_is_named_as_the_card_wants(tmp_path, images):
    path = make_regions.seg(tmp_path / "s.dcm", images, frames_of(LESION), ["mass 1"])
    for naming, name in (("label", "mass 1"), ("type", "Lesion"), ("code", "SCT:52988006")):
        assert set(whole(read(path, images, naming=naming))) == {name}
    assert set(whole(read(path, images, names={"1": "tumour"}))) == {"tumour"}
    assert set(whole(read(path, images, label="anything"))) == {"anything"}


def test_a_label_that_spells_the_patient_does_not_leave(tmp_path, images):
    path = make_regions.seg(tmp_path / "s.dcm", images, frames_of(LESION), ["tumour Doe"])
    (name,) = whole(read(path, images))
    assert name.startswith("hidden/") and "doe" not in name.lower()


def test_segments_of_slices_that_are_not_there_are_counted(tmp_path, images):
    frames = frames_of(LESION, 1) + frames_of(blob((0, 2), (0, 2), (4, 5)), 2, [4]) + frames_of(~ORGAN & ORGAN, 3, [0])
    path = make_regions.seg(tmp_path / "s.dcm", images, frames, ["lesion", "top", "nothing"])
    regions = read(path, images[:4])
    assert {(lost.reason, lost.unit, lost.count) for lost in regions.lost} == {
        ("seg.no_slice", "annotation", 1),
        ("seg.empty", "annotation", 1),
    }
    assert set(whole(regions)) == {"lesion"} and regions.steps[0].parameters["frames_off"] == 2
    with pytest.raises(ImageError) as caught:
        read(make_regions.seg(tmp_path / "t.dcm", images, frames_of(LESION, 1, [1])), images[2:])
    assert caught.value.reason == "seg.no_slice"


def test_an_uneven_stack_places_each_frame_by_its_own_slice(tmp_path, images):
    left = [images[0], images[1], images[2], images[4]]
    regions = read(make_regions.seg(tmp_path / "s.dcm", images, frames_of(ORGAN)), left)
    assert (whole(regions)["lesion"] == canonical(ORGAN)[[0, 1, 2, 4]]).all()
    assert regions.steps[0].parameters["frames_off"] == 1


@pytest.mark.parametrize(
    ("shift", "spacing"),
    [((0.35, 0, 0), (1.1, 0.7)), ((0, 0, 1.25), (1.1, 0.7)), ((0, 0, 0), (1.0, 0.7)), ((-0.7, 0, 0), (1.1, 0.7))],
)
def test_another_grid_is_refused(tmp_path, images, shift, spacing):
    path = make_regions.seg(tmp_path / "s.dcm", images, frames_of(LESION))
    found = pydicom.dcmread(path)
    found.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing = list(spacing)
    for group in found.PerFrameFunctionalGroupsSequence:
        place = group.PlanePositionSequence[0]
        place.ImagePositionPatient = list(np.array(place.ImagePositionPatient, float) + shift)
    found.save_as(path)
    with pytest.raises(ImageError) as caught:
        read(path, images)
    assert caught.value.reason == "volume.place_mismatch"


def test_pictures_without_a_place_are_found_by_reference(tmp_path):
    bare = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
    image = make.dicom(tmp_path / "cr.dcm", np.zeros((7, 11), np.int16), Modality="CR", **bare)
    other = make.dicom(tmp_path / "other.dcm", np.zeros((7, 11), np.int16), Modality="CR", **bare)
    mask = LESION[:, :, 1].T
    path = make_regions.seg(tmp_path / "s.dcm", [image], [(1, 0, mask)], places=False)
    assert (whole(read(path, [image]))["lesion"] == mask).all()
    with pytest.raises(ImageError) as caught:
        read(path, [other])
    assert caught.value.reason == "seg.no_slice"
    small = make_regions.seg(tmp_path / "t.dcm", [image], [(1, 0, mask[:5])], places=False)
    with pytest.raises(ImageError) as caught:
        read(small, [image])
    assert caught.value.reason == "volume.shape_mismatch"


def test_frames_of_a_film_are_found_by_their_number(tmp_path):
    bare = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
    film = np.arange(4 * 7 * 11, dtype=np.int16).reshape(4, 7, 11)
    image = make.dicom(tmp_path / "us.dcm", film, Modality="US", NumberOfFrames=4, **bare)
    path = make_regions.seg(tmp_path / "s.dcm", [image], [(1, 0, LESION[:, :, 1].T)] * 3, places=False)
    with pytest.raises(ImageError) as caught:
        read(path, [image])
    assert caught.value.reason == "seg.no_place", "which frame it is of is not said"
    found = pydicom.dcmread(path)
    for number, group in zip((2, 4, 9), found.PerFrameFunctionalGroupsSequence, strict=True):
        group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber = number
    found.save_as(path)
    regions = read(path, [image])
    voxels = whole(regions)["lesion"]
    assert voxels.any(axis=(1, 2)).tolist() == [False, True, False, True] and (voxels[1] == LESION[:, :, 1].T).all()
    assert regions.steps[0].parameters["frames_off"] == 1
    for count, numbers in ((2, (2, 4)), (3, (1, 3, 4))):
        some = open_image([image]).volume(frames=FramePolicy(mode="even", count=count))[0]
        assert some.frame_numbers == numbers
        regions = read_regions("seg", path, some, RegionFile(path="s.dcm", kind="seg"))
        assert [bool(area) for area in regions.areas(2)] == [number in (2, 4) for number in numbers]


def test_a_tilted_stack_keeps_its_frames(tmp_path):
    tilted = AFFINE + np.array([[0, 0, 0, 0], [0, 0, -0.8, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    images = make_regions.series_at(tmp_path / "ct", np.zeros(SHAPE, np.int16), tilted)
    assert volume_of(images).sheared
    regions = read(make_regions.seg(tmp_path / "s.dcm", images, frames_of(LESION)), images)
    assert (whole(regions)["lesion"] == canonical(LESION)).all()


@pytest.mark.parametrize("transfer", ["1.2.840.10008.1.2.5"])
def test_compressed_frames(tmp_path, images, transfer):
    values = np.where(LESION, 100, 0).astype(np.uint8)
    elements = {"SegmentationType": "FRACTIONAL", "MaximumFractionalValue": 100}
    path = make_regions.seg(tmp_path / "s.dcm", images, frames_of(values), **elements)
    found = pydicom.dcmread(path)
    found.compress(transfer, encoding_plugin="pydicom", generate_instance_uid=False)
    found.save_as(path)
    assert (whole(read(path, images))["lesion"] == canonical(LESION)).all()
    found.Rows = found.Columns = 60000  # what compressed frames hold is known only once they are unpacked
    found.save_as(path)
    with pytest.raises(ImageError) as caught:
        read(path, images)
    assert caught.value.reason == "dicom.too_large"


def test_a_series_with_a_place_needs_frames_with_one(tmp_path, images):
    with pytest.raises(ImageError) as caught:
        read(make_regions.seg(tmp_path / "s.dcm", images, frames_of(LESION), places=False), images)
    assert caught.value.reason == "seg.no_place"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"SegmentationType": "OTHER"}, "seg.kind"),
        ({"NumberOfFrames": 4}, "seg.header"),
        ({"NumberOfFrames": 2**30}, "seg.header"),
        ({"Rows": 60000, "Columns": 60000}, "seg.pixels"),
        ({"PixelData": b"\0\0"}, "seg.pixels"),
        ({"SegmentSequence": None}, "seg.header"),
    ],
)
def test_damaged_segmentations_are_refused(tmp_path, images, changes, reason):
    path = make_regions.seg(tmp_path / "s.dcm", images, frames_of(LESION), **changes)
    with pytest.raises(ImageError) as caught:
        read(path, images)
    assert caught.value.reason == reason and str(path) in str(caught.value)


def test_what_is_no_dicom_or_no_segmentation_is_refused(tmp_path, images):
    for path, reason in ((make.text(tmp_path / "a.dcm", "nothing"), "dicom.unreadable"), (images[0], "seg.kind")):
        with pytest.raises(ImageError) as caught:
            read(path, images)
        assert caught.value.reason == reason


PAIRS = (
    ("23x38x3/image/*.dcm", "23x38x3/seg/label.seg", {1: "23x38x3/nrrd/label.nrrd"}),
    ("24x38x3/image/*.dcm", "24x38x3/seg/label.seg", {1: "24x38x3/nrrd/label.nrrd"}),
    ("24x38x3/image/*.dcm", "sparse-labelmap-noppv.dcm", {1: "sparse_labelmap_noppv_seg.nrrd"}),
    ("24x38x3/image/*.dcm", "sparse-labelmap-ppv5.dcm", {1: "sparse_labelmap_ppv5_seg.nrrd"}),
    ("ct-3slice/*.dcm", "liver.dcm", {1: "liver_seg.nrrd"}),
    (
        "ct-3slice/*.dcm",
        "partial_overlaps.dcm",
        {number: f"partial_overlaps-{file}.nrrd" for number, file in ((1, 1), (2, 2), (3, 3), (4, 1), (5, 1))},
    ),
)


@pytest.mark.data
@pytest.mark.parametrize(("image", "seg", "truths"), PAIRS)
def test_real_segmentations_agree_with_their_label_maps(data, image, seg, truths):
    """SimpleITK says which value of the NRRD file lies at each voxel's place in the patient."""
    folder = data / "dicom/dcmqi_seg/data/segmentations"
    images = sorted(folder.glob(image))
    volume = volume_of(images)
    regions = read(folder / seg, images)
    assert {mark.number for mark in regions.marks} == set(truths) and not regions.lost
    for mark, voxels in zip(regions.marks, whole(regions).values(), strict=True):
        assert (voxels == (label_at(volume, folder / truths[mark.number]) == mark.number)).all()
        assert voxels.any()


def label_at(volume, path: Path):
    import SimpleITK

    image = SimpleITK.ReadImage(str(path))
    places = np.moveaxis(np.indices(volume.voxels.shape[:3])[::-1], 0, -1).reshape(-1, 3)
    ras = places @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    axes = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    indices = np.rint(np.linalg.solve(axes, (ras * [-1, -1, 1] - image.GetOrigin()).T)).astype(int)
    inside = ((indices >= 0) & (indices < np.array(image.GetSize())[:, None])).all(axis=0)
    values = np.zeros(len(places), int)
    values[inside] = SimpleITK.GetArrayFromImage(image)[tuple(indices[::-1, inside])]
    return values.reshape(volume.voxels.shape[:3])
