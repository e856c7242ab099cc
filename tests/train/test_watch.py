"""Looking on changes nothing: the same weights with and without; what is seen is right, and goes on after a kill."""

import json
from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from gmai.base import from_json, hash_file, read_json
from gmai.cli import main
from gmai.errors import ConfigError, ModelError, RejectLimit
from gmai.models import load_model, pack_rows, picture_features, token_losses
from gmai.train import train
from gmai.train.checking import first_rows
from gmai.train.data import SetConfig
from gmai.train.language import LanguageLesson
from gmai.train.lesson import Learner
from gmai.train.loggers import LoggerConfig
from gmai.train.loop import Pupil
from gmai.train.material import gather
from gmai.train.onlooker import Onlooker
from gmai.train.pack import StepBatch
from gmai.train.parallel import World
from gmai.train.validation import Held, Validation, Validator, open_validator
from gmai.train.watching import CheckConfig, WatchConfig
from gmai.types import Reject

WATCH = WatchConfig(loggers=(LoggerConfig(kind="tensorboard"),), validate_every=2, validate_split="test", probe_every=3)


class Killed(BaseException):
    """Stands for a kill; nothing catches it."""


def count_on(step, loaded):
    assert not loaded.model.training
    torch.rand(7)  # a probe may draw numbers
    return {"step": float(step)}


def weights_of(folder):
    return hash_file(folder / "model/model.safetensors")


def read(folder, name):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


@pytest.mark.parametrize("stage", ["all", "lora"])
def test_looking_on_changes_no_weight(recipe, stage):
    plain = recipe(stage, "plain", check=CheckConfig(at_start=False))
    watched = recipe(stage, "watched", watch=WATCH)
    train(plain)
    train(watched, count_on)
    assert weights_of(plain.out) == weights_of(watched.out)
    assert [one["step"] for one in read(watched.out, "validation.jsonl")] == [2, 4, 6]
    assert read(watched.out, "probes.jsonl") == [
        {"step": 3, "values": {"step": 3.0}},
        {"step": 6, "values": {"step": 6.0}},
    ]
    assert list((watched.out / "tensorboard").iterdir())
    listed = read_json(watched.out / "manifest.json")["files"]
    assert "validation.jsonl" in listed and not any(name.startswith(("tensorboard", "train.html")) for name in listed)
    page = (watched.out / "train.html").read_text()
    assert "validation loss" in page and "Probes" in page and "Plan and actual" in page


def test_the_validation_loss_is_that_of_the_model_that_is_saved(recipe):
    config = recipe("all", watch=WATCH, precision="fp32")
    train(config)
    last = from_json(Validation, (config.out / "validation.jsonl").read_bytes().splitlines()[-1])
    loaded = load_model(config.out)
    held = replace(
        config, corpus=None, data=(SetConfig(name="all", corpus=config.corpus, split="test"),), steps=None, epochs=1.0
    )
    held = replace(held, pictures=replace(config.pictures, gain=0.0, level=0.0, shift_px=0))
    material = gather(held, loaded, config.out.parent / "index", World())
    rows, fitted = first_rows(material, 1000, 10**9)
    with torch.no_grad():
        features = picture_features(loaded.model, loaded.contract.normalise(fitted), "fp32")
        batch = pack_rows(rows, loaded.scaffold.image)
        losses = token_losses(loaded.model, batch, features, "fp32")
    expected = float((losses * batch.weight_N).sum() / batch.weight_N.sum())
    assert last.loss == pytest.approx(expected, rel=1e-5)
    assert (last.labels, last.rows) == (len(losses), len(rows))


def test_what_is_seen_goes_on_after_a_kill(recipe, monkeypatch):
    whole, again = recipe("projector", "whole", watch=WATCH), recipe("projector", "again", watch=WATCH)
    train(whole, count_on)
    step = Pupil.step

    def killed(self, number, batches):
        if number == 5:
            raise Killed
        return step(self, number, batches)

    monkeypatch.setattr(Pupil, "step", killed)
    with pytest.raises(Killed):
        train(again, count_on)
    monkeypatch.setattr(Pupil, "step", step)
    train(again, count_on)
    for name in ("validation.jsonl", "probes.jsonl"):
        assert read(whole.out, name) == read(again.out, name)
    assert weights_of(whole.out) == weights_of(again.out)


def test_a_probe_that_fails_stops_the_run(recipe):
    def broken(step, loaded):
        raise ModelError("the probe broke")

    with pytest.raises(ModelError, match="probe broke"):
        train(recipe("projector", watch=WATCH), broken)


def test_nothing_to_validate_on_is_an_error(recipe):
    with pytest.raises(ConfigError, match="no loss to validate"):
        train(recipe("vision", watch=WATCH))
    with pytest.raises(ConfigError, match="no split 'nowhere'"):
        train(recipe("all", "other", watch=replace(WATCH, validate_split="nowhere")))


