"""Every family through every stage on made-up rows: what should moves, what is written reads back, packs add up."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
import torch
from practice import TEXTS, make_row, practise, recipe, start_model

from gmai.errors import ConfigError, ModelError, RejectLimit
from gmai.models import FAMILIES, load_model, part_of
from gmai.train import STAGES
from gmai.train import loop as loop_module
from gmai.train.lora import merge_adapter
from gmai.train.recipe import LoraConfig, ScaleConfig

UNUSED = re.compile(r"model\.vision_tower\.(encoder\.layers\.1|post_layernorm)\.")
"""What LLaVA's encoder has and does not use: it takes the states before its last layer."""
LEARNED = ("projector", "projector+vision", "all", "projector+language", "lora")


@pytest.fixture(scope="session")
def start(tmp_path_factory):
    """A random model of a family on disk."""
    home = tmp_path_factory.mktemp("start")
    return lambda family="internvl", dtype="float32": start_model(home / f"{family}-{dtype}", family, dtype)


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return dict(load_model(folder).model.named_parameters())


def same_weights(one: Path, two: Path) -> bool:
    ours, theirs = weights_of(one), weights_of(two)
    return ours.keys() == theirs.keys() and all(torch.equal(weight, theirs[name]) for name, weight in ours.items())


def losses_of(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


def logits_of(model, tokens: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return model.eval()(input_ids=tokens, use_cache=False).logits


@pytest.mark.parametrize("stage", LEARNED)
@pytest.mark.parametrize("family", list(FAMILIES))
def test_each_family_learns_in_each_stage_and_nothing_else_moves(start, tmp_path, family, stage):
    config = recipe(start(family), tmp_path / "out", stage, steps=2)
    stats = practise(config)
    before, after = weights_of(config.init.model), weights_of(config.out)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    trained = set(STAGES[stage].trains)
    if stage == "lora":
        assert moved and all("language_model.layers" in name and "_proj.weight" in name for name in moved)
        assert stats["parts"]["lora"]["changed"] == stats["parts"]["lora"]["tensors"] > 0
    else:
        assert moved == {name for name in before if part_of(name) in trained and not UNUSED.search(name)}
    for part in ("vision", "projector", "language"):
        assert (stats["parts"][part]["changed"] > 0) == (part in trained)
    assert len(losses_of(config.out)) == 2 and all(loss > 0 for loss in losses_of(config.out))


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_the_adapter_opens_with_peft_and_equals_the_merged_model(start, tmp_path):
    from peft import PeftModel

    config = recipe(start(), tmp_path / "out", "lora", lora=LoraConfig(rank=4, alpha=8.0))
    practise(config)
    plain = load_model(config.init.model, attention="eager")
    tokens = torch.tensor([plain.scaffold.text(" ".join(TEXTS))])
    base = logits_of(plain.model, tokens)
    merged = logits_of(load_model(config.out, attention="eager").model, tokens)
    adapted = logits_of(PeftModel.from_pretrained(plain.model, config.out / "adapter"), tokens)
    assert (merged - base).abs().max() > 1e-3
    assert torch.allclose(adapted, merged, atol=1e-5)
    assert not any("vision" in name for name, _ in plain.model.named_parameters() if ".lora_" in name)
    again = load_model(config.init.model)
    merge_adapter(again, config.out / "adapter")
    written = weights_of(config.out)
    assert all(torch.equal(weight, written[name]) for name, weight in again.model.named_parameters())


@pytest.mark.parametrize("stage", ["all", "lora"])
def test_packs_add_up_to_the_step(start, tmp_path, stage):
    one = recipe(start(), tmp_path / "one", stage, lora=LoraConfig(dropout=0.0))
    four = recipe(start(), tmp_path / "four", stage, lora=LoraConfig(dropout=0.0))
    practise(one, packs=1)
    practise(four, packs=4)
    assert losses_of(four.out) == pytest.approx(losses_of(one.out), rel=1e-5)
    whole = weights_of(one.out)
    for name, weight in weights_of(four.out).items():
        assert torch.allclose(weight, whole[name], atol=2e-5), name


def test_memory_is_saved_without_changing_a_number(start, tmp_path):
    plain, saving = (
        recipe(start(), tmp_path / name, "all", scale=ScaleConfig(gradient_checkpointing=saves))
        for name, saves in (("plain", False), ("saving", True))
    )
    practise(plain)
    practise(saving)
    assert losses_of(saving.out) == losses_of(plain.out)
    assert same_weights(saving.out, plain.out)


@pytest.fixture(scope="module")
def plain_losses(start, tmp_path_factory):
    """Losses of the plain optimizer in each stage."""
    home = tmp_path_factory.mktemp("plain")

    @cache
    def run(stage: str) -> list[float]:
        config = recipe(start(), home / stage, stage, steps=8, precision="bf16")
        practise(config)
        return losses_of(config.out)

    return run


@pytest.mark.parametrize("kind", ["adamw8bit", "adamw-bf16-stochastic"])
@pytest.mark.parametrize("stage", ["all", pytest.param("lora", marks=pytest.mark.slow)])
def test_small_optimizers_learn_about_what_the_plain_one_does(start, plain_losses, tmp_path, stage, kind):
    small = recipe(start(), tmp_path / "small", stage, steps=8, precision="bf16", optim={"kind": kind})
    practise(small)
    assert losses_of(small.out)[-1] < losses_of(small.out)[0]
    assert losses_of(small.out) == pytest.approx(plain_losses(stage), rel=0.02)
    assert {weight.dtype for weight in weights_of(small.out).values()} == {torch.float32}


def test_settings_that_do_not_go_together_are_refused(start, tmp_path):
    from gmai.train import train

    config = recipe(start(), tmp_path / "out", optim={"kind": "adamw-bf16-stochastic"})
    with pytest.raises(ConfigError, match="precision fp32"):
        train(config)


class Killed(BaseException):
    """Stands for a kill; nothing catches it."""


@pytest.fixture(scope="module")
def undisturbed(start, tmp_path_factory):
    """A run in one piece of each stage."""
    home = tmp_path_factory.mktemp("whole")

    @cache
    def run(stage: str) -> Path:
        config = recipe(start(), home / stage, stage, steps=4, optim={"kind": "adamw8bit"})
        practise(config)
        return config.out

    return run


@pytest.mark.parametrize("stage", ["all", pytest.param("lora", marks=pytest.mark.slow)])
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_killed_before_any_step_and_run_again(start, undisturbed, tmp_path, monkeypatch, stage, step):
    again = recipe(start(), tmp_path / "again", stage, steps=4, optim={"kind": "adamw8bit"})
    original = loop_module.Pupil.step

    def stepped(self, number, batches):
        if number == step:
            raise Killed
        return original(self, number, batches)

    with monkeypatch.context() as patch:
        patch.setattr(loop_module.Pupil, "step", stepped)
        with pytest.raises(Killed):
            practise(again)
    practise(again)
    assert losses_of(again.out) == losses_of(undisturbed(stage))
    assert same_weights(again.out, undisturbed(stage))


def test_a_pack_whose_rows_are_lost_is_counted_and_the_step_goes_on(start, tmp_path):
    config = recipe(start(), tmp_path / "out", "all", max_rejects=2)
    stats = practise(config, missing=frozenset({(1, 0), (2, 1)}))
    assert stats["rejected"] == 2 and stats["learned"]["rows"]["practice"] == 3 * 4 - 2 * 2
    assert all(loss > 0 for loss in losses_of(config.out))
    with pytest.raises(RejectLimit, match="more than the 1 allowed"):
        practise(recipe(start(), tmp_path / "strict", max_rejects=1), missing=frozenset({(1, 0), (2, 1)}))
    with pytest.raises(RejectLimit, match="no row of step 2"):
        practise(recipe(start(), tmp_path / "empty", max_rejects=9), missing=frozenset({(1, 0), (1, 1)}))


def test_rows_without_pictures_leave_vision_weights_with_gradients_of_nothing(start, tmp_path):
    config = recipe(start(), tmp_path / "out", "projector+vision", optim={"weight_decay": 0.0})
    with pytest.raises(ModelError, match="changed no weight"):
        practise(config, pictures=(0,))


def test_a_frozen_weight_that_moves_in_the_first_step_stops_the_run(start, tmp_path, monkeypatch):
    original = loop_module.clip_gradients

    def meddle(weights, largest, world):
        weights = list(weights)
        with torch.no_grad():
            meddled[0].add_(1)
        return original(weights, largest, world)

    meddled = []
    made = loop_module.Pupil.__init__

    def watch(self, course):
        made(self, course)
        meddled.append(next(weight for weight in course.lesson.loaded.model.parameters() if not weight.requires_grad))

    monkeypatch.setattr(loop_module.Pupil, "__init__", watch)
    monkeypatch.setattr(loop_module, "clip_gradients", meddle)
    with pytest.raises(ModelError, match="frozen weight changed in the first step"):
        practise(recipe(start(), tmp_path / "out", "projector"))


def test_made_up_rows_have_what_they_should(start):
    import numpy as np

    loaded = load_model(start())
    row, fitted = make_row(loaded, np.random.default_rng(0), 2)
    assert len(fitted) == 2 and len(row) == 3 and len(row[0].pictures) == 2


def test_what_fills_a_line_changes_no_number(start, tmp_path, monkeypatch):
    from gmai.train import language

    bare, filled = (recipe(start(), tmp_path / name) for name in ("bare", "filled"))
    practise(filled)
    monkeypatch.setattr(language, "LINE", 1)
    practise(bare)
    assert losses_of(filled.out) == pytest.approx(losses_of(bare.out), rel=1e-6)
    assert language.slots_of(129, "cpu") == 129 and language.slots_of(0, "cuda") == 1


def test_tokens_that_are_read_are_counted_as_they_are_packed(start):
    import numpy as np

    from gmai.models import pack_rows
    from gmai.train.language import LINE, count_read, filler, slots_of

    loaded = load_model(start())
    rows = [make_row(loaded, np.random.default_rng(number), number)[0] for number in range(3)]
    tokens = pack_rows(rows, loaded.scaffold.image).num_tokens
    assert count_read(rows) == tokens
    whole = [*rows, *filler(tokens, "cpu", loaded.scaffold.end)]
    assert pack_rows(whole, loaded.scaffold.image).num_tokens == slots_of(tokens, "cpu") == -(-tokens // LINE) * LINE
    assert filler(5, "cuda", 1) == []


@pytest.mark.parametrize("kind", ["adamw", pytest.param("adamw-bf16-stochastic", marks=pytest.mark.slow)])
@pytest.mark.parametrize("stage", ["projector", "all", "lora"])
def test_a_model_in_bf16_learns_in_fp32_and_is_written_in_bf16(start, tmp_path, stage, kind, monkeypatch):
    from safetensors import safe_open

    kept = {}
    made = loop_module.Pupil.__init__

    def look(self, course):
        made(self, course)
        for weight in course.lesson.loaded.model.parameters():
            if weight.ndim > 1:
                kept.setdefault(weight.requires_grad, set()).add(weight.dtype)

    monkeypatch.setattr(loop_module.Pupil, "__init__", look)
    model = start(dtype="bfloat16")
    config = recipe(model, tmp_path / "out", stage, precision="bf16", optim={"kind": kind, "lr": 0.02})
    stats = practise(config)
    assert kept.get(False, {torch.bfloat16}) == {torch.bfloat16}, "frozen tables stay in bf16"
    assert kept[True] == {torch.bfloat16 if "bf16" in kind else torch.float32}
    with safe_open(config.out / "model/model.safetensors", "pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.bfloat16}  # noqa: SIM118
    before, after = weights_of(model), weights_of(config.out)
    changed = {name for name, weight in before.items() if not torch.equal(weight, after[name])}
    seen = [name for name in changed if part_of(name) == "vision"]
    assert changed and stats["parts"]["vision"]["changed"] == len(seen)


def test_several_processes_need_a_recipe_for_them(start, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="2 processes, and a recipe for one"):
        practise(recipe(start(), tmp_path / "out"))
