"""Packed rows equal each conversation alone through transformers' own forward: logits and gradients, every family."""

from dataclasses import replace

import pytest
import torch
from packs import CASES, build_row, fit_all, gradients, packed_logits, packed_losses, single_logits
from torch.nn.functional import cosine_similarity, cross_entropy

from gmai.errors import ModelError
from gmai.models import PATHS, Block, OptionItem, Paths, forward, generate, pack_rows, score_options, token_losses
from gmai.models import attention as attention_module
from gmai.models.attention import by_flex, by_groups


@pytest.mark.parametrize("name", CASES)
def test_packed_rows_equal_single_conversations(any_loaded, name):
    cases = CASES[name]
    with torch.inference_mode():
        expected, _ = single_logits(any_loaded, cases)
    found = packed_logits(any_loaded, cases)
    assert found.shape == expected.shape and (found - expected).abs().max() <= 1e-5


@pytest.mark.parametrize("name", CASES)
def test_packed_gradients_equal_those_of_single_conversations(any_loaded, name):
    cases, model = CASES[name], any_loaded.model
    logits, targets = single_logits(any_loaded, cases)
    losses = cross_entropy(logits.float(), targets, reduction="none")
    losses.sum().backward()
    expected = gradients(model)
    found = packed_losses(any_loaded, cases)
    assert (found - losses).abs().max() <= 1e-5
    found.sum().backward()
    packed = gradients(model)
    assert cosine_similarity(packed, expected, dim=0) >= 0.99999
    assert (packed - expected).norm() <= 1e-4 * expected.norm()


def lose_isolation(paths: Paths) -> Paths:
    """Every block also sees all that come before it in the line."""
    return replace(paths, above=tuple(tuple(range(block + 1)) for block in range(len(paths.starts))))


@pytest.mark.parametrize("name", ["text", "shared picture", "all together"])
def test_lost_isolation_is_noticed(any_loaded, name):
    cases = CASES[name]
    batch = any_loaded.pack([build_row(any_loaded, case) for case in cases])
    right = packed_logits(any_loaded, cases, batch)
    wrong = packed_logits(any_loaded, cases, replace(batch, paths=lose_isolation(batch.paths)))
    assert (right - wrong).abs().max() > 1e-3


def test_a_change_in_one_conversation_moves_no_other(any_loaded):
    cases = CASES["all together"]
    rows = [build_row(any_loaded, case) for case in cases]
    turned = [list(row) for row in rows]
    turned[0][1] = Block(rows[0][1].tokens[::-1], rows[0][1].weights, 0)
    one, two = any_loaded.pack(rows), any_loaded.pack(turned)
    moved = (packed_logits(any_loaded, cases, one) != packed_logits(any_loaded, cases, two)).any(-1)
    assert torch.equal(one.owner_N, two.owner_N)
    assert moved[one.owner_N == 1].all() and not moved[one.owner_N != 1].any()


def test_paths_of_a_small_tree_by_hand():
    first = [Block.read((1, 2)), Block.predict((3, 4), 0), Block.predict((5, 6, 7), 0, 2.0), Block.predict((8,), 2)]
    batch = pack_rows([first, [Block.read((9, 10, 11))]])
    assert batch.tokens_BT.tolist() == [[1, 2, 3, 5, 6, 7, 9, 10]]
    assert batch.positions_BT.tolist() == [[0, 1, 2, 2, 3, 4, 0, 1]]
    paths = batch.paths
    assert paths.lengths == (2, 1, 3, 2) and paths.keys == (2, 3, 5, 2)
    assert paths.key_K.tolist() == [0, 1, 0, 1, 2, 0, 1, 3, 4, 5, 6, 7]
    assert paths.cu_q.tolist() == [0, 2, 3, 6, 8] and paths.cu_k.tolist() == [0, 2, 5, 10, 12]
    assert batch.where_N.tolist() == [1, 2, 1, 3, 4, 5] and batch.target_N.tolist() == [3, 4, 5, 6, 7, 8]
    assert batch.weight_N.tolist() == [1, 1, 2, 2, 2, 1] and batch.owner_N.tolist() == [1, 1, 2, 2, 2, 3]
    assert batch.row_K.tolist() == [0, 0, 0, 0, 1] and batch.num_tokens == 8


