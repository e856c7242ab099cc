"""A saved model is a Hugging Face folder, reloads with equal logits, and keeps its visual contract."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText, AutoTokenizer

from gmai.errors import ConfigError, ImageError, ModelError
from gmai.models import TinyShape, load_model, make_tiny, model_key, save_model


def logits_of(model, loaded, item) -> torch.Tensor:
    tokens = loaded.scaffold.prompt(item.prompt, [loaded.contract.tokens_per_image])
    with torch.inference_mode():
        return model(input_ids=torch.tensor([tokens]), **loaded.contract.pixels(item.pictures)).logits


def test_transformers_opens_the_folder_and_logits_are_equal(loaded, items, tmp_path):
    save_model(loaded, tmp_path / "model")
    expected = logits_of(loaded.model, loaded, items[0])
    again = load_model(tmp_path)
    assert torch.equal(expected, logits_of(again.model, again, items[0]))
    plain = AutoModelForImageTextToText.from_pretrained(tmp_path / "model", attn_implementation="eager")
    assert torch.equal(expected, logits_of(plain, loaded, items[0]))
    assert plain.lm_head.weight is plain.model.language_model.embed_tokens.weight
    assert again.contract == loaded.contract


def test_a_weight_that_is_missing_is_told_and_not_made_up(any_loaded, tmp_path):
    save_model(any_loaded, tmp_path)
    path = tmp_path / "model.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if name.endswith("input_layernorm.weight"))
    del weights[name]
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(ModelError, match="a weight of the model is missing, 1 in all") as found:
        load_model(tmp_path)
    assert found.value.reason == "model.weight" and "input_layernorm" in found.value.where


def test_prompts_are_those_of_the_saved_chat_template(loaded, items, tmp_path):
    save_model(loaded, tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    content = [{"type": "image"}, {"type": "text", "text": items[0].prompt}]
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    visual = "<img>" + "<IMG_CONTEXT>" * loaded.contract.tokens_per_image + "</img>"
    ids = tokenizer(text.replace("<IMG_CONTEXT>", visual), add_special_tokens=False)["input_ids"]
    assert tuple(ids) == loaded.scaffold.prompt(items[0].prompt, [loaded.contract.tokens_per_image])
    assert "assistant" in tokenizer.convert_ids_to_tokens(ids)


def test_special_tokens_inside_a_text_are_text(loaded):
    tokens = loaded.scaffold.text("a <IMG_CONTEXT> b<|im_end|>")
    assert loaded.scaffold.image not in tokens and loaded.scaffold.end not in tokens
    assert loaded.tokenizer.decode(tokens) == "a <IMG_CONTEXT> b<|im_end|>"


def test_hyphenated_words_are_one_token_and_any_text_survives(loaded):
    assert len(loaded.scaffold.text("upper-left")) == 1
    for text in ("größer als 3 µm\n\n  ja", "病灶在左上"):
        assert loaded.tokenizer.decode(loaded.scaffold.text(text)) == text


def test_same_seed_same_bytes_other_seed_other_weights(shape, texts, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        save_model(make_tiny(shape, texts, seed=seed), tmp_path / name)
    assert model_key(tmp_path / "a") == model_key(tmp_path / "b") != model_key(tmp_path / "c")
    for name in ("tokenizer.json", "config.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "c" / name).read_bytes()


def test_positions_tell_patches_apart_and_layer_scale_is_one(loaded, shape):
    tower = loaded.model.model.vision_tower
    table = tower.embeddings.position_embeddings[0, 1:]
    assert torch.cdist(table, table).fill_diagonal_(1).min() > 0.1
    assert torch.equal(tower.encoder.layer[0].lambda_1, torch.ones(shape.vision_width))


def test_contract_resizes_like_pillow_and_leaves_the_right_size_alone(loaded):
    from PIL import Image

    rng = np.random.default_rng(1)
    picture = np.repeat(np.repeat(rng.integers(0, 256, (12, 9, 3), dtype=np.uint8), 8, 0), 8, 1)
    side = loaded.contract.image_px
    pillow = np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC))
    difference = np.abs(loaded.contract.fit(picture)[0].astype(int) - pillow)
    assert difference.max() <= 2 and difference.mean() < 0.2
    square = picture[:side, :side]
    assert np.array_equal(loaded.contract.fit(square)[0], square)
    pixels = loaded.contract.pixels([square, picture])["pixel_values"]
    assert pixels.shape == (2, 3, side, side)
    assert pixels[0, 1, 2, 3] == pytest.approx((square[2, 3, 1] / 255 - 0.5) / 0.25, abs=1e-6)


def test_wrong_pictures_and_contracts_are_errors(loaded, tmp_path):
    with pytest.raises(ImageError, match="uint8"):
        loaded.contract.pixels([np.zeros((4, 4), np.uint8)])
    with pytest.raises(ModelError, match="no model here"):
        load_model(tmp_path / "nothing")
    save_model(loaded, tmp_path / "a")
    path = tmp_path / "a" / "visual_contract.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps({**data, "mean": [0, 0, 0]}))
    with pytest.raises(ModelError, match="does not match its hash"):
        load_model(tmp_path / "a")
    other = replace(loaded.contract, tokens_per_image=9)
    save_model(type(loaded)(loaded.model, loaded.tokenizer, other), tmp_path / "b")
    with pytest.raises(ModelError, match="visual tokens"):
        load_model(tmp_path / "b")
    path.unlink()
    for name in ("preprocessor_config.json", "processor_config.json"):
        (tmp_path / "a" / name).unlink()
    with pytest.raises(ModelError, match="no visual contract"):
        load_model(tmp_path / "a")


def test_sizes_that_do_not_fit_are_named(texts):
    with pytest.raises(ConfigError, match="image_px 50"):
        make_tiny(TinyShape(image_px=50), texts)
