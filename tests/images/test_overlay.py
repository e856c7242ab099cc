"""Regions drawn onto pictures: colour, opacity and line as the view says, whatever the region."""

import numpy as np
import pytest

from gmai.errors import ImageError
from gmai.images import encode_mask, render_view
from gmai.types import Box, MaskRef, Polygon, View

HEIGHT, WIDTH = 60, 80
YS, XS = np.mgrid[:HEIGHT, :WIDTH]
RING = (np.hypot(XS - 40, YS - 30) < 20) & (np.hypot(XS - 40, YS - 30) > 10)


def picture():
    return np.stack([np.clip(YS + XS, 0, 255).astype(np.uint8)] * 3, axis=2)


def mask(inside):
    return MaskRef(label="a", record="r", uri="u", rle=encode_mask(inside), size=inside.shape)


def box(*xyxy):
    return Box(label="a", record="r", xyxy=xyxy)


def draw(granularity, *annotations, regions=(0,), **style):
    return render_view(picture(), View(granularity=granularity, regions=regions, **style), annotations)


def changed(drawn):
    return (drawn != picture()).any(axis=2)


@pytest.mark.parametrize("opacity", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("colour", [(0, 255, 0), (10, 20, 30)])
def test_a_mask_is_mixed_with_its_colour_inside_and_nowhere_else(opacity, colour):
    drawn = draw("mask", mask(RING), opacity=opacity, colour=colour)
    expected = np.rint(picture() * (1 - opacity) + np.array(colour) * opacity)
    assert np.array_equal(drawn[RING], expected[RING].astype(np.uint8)) and not changed(drawn)[~RING].any()


def test_holes_stay_clear_and_are_traced():
    hole = np.hypot(XS - 40, YS - 30) < 8
    assert not changed(draw("mask", mask(RING)))[hole].any()
    traced = changed(draw("contour", mask(RING), line_px=1))
    assert (traced <= RING).all(), "a line of a pixel runs along the pixels of the region"
    inner, outer = np.hypot(XS - 40, YS - 30) < 12, np.hypot(XS - 40, YS - 30) > 18
    assert traced[inner].sum() > 50 and traced[outer].sum() > 100 and not traced[~inner & ~outer].any()


@pytest.mark.parametrize("line_px", [1, 2, 3, 5])
def test_lines_are_as_wide_as_the_view_says(line_px):
    for granularity in ("box", "contour"):
        row = changed(draw(granularity, box(20, 10, 60, 50), line_px=line_px))[30]
        left = np.flatnonzero(row[:40])
        assert left.max() - left.min() + 1 == line_px and 20 in left


def test_a_box_is_drawn_on_its_outermost_pixels_in_its_colour():
    drawn = draw("box", box(20, 10, 60, 50), line_px=1, colour=(1, 2, 3))
    rows, columns = np.nonzero(changed(drawn))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (10, 49, 20, 59)
    assert (drawn[10, 20:60] == (1, 2, 3)).all() and np.array_equal(drawn[11:49, 21:59], picture()[11:49, 21:59])


@pytest.mark.parametrize("granularity", ["box", "mask", "contour"])
def test_a_region_of_one_pixel_is_seen(granularity):
    one = np.zeros((HEIGHT, WIDTH), bool)
    one[33, 44] = True
    for region in (mask(one), box(44, 33, 45, 34)):
        drawn = changed(draw(granularity, region, line_px=1))
        assert drawn[33, 44] and drawn.sum() == 1


@pytest.mark.parametrize("granularity", ["box", "mask", "contour"])
def test_a_region_that_leaves_the_picture_is_closed_at_its_edge(granularity):
    drawn = changed(draw(granularity, box(60, -10, 200, 30), line_px=1))
    assert drawn[0, 60:].all() and drawn[:30, -1].all() and drawn[:30, 60].all() and not drawn[31:].any()
    with pytest.raises(ImageError) as caught:
        draw("box", box(90, 10, 100, 20))
    assert caught.value.reason == "view.region"


def test_several_regions_and_views_of_several_colours():
    first, second = box(5, 5, 20, 20), mask(np.hypot(XS - 60, YS - 40) < 10)
    both = draw("mask", first, second, regions=(0, 1), opacity=1.0)
    assert (both[10, 10] == (255, 0, 0)).all() and (both[40, 60] == (255, 0, 0)).all()
    once = draw("mask", first, second, regions=(1,), opacity=1.0)
    assert np.array_equal(once[10, 10], picture()[10, 10])
    again = render_view(once, View(granularity="contour", regions=(0,), colour=(0, 0, 255)), [first, second])
    assert (again[5, 10] == (0, 0, 255)).all() and (again[40, 60] == (255, 0, 0)).all()


def test_the_rings_of_a_polygon_are_parts_of_one_region():
    rings = ((5.0, 5.0, 15.0, 5.0, 15.0, 15.0, 5.0, 15.0), (40.0, 30.0, 60.0, 30.0, 60.0, 50.0, 40.0, 50.0))
    polygon = Polygon(label="a", rings=rings, record="r")
    filled = changed(draw("mask", polygon))
    assert filled.sum() == 100 + 400 and filled[5:15, 5:15].all() and filled[30:50, 40:60].all()
    assert changed(draw("box", polygon, line_px=1))[5, 5:60].all()


def test_a_grey_picture_is_drawn_on_in_colour_and_not_changed():
    grey = picture()[..., 0]
    before = grey.copy()
    drawn = render_view(grey, View(granularity="box", regions=(0,)), [box(20, 10, 60, 50)])
    assert drawn.shape == (HEIGHT, WIDTH, 3) and (drawn[10, 30] == (255, 0, 0)).all()
    assert np.array_equal(grey, before) and np.array_equal(drawn, draw("box", box(20, 10, 60, 50)))


@pytest.mark.parametrize("style", [{"opacity": 1.2}, {"opacity": -0.1}, {"line_px": 0}, {"opacity": float("nan")}])
def test_a_style_that_cannot_be_drawn_is_an_error(style):
    with pytest.raises(ImageError) as caught:
        draw("mask", mask(RING), **style)
    assert caught.value.reason == "view.style"