def test_a_block_and_the_only_one_below_it_are_one_sequence():
    chain = [Block.read((1, 2)), Block.read((3, 4), 0), Block.predict((5, 6), 1), Block.predict((7, 8, 9), 1)]
    branch = [Block.read((1,)), Block.predict((2, 3), 0), Block.predict((4, 5, 6), 0)]
    line = [Block.read((1, 2)), Block.predict((3, 4), 0)]
    paths = pack_rows([chain, branch, line]).paths
    assert paths.starts == (0, 4, 5, 7, 8, 9, 11) and paths.lengths == (4, 1, 2, 1, 1, 2, 3)
    assert paths.above == ((0,), (0, 1), (0, 2), (3,), (3, 4), (3, 5), (6,))


def test_a_filled_line_has_few_lengths_and_says_the_same():
    rows = [[Block.read((1, 2)), Block.predict(tuple(range(3, 3 + length)), 0)] for length in (70, 31, 8)]
    plain, filled = pack_rows(rows), pack_rows(rows, fill=0)
    assert plain.tokens_BT.shape[1] == 112 and filled.tokens_BT.shape[1] == 112 + filled.filled
    assert filled.num_tokens == 112 and torch.equal(plain.where_N, filled.where_N)
    assert torch.equal(plain.row_K, filled.row_K) and filled.tokens_BT[0, 112:].eq(0).all()
    lengths = {pack_rows([[Block.read((1,) * length)]], fill=0).tokens_BT.shape[1] for length in range(1025, 2049)}
    assert len(lengths) == 17 and min(lengths) >= 1024


