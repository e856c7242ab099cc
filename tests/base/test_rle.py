"""Run-length codes: those of pycocotools to the byte, and back."""

import warnings

import numpy as np
import pytest
from pycocotools import mask as coco

from gmai.base import decode_runs, encode_runs, fill_runs, mask_runs, split_columns


def masks():
    rng = np.random.default_rng(0)
    for _ in range(300):
        height, width = (int(size) for size in rng.integers(1, 40, 2))
        yield rng.random((height, width)) < rng.choice([0, 0.02, 0.3, 0.7, 0.98, 1])
        box = np.zeros((height, width), bool)
        box[slice(*sorted(rng.integers(0, height + 1, 2))), slice(*sorted(rng.integers(0, width + 1, 2)))] = True
        yield box


def test_codes_are_those_of_pycocotools():
    for mask in masks():
        code = encode_runs(mask_runs(mask), *mask.shape)
        assert code == coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
        runs = decode_runs(code, *mask.shape)
        assert np.array_equal(fill_runs(runs, *mask.shape), mask) and np.array_equal(runs, mask_runs(mask))


def test_a_large_mask_survives():
    ys, xs = np.mgrid[:700, :900]
    mask = (xs - 450) ** 2 + (ys - 350) ** 2 < 300**2
    code = encode_runs(mask_runs(mask), *mask.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools hands numpy 2 an array the old way
        assert np.array_equal(coco.decode({"counts": code.encode(), "size": list(mask.shape)}), mask)


def test_runs_cut_at_columns_cover_the_same_pixels():
    for mask in masks():
        again = np.zeros_like(mask)
        for column, top, bottom in split_columns(mask_runs(mask), mask.shape[0]):
            assert 0 <= top < bottom <= mask.shape[0] and not again[top:bottom, column].any()
            again[top:bottom, column] = True
        assert np.array_equal(again, mask)


@pytest.mark.parametrize("code", ["", "5", "zz", "\x01", "PP", "é", "0" * 5 + "P" * 20, "1000000000001"])
def test_damaged_codes_are_errors(code):
    with pytest.raises(ValueError):
        decode_runs(code, 4, 5)
