"""Facts of synthetic masks whose side, size and count are known beforehand."""

import dataclasses
import math
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco

from gmai.annotations import (
    find_facts,
    longest_diameter,
    region_area,
    region_box,
    region_centroid,
    region_facts,
    region_mask,
)
from gmai.annotations.facts import Look
from gmai.annotations.wording import count_pool, diameter_class, quadrant_pool
from gmai.errors import FormatError
from gmai.types import Box, Fact, ImageRef, Label, MaskRef, Polygon, Provenance, Sample

HEIGHT, WIDTH = 60, 100
EDGES = ((0, 0), (0, 1), (1, 0), (1, 1))


def mask_ref(mask: np.ndarray, label: str = "cyst", record: str = "m#1", value: int | None = None) -> MaskRef:
    code = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return MaskRef(label=label, record=record, uri="m.png", value=value, rle=code["counts"].decode(), size=mask.shape)


def rectangle(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[y0:y1, x0:x1] = True
    return mask


def disc(x: float, y: float, radius: float) -> np.ndarray:
    ys, xs = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return (xs - x) ** 2 + (ys - y) ** 2 <= radius**2


def sample(*annotations, sides=None, spacing=None, classes=None, modality="CT", tasks=None) -> Sample:
    image = ImageRef(
        uri="a.png",
        kind="raster",
        width=WIDTH,
        height=HEIGHT,
        modality=modality,
        sha256="0",
        asset="0",
        sides=sides,
        spacing_mm=spacing,
    )
    return Sample(
        id="x/1",
        source="x",
        subject="1",
        modality=modality,
        department="none",
        provenance=Provenance(source="x", licence="MIT", original_id="1"),
        images=(image,),
        annotations=annotations,
        classes=classes or {},
        tasks=tasks or {},
    )


def facts(found: Sample, kind: str, granularity: str = "image") -> list[Fact]:
    return [fact for fact in find_facts(found) if fact.kind == kind and fact.view.granularity == granularity]


def test_geometry_of_a_rectangle_is_the_same_as_box_polygon_and_mask():
    box = Box(label="cyst", xyxy=(10, 5, 30, 25), record="b")
    polygon = Polygon(label="cyst", rings=((10.0, 5.0, 30.0, 5.0, 30.0, 25.0, 10.0, 25.0),), record="p")
    for region in (box, polygon, mask_ref(rectangle(10, 5, 30, 25))):
        assert region_mask(region, HEIGHT, WIDTH).sum() == region_area(region, HEIGHT, WIDTH) == 400
        assert (region_mask(region, HEIGHT, WIDTH) == rectangle(10, 5, 30, 25)).all()
        assert region_box(region, HEIGHT, WIDTH) == (10, 5, 30, 25)
        assert region_centroid(region, HEIGHT, WIDTH) == (20, 15)


def test_longest_diameter_with_anisotropic_spacing():
    assert longest_diameter(rectangle(10, 5, 40, 45)) == pytest.approx(50)
    assert longest_diameter(rectangle(10, 5, 40, 45), (0.5, 2.0)) == pytest.approx(math.hypot(20, 60))
    assert longest_diameter(disc(50, 30, 20)) == pytest.approx(40, abs=1.5)
    two = rectangle(0, 0, 1, 1) | rectangle(99, 59, 100, 60)
    assert longest_diameter(two) == pytest.approx(math.hypot(100, 60))


@pytest.mark.parametrize("seed", range(12))
def test_longest_diameter_is_that_of_all_pairs_of_corners(seed):
    draw = np.random.default_rng(seed)
    mask = draw.random((9, 14)) < 0.15
    mask[4, 7] = True
    spacing = tuple(draw.uniform(0.3, 3.0, 2))
    ys, xs = np.nonzero(mask)
    corners = [((y + i) * spacing[0], (x + j) * spacing[1]) for y, x in zip(ys, xs, strict=True) for i, j in EDGES]
    assert longest_diameter(mask, spacing) == pytest.approx(max(math.dist(a, b) for a in corners for b in corners))


def test_a_mask_of_another_size_or_unmeasured_is_an_error():
    with pytest.raises(FormatError, match="60 x 100, the picture 50 x 50"):
        region_mask(mask_ref(rectangle(0, 0, 5, 5)), 50, 50)
    with pytest.raises(FormatError, match="not measured"):
        region_mask(MaskRef(label="a", record="m", uri="m.png"), 5, 5)


@pytest.mark.parametrize(
    ("centre", "sides", "answer"),
    [
        ((20, 15), None, "upper-left"),
        ((80, 15), None, "upper-right"),
        ((20, 45), None, "lower-left"),
        ((80, 45), None, "lower-right"),
        ((20, 15), ("L", "P"), "right-anterior"),
        ((80, 45), ("L", "P"), "left-posterior"),
        ((80, 45), ("L", "I"), "left-inferior"),
        ((20, 15), ("P", "I"), "anterior-superior"),
        ((20, 15), ("P", "L"), "right-anterior"),
    ],
)
def test_location_is_the_known_quadrant(centre, sides, answer):
    (fact,) = facts(sample(mask_ref(disc(*centre, 8)), sides=sides), "location")
    assert fact.answer == answer and fact.about == "cyst" and fact.records == ("m#1",)
    assert fact.pool == quadrant_pool(sides) and len(set(fact.pool)) == 4 and answer in fact.pool
    assert fact.values == {"x": centre[0] / WIDTH, "y": centre[1] / HEIGHT}


def test_no_location_on_a_midline_or_of_two_regions():
    assert not facts(sample(mask_ref(disc(52, 15, 8))), "location")
    assert not facts(sample(mask_ref(disc(20, 31, 8))), "location")
    assert facts(sample(mask_ref(disc(54, 15, 8))), "location")
    twice = sample(mask_ref(disc(20, 15, 8)), mask_ref(disc(80, 45, 8), record="m#2"))
    assert not facts(twice, "location")


def test_size_needs_spacing_and_a_class_of_its_own():
    lesion = mask_ref(rectangle(10, 5, 40, 45))
    assert not facts(sample(lesion), "size")
    (fact,) = facts(sample(lesion, spacing=(0.5, 0.5)), "size")
    assert fact.answer == "20-to-40-mm" and fact.values == {"mm": 25.0} and fact.answer in fact.pool
    assert not facts(sample(lesion, spacing=(0.8, 0.8)), "size"), "40 mm is on the edge of two classes"
    assert not facts(sample(Box(label="a", xyxy=(1, 1, 9, 9), record="b"), spacing=(1, 1)), "size")
    assert [diameter_class(mm) for mm in (3, 7, 15, 30, 60, 100)] == list(facts_pool())


def facts_pool() -> tuple[str, ...]:
    (fact,) = facts(sample(mask_ref(rectangle(10, 5, 40, 45)), spacing=(0.5, 0.5)), "size")
    return fact.pool


def test_counts_are_of_things_not_of_areas():
    cells = [Box(label="cell", xyxy=(n * 9, 1, n * 9 + 8, 9), record=f"b#{n}") for n in range(7)]
    (fact,) = facts(sample(*cells), "count")
    assert (fact.answer, fact.about, fact.task) == ("7", "cell", "Counting") and len(fact.records) == 7
    assert fact.pool == tuple("123456789")
    assert not facts(sample(mask_ref(disc(20, 15, 8), value=1)), "count"), "one value of a label map is an area"
    assert count_pool(43) == tuple(str(number) for number in range(40, 50))


def test_regions_of_one_label_by_several_values_or_files_are_not_counted():
    first, second = mask_ref(rectangle(5, 5, 15, 15), value=1), mask_ref(rectangle(70, 40, 80, 50), value=2)
    assert not facts(sample(first, second), "count"), "each may be many things, or the same thing marked twice"


def test_image_level_finding_from_labels_or_from_the_only_label_of_regions():
    classes = {"finding": ("cyst", "stone", "normal"), "grade": ("mild", "severe")}
    label = Label(name="stone", record="t.csv:2")
    grade = Label(name="mild", record="t.csv:2", task="grade")
    (fact,) = facts(sample(label, grade, classes=classes, tasks={"finding": "Bone"}), "finding")
    assert (fact.answer, fact.task, fact.records, fact.pool) == ("stone", "Bone", ("t.csv:2",), classes["finding"])
    (fact,) = facts(sample(label, grade, classes=classes), "grade")
    assert (fact.answer, fact.task, fact.pool) == ("mild", "Severity Grading", classes["grade"])
    two = (mask_ref(disc(20, 15, 8)), mask_ref(disc(80, 45, 8), record="m#2"))
    (fact,) = facts(sample(*two), "finding")
    assert fact.answer == "cyst" and fact.records == ("m#1", "m#2")
    assert not facts(sample(two[0], dataclasses.replace(two[1], label="stone")), "finding")
    assert not facts(sample(label, dataclasses.replace(label, name="cyst")), "finding")


def test_a_label_of_another_kind_is_a_fact_of_that_kind():
    (fact,) = facts(sample(Label(name="left", record="r", task="eye_side")), "eye_side")
    assert fact.answer == "left" and fact.task == "Attribute Recognition" and fact.pool == ("left",)


def test_presence_says_yes_and_no_in_balance():
    classes = {"finding": ("cyst", "stone", "tumor", "normal")}
    present = facts(sample(Label(name="stone", record="r"), classes=classes), "presence")
    assert [fact.answer for fact in present] == ["yes", "no"]
    assert present[0].about == "stone" and present[1].about in {"cyst", "tumor"}
    (none,) = facts(sample(Label(name="normal", record="r"), classes=classes), "presence")
    assert none.answer == "no" and none.about != "normal" and none.records == ("r",)
    assert not facts(sample(classes=classes), "presence"), "nothing annotated says nothing of absence"
    alone = sample(Label(name="stone", record="r"), classes={"finding": ("stone",)})
    assert not facts(alone, "presence"), "the answer could only be yes"


def test_region_findings_at_every_level_the_geometry_allows():
    found = sample(
        Label(name="normal", record="r"),
        Box(label="stone", xyxy=(60, 5, 80, 20), record="b"),
        mask_ref(disc(20, 40, 8)),
    )
    box_facts = facts(found, "finding", "box")
    assert [(fact.answer, fact.view.regions) for fact in box_facts] == [("stone", (1,)), ("cyst", (2,))]
    for level in ("mask", "contour"):
        (fact,) = facts(found, "finding", level)
        assert (fact.answer, fact.view.regions, fact.records) == ("cyst", (2,), ("m#1",))


def test_two_labels_at_one_place_are_not_told_apart():
    first = Box(label="stone", xyxy=(60, 5, 80, 20), record="b")
    second = dataclasses.replace(first, label="cyst", xyxy=(60, 5, 80, 21))
    assert not facts(sample(first, second), "finding", "box")
    assert len(facts(sample(first, dataclasses.replace(second, label="stone")), "finding", "box")) == 2


def test_modality_is_a_fact_where_it_is_known():
    (fact,) = facts(sample(), "modality")
    assert fact.answer == "CT" and fact.records
    assert not facts(sample(modality="Radiology"), "modality")
    assert not find_facts(dataclasses.replace(sample(), images=()))


def test_a_card_may_say_that_a_kind_is_not_answered():
    found = sample(Label(name="stone", record="r"), classes={"finding": ("stone", "cyst")}, tasks={"presence": "none"})
    assert not facts(found, "presence") and facts(found, "finding")


def test_the_example_of_the_guide_works():
    guide = Path(__file__).parents[2] / "docs/guides/add-question-kind.md"
    (code,) = re.findall(r"```python\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    names = {"Look": Look, "Iterator": Iterator, "Fact": Fact}
    exec(textwrap.dedent(code), names)
    find = names["find_shapes"]
    (fact,) = find(Look(sample(mask_ref(rectangle(10, 5, 20, 45)))))
    assert (fact.kind, fact.answer, fact.about) == ("shape", "tall", "cyst")
    assert not list(find(Look(sample(mask_ref(rectangle(10, 5, 40, 35))))))


def picture(sides=None, spacing=None) -> ImageRef:
    return sample(sides=sides, spacing=spacing).images[0]


def test_all_that_is_measured_of_a_rectangle():
    found = region_facts(mask_ref(rectangle(10, 5, 40, 25)), picture(("L", "P"), (2.0, 0.5)))
    assert (found.area_px, found.area_mm2, found.share) == (600, 600.0, 600 / (HEIGHT * WIDTH))
    assert found.box == (10, 5, 40, 25) and found.centroid == (25, 15) and found.parts == 1
    assert found.diameter_mm == pytest.approx(math.hypot(30 * 0.5, 20 * 2.0))
    assert found.diameter_ends is not None and {x for x, _ in found.diameter_ends} == {10, 40}
    assert {y for _, y in found.diameter_ends} == {5, 25}
    assert (found.side, found.quadrant, found.patient_quadrant) == ("right", "upper-left", "right-anterior")


def test_what_a_picture_does_not_tell_is_not_measured():
    found = region_facts(mask_ref(rectangle(10, 5, 40, 25)), picture())
    assert (found.area_mm2, found.diameter_mm, found.side, found.patient_quadrant) == (None, None, None, None)
    assert found.quadrant == "upper-left" and found.diameter_ends is not None
    sagittal = region_facts(mask_ref(rectangle(60, 5, 90, 25)), picture(("P", "I")))
    assert sagittal.side is None and sagittal.patient_quadrant == "posterior-superior"
    middle = region_facts(mask_ref(rectangle(30, 5, 70, 25)), picture(("L", "P")))
    assert (middle.side, middle.quadrant, middle.patient_quadrant) == (None, None, None)
    low = region_facts(mask_ref(rectangle(10, 25, 40, 35)), picture(("L", "I")))
    assert (low.side, low.quadrant) == ("right", None), "a region half-way down still has a side"
    box = region_facts(Box(label="cyst", xyxy=(10, 5, 40, 25), record="b"), picture(("L", "P"), (1.0, 1.0)))
    assert (box.area_px, box.diameter_mm, box.parts, box.side) == (600, None, 1, "right")


def test_parts_are_what_does_not_touch_even_at_a_corner():
    mask = rectangle(10, 5, 20, 10)
    assert region_facts(mask_ref(mask), picture()).parts == 1
    assert region_facts(mask_ref(mask | rectangle(20, 10, 30, 20)), picture()).parts == 1, "joined at a corner"
    assert region_facts(mask_ref(mask | rectangle(21, 10, 30, 20)), picture()).parts == 2
    ring = disc(50, 30, 20) & ~disc(50, 30, 15)
    assert region_facts(mask_ref(ring), picture()).parts == 1
    assert region_facts(mask_ref(ring | disc(50, 30, 5) | rectangle(0, 0, 1, 60)), picture()).parts == 3
    assert region_facts(mask_ref(rectangle(99, 59, 100, 60)), picture(spacing=(3.0, 4.0))).diameter_mm == 5


@pytest.mark.parametrize("seed", range(20))
def test_facts_of_random_masks_agree_with_plain_counting(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((HEIGHT, WIDTH)) < rng.choice([0.002, 0.1, 0.6])
    mask[rng.integers(HEIGHT), rng.integers(WIDTH)] = True
    spacing = (float(rng.uniform(0.2, 3)), float(rng.uniform(0.2, 3)))
    found = region_facts(mask_ref(mask), picture(spacing=spacing))
    ys, xs = np.nonzero(mask)
    assert found.area_px == mask.sum() and found.box == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    assert found.centroid == pytest.approx((xs.mean() + 0.5, ys.mean() + 0.5))
    corners = np.concatenate([np.stack([xs + dx, ys + dy], axis=1) for dx, dy in EDGES]) * spacing[::-1]
    corners = np.unique(corners, axis=0)
    farthest = max(float(np.hypot(*(corners - corner).T).max()) for corner in corners)
    assert found.diameter_mm == pytest.approx(farthest)


def test_a_value_of_a_label_map_in_two_parts_has_no_place_and_no_size():
    two = rectangle(5, 5, 15, 15) | rectangle(70, 40, 80, 50)
    one_thing, many = mask_ref(two), mask_ref(two, value=3)
    for kind in ("location", "size"):
        assert not facts(sample(many, spacing=(1.0, 1.0)), kind)
    assert facts(sample(one_thing, spacing=(1.0, 1.0)), "size"), "a mask of its own is one thing, in pieces or not"
    whole = mask_ref(rectangle(5, 5, 30, 20), value=3)
    assert facts(sample(whole, spacing=(1.0, 1.0)), "location") and facts(sample(whole, spacing=(1.0, 1.0)), "size")
