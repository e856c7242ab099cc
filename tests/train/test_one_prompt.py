"""Training, evaluation and serving give a model the same prompt and the same pixels, whatever its family."""

from dataclasses import replace

import pytest
import torch
from squares import make_sample, make_text_sample, write_corpus

from gmai.corpus import open_corpus
from gmai.errors import ConfigError, ModelError
from gmai.images import decode_picture
from gmai.models import (
    FAMILIES,
    Chat,
    OptionItem,
    TinyConfig,
    build_tiny,
    generate,
    load_model,
    prompt_chat,
    save_model,
)
from gmai.train import BatchConfig, InitConfig, PictureConfig, RowConfig
from gmai.train.lesson import show
from gmai.train.material import gather
from gmai.train.parallel import World
from tiny_model import SHAPE, make_model


@pytest.fixture
def talks(tmp_path):
    """A corpus whose samples are few, and its conversations by sample: the first question, and the pictures."""
    folder = write_corpus(tmp_path / "corpus", [*map(make_sample, range(3)), make_text_sample(1)])
    corpus = open_corpus(folder)
    found: dict[str, list] = {}
    for talk in corpus.conversations("train"):
        stored = corpus.sample(talk.sample)
        if talk.view.granularity == "image":
            found.setdefault(talk.sample, []).append((talk.turns[0].text, tuple(map(decode_picture, stored.pictures))))
    return folder, found


@pytest.mark.parametrize("family", FAMILIES.names())
def test_prompt_and_pixels_are_the_same_in_training_evaluation_and_serving(
    family, talks, recipe, tmp_path, monkeypatch
):
    folder, asked = talks
    texts = [text for pairs in asked.values() for text, _ in pairs]
    shape = replace(SHAPE, image_px=16, patch_px=4, max_tiles=4, context=256)
    save_model(make_model(texts * 3, shape, family=family), tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    given: dict[str, dict[str, torch.Tensor]] = {}

    def watch(**inputs):
        given["evaluation"] = inputs
        return inputs["input_ids"]

    monkeypatch.setattr(loaded.model, "generate", watch)
    config = replace(
        recipe("projector"),
        corpus=folder,
        init=InitConfig(model=tmp_path / "model"),
        rows=RowConfig(questions=None, chances={}, weights={}),
        pictures=PictureConfig(gain=0.0, level=0.0, shift_px=0),
        batch=BatchConfig(rows=1),
    )
    seen = 0
    for batch in gather(replace(config, steps=8), loaded, tmp_path / "index", World()).batches(0, 1, 0):
        pack = batch.packs[0]
        if pack.samples[0] not in asked or len(pack.rows[0]) != 1 + len(asked[pack.samples[0]]):
            continue
        prefix, *blocks = pack.rows[0]
        prompts = [(*prefix.tokens, *block.tokens[: block.weights.index(1.0)]) for block in blocks]
        pixels = show(loaded.contract, pack, "cpu") if pack.fitted else {}
        for text, pictures in asked[pack.samples[0]]:
            generate(loaded, [OptionItem(pictures, text)])
            served = prompt_chat(loaded, Chat((text,), pictures))
            assert tuple(given["evaluation"]["input_ids"][0].tolist()) == served.tokens and served.tokens in prompts
            for name, tensor in loaded.inputs([served.tokens], served.fitted).items():
                assert torch.equal(tensor, given["evaluation"][name])
            for name, tensor in pixels.items():
                assert torch.equal(tensor, given["evaluation"][name])
            seen += bool(pictures)
    assert seen >= 4


def test_a_tiny_model_of_a_family_is_made_of_a_corpus_and_another_family_is_another_run(talks, tmp_path):
    config = TinyConfig(corpus=talks[0], out=tmp_path / "tiny", family="qwen3_vl", shape=SHAPE)
    stats = build_tiny(config)
    loaded = load_model(tmp_path / "tiny")
    assert loaded.family.name == "qwen3_vl" and loaded.contract.kind == "native"
    assert stats["parameters"]["total"] == sum(weight.numel() for weight in loaded.model.parameters())
    assert build_tiny(config) == stats
    with pytest.raises(ConfigError, match="another run"):
        build_tiny(replace(config, family="llava"))
    with pytest.raises(ModelError, match="no family takes"):
        build_tiny(replace(config, family="clip", out=tmp_path / "other"))
