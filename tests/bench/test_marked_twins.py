"""Twins of a published file are found by their pictures, and nothing else is taken for a twin."""

import json

import numpy as np
import pytest

from gmai.bench import ImportConfig, import_bench, open_table, read_keys
from gmai.bench.marked_twins import same_but_for_marks
from gmai.bench.miniature import MiniatureConfig, write_miniature


def test_twins_of_an_imported_file_share_a_name_and_others_have_none(tmp_path):
    tsv = tmp_path / "mini_val.tsv"
    write_miniature(MiniatureConfig(out=tsv, rows=300, picture_px=48))
    import_bench(ImportConfig(sources=(tsv,), out=tmp_path / "bench", name="mini"))
    keys, questions = list(read_keys(tmp_path / "bench/key/VAL.jsonl")), list(open_table(tsv))
    pairs = [
        (before.index, after.index)
        for before, after in zip(questions, questions[1:], strict=False)
        if (before.granularity, after.granularity) == ("Contour Level", "Mask Level")
        and before.extra == after.extra and before.modality == after.modality and before.task == after.task
    ]  # fmt: skip
    named = {key.index: key.twin for key in keys if key.twin}
    assert named == {index: f"mini/VAL/{pair[0]}" for pair in pairs for index in pair} and len(pairs) > 40
    assert json.loads((tmp_path / "bench/stats.json").read_text())["splits"]["VAL"]["twins"] == len(named)


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(30, 200, (48, 48, 3)).astype(np.int16)


def marked(picture, *, filled, at=10):
    drawn = picture.copy()
    region = drawn[at : at + 20, at : at + 20]
    if filled:
        region[:] = region // 2 + np.array([127, 0, 0])
    else:
        inner = region[1:-1, 1:-1].copy()
        region[:] = (255, 0, 0)
        region[1:-1, 1:-1] = inner
    return drawn


def test_the_same_picture_with_other_marks_is_the_same(picture):
    assert same_but_for_marks(marked(picture, filled=True), marked(picture, filled=False))


def test_another_picture_is_another_even_on_a_common_black_ground(picture):
    other = picture[::-1].copy()
    assert not same_but_for_marks(marked(picture, filled=True), marked(other, filled=False))
    black = np.zeros((48, 48, 3), np.int16)
    one, two = black.copy(), black.copy()
    one[12:30, 12:30], two[12:30, 12:30] = picture[12:30, 12:30], other[12:30, 12:30]
    assert not same_but_for_marks(marked(one, filled=True), marked(two, filled=False))


def test_a_picture_that_changed_otherwise_is_another(picture):
    changed = picture.copy()
    changed[25:45, 2:20] += 20
    assert not same_but_for_marks(marked(picture, filled=True), marked(changed, filled=False))
    assert not same_but_for_marks(picture, picture[:40])
    assert not same_but_for_marks(picture, picture)
