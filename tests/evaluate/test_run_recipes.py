"""Evaluation recipes: they ship, they name what is missing and where it can be had, and run what is there."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from gmai.base import read_yaml
from gmai.cli import main
from gmai.errors import ConfigError
from gmai.evaluate import MatrixConfig, RunConfig, find_prompt, find_recipe, read_matrix, recipe_names

ROOT = Path(__file__).parents[2]


def test_every_shipped_recipe_has_its_link_at_the_root():
    linked = {path.resolve() for path in (ROOT / "recipes").iterdir()}
    assert linked == {path for room in ("train", "evaluate") for path in (ROOT / f"src/gmai/{room}/recipes").iterdir()}


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_says_where_every_data_set_of_it_can_be_had(name, tmp_path):
    config = read_matrix(find_recipe(name), {"out": tmp_path}, {}, ["batch=3", "mode=infer"])
    assert {text.partition(":")[0] for text in config.data} == set(config.where)
    assert (
        set(config.run) <= set(RunConfig.__dataclass_fields__) and config.run["batch"] == 3 and config.mode == "infer"
    )
    assert find_prompt(config.run["prompt"], config.run["runner"])
    assert set(read_yaml(find_recipe(name))) <= set(MatrixConfig.__dataclass_fields__)


def test_missing_data_sets_are_told_with_where_to_get_them_and_the_others_run(bench, tmp_path):
    benches = tmp_path / "benches"
    benches.mkdir()
    (benches / "slake").symlink_to(bench)
    arguments = [
        "eval",
        "run",
        "eval-gmai-vl",
        "--model",
        "random",
        "--benches",
        str(benches),
        "-o",
        str(tmp_path / "o"),
    ]
    result = CliRunner().invoke(main, [*arguments, "--set", "limit=5", "--mode", "infer", "--quiet"])
    assert result.exit_code == 2 and "7 of 8 pairs did not succeed" in result.output
    with (tmp_path / "o/pairs.csv").open(newline="") as lines:
        rows = {row["data"]: row for row in csv.DictReader(lines)}
    assert rows["bench_TEST"]["state"] == "answered" and rows["bench_TEST"]["questions"] == "5"
    assert rows["pathvqa"]["state"] == "missing"
    for part in (
        "gmai bench import pathvqa --root FOLDER",
        "from https://huggingface.co/datasets/flaviagiammarino/path-vqa",
    ):
        assert part in rows["pathvqa"]["problem"]
    assert "gmai bench import gmai-mmbench --root" in rows["gmai-mmbench:VAL"]["problem"]


def test_a_recipe_of_ones_own(bench, tmp_path):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(f"data: ['{bench}']\nmodel: [random]\nmode: all\nrun: {{seed: 3}}\n")
    result = CliRunner().invoke(main, ["eval", "run", str(recipe), "-o", str(tmp_path / "o"), "--quiet"])
    assert result.exit_code == 0 and "0." in result.output
    with pytest.raises(ConfigError, match="no recipe.*eval-gmai-vl, eval-m3llm"):
        find_recipe("nothing.yaml")
