"""Optimizers with small states follow the plain one; rates and clipping by group."""

import math

import pytest
import torch

from gmai.errors import ConfigError
from gmai.train.adamw import Key, as_rows
from gmai.train.eight_bit import BLOCK, decode, encode
from gmai.train.optim import build_optimizer, clip_gradients, learning_rate, optimizer_tensors, set_rates
from gmai.train.parallel import World
from gmai.train.recipe import OptimConfig
from gmai.train.stochastic import random_bits, round_by_chance

KINDS = ("adamw", "adamw8bit", "adamw-bf16-stochastic")


def make(kind: str, *weights: torch.Tensor, **settings):
    groups = {"language": {f"w{number}": torch.nn.Parameter(weight) for number, weight in enumerate(weights)}}
    config = OptimConfig(kind=kind, weight_decay=settings.pop("weight_decay", 0.0), **settings)
    return build_optimizer(config, groups, seed=3), groups


def walk(kind: str, start: torch.Tensor, gradients, lr: float) -> torch.Tensor:
    optimizer, groups = make(kind, start.clone(), lr=lr, betas=(0.9, 0.99), weight_decay=0.01)
    (weight,) = groups["language"].values()
    for group in optimizer.param_groups:
        group["lr"] = lr
    for gradient in gradients:
        weight.grad = gradient.to(weight.dtype)
        optimizer.step()
    return weight.detach().float()


def test_a_thousand_tiny_updates_are_kept_by_chance_where_bf16_stands_still():
    start = torch.full((64, 64), 1.0)
    gradients = [torch.ones(64, 64)] * 1000
    exact = walk("adamw", start, gradients, 1e-4)
    chance = walk("adamw-bf16-stochastic", start.bfloat16(), gradients, 1e-4)
    nearest = walk("adamw", start.bfloat16(), gradients, 1e-4)
    assert exact.mean().item() == pytest.approx(0.9, abs=2e-3)
    assert (nearest == 1).all()
    assert chance.mean().item() == pytest.approx(exact.mean().item(), abs=2e-3)
    assert (chance - exact).std() < 0.03


def test_8_bit_means_follow_the_plain_ones():
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(64, 300, generator=generator)
    gradients = [
        torch.randn(64, 300, generator=generator) + 0.5 * torch.randn(64, 1, generator=generator) for _ in range(200)
    ]
    exact, coded = (walk(kind, start, gradients, 1e-2) for kind in ("adamw", "adamw8bit"))
    moved = (exact - start).norm()
    assert moved > 10
    assert (coded - exact).norm() / moved < 0.03


def test_coding_in_blocks_is_near_and_stays_when_it_is_done_again():
    generator = torch.Generator().manual_seed(1)
    mean = torch.randn(8, 600, generator=generator) * torch.tensor([10.0**-k for k in range(8)])[:, None]
    codes, scale = encode(mean, signed=True)
    near = decode(codes, scale, signed=True)
    assert codes.dtype == torch.uint8 and codes.shape == mean.shape and scale.shape == (8, math.ceil(600 / BLOCK))
    largest = mean.abs().amax(1, keepdim=True)
    assert ((near - mean).abs() / largest).max() < 0.008
    again = encode(near, signed=True)
    assert torch.equal(again[0], codes) and torch.equal(again[1], scale)
    square = mean.square()
    kept = decode(*encode(square, signed=False), signed=False)
    assert (kept[square > 0] > 0).all(), "a mean square that becomes 0 turns the next update into a leap"


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_that_was_kept_goes_on_to_the_bit(kind):
    generator = torch.Generator().manual_seed(2)
    dtype = torch.bfloat16 if "bf16" in kind else torch.float32
    start = torch.randn(70, 90, generator=generator, dtype=dtype)
    gradients = [torch.randn(70, 90, generator=generator).to(dtype) for _ in range(6)]
    one, groups = make(kind, start.clone(), lr=1e-2)
    for number, gradient in enumerate(gradients):
        if number == 3:
            kept = {name: value.clone() for name, value in optimizer_tensors(one, groups)["w0"].items()}
            half = groups["language"]["w0"].detach().clone()
        groups["language"]["w0"].grad = gradient
        one.step()
    two, others = make(kind, half, lr=1e-2)
    for name, value in optimizer_tensors(two, others)["w0"].items():
        value.copy_(kept[name])
    for gradient in gradients[3:]:
        others["language"]["w0"].grad = gradient
        two.step()
    assert torch.equal(others["language"]["w0"], groups["language"]["w0"])


