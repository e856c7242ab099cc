"""Packed rows give the same logits as rows that stand alone; the comparison would notice if isolation were lost."""

import pytest
import torch

from gmai.errors import ModelError
from gmai.models import Block, hidden_states, lay_out, picture_features, tree_mask
from gmai.models import forward as forward_module


def build_rows(loaded, items) -> list[list[Block]]:
    """Rows as in training: the picture's prefix, two questions with answers, the first question with a second turn."""
    scaffold = loaded.scaffold
    rows = []
    for item in items:
        root = loaded.prefix(loaded.layouts(item.pictures))
        row = [root]
        for answer in item.options[:2]:
            asked = (*scaffold.text(item.prompt), *scaffold.ask)
            said = (*scaffold.text(answer), scaffold.end)
            row.append(Block((*asked, *said), (0.0,) * len(asked) + (1.0,) * len(said), 0))
        rows.append(row)
    return rows


def plain_logits(loaded, tokens: list[int], pictures) -> torch.Tensor:
    """Logits of one row by the model's own forward pass, no masks of ours."""
    pixels = loaded.contract.pixels(pictures) if pictures else {}
    return loaded.model(input_ids=torch.tensor([tokens]), **pixels, use_cache=False).logits[0]


def packed_difference(loaded, items) -> float:
    """Largest difference at any scored place between packed rows and the same paths alone."""
    rows = build_rows(loaded, items)
    batch = lay_out(rows, loaded.tokenizer.pad_token_id)
    pixels = loaded.contract.pixels([picture for item in items for picture in item.pictures])
    with torch.inference_mode():
        states = hidden_states(loaded.model, batch, picture_features(loaded.model, pixels, "fp32"), "fp32")
        packed = loaded.model.lm_head(states.reshape(-1, states.shape[-1])[batch.where_N])
        alone = []
        for row, item in zip(rows, items, strict=True):
            for block in row[1:]:
                logits = plain_logits(loaded, [*row[0].tokens, *block.tokens], item.pictures)
                start = len(row[0].tokens) - 1
                alone += [logits[start + i] for i, weight in enumerate(block.weights) if weight]
    return float((packed - torch.stack(alone)).abs().max())


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_packed_rows_equal_single_rows(loaded, items, attention):
    before = loaded.model.config._attn_implementation
    loaded.model.set_attn_implementation(attention)
    try:
        assert packed_difference(loaded, items) < 1e-5
    finally:
        loaded.model.set_attn_implementation(before)


def test_lost_isolation_is_noticed(loaded, items, monkeypatch):
    def causal_only(batch, dtype):
        length = batch.tokens_BT.shape[1]
        mask = torch.full((length, length), torch.finfo(dtype).min, dtype=dtype).triu(1)
        return mask.expand(len(batch.tokens_BT), 1, length, length)

    monkeypatch.setattr(forward_module, "tree_mask", causal_only)
    assert packed_difference(loaded, items) > 1e-3


def test_a_later_branch_cannot_change_an_earlier_one_nor_the_other_way(loaded, items):
    row = build_rows(loaded, items)[0]
    changed = Block(row[1].tokens[::-1], row[1].weights, 0)
    pad = loaded.tokenizer.pad_token_id
    pixels = loaded.contract.pixels(items[0].pictures)
    layouts = [lay_out([tree], pad) for tree in (row, [row[0], changed, row[2]])]
    with torch.inference_mode():
        features = picture_features(loaded.model, pixels, "fp32")
        one, two = (hidden_states(loaded.model, layout, features, "fp32") for layout in layouts)
    batch = lay_out([row], pad)
    untouched = batch.block_BT[0] != 1
    assert torch.equal(one[0, untouched], two[0, untouched])
    assert not torch.equal(one[0, ~untouched], two[0, ~untouched])


def test_mask_of_a_small_tree_by_hand():
    row = [Block.read((1, 2)), Block.predict((3, 4), 0), Block.predict((5, 6, 7), 0), Block.read((9,))]
    batch = lay_out([row[:3], [row[3]]], pad=0, multiple=1)
    assert batch.tokens_BT.tolist() == [[1, 2, 3, 5, 6], [0, 0, 0, 0, 0]]
    assert batch.positions_BT.tolist()[0] == [0, 1, 2, 2, 3]
    allowed = tree_mask(batch, torch.float32)[0, 0] == 0
    assert allowed.int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 1, 0],
        [1, 1, 0, 1, 1],
    ]
    assert batch.where_N.tolist() == [1, 2, 1, 3, 4]
    assert batch.target_N.tolist() == [3, 4, 5, 6, 7]
    assert batch.owner_N.tolist() == [1, 1, 2, 2, 2]


def test_gap_moves_positions_but_not_what_is_seen():
    tight = lay_out([[Block.read((1, 2)), Block.predict((3, 4), 0)]], pad=0, multiple=1)
    wide = lay_out([[Block.read((1, 2)), Block((3, 4), (1.0, 1.0), 0, gap=5)]], pad=0, multiple=1)
    assert wide.positions_BT.tolist() == [[0, 1, 7]]
    assert torch.equal(tree_mask(tight, torch.float32), tree_mask(wide, torch.float32))


def test_a_first_token_cannot_be_predicted():
    with pytest.raises(ValueError, match="first token"):
        lay_out([[Block.predict((1, 2), -1)]], pad=0)


def test_a_mismatch_of_visual_tokens_is_an_error(loaded, items):
    batch = lay_out(build_rows(loaded, items[:1]), loaded.tokenizer.pad_token_id)
    features = picture_features(loaded.model, loaded.contract.pixels(items[0].pictures * 2), "fp32")
    for wrong in (None, features):
        with pytest.raises(ModelError, match="visual tokens"):
            hidden_states(loaded.model, batch, wrong, "fp32")
