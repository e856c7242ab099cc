"""Answers as words: quadrants of a picture or a patient, classes of diameter, numbers to choose from."""

_SIDES = {"L": "left", "R": "right", "A": "anterior", "P": "posterior", "S": "superior", "I": "inferior"}
_OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "S": "I", "I": "S"}
_EDGES_MM = (5.0, 10.0, 20.0, 40.0, 80.0)
DIAMETERS = ("under-5-mm", "5-to-10-mm", "10-to-20-mm", "20-to-40-mm", "40-to-80-mm", "over-80-mm")
"""Classes of longest diameter, in mm."""
NEAR_EDGE = 0.05
"""A diameter within this share of a class's edge belongs to no class."""


def quadrant(right: bool, lower: bool, sides: tuple[str, str] | None) -> str:
    """The name of a quadrant.

    Args:
        right: in the right half of the picture.
        lower: in the lower half of the picture.
        sides: patient directions of the right and the lower edge, such as ("L", "P"), or None for the picture's own.

    Returns:
        ``upper-left`` …, or ``right-anterior`` … with the patient's left or right first.
    """
    if sides is None:
        return f"{'lower' if lower else 'upper'}-{'right' if right else 'left'}"
    across, down = sides
    pair = [across if right else _OPPOSITE[across], down if lower else _OPPOSITE[down]]
    if pair[1] in "LR":
        pair.reverse()
    return "-".join(_SIDES[side] for side in pair)


def side_of(across: float, down: float, sides: tuple[str, str] | None, midline: float) -> str | None:
    """The patient's side on which a point lies.

    Args:
        across: from the picture's middle to its right, as a part of its width.
        down: from the picture's middle to its lower edge, as a part of its height.
        sides: patient directions of the right and the lower edge.
        midline: part of width or height beside the middle in which no side is told.

    Returns:
        ``left`` or ``right``; None on the midline, and of a picture that does not show both.
    """
    for side, away in zip(sides or (), (across, down), strict=False):
        if side in "LR" and abs(away) >= midline:
            return _SIDES[side if away > 0 else _OPPOSITE[side]]
    return None


def quadrant_pool(sides: tuple[str, str] | None) -> tuple[str, ...]:
    """The four quadrants, from the picture's upper left to its lower right."""
    return tuple(quadrant(right, lower, sides) for lower in (False, True) for right in (False, True))


def diameter_class(diameter_mm: float) -> str | None:
    """The class of a diameter; None if it is so near an edge that either class would do."""
    if any(abs(diameter_mm - edge) < NEAR_EDGE * edge for edge in _EDGES_MM):
        return None
    return DIAMETERS[sum(diameter_mm > edge for edge in _EDGES_MM)]


def count_pool(number: int) -> tuple[str, ...]:
    """The numbers of the decade ``number`` is in; it depends on the decade alone, so that its middle tells nothing."""
    start = number // 10 * 10
    return tuple(str(other) for other in range(max(1, start), start + 10))
