"""Twins of a published file are found by their pictures, and nothing else is taken for a twin."""

import base64
import csv
import json
import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from gmai.bench import ImportConfig, import_bench, open_table, read_keys, write_tsv
from gmai.bench.marked_twins import same_but_for_marks
from gmai.bench.miniature import MiniatureConfig, write_miniature
from gmai.images import decode_picture

csv.field_size_limit(sys.maxsize)


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


def as_jpeg(pixels, quality: int) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def large(seed=0):
    """A smooth picture, as scans are, of 160 pixels a side."""
    drawn = np.random.default_rng(seed).integers(30, 200, (10, 10), dtype=np.uint8)
    smooth = Image.fromarray(drawn).resize((160, 160), Image.Resampling.BICUBIC)
    return np.repeat(np.asarray(smooth)[..., None], 3, axis=2).astype(np.int16)


@pytest.mark.parametrize("quality", [60, 75, 90, 95])
def test_jpeg_blurs_a_mark_and_the_picture_stays_the_same(quality):
    def coded(pixels):
        return decode_picture(as_jpeg(pixels, quality)).astype(np.int16)

    filled, outlined = marked(large(), filled=True, at=50), marked(large(), filled=False, at=50)
    one, other = coded(filled), coded(outlined)
    assert not same_but_for_marks(one, other) and same_but_for_marks(one, other, 17)
    changed = outlined.copy()
    changed[110:150, 20:60] += 20
    assert not same_but_for_marks(one, coded(changed), 17)
    assert not same_but_for_marks(one, coded(marked(large(1), filled=False, at=50)), 17)


def test_twins_of_a_file_of_jpeg_pictures_are_found(tmp_path):
    """As many as of the same file in PNG, and the same ones."""
    write_miniature(MiniatureConfig(out=tmp_path / "mini_val.tsv", rows=120, picture_px=160))
    with (tmp_path / "mini_val.tsv").open(newline="") as source:
        rows = list(csv.DictReader(source, delimiter="\t"))
    for row in rows:
        if len(row["image"]) > 64:
            pixels = decode_picture(base64.b64decode(row["image"]))
            row["image"] = base64.b64encode(as_jpeg(pixels, 85)).decode()
    (tmp_path / "jpeg").mkdir()
    write_tsv(tmp_path / "jpeg/mini_val.tsv", rows, tuple(rows[0]))
    twins = []
    for folder in (tmp_path, tmp_path / "jpeg"):
        import_bench(ImportConfig(sources=(folder / "mini_val.tsv",), out=folder / "bench", name="mini"))
        twins.append({key.index: key.twin for key in read_keys(folder / "bench/key/VAL.jsonl") if key.twin})
    assert len(twins[0]) > 20 and twins[1] == twins[0]
