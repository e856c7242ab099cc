"""Pictures that look alike, by hashes of 64 bits."""

from collections.abc import Sequence

import numpy as np

NEAR_BITS = 2
"""Pictures whose difference hashes have no more different bits than this are alike to the eye."""
LEAST_BITS = 6
"""A hash with fewer bits set, or unset, is that of a picture without structure, and like many others."""
_AT_ONCE = 1 << 23


def find_near(mine: Sequence[int], theirs: Sequence[int]) -> list[bool]:
    """Whether each hash has one among the others that differs in few bits."""
    others = np.array([value for value in theirs if is_structured(value)], dtype=np.uint64)
    if not len(others):
        return [False] * len(mine)
    near: list[bool] = []
    step = max(1, _AT_ONCE // len(others))
    for start in range(0, len(mine), step):
        block = np.array(mine[start : start + step], dtype=np.uint64)
        least = np.bitwise_count(block[:, None] ^ others[None, :]).min(axis=1)
        near += [
            bool(bits <= NEAR_BITS) and is_structured(int(value)) for bits, value in zip(least, block, strict=True)
        ]
    return near


def is_structured(value: int) -> bool:
    """True for the hash of a picture that shows something."""
    return LEAST_BITS <= value.bit_count() <= 64 - LEAST_BITS
