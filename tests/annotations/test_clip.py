"""Regions at the edge of their picture: cut, or an error of their own."""

import pytest

from gmai.annotations import clip_region
from gmai.errors import FormatError
from gmai.types import Box, Polygon


def box(*xyxy):
    return Box(label="a", xyxy=xyxy, record="r")


def polygon(*rings):
    return Polygon(label="a", rings=rings, record="r")


def test_a_box_inside_is_left_alone():
    inside = box(0, 0, 32, 24)
    assert clip_region(inside, 32, 24) is inside


def test_a_box_partly_outside_is_cut_and_says_so():
    assert clip_region(box(-3, 5, 99, 30), 32, 24) == Box(label="a", xyxy=(0, 5, 32, 24), record="r", clipped=True)


@pytest.mark.parametrize(
    ("xyxy", "reason"),
    [
        ((40, 1, 50, 9), "box.outside"),
        ((-9, 1, 0, 9), "box.outside"),
        ((5, 5, 5, 9), "box.degenerate"),
        ((9, 5, 5, 9), "box.inverted"),
        ((float("nan"), 5, 5, 9), "box.not_finite"),
    ],
)
def test_a_box_outside_or_without_extent_is_an_error(xyxy, reason):
    with pytest.raises(FormatError) as error:
        clip_region(box(*xyxy), 32, 24)
    assert error.value.reason == reason


def test_an_outline_is_cut_at_the_edges():
    cut = clip_region(polygon((-10, -10, 10, -10, 10, 10, -10, 10)), 32, 24)
    points = set(zip(cut.rings[0][0::2], cut.rings[0][1::2], strict=True))
    assert cut.clipped and points == {(0, 0), (10, 0), (10, 10), (0, 10)}
    inside = polygon((1, 1, 9, 1, 9, 9))
    assert clip_region(inside, 32, 24) is inside


def test_rings_outside_are_dropped_and_none_left_is_an_error():
    away, near = (40.0, 1.0, 50.0, 1.0, 50.0, 9.0), (1.0, 1.0, 9.0, 1.0, 9.0, 9.0)
    assert clip_region(polygon(away, near), 32, 24).rings == (near,)
    reasons = []
    for rings in ((away,), ((1.0, 1.0, 5.0, 5.0, 9.0, 9.0),), ((1.0, 1.0, float("nan"), 1.0, 9.0, 9.0),)):
        with pytest.raises(FormatError) as error:
            clip_region(polygon(*rings), 32, 24)
        reasons.append(error.value.reason)
    assert reasons == ["polygon.outside", "polygon.degenerate", "polygon.not_finite"]
