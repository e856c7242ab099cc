"""The recipes of the published models are read, given stand-ins for their sets, and planned; ratios come out."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from gmai.cli import main
from gmai.errors import ConfigError
from gmai.train import OptimConfig, read_recipe, recipe_names
from gmai.train.optim import learning_rate
from gmai.train.sets import place_sets, read_mixture

FOLDER = Path(__file__).parents[2] / "recipes"
LARGE = ["gmai-vl-stage1", "gmai-vl-stage2", "gmai-vl-stage3", "m3llm-full", "m3llm-lora"]


def mixture_of(recipe: str) -> tuple[Path, str]:
    given = yaml.safe_load((FOLDER / f"{recipe}.yaml").read_text())["mixture"]
    return FOLDER / f"{given['file']}.yaml", given["ratios"]


def call(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    return result.exit_code, result.output


def test_every_shipped_recipe_has_a_link():
    assert {path.stem for path in FOLDER.glob("*.yaml")} >= {*recipe_names(), "gmai-vl-mixture", "m3llm-mixture"}
    assert set(LARGE) < set(recipe_names()) and not any(name.endswith("-mixture") for name in recipe_names())


@pytest.mark.parametrize("name", LARGE)
def test_a_recipe_is_planned_on_stand_ins(name, corpus, model, tmp_path):
    sets = read_mixture(*mixture_of(name))
    (tmp_path / "sets.yaml").write_text(yaml.safe_dump({one["name"]: str(corpus) for one in sets}))
    words = ["--sets", tmp_path / "sets.yaml", "--set", f"init.model={model}", "--set", "feed.workers=0"]
    code, output = call("train", name, *words, "--plan", "--json", "--devices", 8, "--quiet")
    assert code == 0, output
    plan = json.loads(output)
    assert len(plan["sets"]) == len(sets)
    for one, given in zip(plan["sets"], sets, strict=True):
        assert one["ratio"] == given["ratio"] and one["category"] == given["category"]
        assert one["rows"] == pytest.approx(one["available"] * given["ratio"], abs=0.51)
    assert sum(one["rows"] for one in plan["sets"]) == plan["totals"]["rows"] > 0
    trains = {part["name"] for part in plan["parts"] if part["trains"]}
    stage = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())["stage"]
    assert trains == {"vision", "projector", "language"} if stage == "all" else trains == set(stage.split("+"))
    assert plan["device"]["devices"] == 8 and plan["totals"]["recomputed_tflop"] > 0


def test_the_plan_is_shown_as_tables(corpus, model):
    words = ["--set", f"data.slake={corpus}", "--set", f"data.allava={corpus}", "--set", f"init.model={model}"]
    code, output = call("train", "gmai-vl-stage3", *words, "--skip-missing-sets", "--plan", "--quiet")
    assert code == 0, output
    assert "memory of a device, estimated" in output and "slake" in output
    assert "left out, without a corpus: sharegpt4v, gmai-mm-caption" in output


def test_sets_without_a_corpus_are_all_named(corpus, model):
    words = ["--set", f"data.slake={corpus}", "--set", f"init.model={model}", "--plan"]
    code, output = call("train", "gmai-vl-stage1", *words)
    assert code == 2 and "no corpus for 32 of 33 sets" in output and "allava" in output and "vqa-rad" in output
    code, output = call("train", "gmai-vl-stage1", "--set", "data.slack=x", "--set", f"init.model={model}", "--plan")
    assert code == 2 and "did you mean slake" in output


def test_one_corpus_may_stand_for_the_whole_mixture(corpus, model, tmp_path):
    config = read_recipe("m3llm-lora", {"out": tmp_path}, [f"corpus={corpus}", f"init.model={model}"])
    assert config.corpus == corpus and config.data == () and config.mixture is None


def test_a_stage_takes_its_ratios_and_leaves_out_those_of_none():
    path = FOLDER / "gmai-vl-mixture.yaml"
    alignment = {one["name"]: one["ratio"] for one in read_mixture(path, "alignment")}
    instruction = {one["name"]: one["ratio"] for one in read_mixture(path, "instruction")}
    assert len(alignment) == 33 and len(instruction) == 40 and "orca-math" not in alignment
    assert set(alignment.values()) == {1.0} and instruction["medicat"] == 0.05 and instruction["openi"] == 0.3
    rows = {one["name"]: one["published"] for one in yaml.safe_load(path.read_text())["sets"]}
    assert sum(rows[name] * ratio for name, ratio in alignment.items()) == pytest.approx(11.7e6, rel=0.005)


def test_a_mixture_that_contradicts_itself_is_refused(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("ratios: [once]\nsets: [{name: a, once: 1}, {name: a, once: 2}]\n")
    with pytest.raises(ConfigError, match="named twice: a"):
        read_mixture(path, "once")
    with pytest.raises(ConfigError, match="no ratios 'twice'"):
        read_mixture(path, "twice")
    path.write_text("ratios: [once]\nsets: [{name: a, once: much}]\n")
    with pytest.raises(ConfigError, match="no ratio"):
        read_mixture(path, "once")
    path.write_text("ratios: [once]\nsets: [{nome: a, once: 1}]\n")
    with pytest.raises(ConfigError, match="nome"):
        read_mixture(path, "once")
    with pytest.raises(ConfigError, match="no set has a corpus"):
        place_sets([{"name": "a", "ratio": 1.0}], {}, skip_missing=True)


def test_warm_up_may_be_a_share_of_all_steps():
    config = OptimConfig(lr=1.0, warmup_share=0.3, final_share=0.0)
    rates = [learning_rate(config, step, 10) for step in range(10)]
    assert rates[:3] == [pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0]
    assert rates[3] == 1.0 and rates == sorted(rates[:3]) + sorted(rates[3:], reverse=True)
