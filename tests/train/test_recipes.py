"""The shipped recipes and the two commands run as they stand."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from gmai.base import read_json
from gmai.cli import main

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("tiny-*.yaml"))
SMALL = ("steps=2", "batch.rows=3", "threads=1", "checkpoint_every=1")


def run(*words: object) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_runs(recipe, corpus, model, tmp_path):
    settings = [f"corpus={corpus}", f"init.model={model}", *SMALL]
    words = [word for setting in settings for word in ("--set", setting)]
    output = run("train", recipe, *words, "-o", tmp_path / "out", "--quiet")
    assert "2 steps" in output and "tensors trained" in output
    config = read_json(tmp_path / "out/run.json")["config"]
    assert config["stage"] == yaml.safe_load(recipe.read_text())["stage"]


def test_all_stages_have_a_recipe():
    stages = [yaml.safe_load(recipe.read_text())["stage"] for recipe in RECIPES]
    assert stages == ["text", "vision", "projector", "projector+vision", "all"]


def test_model_command(corpus, tmp_path):
    words = ["--set", "shape.vision_layers=1", "--set", "shape.language_layers=1", "--set", "seed=3"]
    assert "tokens" in run("model", "tiny", corpus, *words, "-o", tmp_path / "model", "--quiet")
    assert read_json(tmp_path / "model/run.json")["config"]["seed"] == 3


def test_what_is_missing_is_said(model, tmp_path):
    result = CliRunner().invoke(main, ["train", str(RECIPES[2]), "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "init" in result.output
    words = ["train", str(RECIPES[2]), "--set", f"init.model={model}", "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2 and "corpus" in result.output
