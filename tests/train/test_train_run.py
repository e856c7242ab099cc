"""Whole runs: what should move moves, nothing else does, parts come from where the recipe says, bad data is counted."""

import json
from dataclasses import replace

import pytest
import torch
from squares import make_sample, write_corpus

from gmai.base import read_json
from gmai.errors import ConfigError, ModelError, RejectLimit
from gmai.models import load_model, part_of
from gmai.train import STAGES, BatchConfig, InitConfig, OptimConfig, RowConfig, train
from gmai.train.weights import check_moved


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_parts_of_the_stage_move(recipe, model, stage):
    config = recipe(stage)
    stats = train(config)
    before = load_model(model).model.state_dict()
    after = load_model(config.out).model.state_dict()
    moved = {part_of(name) for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    trained = set(STAGES[stage].trains)
    assert moved == ({"language"} if stage == "lora" else trained)
    assert {part for part, row in stats["parts"].items() if row["trains"]} == trained
    assert all(row["changed"] == (row["tensors"] if row["trains"] else 0) for row in stats["parts"].values())
    log = [json.loads(line) for line in (config.out / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in log] == [1, 2, 3, 4, 5, 6]
    assert all(line["loss"] > 0 and line["tokens"] > 0 for line in log)
    assert not (config.out / ".work").exists()


def test_training_learns(recipe):
    config = recipe("text", steps=60, checkpoint_every=60, optim=OptimConfig(lr=5e-3, warmup_steps=5))
    train(config)
    losses = [json.loads(line)["loss"] for line in (config.out / "log.jsonl").read_text().splitlines()]
    assert sum(losses[-5:]) < 0.3 * sum(losses[:5])


def test_annotation_heads_learn(recipe):
    optim = OptimConfig(lr=5e-3, warmup_steps=5)
    config = recipe("vision", steps=90, checkpoint_every=90, batch=BatchConfig(rows=8), optim=optim)
    train(config)
    losses = [json.loads(line)["loss"] for line in (config.out / "log.jsonl").read_text().splitlines()]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])


def test_parts_come_from_the_runs_named(recipe, model):
    text, vision = recipe("text", "text"), recipe("vision", "vision")
    train(text)
    train(vision)
    config = recipe("projector", init=InitConfig(model=model, language=text.out, vision=vision.out))
    train(config)
    sources = {"language": text.out, "vision": vision.out}
    states = {part: load_model(folder).model.state_dict() for part, folder in sources.items()}
    after = load_model(config.out).model.state_dict()
    for name, tensor in after.items():
        part = part_of(name)
        assert part == "projector" or torch.equal(tensor, states[part][name])
    inputs = read_json(config.out / "run.json")["inputs"]
    assert set(inputs) == {"corpus", "init.model", "init.language", "init.vision"}


def test_a_finished_run_is_left_alone_and_another_config_is_refused(recipe):
    config = recipe("projector")
    stats = train(config)
    written = (config.out / "manifest.json").stat().st_mtime_ns
    assert train(config) == stats
    assert (config.out / "manifest.json").stat().st_mtime_ns == written
    with pytest.raises(ConfigError, match="another run"):
        train(replace(config, seed=1))


def test_statistics_add_up(recipe):
    config = recipe("all", steps=5, batch=BatchConfig(rows=4))
    stats = train(config)
    assert sum(stats["learned"]["rows"].values()) == 20
    assert stats["learned"]["tokens"]["read"] > stats["learned"]["tokens"]["scored"] > 0
    log = [json.loads(line) for line in (config.out / "log.jsonl").read_text().splitlines()]
    assert sum(line["tokens"] for line in log) == stats["learned"]["tokens"]["read"]
    assert sum(row["parameters"] for row in stats["parts"].values()) == sum(
        weight.numel() for weight in load_model(config.out).model.parameters()
    )
    measured = read_json(config.out / "run.json")["measured"]
    assert measured["tokens_per_second"] > 0 and measured["peak_memory_mb"] > 0


def test_shares_of_pools_are_kept(recipe):
    config = recipe(
        "projector", steps=10, batch=BatchConfig(rows=4), rows=RowConfig(shares={"image": 0.5, "text": 0.5})
    )
    learned = train(config)["learned"]["rows"]
    assert learned["texts"] == pytest.approx(20, abs=2) and learned["squares"] == pytest.approx(20, abs=2)


def test_unreadable_pictures_are_counted_never_replaced(recipe, tmp_path):
    samples = [make_sample(number) for number in range(12)]
    broken = replace(samples[3], pictures=(samples[3].pictures[0][:60],))
    folder = write_corpus(tmp_path / "broken", [*samples[:3], broken, *samples[4:]])
    config = replace(recipe("projector", steps=8), corpus=folder)
    with pytest.raises(RejectLimit, match="more than the 0 allowed") as caught:
        train(config)
    assert "squares/3" in str(caught.value)
    stats = train(replace(config, max_rejects=2))
    assert stats["rejected"] == 2
    rejects = [json.loads(line) for line in (config.out / "rejects.jsonl").read_text().splitlines()]
    assert {reject["id"] for reject in rejects} == {"squares/3#image", "squares/3#box0"}
    assert sum(stats["learned"]["rows"].values()) < 8 * 4


def test_a_memory_of_no_size_changes_nothing(recipe):
    one, two = recipe("projector", "one"), recipe("projector", "two")
    train(one)
    train(replace(two, pictures=replace(two.pictures, cache_mb=0)))
    name = "model/model.safetensors"
    assert (one.out / name).read_bytes() == (two.out / name).read_bytes()


def test_a_loss_that_is_no_number_stops_the_run(recipe):
    with pytest.raises(ModelError, match="gradient norm"):
        train(recipe("projector", optim=OptimConfig(lr=float("inf"), warmup_steps=0)))


def test_a_frozen_weight_that_moved_is_an_error():
    before = {"model.vision_tower.a": "1", "model.language_model.b": "1", "model.multi_modal_projector.c": "1"}
    with pytest.raises(ModelError, match="frozen weight changed"):
        check_moved(before, {**before, "model.vision_tower.a": "2"}, ["language"])
    with pytest.raises(ModelError, match="changed no weight"):
        check_moved(before, before, ["language"])


def test_a_part_of_another_model_is_refused(recipe, model, corpus, shape, tmp_path):
    from gmai.models import TinyConfig, build_tiny

    other = tmp_path / "other"
    build_tiny(TinyConfig(corpus=corpus, out=other, shape=replace(shape, vision_layers=2)))
    with pytest.raises(ModelError, match="other sizes"):
        train(recipe("projector", init=InitConfig(model=model, vision=other)))
