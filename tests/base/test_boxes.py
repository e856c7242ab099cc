"""Boxes in a text are written in one form, found again, and put as somebody else wants them."""

from gmai.base import find_boxes, replace_boxes, write_boxes


def test_boxes_are_found_as_they_were_written():
    boxes = ((0, 1, 20, 30), (5, 6, 7, 8))
    text = f"The cyst is at {write_boxes(boxes)}, a stone at {write_boxes(boxes[:1])}."
    assert find_boxes(text) == (boxes, boxes[:1])
    assert "<box>[[0, 1, 20, 30], [5, 6, 7, 8]]</box>" in text


def test_what_is_no_mark_of_boxes_is_left_alone():
    text = "between <box> and </box>, [[1, 2, 3, 4]], <box>[[1, 2, 3]]</box>"
    assert find_boxes(text) == () and replace_boxes(text, lambda boxes: "!") == text


def test_boxes_are_put_as_asked():
    text = f"It is {write_boxes([(10, 20, 30, 40)])}."
    assert replace_boxes(text, lambda boxes: f"[{boxes[0][0] / 100:.2f}]") == "It is [0.10]."
