"""The proof of packing holds for every family, fails when isolation is lost, and stops a run then."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gmai.errors import ModelError
from gmai.models import FAMILIES, Block, Paths
from gmai.train.proof import Held, check_proof, prove_packing, read_proof, write_proof
from gmai.train.watching import CheckConfig
from tiny_model import SHAPE, make_model

TEXTS = ["Which finding does this picture show? A: nodule B: effusion", "Where? upper-left, none of the above"] * 3


@pytest.fixture(scope="module", params=FAMILIES.names())
def loaded(request):
    shape = replace(SHAPE, language_layers=2, vision_layers=2, max_tiles=4, context=1024)
    return make_model(TEXTS, shape, seed=2, family=request.param)


@pytest.fixture(scope="module")
def given(loaded):
    """Rows of one picture and two conversations, of no picture, and of two pictures; and the pictures."""
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((40, 70), (32, 32), (64, 48))]
    rows = [
        [loaded.prefix(loaded.layouts(pictures[:1])), talk(loaded, TEXTS[0], "nodule"), talk(loaded, "Where?", "left")],
        [loaded.prefix(()), talk(loaded, TEXTS[1], "upper-left, none"), talk(loaded, "Which?", "effusion", gap=3)],
        [loaded.prefix(loaded.layouts(pictures[1:])), talk(loaded, "Which finding?", "nodule B")],
    ]
    counts = (1, 2, 2)
    return rows, [loaded.contract.fit(picture, count) for picture, count in zip(pictures, counts, strict=True)]


def talk(loaded, question: str, answer: str, gap: int = 0) -> Block:
    read = (*loaded.scaffold.text(question), *loaded.scaffold.ask)
    said = (*loaded.scaffold.text(answer), loaded.scaffold.end)
    return Block((*read, *said), (0.0,) * len(read) + (1.0,) * len(said), 0, gap)


def test_packing_is_proved(loaded, given):
    before = {name: weight.clone() for name, weight in loaded.model.state_dict().items()}
    limits = CheckConfig(logits=1e-5, cosine=0.99999, isolation=1e-6)
    proof = prove_packing(loaded, *given, "fp32", limits)
    check_proof(proof)
    assert proof.good and proof.rows == 3 and proof.conversations == 5 and proof.pictures == 3
    assert [one.least for one in proof.found] == [False, False, True, False]
    assert all(torch.equal(weight, before[name]) for name, weight in loaded.model.state_dict().items())
    assert all(weight.grad is None for weight in loaded.model.parameters())


def test_lost_isolation_is_found(loaded, given, monkeypatch):
    whole = loaded.pack

    def leaky(self, rows):
        batch = whole(rows)
        paths = batch.paths
        above = tuple(tuple(range(block + 1)) for block in range(len(paths.starts)))
        return replace(batch, paths=Paths(paths.starts, paths.lengths, above))

    monkeypatch.setattr(type(loaded), "pack", leaky)
    proof = prove_packing(loaded, *given, "fp32")
    bad = {one.name.partition(",")[0] for one in proof.found if not one.good}
    assert {"logits", "isolation"} <= bad
    with pytest.raises(ModelError, match="isolation"):
        check_proof(proof)


def test_rows_that_teach_nothing_have_no_gradient_to_compare(loaded, given):
    rows, _ = given
    for name, weight in loaded.model.named_parameters():
        weight.requires_grad_("projector" in name or "merger" in name)
    try:
        proof = prove_packing(loaded, rows[1:2], [], "fp32")
    finally:
        loaded.model.requires_grad_(True)
    assert proof.good and not any(one.least for one in proof.found)


def test_a_model_in_bf16_is_proved_within_wider_limits(loaded, given):
    check_proof(prove_packing(loaded, *given, "bf16"))


def test_a_proof_is_kept_and_one_that_failed_is_not_taken(loaded, given, tmp_path):
    proof = prove_packing(loaded, *given, "fp32")
    write_proof(tmp_path, proof)
    assert read_proof(tmp_path, proof.key) == proof
    assert read_proof(tmp_path, "other") is None
    bad = replace(proof, found=(Held(name="x", value=2.0, limit=1.0),))
    write_proof(tmp_path, bad)
    assert read_proof(tmp_path, proof.key) is None
