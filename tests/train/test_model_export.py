"""An export is the model that was trained, opened by others; one that is not is caught and leaves nothing behind."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText

from gmai.base import write_json
from gmai.cli import main
from gmai.errors import ConfigError, ModelError
from gmai.models import (
    FAMILIES,
    ExportConfig,
    TinyConfig,
    build_tiny,
    describe_model,
    export,
    export_model,
    load_model,
    save_model,
    vllm_command,
    witness,
    write_contract,
)
from gmai.train import BatchConfig, InitConfig, OptimConfig, TrainConfig, train
from gmai.types import Score


@pytest.fixture(scope="module")
def trained(corpus, model, tmp_path_factory):
    """Finished runs of training by stage, each made when it is first asked for."""
    root = tmp_path_factory.mktemp("trained")

    def make(stage: str) -> Path:
        out = root / stage
        if not out.exists():
            train(
                TrainConfig(
                    stage=stage,
                    corpus=corpus,
                    init=InitConfig(model=model),
                    out=out,
                    steps=3,
                    batch=BatchConfig(rows=4),
                    optim=OptimConfig(lr=5e-3, warmup_steps=1),
                    threads=1,
                )
            )
        return out

    return make


@pytest.fixture
def near(monkeypatch):
    """Let the witness testify in this process: what it does is the same, and quicker."""

    def hear(work: Path, *folders: Path):
        adapter = folders[1] if len(folders) > 1 else None
        try:
            return witness.testify(witness.open_plainly(folders[0], adapter))
        except ValueError as error:
            raise ModelError(f"the export does not open: {error}", reason="export.opened") from None

    monkeypatch.setattr(export, "_hear", hear)


def write_scores(folder: Path) -> Path:
    folder.mkdir()
    score = Score(
        axis="overall", node="all", n=40, correct=30, accuracy=0.75, low=0.6, high=0.87, clusters=20, chance=0.25
    )
    write_json(folder / "scores.json", [score])
    write_json(folder / "stats.json", {"name": "tiny on TEST"})
    return folder


@pytest.mark.parametrize("clean", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_merged_export_is_opened_in_a_clean_process_and_computes_the_same(trained, model, tmp_path, request, clean):
    if not clean:
        request.getfixturevalue("near")
    run = trained("lora")
    (model / "model/README.md").write_text("---\nlicense: apache-2.0\n---\n")
    scores = write_scores(tmp_path / "scores")
    out = tmp_path / "export"
    result = CliRunner().invoke(
        main, ["model", "export", str(run), "-o", str(out), "--dtype", "bf16", "--scores", str(scores)]
    )
    (model / "model/README.md").unlink()
    assert result.exit_code == 0, result.output
    assert f"vllm serve {out}/model --served-model-name export" in result.output
    stats = json.loads((out / "stats.json").read_text())
    assert stats["dtype"] == "bfloat16" and stats["logits"]["difference"] <= 1e-5 * stats["logits"]["largest"]
    changes = stats["changes"]
    assert changes["vision"]["changed"] == changes["projector"]["changed"] == 0
    assert changes["language"]["changed"] == 7 >= changes["language"]["left"] > 0
    plain = AutoModelForImageTextToText.from_pretrained(out / "model", dtype="auto")
    assert plain.dtype == torch.bfloat16 and plain.config.text_config.dtype == torch.bfloat16
    own = load_model(run).model
    for name, weight in plain.named_parameters():
        assert torch.equal(weight, own.get_parameter(name).to(torch.bfloat16))
    assert load_model(out).contract == load_model(run).contract
    card = (out / "model/README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\n") and "not for diagnosis" in card
    assert "| tiny on TEST | all | 40 | 0.750 | 0.600 to 0.870 | 0.250 |" in card
    assert "stage `lora`, 3 steps" in card and "| vision |" in card and "frozen" in card
    found = describe_model(out)
    assert found.licence == "apache-2.0" and set(found.parts["language"].types) == {"BF16"} and found.tied


def test_an_adapter_is_placed_whole_by_peft_and_computes_the_same(trained, model, tmp_path, near):
    config = ExportConfig(train=trained("lora"), out=tmp_path / "out", form="adapter", base_name="org/base")
    stats = export_model(config)
    assert stats["logits"]["difference"] <= 1e-5 * stats["logits"]["largest"]
    said = json.loads((tmp_path / "out/adapter/adapter_config.json").read_text())
    assert said["base_model_name_or_path"] == "org/base"
    names = {path.name for path in (tmp_path / "out/adapter").iterdir()}
    assert {"adapter_model.safetensors", "tokenizer.json", "visual_contract.json", "README.md"} <= names
    assert "model.safetensors" not in names and "config.json" not in names
    assert vllm_command(config).startswith("vllm serve org/base --enable-lora --lora-modules out=")
    assert export_model(config) == stats
    with pytest.raises(ModelError, match="no adapter"):
        export_model(ExportConfig(train=trained("projector"), out=tmp_path / "none", form="adapter"))


@pytest.mark.parametrize("stage, moved", [("projector", {"projector"}), ("all", {"vision", "projector", "language"})])
def test_what_trained_has_changed_and_nothing_else(trained, tmp_path, near, stage, moved):
    stats = export_model(ExportConfig(train=trained(stage), out=tmp_path / "out"))
    assert {part for part, row in stats["changes"].items() if row["changed"]} == moved
    assert stats["dtype"] == "float32" and stats["logits"]["difference"] <= 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES.names())
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_every_family_is_exported_merged_and_as_an_adapter(corpus, shape, tmp_path, near, family, dtype):
    base = tmp_path / "base"
    build_tiny(TinyConfig(corpus=corpus, out=base, shape=replace(shape, context=1024), family=family))
    loaded = load_model(base)
    loaded.model.to(getattr(torch, dtype))
    save_model(loaded, base / "model")
    write_run(corpus, base, tmp_path / "lora")
    for form in ("merged", "adapter"):
        stats = export_model(ExportConfig(train=tmp_path / "lora", out=tmp_path / form, form=form))
        assert stats["dtype"] == (dtype if form == "merged" else "float32")
        assert stats["logits"]["difference"] <= 1e-5 * stats["logits"]["largest"]
        assert stats["changes"]["language"]["changed"] > 0


def write_run(corpus: Path, base: Path, out: Path) -> None:
    """A run of LoRA from a base whose files were changed after it was made."""
    (base / "run.json").unlink()
    optim = OptimConfig(lr=5e-2, warmup_steps=1)
    given = {"batch": BatchConfig(rows=4), "optim": optim, "threads": 1, "steps": 3}
    init = InitConfig(model=base / "model")
    train(TrainConfig(stage="lora", corpus=corpus, init=init, out=out, **given))


def copy_run(run: Path, to: Path) -> Path:
    shutil.copytree(run, to)
    return to


def edit(path: Path, change) -> None:
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})


def leave_out(tensors):
    del tensors["multi_modal_projector.linear_1.weight"]


def move_frozen(tensors):
    tensors["vision_tower.embeddings.cls_token"][...] += 1


def lose_shape(tensors):
    tensors["multi_modal_projector.linear_1.bias"] = tensors["multi_modal_projector.linear_1.bias"][:-1].clone()


def add_one(tensors):
    tensors["language_model.model.extra.weight"] = torch.zeros(2)


def unmerge(tensors):
    name = next(name for name in tensors if name.endswith("q_proj.weight") and "language" in name)
    tensors[name][...] *= 1.01


def move_beside(tensors):
    tensors["language_model.model.norm.weight"][...] += 1


BROKEN = {
    "a tensor left out": ("lora", leave_out, "left out", "export.names"),
    "a tensor more": ("lora", add_one, "does not have", "export.names"),
    "another shape": ("lora", lose_shape, "where its start has", "export.shape"),
    "a frozen one moved": ("projector", move_frozen, "frozen weight", "export.frozen"),
    "merged wrongly": ("lora", unmerge, "start and product", "export.merged"),
    "moved without a pair": ("lora", move_beside, "no pair", "export.unplaced"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_model_that_is_not_what_was_trained_is_refused(trained, tmp_path, near, name):
    stage, change, message, reason = BROKEN[name]
    run = copy_run(trained(stage), tmp_path / "run")
    edit(run / "model/model.safetensors", change)
    with pytest.raises(ModelError, match=message) as found:
        export_model(ExportConfig(train=run, out=tmp_path / "out"))
    assert found.value.reason == reason
    assert not (tmp_path / "out/model").exists() and not (tmp_path / "out/manifest.json").exists()


def test_a_start_put_together_of_two_models_is_held_part_by_part(corpus, model, trained, tmp_path, near):
    run = tmp_path / "run"
    init = InitConfig(model=model, projector=trained("projector"))
    given = {"steps": 2, "batch": BatchConfig(rows=4), "optim": OptimConfig(lr=5e-3, warmup_steps=1), "threads": 1}
    train(TrainConfig(stage="projector+language", corpus=corpus, init=init, out=run, **given))
    changes = export_model(ExportConfig(train=run, out=tmp_path / "out"))["changes"]
    assert changes["vision"]["changed"] == 0 and changes["projector"]["changed"] == changes["projector"]["tensors"]
    edit(run / "model/model.safetensors", move_frozen)
    result = CliRunner().invoke(main, ["model", "export", str(run), "-o", str(tmp_path / "broken")])
    assert result.exit_code == 2 and "a frozen weight has changed" in result.output
    assert "vllm serve" not in result.output and not (tmp_path / "broken/model").exists()


def test_an_adapter_without_its_place_is_refused(trained, tmp_path, near):
    run = copy_run(trained("lora"), tmp_path / "run")
    whole = run / "adapter/adapter_model.safetensors"

    def rename(tensors):
        for name in [name for name in tensors if "q_proj" in name]:
            tensors[name.replace("q_proj", "query")] = tensors.pop(name)

    kept = whole.read_bytes()
    edit(whole, rename)
    with pytest.raises(ModelError, match="no weight that it could be added to"):
        export_model(ExportConfig(train=run, out=tmp_path / "out"))
    whole.write_bytes(kept)
    edit(whole, lambda tensors: tensors.pop(next(name for name in tensors if "lora_B" in name)))
    with pytest.raises(ModelError, match="half a LoRA pair"):
        export_model(ExportConfig(train=run, out=tmp_path / "out"))


def test_a_folder_written_wrongly_is_caught_and_taken_away(trained, tmp_path, near, monkeypatch):
    write, copy = export.write_cast, export._copy_words
    run = trained("projector")

    def lose(source, place, dtype):
        write(source, place, dtype)
        edit(place / "model.safetensors", leave_out)

    def untie(source, place, dtype):
        write(source, place, dtype)
        config = json.loads((place / "config.json").read_text())
        config["tie_word_embeddings"] = config["text_config"]["tie_word_embeddings"] = False
        (place / "config.json").write_text(json.dumps(config))

    def mix_words(folder, place):
        copy(folder, place)
        path = place / "tokenizer.json"
        data = json.loads(path.read_text())
        known = data["model"]["vocab"]
        known["?"], known["!"] = known["!"], known["?"]
        path.write_text(json.dumps(data))

    def retouch(folder, place):
        copy(folder, place)
        contract = load_model(folder).contract
        write_contract(replace(contract, mean=(0.4, 0.5, 0.5)), place)

    for name, wrong, message in [
        ("write_cast", lose, "left out"),
        ("write_cast", untie, "tied in one"),
        ("_copy_words", mix_words, "other tokens"),
        ("_copy_words", retouch, "other pixels"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(export, name, wrong)
            with pytest.raises(ModelError, match=message):
                export_model(ExportConfig(train=run, out=tmp_path / "out"))
        assert not (tmp_path / "out/model").exists()


@pytest.mark.slow
def test_a_process_that_cannot_open_the_folder_is_told_of(tmp_path, model):
    shutil.copytree(model / "model", tmp_path / "broken")
    edit(tmp_path / "broken/model.safetensors", leave_out)
    with pytest.raises(ModelError, match="does not open: transformers finds missing_keys") as found:
        export._hear(tmp_path, tmp_path / "broken")
    assert found.value.reason == "export.opened"


def test_a_base_that_is_gone_can_be_given(trained, model, tmp_path, near):
    run = copy_run(trained("projector"), tmp_path / "run")
    data = json.loads((run / "run.json").read_text())
    data["config"]["init"]["model"] = str(tmp_path / "gone")
    (run / "run.json").write_text(json.dumps(data))
    with pytest.raises(ModelError, match="no model where init.model was"):
        export_model(ExportConfig(train=run, out=tmp_path / "out"))
    export_model(ExportConfig(train=run, out=tmp_path / "out", base=model))
    with pytest.raises(ConfigError, match="made by gmai model tiny"):
        export_model(ExportConfig(train=model, out=tmp_path / "other"))
