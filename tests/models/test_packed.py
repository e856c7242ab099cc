"""Packed rows equal each conversation alone through transformers' own forward: logits and gradients, every family."""

from dataclasses import replace

import pytest
import torch
from packs import CASES, build_row, gradients, packed_logits, packed_losses, single_logits
from torch.nn.functional import cosine_similarity, cross_entropy

from gmai.models import Paths


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