def few_heads() -> tuple[Paths, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Paths, queries of six heads, keys and values of two, and what attention along the paths makes of them."""
    rows = [[Block.read(tuple(range(30))), *(Block.predict((1,) * n, 0) for n in (5, 90, 7))], [Block.read((1,) * 300)]]
    paths = pack_rows(rows).paths
    length = sum(paths.lengths)
    query, key, value = (
        torch.randn(length, heads, 8, generator=torch.Generator().manual_seed(heads + n))
        for n, heads in enumerate((6, 2, 2))
    )
    allowed = torch.zeros(length, length, dtype=torch.bool)
    for block, start in enumerate(paths.starts):
        for row in range(paths.lengths[block]):
            allowed[start + row, paths.keys_of(block)] = True
    allowed &= torch.ones_like(allowed).tril()
    wide = [tensor.repeat_interleave(3, dim=1).transpose(0, 1) for tensor in (key, value)]
    scores = (query.transpose(0, 1) @ wide[0].transpose(1, 2) * 0.3).masked_fill(~allowed, -torch.inf)
    return paths, query, key, value, (scores.softmax(-1) @ wide[1]).transpose(0, 1)


def test_heads_of_keys_and_values_may_be_fewer_and_each_kernel_says_the_same():
    paths, query, key, value, expected = few_heads()
    assert torch.allclose(by_groups(query, key, value, paths, 0.3), expected, atol=1e-6)
    with pytest.warns(UserWarning, match="without torch.compile"):
        assert torch.allclose(by_flex(query, key, value, paths, 0.3), expected, atol=1e-6)


def slow_varlen(query, key, value, cu_q, cu_k, max_q, max_k, *, scale, window_size=(-1, -1), enable_gqa=False):
    """What torch's varlen kernel computes, as its documentation has it: sequence by sequence, ends aligned."""
    assert enable_gqa == (query.shape[1] != key.shape[1]) and cu_q.dtype == cu_k.dtype == torch.int32
    assert max_q == (cu_q[1:] - cu_q[:-1]).max() and max_k == (cu_k[1:] - cu_k[:-1]).max()
    answers = []
    ends = [*zip(cu_q.tolist(), cu_q.tolist()[1:], cu_k.tolist(), cu_k.tolist()[1:], strict=False)]
    for first_q, last_q, first_k, last_k in ends:
        asked = query[first_q:last_q].transpose(0, 1)
        seen, held = (
            t[first_k:last_k].repeat_interleave(query.shape[1] // t.shape[1], dim=1).transpose(0, 1)
            for t in (key, value)
        )
        scores = asked @ seen.transpose(1, 2) * scale
        if window_size == (-1, 0):
            allowed = torch.ones(scores.shape[1:], dtype=torch.bool).tril(scores.shape[2] - scores.shape[1])
            scores = scores.masked_fill(~allowed, -torch.inf)
        answers.append((scores.softmax(-1) @ held).transpose(0, 1))
    return torch.cat(answers)


def test_what_is_handed_to_the_varlen_kernel_is_right(monkeypatch):
    monkeypatch.setattr(attention_module, "find_varlen", lambda: slow_varlen)
    paths, *line, expected = few_heads()
    assert torch.allclose(attention_module.by_varlen(*line, paths, 0.3), expected, atol=1e-6)


def test_large_tables_are_computed_by_the_library_and_say_the_same(any_loaded, monkeypatch):
    cases = CASES["all together"]
    expected = packed_logits(any_loaded, cases)
    monkeypatch.setattr(attention_module, "LONG", 0)
    assert (packed_logits(any_loaded, cases) - expected).abs().max() <= 1e-5


def test_losses_in_chunks_are_the_same_and_so_are_gradients(any_loaded, monkeypatch):
    cases = CASES["shared picture"]
    batch = any_loaded.pack([build_row(any_loaded, case) for case in cases])
    whole = packed_losses(any_loaded, cases, batch)
    (whole * batch.weight_N).sum().backward()
    expected = gradients(any_loaded.model)
    monkeypatch.setattr(forward, "WHOLE", 0)
    sizes = []
    monkeypatch.setattr(forward, "cross_entropy", lambda x, *a, **b: sizes.append(len(x)) or cross_entropy(x, *a, **b))
    features = forward.picture_features(
        any_loaded.model, any_loaded.contract.normalise(fit_all(any_loaded, cases)), "fp32"
    )
    chunked = token_losses(any_loaded.model, batch, features, "fp32", chunk_tokens=7)
    assert torch.allclose(chunked, whole, atol=1e-6) and max(sizes) == 7
    (chunked * batch.weight_N).sum().backward()
    assert cosine_similarity(gradients(any_loaded.model), expected, dim=0) > 1 - 1e-9


@pytest.mark.slow
def test_the_same_pack_gives_the_same_bits_on_several_threads(any_loaded):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = []
        for _ in range(3):
            packed_losses(any_loaded, CASES["all together"]).sum().backward()
            found.append(gradients(any_loaded.model))
        assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2])
    finally:
        torch.set_num_threads(before)


def test_what_packed_rows_cannot_do_is_refused():
    paths = pack_rows([[Block.read((1, 2, 3))]]).paths
    line = torch.zeros(1, 2, 2, 4)
    for option in ({"sliding_window": 4}, {"dropout": 0.1}, {"softcap": 30.0}):
        with pytest.raises(ModelError, match=next(iter(option))):
            attention_module.paths_attention(None, line, line, line, None, paths=paths, **option)


def test_a_model_is_asked_as_before_once_rows_were_packed(any_loaded):
    cases = CASES["shared picture"]
    rows = [build_row(any_loaded, case) for case in cases]
    items = [OptionItem(case.pictures, talk[0][0], (talk[0][1], "mass")) for case in cases for talk in case.talks]
    any_loaded.model.set_attn_implementation("sdpa")
    before = score_options(any_loaded, items), generate(any_loaded, items, 5)
    packed = packed_logits(any_loaded, cases, any_loaded.pack(rows))
    assert any_loaded.model.model.language_model.config._attn_implementation == PATHS
    after = score_options(any_loaded, items), generate(any_loaded, items, 5)
    assert before[1] == after[1]
    for one, other in zip(before[0], after[0], strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    dense = packed_logits(any_loaded, cases, any_loaded.lay_out(rows))
    assert (packed - dense).abs().max() <= 1e-5
