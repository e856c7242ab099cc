"""What is planned is what comes: counts to the unit, operations and memory within their error, without weights."""

from dataclasses import replace

import pytest
import torch

from gmai.base import from_json, read_json
from gmai.models import Work, load_model, read_costs
from gmai.train import train
from gmai.train.data import BatchConfig, SetConfig
from gmai.train.forecast import DeviceConfig, forecast_run
from gmai.train.lora import add_lora
from gmai.train.memory import estimate_memory
from gmai.train.meters import LogLine
from gmai.train.recipe import LoraConfig, ScaleConfig


def test_a_plan_needs_no_weights(recipe, model, tmp_path):
    import shutil

    shutil.copytree(model, tmp_path / "bare")
    for weights in (tmp_path / "bare").rglob("*.safetensors"):
        weights.unlink()
    config = recipe("projector")
    bare = replace(config, init=replace(config.init, model=tmp_path / "bare/model"))
    assert forecast_run(bare) == forecast_run(config)
    assert not config.out.exists()


def test_adapters_change_nothing_of_what_a_model_costs(model):
    loaded = load_model(model)
    before = read_costs(loaded.model)
    add_lora(loaded, LoraConfig(), 0)
    assert read_costs(loaded.model) == before


@pytest.mark.parametrize("stage", ["projector", "all", "lora"])
def test_what_is_planned_comes(recipe, stage):
    config = recipe(stage, batch=BatchConfig(tokens=300, tiles=8, packs=2))
    plan = forecast_run(config, DeviceConfig(devices=2, peak_tflops=1e-6, mfu=0.5))
    stats = train(config)
    lines = [from_json(LogLine, line) for line in (config.out / "log.jsonl").read_bytes().splitlines()]
    for name in ("tokens", "labels", "tiles"):
        assert sum(getattr(line, name) for line in lines) == plan.totals[name]
    assert sum(line.tflop for line in lines) == pytest.approx(plan.totals["tflop"], rel=1e-3)
    assert plan.totals["steps"] == len(lines) and plan.totals["rows"] == sum(stats["learned"]["rows"].values())
    assert plan.hours == pytest.approx(plan.totals["tflop"] / 1e-6 / 3600, rel=1e-3)
    trained = {part.name: part.parameters for part in plan.parts if part.trains}
    assert trained == {name: row["parameters"] for name, row in stats["parts"].items() if row["trains"]}
    assert 0 < plan.totals["fill"] <= 1 and 0 < plan.totals["tile_fill"] <= 1
    assert read_json(config.out / "stats.json")["plan"]["totals"]["tokens"] == plan.totals["tokens"]


def test_sets_are_told_apart(recipe, corpus):
    sets = (
        SetConfig(name="pictures", corpus=corpus, ratio=2.0, subsets=("caption", "percept"), category="imaging"),
        SetConfig(name="texts", corpus=corpus, ratio=0.5, subsets=("text",)),
    )
    config = replace(recipe("all"), corpus=None, data=sets, steps=None, epochs=1.0)
    plan = forecast_run(config)
    pictures, texts = plan.sets
    assert (pictures.category, pictures.passes) == ("imaging", 2.0)
    assert texts.rows == round(texts.available * 0.5) and texts.tiles == 0
    assert sum(one.tokens for one in plan.sets) == plan.totals["tokens"]


def test_memory_follows_what_trains(recipe, model):
    loaded, config = load_model(model), recipe("all")
    parameters = {"vision": 10**9, "projector": 10**7, "language": 7 * 10**9}
    pack = Work(tokens=100, labels=10, patches=16, rows=16)

    def estimate(trained, devices=1, **given):
        return estimate_memory(loaded.model, replace(config, **given), parameters, trained, pack, devices)

    whole = estimate(parameters)
    some = estimate({"projector": 10**7})
    by_chance = estimate(parameters, optim=replace(config.optim, kind="adamw-bf16-stochastic"))
    shared = estimate(parameters, devices=8, parallel="fsdp2")
    gib = 2**30
    assert whole.optimizer == pytest.approx(8 * 8.01e9 / gib, rel=1e-3)
    assert whole.gradients == pytest.approx(4 * 8.01e9 / gib, rel=1e-3)
    assert some.optimizer < 0.1 and some.weights == pytest.approx((2 * 8e9 + 6e7) / gib, rel=0.01)
    assert by_chance.weights + by_chance.gradients + by_chance.optimizer == pytest.approx(8 * 8.01e9 / gib, rel=1e-2)
    assert shared.optimizer == pytest.approx(whole.optimizer / 8, rel=1e-3)


def saved_bytes(loaded, config, length: int) -> int:
    """Bytes that a forward pass of one row keeps for the way back, each tensor once, weights left out."""
    own = {weight.untyped_storage().data_ptr() for weight in loaded.model.parameters()}
    seen: dict[int, int] = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    tokens = torch.arange(5, 5 + length)[None] % 60 + 5
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        states = loaded.model.model(input_ids=tokens, use_cache=False).last_hidden_state
    assert states.requires_grad
    return sum(seen.values())


def test_activations_are_estimated_within_a_third(recipe, model):
    loaded = load_model(model, attention="sdpa")
    config = replace(recipe("all"), precision="fp32", scale=ScaleConfig())
    found = saved_bytes(loaded, config, 150)
    parts = {"vision": 0, "projector": 0, "language": 1}
    pack = Work(tokens=150, labels=1)
    logits = loaded.model.config.get_text_config().vocab_size * 12
    estimate = estimate_memory(loaded.model, config, parts, {"language": 1}, pack, 1).activations * 2**30 - logits
    assert found == pytest.approx(estimate, rel=0.33)
