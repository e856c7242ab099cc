"""Agreement of boxes: counted by hand."""

import pytest

from gmai.pmc.panels.agreement import drop_ignored, find_interval, find_iou, pair_boxes, score_separation

LEFT, RIGHT, WHOLE = (0, 0, 10, 10), (10, 0, 20, 10), (0, 0, 20, 10)


def test_overlap_is_intersection_over_union():
    assert find_iou(LEFT, LEFT) == 1 and find_iou(LEFT, RIGHT) == 0
    assert find_iou(LEFT, WHOLE) == 0.5
    assert find_iou(LEFT, (5, 0, 15, 10)) == pytest.approx(1 / 3)


def test_a_box_is_used_once_and_the_best_goes_first():
    assert pair_boxes([LEFT, LEFT], [LEFT], 0.5) == [(0, 0)]
    assert pair_boxes([WHOLE, LEFT], [LEFT], 0.5) == [(1, 0)]
    assert pair_boxes([LEFT], [WHOLE], 0.7) == []


@pytest.mark.parametrize(
    ("found", "score"), [([LEFT, RIGHT], 1.0), ([LEFT], 0.5), ([WHOLE], 0.0), ([LEFT, RIGHT, WHOLE, WHOLE], 0.5)]
)
def test_separation_counts_what_is_too_much_and_too_little(found, score):
    assert score_separation([LEFT, RIGHT], found) == score


def test_small_pieces_of_a_panel_do_not_separate_it():
    assert score_separation([WHOLE], [(0, 0, 3, 3)]) == 0


def test_what_lies_in_an_ignored_region_is_left_out():
    assert drop_ignored([LEFT, RIGHT], [(9, 0, 20, 10)]) == [LEFT]


def test_the_interval_holds_the_ratio_and_is_a_point_where_all_agree():
    assert find_interval([(1, 2)] * 5) == (0.5, 0.5, 0.5)
    mean, low, high = find_interval([(0, 1), (1, 1), (1, 1), (0, 1)])
    assert low < mean == 0.5 < high
