"""Panels are found where gutters and lines part them, and nowhere else."""

import numpy as np
import pytest

from gmai.errors import ImageError
from gmai.pmc.panels import find_panels
from gmai.pmc.panels.agreement import find_iou, pair_boxes, score_separation
from gmai.pmc.panels.drawings import draw_kind
from gmai.pmc.panels.figures import make_figure
from gmai.pmc.panels.find import sort_reading

WHITE = 255


def picture(seed, width, height, kind="microscopy"):
    return draw_kind(kind, np.random.default_rng(seed), width, height)


def page(boxes, width=640, height=420, ground=WHITE):
    whole = np.full((height, width, 3), ground, np.uint8)
    for seed, (x0, y0, x1, y1) in enumerate(boxes):
        whole[y0:y1, x0:x1] = picture(seed, x1 - x0, y1 - y0)
    return whole


def boxes_of(figure, **kwargs):
    return [panel.box for panel in find_panels(figure, **kwargs)]


def assert_found(found, true, least=0.9):
    assert len(found) == len(true)
    assert len(pair_boxes(true, found, least)) == len(true)


def test_white_gutters_part_panels_of_any_size():
    true = [(10, 10, 300, 200), (320, 10, 630, 200), (10, 220, 420, 410), (440, 220, 630, 410)]
    assert_found(boxes_of(page(true)), true)


def test_a_thin_white_line_parts_pictures():
    true = [(0, 0, 319, 420), (321, 0, 640, 420)]
    assert_found(boxes_of(page(true)), true)


def test_pictures_that_touch_are_parted():
    whole = np.concatenate([np.full((400, 300, 3), 90, np.uint8), np.full((400, 340, 3), 170, np.uint8)], axis=1)
    whole = (whole + np.random.default_rng(0).integers(0, 12, whole.shape)).astype(np.uint8)
    assert_found(boxes_of(whole), [(0, 0, 300, 400), (300, 0, 640, 400)])


def test_letters_and_headings_beside_a_picture_are_left_out():
    true = [(40, 40, 320, 400), (360, 40, 630, 400)]
    figure = page(true)
    figure[8:24, 150:220] = 0
    figure[44:60, 8:20] = 0
    assert_found(boxes_of(figure), true)


def test_panels_of_a_large_figure_are_told_in_its_own_pixels():
    true = [(0, 0, 980, 1200), (1020, 0, 2000, 1200)]
    for box, other in zip(boxes_of(page(true, 2000, 1200)), true, strict=True):
        assert np.abs(np.subtract(box, other)).max() <= 6


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_plain_page_is_one_panel(level):
    assert boxes_of(np.full((200, 300, 3), level, np.uint8)) == [(0, 0, 300, 200)]


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 900, 3), (900, 2, 3), (17, 13, 3)])
def test_tiny_and_thin_figures_are_one_panel(shape):
    figure = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert boxes_of(figure) == [(0, 0, shape[1], shape[0])]


@pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_figure_is_refused(wrong):
    with pytest.raises(ImageError) as error:
        find_panels(wrong)
    assert error.value.reason == "panels.picture"


def test_reading_order_goes_row_by_row_though_tops_differ():
    boxes = [(100, 0, 190, 90), (0, 5, 90, 95), (0, 100, 90, 190), (100, 104, 190, 190)]
    assert sort_reading(boxes[::-1]) == [boxes[1], boxes[0], boxes[2], boxes[3]]
    assert [panel.order for panel in find_panels(page([(0, 0, 300, 420), (330, 0, 640, 420)]))] == [0, 1]


def test_a_known_number_never_makes_the_count_worse():
    for number in range(3):
        figure = make_figure("tuning", number)
        num = len(figure.images)
        told, untold = len(boxes_of(figure.pixels_HWC, expected=num)), len(boxes_of(figure.pixels_HWC))
        assert abs(told - num) <= abs(untold - num)


def test_boxes_lie_in_the_figure_and_hardly_overlap():
    for number in range(5):
        pixels = make_figure("tuning", number).pixels_HWC
        found = boxes_of(pixels)
        for index, box in enumerate(found):
            assert 0 <= box[0] < box[2] <= pixels.shape[1] and 0 <= box[1] < box[3] <= pixels.shape[0]
            assert all(find_iou(box, other) < 0.02 for other in found[:index])


def test_made_figures_with_gutters_are_mostly_separated():
    figures = [make_figure("tuning", number) for number in range(16)]
    scores = [
        score_separation([panel.box for panel in figure.images], boxes_of(figure.pixels_HWC))
        for figure in figures
        if figure.gutter_px >= 5
    ]
    assert len(scores) >= 5 and np.mean(scores) > 0.8
