"""DICOM structure sets: closed contours to pixels, in any direction; what is no area on a slice is counted."""

import numpy as np
import pytest

import make_regions
from gmai.annotations import RegionFile
from gmai.errors import ImageError
from gmai.images import open_image, read_regions
from gmai.images.outline import fill_outlines, outline_area

LPS = make_regions.LPS
AXIAL = np.array([[-0.7, 0, 0, 30], [0, -1.1, 0, 20], [0, 0, 2.5, -40], [0, 0, 0, 1]], float)
SHAPE = (40, 30, 6)


def turned(order, signs):
    """AXIAL's lengths along other directions."""
    affine = np.eye(4)
    for way, (axis, sign) in enumerate(zip(order, signs, strict=True)):
        affine[:3, way] = 0
        affine[axis, way] = sign * (0.7, 1.1, 2.5)[way]
    affine[:3, 3] = 5, -7, 11
    return affine


def oblique():
    a, b = np.deg2rad(20), np.deg2rad(-15)
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    turn = turn @ np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ AXIAL[:3, :3]
    affine[:3, 3] = 3, 4, 5
    return affine


TILTED = AXIAL + np.array([[0, 0, 0, 0], [0, 0, -0.8, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
AFFINES = {
    "axial": AXIAL,
    "tilted gantry": TILTED,
    "sagittal": turned((1, 2, 0), (-1, -1, 1)),
    "coronal": turned((0, 2, 1), (-1, -1, 1)),
    "foot first": turned((0, 1, 2), (-1, -1, -1)),
    "on the side": turned((1, 0, 2), (1, -1, 1)),
    "oblique": oblique(),
}


def series(folder, affine=AXIAL):
    return make_regions.series_at(folder, np.zeros(SHAPE, np.int16), affine)


def at(affine, points, k):
    """Points (column, row) of slice k in DICOM's millimetres."""
    indices = np.column_stack([points, np.full(len(points), float(k)), np.ones(len(points))])
    return (indices @ affine.T)[:, :3] @ LPS


def read(path, images, **fields):
    return read_regions(
        "rtstruct", path, open_image(images).volume()[0], RegionFile(path="r", kind="rtstruct", **fields)
    )


def whole(regions):
    found = {}
    for mark in regions.marks:
        voxels = np.zeros(regions.shape, bool)
        voxels[tuple(slice(low, low + size) for low, size in zip(mark.corner, mark.inside.shape, strict=True))] = (
            mark.inside
        )
        found[mark.label] = voxels
    return found


def stored(images, name, regions):
    """A region on the grid of the files: (i, j, k), by the places of voxels alone."""
    volume = open_image(images).volume()[0]
    return volume, np.argwhere(whole(regions)[name])[:, ::-1] @ volume.affine[:3, :3].T + volume.affine[:3, 3]


SQUARE = np.array([[4.5, 6.5], [14.5, 6.5], [14.5, 11.5], [4.5, 11.5]])
HOLE = np.array([[7.5, 7.5], [9.5, 7.5], [9.5, 9.5], [7.5, 9.5]])
KEYHOLE = np.concatenate([SQUARE, SQUARE[:1], HOLE[:1], HOLE[::-1], SQUARE[:1]])


@pytest.mark.parametrize("name", AFFINES)
def test_a_contour_fills_the_pixels_it_was_drawn_around_in_any_direction(tmp_path, name):
    affine = AFFINES[name]
    images = series(tmp_path / "ct", affine)
    contours = [("mass", "CLOSED_PLANAR", at(affine, SQUARE, k), k) for k in (1, 2)]
    regions = read(make_regions.rtstruct(tmp_path / "r.dcm", images, contours), images)
    expected = {(i, j, k) for i in range(5, 15) for j in range(7, 12) for k in (1, 2)}
    _, places = stored(images, "mass", regions)
    indices = (places - affine[:3, 3]) @ np.linalg.inv(affine[:3, :3]).T
    assert {tuple(int(x) for x in row) for row in np.rint(indices)} == expected and len(places) == len(expected)
    assert np.abs(indices - np.rint(indices)).max() < 1e-4 and not regions.lost


@pytest.mark.parametrize(
    ("kind", "rings"),
    [
        ("CLOSED_PLANAR", [KEYHOLE]),
        ("CLOSED_PLANAR", [SQUARE, HOLE]),
        ("CLOSEDPLANAR_XOR", [HOLE, SQUARE]),
        ("CLOSED_PLANAR", [SQUARE, HOLE, HOLE[::1]]),
    ],
)
def test_holes_by_keyhole_or_by_contours_of_their_own(tmp_path, kind, rings):
    images = series(tmp_path / "ct")
    contours = [("ring", kind, at(AXIAL, ring, 3), 3) for ring in rings]
    regions = read(make_regions.rtstruct(tmp_path / "r.dcm", images, contours), images)
    (mark,) = regions.marks
    assert mark.inside.sum() == 50 - 4
    assert [lost.reason for lost in regions.lost] == ["rtstruct.copy"] * (len(rings) - 2)


def test_several_contours_of_a_slice_are_one_structure(tmp_path):
    images = series(tmp_path / "ct")
    contours = [("two", "CLOSED_PLANAR", at(AXIAL, SQUARE + (shift, shift), 0), 0) for shift in (0, 15)]
    (mark,) = read(make_regions.rtstruct(tmp_path / "r.dcm", images, contours), images).marks
    assert mark.inside.sum() == 100 and mark.label == "two"


def test_what_bounds_no_area_on_a_slice_is_counted(tmp_path):
    images = series(tmp_path / "ct")
    upright = at(AXIAL, SQUARE, 2)
    upright[:2, 2] += 2.5
    contours = [
        ("mass", "CLOSED_PLANAR", at(AXIAL, SQUARE, 2), 2),
        ("mass", "POINT", at(AXIAL, SQUARE[:1], 2), 2),
        ("mass", "OPEN_PLANAR", at(AXIAL, SQUARE, 2), 2),
        ("mass", "CLOSED_PLANAR", at(AXIAL, SQUARE[:2], 2), 2),
        ("mass", "CLOSED_PLANAR", upright, 2),
        ("mass", "CLOSED_PLANAR", at(AXIAL, SQUARE, 2.5), 2),
        ("mass", "CLOSED_PLANAR", at(AXIAL, SQUARE, 7), 5),
        ("mass", "CLOSED_PLANAR", at(AXIAL, SQUARE + 100, 4), 4),
        ("line", "OPEN_NONPLANAR", at(AXIAL, SQUARE, 2), 2),
        ("speck", "CLOSED_PLANAR", at(AXIAL, HOLE * 0.01 + 3.2, 2), 2),
        ("void", "CLOSED_PLANAR", np.zeros((0, 3)), 0),
    ]
    path = make_regions.rtstruct(tmp_path / "r.dcm", images, contours)
    regions = read(path, images)
    assert {name: voxels.sum() for name, voxels in whole(regions).items()} == {"mass": 50}
    counted = {(lost.unit, lost.reason, lost.detail.split(":")[0]): lost.count for lost in regions.lost}
    assert counted == {
        ("contour", "rtstruct.not_closed", "structure 1"): 2,
        ("contour", "rtstruct.damaged", "structure 1"): 1,
        ("contour", "rtstruct.oblique", "structure 1"): 1,
        ("contour", "rtstruct.between_slices", "structure 1"): 1,
        ("contour", "rtstruct.no_slice", "structure 1"): 1,
        ("contour", "rtstruct.outside", "structure 1"): 1,
        ("contour", "rtstruct.not_closed", "structure 2"): 1,
        ("contour", "rtstruct.outside", "structure 3"): 1,
        ("contour", "rtstruct.damaged", "structure 4"): 1,
        ("annotation", "rtstruct.not_closed", "structure 2"): 1,
        ("annotation", "rtstruct.outside", "structure 3"): 1,
        ("annotation", "rtstruct.damaged", "structure 4"): 1,
    }
    assert regions.steps[0].parameters["contours"] + sum(
        lost.count for lost in regions.lost if lost.unit == "contour"
    ) == len(contours)


def test_contours_finer_than_the_slices_do_not_cut_each_other_out(tmp_path):
    images = series(tmp_path / "ct")
    contours = [("mass", "CLOSED_PLANAR", at(AXIAL, SQUARE, 2 + off), 2) for off in (-0.2, 0.02, 0.2)]
    regions = read(make_regions.rtstruct(tmp_path / "r.dcm", images, contours), images)
    assert whole(regions)["mass"].sum() == 50
    assert {(lost.reason, lost.count) for lost in regions.lost} == {("rtstruct.between_slices", 2)}
    assert regions.steps[0].parameters["steps_off_slice"] == pytest.approx(0.2, abs=0.01)


def test_an_uneven_stack_places_each_contour_by_its_own_slice(tmp_path):
    images = series(tmp_path / "ct")
    path = make_regions.rtstruct(
        tmp_path / "r.dcm", images, [("mass", "CLOSED_PLANAR", at(AXIAL, SQUARE + k, k), k) for k in range(6)]
    )
    everything, left = read(path, images), read(path, [images[0], images[1], images[2], images[5]])
    assert (whole(left)["mass"] == whole(everything)["mass"][[0, 1, 2, 5]]).all()
    assert {(lost.reason, lost.count) for lost in left.lost} == {("rtstruct.no_slice", 2)}


def test_a_structure_set_of_which_nothing_lies_on_the_series_is_refused(tmp_path):
    images = series(tmp_path / "ct")
    contours = [("mass", "CLOSED_PLANAR", at(AXIAL, SQUARE, 5), 5)]
    with pytest.raises(ImageError) as caught:
        read(make_regions.rtstruct(tmp_path / "r.dcm", images, contours), images[:3])
    assert caught.value.reason == "rtstruct.no_slice"
    with pytest.raises(ImageError) as caught:
        read(make_regions.rtstruct(tmp_path / "s.dcm", images, [], StructureSetROISequence=None), images)
    assert caught.value.reason == "rtstruct.no_contour"


def test_a_structure_is_named_by_its_name_or_its_code(tmp_path):
    images = series(tmp_path / "ct")
    contours = [
        ("Jane's GTV", "CLOSED_PLANAR", at(AXIAL, SQUARE, 1), 1),
        ("Heart", "CLOSED_PLANAR", at(AXIAL, SQUARE, 1), 1),
    ]
    item, code = make_regions.item, make_regions.code
    observed = [item(ReferencedROINumber=2, RTROIIdentificationCodeSequence=[code("80891009", "Heart structure")])]
    path = make_regions.rtstruct(tmp_path / "r.dcm", images, contours, RTROIObservationsSequence=observed)
    hidden, heart = whole(read(path, images))
    assert hidden.startswith("hidden/") and heart == "Heart"
    assert list(whole(read(path, images, naming="type")))[1] == "Heart structure"
    assert list(whole(read(path, images, naming="code")))[1] == "SCT:80891009"
    assert list(whole(read(path, images, ignore=(1,)))) == ["Heart"]


@pytest.mark.parametrize("seed", range(10))
def test_filled_areas_are_those_of_the_polygons(seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 40))
    radius = rng.uniform(150, 400, 40)
    outline = np.column_stack([512.3 + radius * np.cos(angles), 500.7 + radius * np.sin(angles)])
    filled = fill_outlines([outline], 1024, 1024).sum()
    assert filled == pytest.approx(outline_area(outline), rel=2e-3)


def test_whole_pixels_are_filled_exactly_and_neighbours_share_none():
    corners = np.array([[2, 3], [7, 3], [7, 9], [2, 9]], float)
    assert fill_outlines([corners], 20, 20).sum() == outline_area(corners) == 30
    beside = fill_outlines([corners + (5, 0)], 20, 20)
    assert not (beside & fill_outlines([corners], 20, 20)).any()
    cut = fill_outlines([corners - 4], 20, 20)
    assert cut.sum() == 3 * 5 and cut[:5, :3].all()
    assert fill_outlines([corners[::-1]], 20, 20).sum() == 30 and not fill_outlines([], 4, 4).any()


@pytest.mark.data
@pytest.mark.parametrize(
    "name", ["mock_data/invalid_reference_rt.dcm", "mock_data/non_existent_reference_rt.dcm", "empty/dummy_rt.dcm"]
)
def test_real_contours_on_slices_that_are_there_are_kept_and_the_rest_counted(data, name):
    folder = data / "dicom/rt_utils_mock/tests"
    regions = read(folder / name, sorted(folder.glob("mock_data/ct_*.dcm")))
    assert [mark.label for mark in regions.marks] == ["ROI-1", "ROI-2", "ROI-3", "ROI-4"]
    assert {(lost.unit, lost.reason, lost.count) for lost in regions.lost} == {("contour", "rtstruct.no_slice", 1)}
    assert len(regions.lost) == 4 and regions.areas(2).all()
    check_areas(folder / name, regions, 0.488281**2)


def check_areas(path, regions, pixel_mm2):
    """Each structure's pixels on each slice against the exact area of its contours there."""
    import pydicom

    found = pydicom.dcmread(path)
    numbers = {roi.ROINumber: roi.ROIName for roi in found.StructureSetROISequence}
    heights = [60.0, 65.0]
    for roi in found.ROIContourSequence:
        mark = next(mark for mark in regions.marks if mark.label == numbers[roi.ReferencedROINumber])
        for index, height in enumerate(heights):
            rings = [np.array(each.ContourData, float).reshape(-1, 3) for each in roi.ContourSequence]
            area = sum(outline_area(ring[:, :2]) for ring in rings if ring[0, 2] == height) / pixel_mm2
            assert mark.inside[index].sum() == pytest.approx(area, rel=0.01)


@pytest.mark.data
def test_a_plan_of_which_one_slice_is_there(data):
    folder = data / "dicom/dicompyler_rt/tests/testdata/example_data"
    regions = read(folder / "rtss.dcm", [folder / "ct.0.dcm"])
    assert [mark.label for mark in regions.marks] == ["BODY"]
    contours = sum(lost.count for lost in regions.lost if lost.unit == "contour")
    assert contours == 437 and regions.steps[0].parameters["contours"] == 441 - 437
    assert sum(lost.count for lost in regions.lost if lost.unit == "annotation") == 9
