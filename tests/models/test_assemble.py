"""Any encoder, a fresh projector and any language model become a folder that transformers opens and gmai asks."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForImageTextToText,
    AutoTokenizer,
    CLIPVisionConfig,
    CLIPVisionModel,
    LlamaForCausalLM,
    LlavaConfig,
    LlavaForConditionalGeneration,
    Qwen2ForCausalLM,
)

from gmai.errors import ModelError
from gmai.models import (
    AssembleConfig,
    OptionItem,
    assemble_model,
    count_parameters,
    generate,
    load_model,
    score_options,
)
from gmai.models.internlm2 import llama_config
from model_parts import PAIRS, write_part


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    """A folder of each encoder and language model, written when it is first asked for."""
    root = tmp_path_factory.mktemp("shelf")

    def take(kind: str):
        folder = root / kind
        return folder if folder.exists() else write_part(kind, folder)

    return take


@pytest.mark.parametrize("vision, language", PAIRS)
def test_an_assembled_folder_is_opened_by_transformers_and_answers(shelf, tmp_path, vision, language):
    config = AssembleConfig(
        vision=shelf(vision), language=shelf(language), out=tmp_path / "out", dtype="float32", max_tiles=4
    )
    stats = assemble_model(config)
    loaded = load_model(tmp_path / "out")
    internvl = vision == "internvit"
    assert stats["family"] == loaded.family.name == ("internvl" if internvl else "llava")
    assert stats["tokens_per_image"] == (4 if internvl else 16)
    assert stats["parameters"] == count_parameters(loaded.model) and min(stats["parameters"].values()) > 1000
    plain = AutoModelForImageTextToText.from_pretrained(tmp_path / "out/model")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out/model")
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    content = [{"type": "image"}, {"type": "text", "text": "Where?"}]
    turns = [{"role": "user", "content": content}]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    spelling, layouts = loaded.family.spelling(tokenizer), loaded.layouts([picture])
    run = spelling.start + spelling.image * layouts[0].tokens + spelling.end
    ids = tokenizer(text.replace(spelling.image, run), add_special_tokens=False)["input_ids"]
    assert tuple(ids) == loaded.scaffold.prompt("Where?", [layouts[0].tokens])
    with torch.inference_mode():
        inputs = loaded.inputs([ids], [loaded.contract.fit(picture)])
        assert torch.allclose(plain(**inputs).logits, loaded.model(**inputs).logits, atol=1e-5)
        blank = loaded.inputs([ids], [loaded.contract.fit(255 - picture)])
        assert not torch.allclose(plain(**blank).logits, plain(**inputs).logits, atol=1e-3)
    item = OptionItem((picture, picture[:20]), "Where?", ("upper left", "nodule"))
    assert len(score_options(loaded, [item])[0]) == 2 and isinstance(generate(loaded, [item], 3)[0], str)


def test_the_parts_are_the_given_ones_and_the_projector_follows_its_seed(shelf, tmp_path):
    given = {"vision": shelf("clip"), "language": shelf("qwen2"), "dtype": "float32"}
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        assemble_model(AssembleConfig(**given, out=tmp_path / name, seed=seed))
    one, same, other = (load_model(tmp_path / name).model for name in "abc")
    for name, weight in one.named_parameters():
        assert torch.equal(weight, same.get_parameter(name))
        drawn = "projector" in name and weight.ndim == 2
        assert torch.equal(weight, other.get_parameter(name)) is not drawn
    vision = CLIPVisionModel.from_pretrained(shelf("clip"))
    language = Qwen2ForCausalLM.from_pretrained(shelf("qwen2"))
    own = one.model.vision_tower.state_dict()
    assert all(torch.equal(own[name], value) for name, value in vision.state_dict().items())
    own = one.model.language_model.state_dict()
    assert all(torch.equal(own[name], value) for name, value in language.model.state_dict().items())
    assert one.lm_head.weight is one.model.language_model.embed_tokens.weight


def test_new_tokens_take_spare_rows_first_and_else_the_mean_of_all(shelf, tmp_path):
    roomy = {"vision": shelf("clip"), "language": shelf("qwen2"), "out": tmp_path / "roomy"}
    before = Qwen2ForCausalLM.from_pretrained(shelf("qwen2")).model.embed_tokens.weight
    assemble_model(AssembleConfig(**roomy, dtype="float32"))
    assert load_model(tmp_path / "roomy").model.get_input_embeddings().weight.shape == before.shape
    full = LlamaForCausalLM.from_pretrained(shelf("llama"))
    assemble_model(
        AssembleConfig(vision=shelf("clip"), language=shelf("llama"), out=tmp_path / "full", dtype="float32")
    )
    found = load_model(tmp_path / "full").model
    for table, old in ((found.get_input_embeddings(), full.get_input_embeddings()), (found.lm_head, full.lm_head)):
        rows = len(old.weight)
        assert torch.equal(table.weight[:rows], old.weight) and len(table.weight) == rows + 1
        assert torch.allclose(table.weight[rows], old.weight.mean(0))


def test_answers_end_where_the_template_ends_them(shelf, tmp_path):
    for language, end in (("qwen2", "<|im_end|>"), ("llama", "<|eot|>"), ("untaught", "<|im_end|>")):
        out = tmp_path / language
        assemble_model(AssembleConfig(vision=shelf("clip"), language=shelf(language), out=out))
        loaded = load_model(out)
        assert loaded.tokenizer.eos_token == end and loaded.tokenizer.pad_token is not None
        eos = loaded.model.generation_config.eos_token_id
        assert loaded.scaffold.end in ([eos] if isinstance(eos, int) else eos)
        assert loaded.scaffold.end not in loaded.scaffold.next_user


def test_the_contract_is_the_encoders_own_and_can_be_changed(shelf, tmp_path):
    given = {"vision": shelf("clip"), "language": shelf("qwen2")}
    assemble_model(AssembleConfig(**given, out=tmp_path / "own"))
    own = load_model(tmp_path / "own").contract
    assert (own.squaring, own.image_px, own.mean[0], own.tokens_per_image) == ("crop", 32, 0.48, 16)
    assemble_model(AssembleConfig(**given, out=tmp_path / "pad", squaring="pad"))
    assert load_model(tmp_path / "pad").contract == replace(own, squaring="pad")
    said = json.loads((tmp_path / "pad/model/preprocessor_config.json").read_text())
    assert said["do_pad"] is True


def test_a_processor_for_pictures_of_another_size_is_an_error(shelf, tmp_path):
    shutil.copytree(shelf("clip"), tmp_path / "clip")
    path = tmp_path / "clip/preprocessor_config.json"
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, "crop_size": {"height": 48, "width": 48}}))
    with pytest.raises(ModelError, match="pictures of 48 px, the encoder takes 32"):
        assemble_model(AssembleConfig(vision=tmp_path / "clip", language=shelf("qwen2"), out=tmp_path / "out"))


def test_parts_that_do_not_fit_are_errors(shelf, tmp_path):
    def parts(vision, language, **more):
        return AssembleConfig(vision=vision, language=language, out=tmp_path / "out", **more)

    clip, qwen = shelf("clip"), shelf("qwen2")
    cases = [
        (parts(clip, qwen, layout="internvl"), "no internvl layout"),
        (parts(clip, qwen, feature_layer=-9), "none is -9"),
        (parts(qwen, qwen), "no encoder of type 'qwen2'"),
    ]
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text(
        (clip / "config.json").read_text().replace('"num_hidden_layers": 3', '"num_hidden_layers": 4')
    )
    (broken / "model.safetensors").write_bytes((clip / "model.safetensors").read_bytes())
    cases.append((parts(broken, qwen), "encoder is missing"))
    for config, message in cases:
        with pytest.raises(ModelError, match=message):
            assemble_model(config)


def test_gmai_vl_has_the_published_shape():
    """CLIP ViT-L/14 at 336 px, an MLP of two layers, InternLM2.5-7B: counted without a weight."""
    internlm = {
        "model_type": "internlm2",
        "hidden_size": 4096,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "num_hidden_layers": 32,
        "intermediate_size": 14336,
        "vocab_size": 92544,
        "max_position_embeddings": 32768,
        "rope_theta": 1000000,
        "rope_scaling": {"type": "dynamic", "factor": 2.0},
        "bias": False,
    }
    clip = CLIPVisionConfig(
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        intermediate_size=4096,
        image_size=336,
        patch_size=14,
    )
    config = LlavaConfig(vision_config=clip, text_config=llama_config(internlm), image_token_index=92544)
    with torch.device("meta"):
        model = LlavaForConditionalGeneration(config)
    counts = count_parameters(model)
    assert counts == {
        "vision": 303_507_456,
        "projector": 20_979_712,
        "language": 7_737_708_544,
        "total": 8_062_195_712,
    }
    assert config.image_seq_length == 576
