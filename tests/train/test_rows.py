"""Rows, their order and their targets."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from squares import make_sample, make_talks

from gmai.errors import ConfigError, FormatError
from gmai.models import load_model
from gmai.train import HeadsConfig, OptimConfig, PictureConfig, RowConfig
from gmai.train.loop import learning_rate
from gmai.train.pictures import vary
from gmai.train.plan import plan_batches
from gmai.train.rows import RowReader, conversation_block, draw_segments
from gmai.train.targets import IGNORE, Targets, patch_cover
from gmai.types import Turn


@pytest.fixture(scope="module")
def scaffold(model):
    return load_model(model).scaffold


def test_one_row_per_view_with_all_its_conversations(scaffold):
    talks = make_talks(make_sample(1))
    rows = RowReader(scaffold, RowConfig(), 192).read(talks)
    assert [(row.view.granularity, len(row.segments), len(row.captions), row.pool) for row in rows] == [
        ("image", 4, 1, "image"),
        ("box", 1, 0, "box"),
    ]
    assert rows[0].captions == (scaffold.text(" The cyst is upper-right."),)


def test_loss_counts_the_assistants_words_and_their_end_only(scaffold):
    conversation = next(talk for talk in make_talks(make_sample(0)) if talk.kind == "turns")
    block = conversation_block(scaffold, conversation, 0.5)
    assert set(block.weights) == {0.0, 0.5}
    scored = [token for token, weight in zip(block.tokens, block.weights, strict=True) if weight]
    assert scored == [*scaffold.text("a cyst"), scaffold.end, *scaffold.text("upper-left"), scaffold.end]
    text = scaffold.tokenizer.decode(block.tokens)
    turns = [{"role": turn.role, "content": turn.text} for turn in conversation.turns]
    rendered = scaffold.tokenizer.apply_chat_template(turns, tokenize=False)
    assert rendered == "<|im_start|>user\n" + text + "\n"


def test_turns_out_of_order_are_an_error(scaffold):
    talk = make_talks(make_sample(0))[0]
    wrong = type(talk)(**{**{n: getattr(talk, n) for n in talk.__slots__}, "turns": (Turn(role="user", text="?"),)})
    with pytest.raises(FormatError, match="in pairs"):
        conversation_block(scaffold, wrong, 1.0)


def test_too_long_conversations_are_rejected_with_their_ids(scaffold):
    reader = RowReader(scaffold, RowConfig(), 45)
    reader.read(make_talks(make_sample(1)))
    assert reader.rejects and {reject.reason for reject in reader.rejects} == {"row.too_long"}
    assert all(reject.id.startswith("squares/1#") for reject in reader.rejects)


def test_a_comparison_of_two_samples_is_rejected_for_the_model_sees_one_picture(scaffold):
    talks = make_talks(make_sample(1))
    talks[0] = replace(talks[0], prior="squares/0")
    reader = RowReader(scaffold, RowConfig(), 192)
    rows = reader.read(talks)
    assert [(reject.id, reject.reason) for reject in reader.rejects] == [(talks[0].id, "row.two_pictures")]
    assert sum(len(row.segments) for row in rows) == len(talks) - 1


def test_conversations_are_drawn_by_count_and_chance(scaffold):
    row = RowReader(scaffold, RowConfig(), 192).read(make_talks(make_sample(1)))[0]
    rng = np.random.default_rng(0)
    config = RowConfig(questions=1, chances={"caption": 0.25, "instruct": 0.0})
    drawn = [tuple(segment.names[2] for segment in draw_segments(row, config, rng)) for _ in range(400)]
    assert {names[0] for names in drawn} == {"percept"}
    assert sum("caption" in names for names in drawn) == pytest.approx(100, abs=30)
    assert not any("instruct" in names for names in drawn)
    alone = RowConfig(questions=0, chances={"caption": 0.0})
    assert len(draw_segments(row, alone, rng)) == 1


def test_plan_takes_every_row_once_before_any_twice():
    plan = plan_batches(["image"] * 10, {}, steps=5, batch_rows=4, seed=1)
    flat = plan.ravel()
    assert sorted(flat[:10]) == sorted(flat[10:]) == list(range(10))
    assert np.array_equal(plan[:3], plan_batches(["image"] * 10, {}, 3, 4, 1))
    assert not np.array_equal(plan, plan_batches(["image"] * 10, {}, 5, 4, 2))


def test_plan_keeps_shares_at_any_length():
    pools = ["image"] * 30 + ["box"] * 3 + ["text"] * 9
    plan = plan_batches(pools, {"image": 0.7, "box": 0.3}, steps=100, batch_rows=8, seed=0).ravel()
    for length in (50, 300, 800):
        assert np.mean(plan[:length] >= 30) == pytest.approx(0.3, abs=2 / length)
    assert plan.max() < 33
    with pytest.raises(ConfigError, match="no row"):
        plan_batches(pools, {"mask": 1.0}, 1, 1, 0)
    with pytest.raises(ConfigError, match="positive"):
        plan_batches(pools, {"image": 0.0}, 1, 1, 0)


def test_targets_are_those_of_the_annotations():
    targets = Targets(HeadsConfig(kinds=("grade", "location", "finding")), side=4)
    for number in (0, 1):
        targets.add(make_sample(number).sample)
    grid = targets.region_BP(["squares/1"])[0].view(4, 4)
    expected = torch.zeros(4, 4, dtype=torch.long)
    expected[:2, 2:] = 1  # the square covers a quarter of each of four patches: the fullest ones take its label
    assert torch.equal(grid, expected) and targets.labels == {"cyst": 1}
    assert targets.answers["grade"] == {"mild": 0, "severe": 1}
    assert targets.fact_B(["squares/0", "squares/1"], "grade").tolist() == [0, 1]
    bare = make_sample(2).sample
    targets.add(type(bare)(**{**{n: getattr(bare, n) for n in bare.__slots__}, "id": "x", "annotations": ()}))
    assert (targets.region_BP(["x"]) == IGNORE).all()
    assert targets.fact_B(["x"], "grade").tolist() == [IGNORE]


def test_patch_cover_is_the_share_of_each_patch():
    mask = np.zeros((6, 10), bool)
    mask[:3, :] = True
    assert patch_cover(mask, 2).tolist() == [[1, 1], [0, 0]]


def test_learning_rate_rises_and_falls():
    config = OptimConfig(lr=1.0, warmup_steps=4, final_share=0.1)
    rates = [learning_rate(config, step, 104) for step in range(104)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4] == 1.0 and rates[54] == pytest.approx(0.55) and rates[-1] == pytest.approx(0.1, abs=0.001)


def test_varied_pictures_show_the_same_a_little_moved(model):
    contract = load_model(model).contract
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[10:14, 20:24] = 255
    config = PictureConfig(gain=0.0, level=0.0, shift_px=2)
    places = set()
    for step in range(40):
        pixels = vary([picture[None]], contract, config, np.random.default_rng(step))
        rows, columns = torch.nonzero(pixels[0, 0] > 0, as_tuple=True)
        assert len(rows) == 16
        places.add((int(rows.min()) - 10, int(columns.min()) - 20))
    assert len(places) > 10 and max(abs(move) for place in places for move in place) == 2
    still = PictureConfig(gain=0.0, level=0.0, shift_px=0)
    assert torch.equal(
        vary([picture[None]], contract, still, np.random.default_rng(0)), contract.pixels([picture])["pixel_values"]
    )
    bright = vary([picture[None]], contract, PictureConfig(gain=0.2, level=0.1, shift_px=0), np.random.default_rng(0))
    plain = contract.pixels([picture])["pixel_values"]
    assert 0.8 <= float((bright.max() - bright.min()) / (plain.max() - plain.min())) <= 1.2
