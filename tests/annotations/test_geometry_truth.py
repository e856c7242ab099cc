"""Side, quadrant, length, area and centre of what lies at known places in a patient, however the volume is stored.

A ball at the patient's right, front and top, a box at the left, back and bottom, in voxels of 0.7 x 1.1 x 2.5 mm.
"""

import math
from itertools import permutations, product

import numpy as np
import pytest

import make
import make_regions
from gmai.annotations import AnnotatedItem, RegionFile, find_facts, region_facts
from gmai.base import from_dict
from gmai.errors import CardError
from gmai.images import SIDES, open_image, read_regions, slice_spacing
from gmai.sources.kinds import KINDS
from gmai.types import ImageRef, MaskRef, SourceCard

SPACING = np.array([0.7, 1.1, 2.5])
SHAPE = np.array([60, 50, 30])
CENTRE, RADIUS = np.array([9.0, 13.0, 18.0]), 8.4
BOX_LOW, BOX_HIGH = (6, 5, 3), (18, 15, 7)
ORIGIN = -(SHAPE - 1) / 2 * SPACING
"""Place of the first voxel in mm right, front, up: the patient's middle is 0."""
PLACES = np.moveaxis(np.indices(SHAPE), 0, -1) * SPACING + ORIGIN
BALL = (((PLACES - CENTRE) ** 2).sum(axis=-1) <= RADIUS**2).astype(np.uint8)
BOX = np.zeros(SHAPE, np.uint8)
BOX[tuple(slice(low, high) for low, high in zip(BOX_LOW, BOX_HIGH, strict=True))] = 1
IMAGE = (BALL * 200 + BOX * 120 + np.linspace(0, 50, SHAPE[0])[:, None, None]).astype(np.int16)
ORIENTATIONS = [(order, flips) for order in permutations(range(3)) for flips in product((False, True), repeat=3)]
QUADRANTS = {2: ("right-anterior", "left-posterior"), 1: ("right-superior", "left-inferior")}
QUADRANTS[0] = ("anterior-superior", "posterior-inferior")


def stored(voxels, order, flips):
    """Voxels (x, y, z) as stored along other axes, perhaps backwards, and their affine."""
    affine = np.eye(4)
    affine[:3, :3] = np.diag(SPACING)[:, list(order)]
    affine[:3, 3] = ORIGIN
    turned = voxels.transpose(order)
    for way, flip in enumerate(flips):
        if flip:
            turned = np.flip(turned, way)
            affine[:3, 3] += affine[:3, way] * (turned.shape[way] - 1)
            affine[:3, way] *= -1
    return np.ascontiguousarray(turned), affine


def card(axes=(0, 1, 2)):
    slices = {"mode": "largest", "count": 1, "axes": list(axes)}
    return from_dict(SourceCard, make.card(modality="CT", slices=slices), where="card", error=CardError)


def centre_mm(facts, image):
    """The centroid in mm of the patient, by the picture's sides alone."""
    found = {}
    for side, pixels, length, size in zip(
        image.sides, facts.centroid, image.spacing_mm[::-1], (image.width, image.height), strict=True
    ):
        axis, sign = {"L": (0, -1), "P": (1, -1), "I": (2, -1)}[side]
        found[axis] = sign * (pixels - size / 2) * length
    return found


def check_ball(facts, image, offset):
    """Against a circle cut out of the ball, ``offset`` mm from its middle."""
    radius = math.sqrt(RADIUS**2 - offset**2)
    rows, columns = image.spacing_mm
    diagonal = math.hypot(rows, columns)
    assert facts.parts == 1 and abs(facts.diameter_mm - 2 * radius) <= diagonal
    assert facts.area_mm2 == pytest.approx(math.pi * radius**2, abs=2 * math.pi * radius * diagonal / 4)
    for axis, place in centre_mm(facts, image).items():
        assert place == pytest.approx(CENTRE[axis], abs=SPACING[axis] / 2)
    patient, _ = QUADRANTS[image.axis]
    assert facts.patient_quadrant == patient and facts.side == (None if image.axis == 0 else "right")


def check_box(facts, image):
    """Against the box, whose edges lie between voxels."""
    sides = [float((BOX_HIGH[way] - BOX_LOW[way]) * SPACING[way]) for way in range(3) if way != image.axis]
    assert facts.area_mm2 == pytest.approx(sides[0] * sides[1]) and facts.diameter_mm == pytest.approx(
        math.hypot(*sides)
    )
    middle = ORIGIN + (np.add(BOX_LOW, BOX_HIGH) - 1) / 2 * SPACING
    for axis, place in centre_mm(facts, image).items():
        assert place == pytest.approx(middle[axis])
    _, patient = QUADRANTS[image.axis]
    assert facts.patient_quadrant == patient and facts.side == (None if image.axis == 0 else "left")


def slice_ref(volume, axis, index):
    """The picture of a slice, as far as facts need it."""
    height, width = (size for way, size in enumerate(volume.voxels.shape) if way != 2 - axis)
    named = {"uri": "v", "kind": "nifti", "modality": "CT", "sha256": "", "asset": "", "sides": SIDES[axis]}
    return ImageRef(width=width, height=height, axis=axis, index=index, spacing_mm=slice_spacing(volume, axis), **named)


