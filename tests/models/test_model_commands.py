"""``gmai model info`` and ``chat``, and what cards and folders tell."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gmai.cli import main
from gmai.errors import ConfigError, ModelError
from gmai.images import decode_picture, encode_png
from gmai.models import OptionItem, Talk, Wish, count_parameters, describe_model, generate, save_model
from gmai.models.card_head import licence_of, read_card_head
from gmai.models.talking import read_seen
from gmai.models.weights import Weights, plain_name


@pytest.fixture(scope="module")
def folder(loaded, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("folder")
    save_model(loaded, path / "model")
    return path


@pytest.fixture
def files(tmp_path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / "colour.png", tmp_path / "grey.png", tmp_path / "photo.jpg"]
    paths[0].write_bytes(encode_png(rng.integers(0, 256, (40, 52, 3), dtype=np.uint8)))
    Image.fromarray(rng.integers(0, 256, (40, 52), dtype=np.uint8)).save(paths[1])
    Image.fromarray(rng.integers(0, 256, (40, 52, 3), dtype=np.uint8)).save(paths[2])
    return paths


def invoke(*arguments, **more):
    return CliRunner().invoke(main, ["model", *map(str, arguments)], **more)


def test_info_counts_what_the_model_has_without_reading_it(folder, loaded):
    found, counts = describe_model(folder), count_parameters(loaded.model)
    assert {name: part.parameters for name, part in found.parts.items()} | {"total": found.parameters} == counts
    assert found.family == "internvl" and found.tied and found.licence == "unknown"
    assert found.contract_hash == loaded.contract.hash
    for seen in found.pictures:
        assert seen.tokens == loaded.contract.layout(seen.width, seen.height).tokens
    result = invoke("info", folder)
    assert result.exit_code == 0 and f"{counts['vision']:,}" in result.output and "448 x 448" in result.output
    assert json.loads(invoke("info", folder, "--json").output)["parameters"] == counts["total"]


def test_info_describes_every_family(any_loaded, tmp_path):
    save_model(any_loaded, tmp_path / "model")
    found, counts = describe_model(tmp_path), count_parameters(any_loaded.model)
    assert {name: part.parameters for name, part in found.parts.items()} == {n: counts[n] for n in found.parts}
    assert found.family == any_loaded.family.name
    weights = Weights(tmp_path / "model")
    own = dict(any_loaded.model.named_parameters())
    assert set(own) <= set(weights.places)
    assert all(weights.shape(name) == tuple(weight.shape) for name, weight in own.items())


def test_one_question_is_answered_as_in_evaluation(folder, loaded, files):
    picture = decode_picture(files[0].read_bytes())
    expected = generate(loaded, [OptionItem((picture,), "Which finding?")], max_new_tokens=6)[0]
    result = invoke("chat", folder, "--image", files[0], "--max-tokens", 6, "Which finding?")
    assert result.exit_code == 0 and result.output == f"{expected}\n"


def test_pictures_are_seen_as_a_corpus_holds_them(files):
    for path in files:
        assert np.array_equal(read_seen(path), decode_picture(path.read_bytes()))
    assert read_seen(files[1]).shape == (40, 52, 3)


def test_a_talk_goes_on_and_can_start_anew(folder, loaded, files):
    result = invoke("chat", folder, "--image", files[0], "--max-tokens", 4, input="Where?\nWhere?\n/new\nWhere?\n")
    said = result.stdout.splitlines()
    talk = Talk(loaded, files[:1], Wish(max_tokens=12))
    assert result.exit_code == 0 and len(said) == 3 and said[0] == said[2]
    pieces: list[str] = []
    whole = talk.ask("Where?", pieces.append)
    assert "".join(pieces) == whole and whole.startswith(said[0])
    with pytest.raises(ConfigError, match="the model takes 256"):
        talk.ask("word " * 300)


def test_what_is_no_picture_is_told(folder, tmp_path):
    (tmp_path / "x.png").write_text("no picture")
    result = invoke("chat", folder, "--image", tmp_path / "x.png", "?")
    assert result.exit_code == 2 and "gmai:" in result.output


def test_a_licence_is_what_the_card_says(tmp_path):
    for text, expected in {
        "---\nlicense: mit\n---\n# x": "mit",
        "---\nlicense: other\nlicense_name: llama3\n---\n": "llama3",
        "---\nlicense: other\n---\n": "other",
        "# no head\n---\nlicense: mit\n---\n": "unknown",
        "---\n: [broken\n---\n": "unknown",
        "---\n- a\n---\n": "unknown",
    }.items():
        (tmp_path / "README.md").write_text(text)
        assert licence_of(read_card_head(tmp_path)) == expected


def test_names_in_files_are_those_of_the_model():
    for written, plain in {
        "language_model.lm_head.weight": "lm_head.weight",
        "language_model.model.norm.weight": "model.language_model.norm.weight",
        "vision_tower.x": "model.vision_tower.x",
        "visual.merger.x": "model.visual.merger.x",
        "model.visual.merger.x": "model.visual.merger.x",
        "model.layers.0.x": "model.language_model.layers.0.x",
        "model.language_model.norm.weight": "model.language_model.norm.weight",
    }.items():
        assert plain_name(written) == plain


def test_weights_that_are_missing_or_damaged_are_errors(tmp_path):
    with pytest.raises(ModelError, match="no weights"):
        _ = Weights(tmp_path).files
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 40)
    with pytest.raises(ModelError, match="no file of weights"):
        _ = Weights(tmp_path).places
    for name in ("gone.safetensors", "../model.safetensors"):
        (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
        with pytest.raises(ModelError, match="is missing"):
            _ = Weights(tmp_path).files
