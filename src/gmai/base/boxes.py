"""Boxes in a text have one form, ``<box>[[x0, y0, x1, y1], …]</box>`` in whole pixels, that exports can render."""

import re
from collections.abc import Callable, Sequence

PixelBox = tuple[int, int, int, int]
"""xyxy in whole pixels of the picture as shown, right and lower edge exclusive."""
_ONE = r"\[\d+, \d+, \d+, \d+\]"
_MARKED = re.compile(rf"<box>\[({_ONE}(?:, {_ONE})*)\]</box>")
_NUMBER = re.compile(r"\d+")


def write_boxes(boxes: Sequence[PixelBox]) -> str:
    """Boxes as they stand in a text."""
    return f"<box>[{', '.join(str(list(box)) for box in boxes)}]</box>"


def find_boxes(text: str) -> tuple[tuple[PixelBox, ...], ...]:
    """The boxes of each mark in a text, in order."""
    return tuple(_boxes(mark) for mark in _MARKED.finditer(text))


def replace_boxes(text: str, render: Callable[[Sequence[PixelBox]], str]) -> str:
    """The text with each mark of boxes put as ``render`` says, such as in parts of 1000 for a family of models."""
    return _MARKED.sub(lambda mark: render(_boxes(mark)), text)


def _boxes(mark: re.Match[str]) -> tuple[PixelBox, ...]:
    numbers = [int(number) for number in _NUMBER.findall(mark[1])]
    return tuple((a, b, c, d) for a, b, c, d in zip(*[iter(numbers)] * 4, strict=True))