def test_a_set_with_no_rows_to_validate_on_is_left_out_and_named(recipe, model, tmp_path, caplog):
    config = recipe("all", watch=WATCH)
    some = SetConfig(name="some", corpus=config.corpus)
    data = (some, replace(some, name="none", kinds=("other",)))
    loaded = load_model(model)
    validator = open_validator(replace(config, corpus=None, data=data), loaded, World(), tmp_path)
    assert list(validator.measure(1, Learner(LanguageLesson(loaded, config, always_see=True))).sets) == ["some"]
    assert "none is not validated: no row to learn from" in caplog.text


def test_a_set_of_which_nothing_can_be_read_has_no_loss(model):
    class Unreadable:
        def batches(self, rank, ranks, start):
            yield StepBatch(
                step=0,
                packs=[],
                rejects=[Reject(id="a", stage="train", reason="image.broken", detail="cut off", unit="image")],
            )

        def close(self):
            pass

    learner = torch.nn.Linear(1, 1)
    with pytest.raises(RejectLimit, match="not one row of scans could be read to validate on; 1 failed"):
        Validator([Held("scans", Unreadable())], World()).measure(1, learner)


def test_a_probe_that_would_never_be_asked_is_refused(recipe):
    with pytest.raises(ConfigError, match="never asked"):
        train(recipe("all", watch=replace(WATCH, probe_every=0)), count_on)


def test_a_probe_where_no_process_holds_the_whole_model_is_refused(recipe):
    config = recipe("all", parallel="fsdp2")
    with pytest.raises(ConfigError, match="the whole model in one process"):
        Onlooker(count_on).prepare(None, config, None, None, World(size=2), None)


def test_the_log_tells_where_time_and_operations_go(recipe):
    config = recipe("all")
    train(config)
    lines = read(config.out, "log.jsonl")
    assert all(line["tflop"] > 0 and line["labels"] > 0 and line["tiles"] > 0 for line in lines)
    assert all(0 <= line["wait_seconds"] <= line["seconds"] for line in lines)
    assert all(line["slots"] >= line["tokens"] > line["labels"] for line in lines)
    described = read_json(config.out / "run.json")["measured"]
    assert 0 <= described["wait_share"] <= 1 and described["peak_memory_mb"] > 100 and "mfu" not in described
    assert described["proof"]["found"][0]["value"] <= described["proof"]["found"][0]["limit"]


def test_a_proof_is_made_once_for_a_model_and_machine(recipe, monkeypatch, tmp_path):
    from gmai.train import checking

    made = []
    prove = checking.prove_packing
    monkeypatch.setattr(checking, "prove_packing", lambda *given: made.append(1) or prove(*given))
    feed = replace(recipe("all").feed, index=tmp_path / "kept")
    train(recipe("all", "one", feed=feed))
    train(recipe("all", "two", feed=feed, seed=4))
    assert made == [1]
    train(recipe("projector", "three", feed=feed))
    assert made == [1, 1]


def test_a_run_that_fails_the_proof_is_refused(recipe):
    strict = CheckConfig(logits=1e-30)
    with pytest.raises(ModelError, match="packed rows are not what single ones are"):
        train(recipe("all", check=strict))
    train(recipe("all", "unproved", check=replace(strict, at_start=False)))


def check_words(corpus, model, *more):
    words = ["train", "tiny-stage3", "--check", "--set", f"corpus={corpus}", "--set", f"init.model={model}"]
    return CliRunner().invoke(main, [*words, *more, "--quiet"])


def test_the_command_proves_and_says_so(corpus, model):
    result = check_words(corpus, model)
    assert result.exit_code == 0 and result.output.count("good") == 4, result.output
    assert "packed beside one by one: 16 rows" in result.output
    result = check_words(corpus, model, "--set", "check.logits=1e-30")
    assert result.exit_code == 2 and "BAD" in result.output


def test_a_stage_that_packs_nothing_has_nothing_to_prove(corpus, model):
    words = ["train", "tiny-stage0-vision", "--check", "--set", f"corpus={corpus}", "--set", f"init.model={model}"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2 and "packs no text" in result.output


def test_only_so_many_tokens_are_proved_at_once(recipe, model):
    loaded = load_model(model)
    material = gather(recipe("all"), loaded, recipe("all").out.parent / "index", World())
    rows, fitted = first_rows(material, 20, most=120)
    whole, shown = first_rows(material, 20)
    tokens = sum(len(block.tokens) for row in rows for block in row)
    assert 2 <= len(rows) < len(whole) <= 20 and tokens <= 120
    assert len(fitted) == sum(len(block.pictures) for row in rows for block in row) < len(shown)
    assert len(first_rows(material, 20, most=1)[0]) == 2
