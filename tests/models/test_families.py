"""Each family: its folder is transformers' own, its pictures take the places the model gives them, and it is asked."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from packs import CASES, build_row, draw, fit_all, gradients, packed_logits
from transformers import AutoModelForImageTextToText

from gmai.errors import ModelError
from gmai.models import (
    FAMILIES,
    Block,
    OptionItem,
    count_parameters,
    family_of,
    find_family,
    generate,
    load_model,
    part_of,
    picture_features,
    save_model,
    score_letters,
    score_options,
)

PICTURES = draw((40, 32), (64, 90), (33, 33))


def ask(pictures, *options: str) -> OptionItem:
    return OptionItem(
        pictures, "Which finding does this picture show?", options or ("nodule", "upper-left effusion", "mass")
    )


ITEMS = [ask(PICTURES[:1]), ask(()), ask(PICTURES[1:]), ask(PICTURES, "a", "b c"), ask(PICTURES[1:2])]


def whole_logits(model, loaded, item: OptionItem) -> torch.Tensor:
    """Of the whole prompt, by the model's own forward."""
    visual = [layout.tokens for layout in loaded.layouts(item.pictures)]
    fitted = [loaded.contract.fit(picture, len(item.pictures)) for picture in item.pictures]
    inputs = loaded.inputs([loaded.scaffold.prompt(item.prompt, visual)], fitted)
    with torch.inference_mode():
        return model(**inputs, use_cache=False).logits


def test_transformers_opens_the_folder_and_logits_are_equal(any_loaded, tmp_path):
    save_model(any_loaded, tmp_path / "model")
    again = load_model(tmp_path, attention="eager")
    plain = AutoModelForImageTextToText.from_pretrained(tmp_path / "model", attn_implementation="eager")
    assert type(plain) is type(any_loaded.model) and again.contract == any_loaded.contract
    any_loaded.model.set_attn_implementation("eager")
    for item in ITEMS:
        expected = whole_logits(any_loaded.model, any_loaded, item)
        assert torch.equal(expected, whole_logits(again.model, again, item))
        assert torch.equal(expected, whole_logits(plain, any_loaded, item))
    assert plain.lm_head.weight is plain.model.language_model.embed_tokens.weight


def test_a_folder_without_a_contract_is_read_as_its_picture_processor_says(any_loaded, tmp_path):
    save_model(any_loaded, tmp_path)
    (tmp_path / "visual_contract.json").unlink()
    assert load_model(tmp_path).contract == any_loaded.contract
    (tmp_path / "preprocessor_config.json").unlink()
    assert load_model(tmp_path).contract == any_loaded.contract
    path = tmp_path / "processor_config.json"
    said = json.loads(path.read_text())
    for change in ({"do_rescale": False}, {"rescale_factor": 1.0}, {"resample": 1}):
        path.write_text(json.dumps({**said, "image_processor": {**said["image_processor"], **change}}))
        with pytest.raises(ModelError, match="picture processor"):
            load_model(tmp_path)