def test_rounding_by_chance_is_right_on_average_and_the_same_for_any_cut():
    values = torch.full((100_000,), 1.0 + 2**-10)
    bits = random_bits(100_000, 5, Key(1, 1, 0))
    whole = round_by_chance(values, bits).float()
    assert set(whole.tolist()) == {1.0, 1.0 + 2**-7}
    assert whole.mean().item() == pytest.approx(1 + 2**-10, abs=1e-4)
    assert torch.equal(torch.cat([bits[:30_000], random_bits(70_000, 5, Key(1, 1, 30_000))]), bits)
    exact = torch.tensor([0.0, -1.5])
    assert torch.equal(round_by_chance(exact, bits[:2]).float(), exact)
    others = [random_bits(100_000, *other) for other in ((5, Key(2, 1, 0)), (5, Key(1, 2, 0)), (6, Key(1, 1, 0)))]
    for other in (*others, bits >> 16, bits >> 32):
        same = ((bits ^ other) & 1 == 0).double().mean().item()
        assert same == pytest.approx(0.5, abs=0.01), "bits that have nothing in common agree half of the time"


@pytest.mark.parametrize("kind", KINDS[1:])
def test_pieces_do_not_change_a_number(kind, monkeypatch):
    from gmai.train import adamw

    generator = torch.Generator().manual_seed(2)
    dtype = torch.bfloat16 if "bf16" in kind else torch.float32
    start = torch.randn(100, 90, generator=generator, dtype=dtype)
    gradients = [torch.randn(100, 90, generator=generator).to(dtype) for _ in range(3)]
    whole = walk(kind, start, gradients, 1e-2)
    monkeypatch.setattr(adamw, "PIECE", {"cpu": 1000})
    assert torch.equal(walk(kind, start, gradients, 1e-2), whole)


def test_states_take_the_bytes_that_are_stated():
    weight = torch.zeros(512, 512)
    sizes = {}
    for kind in KINDS:
        optimizer, groups = make(kind, weight.bfloat16() if "bf16" in kind else weight.clone())
        state = optimizer_tensors(optimizer, groups)["w0"]
        sizes[kind] = sum(value.nbytes for value in state.values()) / weight.numel()
    assert sizes["adamw"] == pytest.approx(8, abs=0.1)
    assert sizes["adamw8bit"] == pytest.approx(2, abs=0.1)
    assert sizes["adamw-bf16-stochastic"] == pytest.approx(4, abs=0.1)


def test_each_group_has_its_rate():
    groups = {name: {name: torch.nn.Parameter(torch.zeros(2))} for name in ("vision", "language")}
    config = OptimConfig(lr=1e-3, rates={"vision": 1e-4}, warmup_steps=2)
    optimizer = build_optimizer(config, groups, 0)
    assert set_rates(optimizer, config, 0, 10) == pytest.approx({"vision": 0.5e-4, "language": 0.5e-3})
    assert learning_rate(config, 10, 10) == pytest.approx(1e-3 * config.final_share)
    with pytest.raises(ConfigError, match="no weights of projector train"):
        build_optimizer(OptimConfig(rates={"projector": 1.0}), groups, 0)


def test_gradients_are_clipped_together():
    weights = [torch.nn.Parameter(torch.zeros(3)) for _ in range(2)]
    weights[0].grad, weights[1].grad = torch.tensor([3.0, 0, 0]), torch.tensor([0, 4.0, 0])
    assert clip_gradients(weights, 1.0, World()) == pytest.approx(5)
    norm = torch.cat([weight.grad for weight in weights]).norm().item()
    assert norm == pytest.approx(1, abs=1e-5)
    assert clip_gradients(weights, 2.0, World()) == pytest.approx(1, abs=1e-5)
    assert torch.cat([weight.grad for weight in weights]).norm().item() == pytest.approx(norm)
    assert as_rows(torch.zeros(3)).shape == (3, 1)
