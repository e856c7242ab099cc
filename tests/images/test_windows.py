"""Windows: presets with their sources, percentiles of the foreground, and what a step tells of them."""

import numpy as np
import pytest

from gmai.errors import ImageError
from gmai.images import apply_window, find_preset, find_window, read_presets
from gmai.types import WindowPolicy


def window_of(values, **policy):
    return find_window(np.asarray(values), WindowPolicy(**policy))


def test_presets_are_windows_of_ct_by_name():
    presets = read_presets()
    wanted = "lung mediastinum soft-tissue bone brain stroke subdural liver abdomen angio temporal-bone"
    assert {f"ct-{name}" for name in wanted.split()} <= set(presets)
    assert all(-1000 <= centre <= 1000 and 0 < width <= 4000 for centre, width in presets.values())
    assert presets["ct-lung"] == (-600, 1500) and presets["ct-brain"] == (40, 80)


def test_a_preset_is_shown_as_its_fixed_window_and_told_by_name():
    values = np.arange(-1500, 1500, dtype=np.int16)
    window = window_of(values, mode="preset", preset="ct-liver")
    fixed = window_of(values, mode="fixed", centre=30, width=150)
    assert np.array_equal(apply_window(values, window), apply_window(values, fixed))
    assert window.told() == {"mode": "preset", "centre": 30.0, "width": 150.0, "preset": "ct-liver"}
    assert fixed.told("window") == {"window": "fixed", "centre": 30.0, "width": 150.0}


def test_a_preset_there_is_not_is_refused_with_near_names():
    with pytest.raises(ImageError) as error:
        find_preset("ct-lungs")
    assert error.value.reason == "window.unknown" and "did you mean ct-lung" in str(error.value)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float32])
def test_air_around_a_head_does_not_decide_how_its_tissue_looks(dtype):
    head = np.linspace(200, 1200, 4000).astype(dtype)
    scan = np.concatenate([np.zeros(36000, dtype), head])
    window = window_of(scan)
    assert window.mode == "percentile" and window.ends == pytest.approx((210, 1190), abs=1.5)
    assert window == window_of(head), "the same, however much air was scanned"


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_padding_below_the_scan_is_background_and_water_is_not(dtype):
    body = np.linspace(-100, 300, 5001).astype(dtype)
    scan = np.concatenate([np.full(5000, -3024, dtype), body])
    assert window_of(scan).ends == pytest.approx((-96, 296), abs=1)
    assert window_of(body).ends == pytest.approx((-96, 296), abs=1), "zero is not left out where it is rare"


def test_normalised_scans_have_their_background_at_zero():
    brain = np.random.default_rng(0).normal(0, 1, 10_001).astype(np.float32)
    scan = np.concatenate([np.zeros(20_000, np.float32), brain])
    assert window_of(scan).ends == pytest.approx(window_of(brain).ends, abs=1e-4)


def test_pictures_of_few_values_fall_back_to_their_range():
    assert window_of(np.repeat(np.array([0, 1], np.uint8), 50)).told() == {"mode": "range", "centre": 0.5, "width": 1.0}
    flat = np.full(100, 7, np.int16)
    assert window_of(flat).width == 0 and not apply_window(flat, window_of(flat)).any()
    assert window_of(np.full(100, 0.5, np.float32)).width == 0


def test_values_that_are_no_number_take_no_part():
    values = np.concatenate([np.full(100, np.nan, np.float32), np.linspace(0, 100, 1001, dtype=np.float32)])
    assert window_of(values) == window_of(values[100:])
