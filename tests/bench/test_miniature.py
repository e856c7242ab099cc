"""The miniature has the shape of GMAI-MMBench, shows every place of its axes, and is the same for the same seed."""

from collections import Counter

import pytest

from gmai.bench import open_table
from gmai.bench.miniature import COLUMNS, MiniatureConfig, write_miniature
from gmai.errors import ConfigError
from gmai.images import decode_picture
from gmai.lexicon import read_lexicon


def made(path, **values):
    write_miniature(MiniatureConfig(out=path, **values))
    return open_table(path)


def test_every_place_of_every_axis_is_there(tmp_path):
    table, lexicon = made(tmp_path / "m.tsv"), read_lexicon()
    assert table.columns == COLUMNS
    assert set(table.column("modality")) == set(lexicon.modalities)
    assert set(table.column("task")) == set(lexicon.tasks)
    assert set(table.column("department")) == {*lexicon.departments, "None"}
    assert set(table.column("granularity")) == set(lexicon.granularities.values())
    assert {len(question.options) for question in table} == {2, 3, 4, 5}
    assert (tmp_path / "m.tsv").stat().st_size < 400_000


def test_questions_have_one_right_option_and_a_picture_of_the_size_asked_for(tmp_path):
    for question in made(tmp_path / "m.tsv", rows=120, picture_px=20):
        right = "ABCDE".index(question.answer)
        assert question.options[right] == question.extra["category"]
        assert len({option.lower() for option in question.options}) == len(question.options)
        assert decode_picture(question.picture()).shape == (20, 20, 3)


def test_mask_and_contour_of_one_shape_are_twins(tmp_path):
    table = list(made(tmp_path / "m.tsv", rows=400, picture_px=8))
    pairs = [(a, b) for a, b in zip(table, table[1:], strict=False) if b.granularity == "Mask Level"]
    twins = [(a, b) for a, b in pairs if a.options == b.options and a.granularity == "Contour Level"]
    assert len(twins) > 50 and all(a.answer == b.answer and a.modality == b.modality for a, b in twins)
    levels = Counter(question.granularity for question in table)
    assert abs(levels["Mask Level"] - levels["Contour Level"]) <= 1


def test_the_same_seed_gives_the_same_bytes_and_test_shows_no_answer(tmp_path):
    made(tmp_path / "a.tsv"), made(tmp_path / "b.tsv"), made(tmp_path / "c.tsv", seed=1)
    assert (tmp_path / "a.tsv").read_bytes() == (tmp_path / "b.tsv").read_bytes() != (tmp_path / "c.tsv").read_bytes()
    test = made(tmp_path / "t.tsv", split="TEST")
    assert not test.has_column("answer") and test.has_column("category")


def test_sizes_that_make_no_file(tmp_path):
    for wrong in ({"rows": 0}, {"picture_px": 4}):
        with pytest.raises(ConfigError):
            made(tmp_path / "m.tsv", **wrong)