def offset_of(axis, index):
    return float(index * SPACING[axis] + ORIGIN[axis] - CENTRE[axis])


@pytest.mark.parametrize(("order", "flips"), ORIENTATIONS)
def test_a_nifti_volume_stored_in_any_of_48_ways(tmp_path, order, flips):
    image, affine = stored(IMAGE, order, flips)
    labels, _ = stored(BALL + 2 * BOX, order, flips)
    make.nifti(tmp_path / "a.nii", image, affine)
    make.nifti(tmp_path / "l.nii", labels, affine)
    volume = open_image(tmp_path / "a.nii").volume()[0]
    regions = read_regions("labels", tmp_path / "l.nii", volume, RegionFile(path="l.nii"))
    for axis in range(3):
        middle = int(np.rint((CENTRE[axis] - ORIGIN[axis]) / SPACING[axis]))
        for index in (middle, middle - 2 if axis < 2 else middle - 1):
            ball = dict((value, mask) for value, _, mask in regions.cut(axis, index))[1]
            picture = slice_ref(volume, axis, index)
            check_ball(region_facts(as_mask(ball), picture), picture, offset_of(axis, index))
        index = BOX_LOW[axis] + 1
        box = dict((value, mask) for value, _, mask in regions.cut(axis, index))[2]
        check_box(region_facts(as_mask(box), slice_ref(volume, axis, index)), slice_ref(volume, axis, index))


def as_mask(inside):
    from gmai.images import encode_mask

    return MaskRef(label="x", record="r", uri="l", rle=encode_mask(inside), size=inside.shape)


def check_samples(item, root, given, axes=(0, 1, 2)):
    """Every picture of an item shows the ball where it is, and its facts say so."""
    made = [each for each in KINDS.get(item.kind)(item, root, given)]
    assert len(made) == len(axes) and all(hasattr(each, "stored") for each in made), made
    for each in made:
        sample = each.stored.sample
        (image,) = sample.images
        (ball,) = (each for each in sample.annotations if each.label == "ball")
        check_ball(region_facts(ball, image), image, offset_of(image.axis, image.index))
        facts = {fact.kind: fact for fact in find_facts(sample) if fact.about == "ball"}
        assert facts["location"].answer == QUADRANTS[image.axis][0]
        assert facts["size"].values["mm"] == pytest.approx(2 * RADIUS, abs=math.hypot(*image.spacing_mm))


@pytest.mark.parametrize(("order", "flips"), ORIENTATIONS[::7])
def test_samples_of_a_nifti_volume_tell_the_truth(tmp_path, order, flips):
    image, affine = stored(IMAGE, order, flips)
    make.nifti(tmp_path / "a.nii.gz", image, affine)
    make.nifti(tmp_path / "l.nii.gz", stored(BALL, order, flips)[0], affine)
    files = (RegionFile(path="l.nii.gz", names={"1": "ball"}),)
    item = AnnotatedItem(id="a", kind="volume", files=("a.nii.gz",), regions=files, units={"pair": 1})
    check_samples(item, tmp_path, card())


DIRECTIONS = {
    "axial": ((0, 1, 2), (True, True, False)),
    "axial, feet up": ((0, 1, 2), (True, True, True)),
    "axial, face down": ((0, 1, 2), (False, False, False)),
    "sagittal": ((1, 2, 0), (True, True, True)),
    "coronal": ((0, 2, 1), (True, True, False)),
    "coronal from behind": ((0, 2, 1), (False, True, True)),
}


@pytest.mark.parametrize("name", DIRECTIONS)
def test_a_series_with_segmentation_and_contours_in_any_direction(tmp_path, name):
    order, flips = DIRECTIONS[name]
    image, affine = stored(IMAGE, order, flips)
    files = make_regions.series_at(tmp_path / "ct", image, affine)
    ball = stored(BALL, order, flips)[0]
    frames = [(1, k, ball[:, :, k].T) for k in range(ball.shape[2]) if ball[:, :, k].any()]
    make_regions.seg(tmp_path / "s.dcm", files, frames, ["ball"])
    contours = list(ball_contours(affine, ball.shape[2]))
    make_regions.rtstruct(tmp_path / "r.dcm", files, contours)
    for region in (RegionFile(path="s.dcm", kind="seg"), RegionFile(path="r.dcm", kind="rtstruct")):
        paths = tuple(path.relative_to(tmp_path).as_posix() for path in files)
        item = AnnotatedItem(id="ct", kind="series", files=paths, regions=(region,), units={"image": len(files)})
        check_samples(item, tmp_path, card())


def ball_contours(affine, slices):
    """The ball's outline on each slice, as a radiographer would draw it: DICOM's millimetres, 90 points."""
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    across, down, normal = (affine[:3, way] / np.linalg.norm(affine[:3, way]) for way in range(3))
    for k in range(slices):
        origin = affine[:3, 3] + k * affine[:3, 2]
        away = float((origin - CENTRE) @ normal)
        if abs(away) >= RADIUS:
            continue
        radius = math.sqrt(RADIUS**2 - away**2)
        ring = CENTRE + away * normal + radius * (np.outer(np.cos(angles), across) + np.outer(np.sin(angles), down))
        yield "ball", "CLOSED_PLANAR", ring @ make_regions.LPS, k