def test_options_are_scored_as_by_one_plain_pass_each(any_loaded):
    found = score_options(any_loaded, ITEMS, batch_rows=5)
    for item, scores in zip(ITEMS, found, strict=True):
        assert scores == pytest.approx(plain_scores(any_loaded, item), abs=1e-5)
    letters = [replace_options(item, "ABC"[: len(item.options)]) for item in ITEMS]
    alone = [score_letters(any_loaded, [item])[0] for item in letters]
    for one, other in zip(score_letters(any_loaded, letters), alone, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def replace_options(item: OptionItem, options) -> OptionItem:
    return OptionItem(item.pictures, item.prompt, tuple(options))


def plain_scores(loaded, item: OptionItem) -> tuple[float, ...]:
    visual = [layout.tokens for layout in loaded.layouts(item.pictures)]
    prompt = loaded.scaffold.prompt(item.prompt, visual)
    fitted = [loaded.contract.fit(picture, len(item.pictures)) for picture in item.pictures]
    scores = []
    for option in item.options:
        answer = [*loaded.scaffold.text(option), loaded.scaffold.end]
        with torch.inference_mode():
            logits = loaded.model(**loaded.inputs([[*prompt, *answer]], fitted), use_cache=False).logits
        chances = logits[0, len(prompt) - 1 : -1].log_softmax(-1)
        scores.append(float(chances[range(len(answer)), answer].sum()))
    return tuple(scores)


def test_replies_in_a_batch_are_those_given_alone_and_follow_the_likeliest_token(any_loaded):
    together = generate(any_loaded, ITEMS, max_new_tokens=6)
    assert together == [generate(any_loaded, [item], max_new_tokens=6)[0] for item in ITEMS]
    item = ITEMS[2]
    visual = [layout.tokens for layout in any_loaded.layouts(item.pictures)]
    fitted = [any_loaded.contract.fit(picture, len(item.pictures)) for picture in item.pictures]
    tokens = list(any_loaded.scaffold.prompt(item.prompt, visual))
    start = len(tokens)
    with torch.inference_mode():
        for _ in range(6):
            logits = any_loaded.model(**any_loaded.inputs([tokens], fitted), use_cache=False).logits
            tokens.append(int(logits[0, -1].argmax()))
    assert together[2] == any_loaded.tokenizer.decode(tokens[start:], skip_special_tokens=True).strip()


def test_without_a_picture_there_are_no_features_and_gradients_are_zero(any_loaded):
    model = any_loaded.model

    def with_gradient(cases) -> set[str]:
        features = picture_features(model, any_loaded.contract.normalise(fit_all(any_loaded, cases)), "fp32")
        sum(tensor.sum() for tensor in (features.tokens_ND, *features.deepstack)).backward()
        found = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
        if not cases[0].pictures:
            assert len(features) == 0 and all(not gradient.any() for gradient in found.values())
        model.zero_grad(set_to_none=True)
        return set(found)

    names = with_gradient(CASES["text"])
    assert names == with_gradient(CASES["one picture"])
    assert {part_of(name) for name in names} == {"vision", "projector"}


def test_text_gives_the_same_with_no_features_and_with_empty_ones(any_loaded):
    from gmai.models import token_losses

    batch = any_loaded.pack([build_row(any_loaded, case) for case in CASES["text"]])
    empty = picture_features(any_loaded.model, any_loaded.contract.normalise([]), "fp32")
    with torch.inference_mode():
        losses = [token_losses(any_loaded.model, batch, features, "fp32") for features in (None, empty)]
    assert torch.equal(*losses)


@pytest.mark.parametrize("case", ["text", "one picture", "many pictures", "shared picture"])
def test_positions_are_those_of_transformers(any_loaded, case):
    rows = [build_row(any_loaded, item) for item in CASES[case]]
    batch = any_loaded.pack(rows)
    axes = batch.positions_BT.expand(3, 1, -1)[:, 0]
    assert (batch.positions_BT.ndim == 3) == (any_loaded.contract.kind == "native" and case != "text")
    block = 0
    for item, (prefix, *answers) in zip(CASES[case], rows, strict=True):
        alone = len(answers) == 1  # then it is one sequence with the prefix
        for number, answer in enumerate(answers, 1 - alone):
            tokens = torch.tensor([[*prefix.tokens, *answer.tokens[:-1]]])
            expected = torch.arange(tokens.shape[1]).expand(3, -1)
            if any_loaded.contract.kind == "native":
                grids = any_loaded.contract.normalise(fit_all(any_loaded, [item]))["image_grid_thw"]
                types = (tokens == any_loaded.scaffold.image).int()
                expected = any_loaded.model.model.get_rope_index(tokens, types, image_grid_thw=grids)[0][:, 0]
            assert torch.equal(axes[:, batch.paths.keys_of(block + number)], expected)
        block += 1 - alone + len(answers)


def test_a_block_must_have_the_visual_tokens_of_its_pictures(any_loaded):
    prefix, *rest = build_row(any_loaded, CASES["one picture"][0])
    for wrong in (Block.read(prefix.tokens), Block.read(prefix.tokens, pictures=prefix.pictures * 2)):
        with pytest.raises(ModelError, match="visual tokens"):
            any_loaded.pack([[wrong, *rest]])
    with pytest.raises(ModelError, match="visual tokens"):
        packed_logits(any_loaded, CASES["text"], any_loaded.pack([[prefix, *rest]]))


def test_every_weight_has_a_part_and_adapters_go_to_the_language_model_only(any_loaded, shape):
    model, family = any_loaded.model, family_of(any_loaded.model)
    counts = count_parameters(model)
    assert counts["total"] == sum(weight.numel() for weight in model.parameters()) and all(counts.values())
    chosen = [name for name, _ in model.named_modules() if re.fullmatch(family.lora_targets, name)]
    assert len(chosen) == 7 * shape.language_layers
    assert all(isinstance(model.get_submodule(name), torch.nn.Linear) for name in chosen)
    layers = family.layers(model)
    assert len(layers["language"]) == shape.language_layers and len(layers["vision"]) >= 2
    parts = {
        name: part
        for part, modules in layers.items()
        for name, weight in model.named_parameters()
        for module in modules
        if any(weight is one for one in module.parameters())
    }
    assert parts and all(part_of(name) == part for name, part in parts.items())


def test_an_unknown_family_names_those_that_are_known():
    with pytest.raises(ModelError, match="'florence2'") as found:
        find_family("florence2")
    assert all(name in found.value.fix for name in FAMILIES)


def test_pictures_of_one_row_share_its_tiles_where_the_contract_says_so(any_loaded):
    picture = np.zeros((64, 96, 3), np.uint8)
    sharing = replace(any_loaded, contract=replace(any_loaded.contract, shared_tiles=True))
    alone, among = (sharing.layouts([picture] * count)[0] for count in (1, 3))
    assert any_loaded.layouts([picture] * 3)[0] == any_loaded.layouts([picture])[0] == alone
    if any_loaded.contract.kind == "tiles":
        assert (alone.tiles, among.tiles) == (7, 3)
    else:
        assert alone == among


def test_a_loaded_model_says_the_same_however_its_encoder_is_made_faster(any_loaded, tmp_path):
    save_model(any_loaded, tmp_path)
    plain, tuned = load_model(tmp_path, attention="eager"), load_model(tmp_path)
    sizes = [(40, 32), (16, 16), (64, 90), (40, 32), (48, 33)]
    inputs = plain.contract.normalise([plain.contract.fit(picture) for picture in draw(*sizes)])
    found = []
    for loaded in (plain, tuned):
        features = picture_features(loaded.model, inputs, "fp32")
        sum((tensor * tensor).sum() for tensor in (features.tokens_ND, *features.deepstack)).backward()
        found.append((features, gradients(loaded.model)))
    (one, first), (two, second) = found
    for tensor, other in zip((one.tokens_ND, *one.deepstack), (two.tokens_ND, *two.deepstack), strict=True):
        assert (tensor - other).abs().max() <= 1e-5
    assert (first - second).norm() <= 1e-5 * first.norm()
