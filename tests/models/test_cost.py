"""Counted operations equal those that torch counts on running models, and the published shape gives the known table."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    CLIPVisionConfig,
    InternVLConfig,
    InternVLForConditionalGeneration,
    InternVLVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Config,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

from gmai.models import PictureLayout
from gmai.models.cost import Work, count_pairs, peak_tflops, read_costs

WIDTH, LAYERS, HEADS, MLP = 48, 2, 4, 80


def internvl():
    vision = InternVLVisionConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, image_size=[64, 64]
    )
    vision.patch_size = [8, 8]
    text = Qwen2Config(**text_sizes(), num_key_value_heads=2)
    config = InternVLConfig(vision_config=vision, text_config=text, downsample_ratio=0.5, image_token_id=1)
    inputs = {"pixel_values": torch.rand(3, 3, 64, 64)}
    return InternVLForConditionalGeneration(config), PictureLayout(3, 48, 192), inputs


def llava():
    vision = CLIPVisionConfig(
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=64,
        image_size=32,
        patch_size=8,
    )
    text = LlamaConfig(**text_sizes(), num_key_value_heads=2)
    config = LlavaConfig(vision_config=vision, text_config=text, image_token_index=1, vision_feature_layer=-2)
    return LlavaForConditionalGeneration(config), PictureLayout(1, 16, 16), {"pixel_values": torch.rand(1, 3, 32, 32)}


def qwen2_5_vl():
    vision = {"depth": 3, "hidden_size": 32, "num_heads": 2, "intermediate_size": 64, "patch_size": 8}
    vision |= {"window_size": 32, "fullatt_block_indexes": [2], "out_hidden_size": WIDTH}
    text = text_sizes() | {"num_key_value_heads": 2, "rope_scaling": {"type": "mrope", "mrope_section": [2, 2, 2]}}
    config = Qwen2_5_VLConfig(vision_config=vision, text_config=text, image_token_id=1)
    return Qwen2_5_VLForConditionalGeneration(config), *native(6, 10, 8)


def qwen3_vl():
    vision = {"depth": 3, "hidden_size": 32, "num_heads": 2, "intermediate_size": 64, "patch_size": 8}
    vision |= {"out_hidden_size": WIDTH, "deepstack_visual_indexes": [0, 1], "num_position_embeddings": 64}
    text = text_sizes() | {"num_key_value_heads": 2, "head_dim": 16}
    text["rope_scaling"] = {"rope_type": "default", "mrope_section": [4, 2, 2], "mrope_interleaved": True}
    config = Qwen3VLConfig(vision_config=vision, text_config=text, image_token_id=1)
    return Qwen3VLForConditionalGeneration(config), *native(6, 10, 8)


def native(height: int, width: int, patch: int):
    inputs = {"pixel_values": torch.rand(height * width, 3 * 2 * patch * patch)}
    inputs["image_grid_thw"] = torch.tensor([[1, height, width]])
    return PictureLayout(1, height * width // 4, height * width, (1, height, width)), inputs


def text_sizes() -> dict:
    sizes = {"hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "vocab_size": 90}
    return sizes | {"intermediate_size": MLP, "pad_token_id": 0, "bos_token_id": None, "eos_token_id": None}


FAMILIES = [internvl, llava, qwen2_5_vl, qwen3_vl]
TRAINED = [("projector",), ("projector", "vision"), ("projector", "language"), ("vision", "projector", "language")]


def part_of(name: str) -> str:
    if "projector" in name or "merger" in name:
        return "projector"
    return "vision" if "visi" in name or "visual" in name else "language"


def counted(make, trains: tuple[str, ...]) -> tuple[float, float, float, float]:
    """What torch counts forward and in all, and what we do; torch's attention computes pairs that are masked too."""
    torch.manual_seed(0)
    model, layout, inputs = make()
    model.set_attn_implementation("eager")
    for name, weight in model.named_parameters():
        weight.requires_grad_(part_of(name) in trains)
    tokens = torch.cat([torch.tensor([5, 6]), torch.full((layout.tokens,), 1), torch.arange(10, 34)])[None]
    if layout.grid is not None:
        inputs["mm_token_type_ids"] = (tokens == 1).long()
    with FlopCounterMode(display=False) as counter:
        loss = model(input_ids=tokens, use_cache=False, **inputs).logits.sum()
        forward = counter.get_total_flops()
        loss.backward()
    length = tokens.shape[1]
    costs = read_costs(model)
    work = costs.see([layout]) + Work(tokens=length, pairs=length**2, labels=length)
    return (
        forward,
        counter.get_total_flops(),
        sum(costs.forward(work).values()),
        sum(costs.training(work, trains).values()),
    )


@pytest.mark.parametrize("trains", TRAINED, ids="+".join)
@pytest.mark.parametrize("make", FAMILIES)
def test_operations_equal_those_that_torch_counts(make, trains):
    theirs, theirs_all, ours, ours_all = counted(make, trains)
    assert ours == pytest.approx(theirs, rel=0.01)
    assert ours_all == pytest.approx(theirs_all, rel=0.02)


@pytest.fixture(scope="module")
def large():
    """InternVL3-8B by its published config, without memory for a weight."""
    text = Qwen2Config(
        hidden_size=3584,
        num_hidden_layers=28,
        num_attention_heads=28,
        num_key_value_heads=4,
        intermediate_size=18944,
        vocab_size=151674,
        tie_word_embeddings=False,
    )
    vision = InternVLVisionConfig(image_size=[448, 448], use_mask_token=False)
    with torch.device("meta"):
        return InternVLForConditionalGeneration(InternVLConfig(vision_config=vision, text_config=text))


@pytest.mark.parametrize(
    "tiles,tokens,tflop", [(1, 656, 28.8), (2, 912, 40.6), (4, 1424, 64.5), (7, 2192, 100.9), (13, 3728, 175.9)]
)
def test_the_published_shape_gives_the_known_cost_of_a_sample(large, tiles, tokens, tflop):
    costs = read_costs(large)
    work = costs.see([PictureLayout(tiles, 256 * tiles, 1024 * tiles)])
    work += Work(tokens=tokens, pairs=count_pairs([(tokens, 0)]), labels=tokens)
    assert sum(costs.training(work, ["projector", "language"]).values()) / 1e12 == pytest.approx(tflop, rel=0.005)


def test_a_tile_costs_little_in_a_frozen_encoder(large):
    costs = read_costs(large)
    tile = costs.see([PictureLayout(1, 256, 1024)])
    assert costs.training(tile, ["language"])["vision"] / 1e12 == pytest.approx(0.72, rel=0.02)
    read = tile + Work(tokens=256, labels=256)
    assert sum(costs.training(read, ["projector", "language"]).values()) / 1e12 == pytest.approx(11.6, rel=0.02)


def test_an_adapter_spares_the_gradients_of_the_weights(large):
    costs = read_costs(large)
    work = Work(tokens=1000, pairs=count_pairs([(1000, 0)]), labels=100)
    whole, adapter = costs.training(work, ["language"]), costs.training(work, ["language"], lora_rank=16)
    forward = costs.forward(work)
    assert adapter["language"] == pytest.approx(2 * forward["language"], rel=0.05)
    assert whole["language"] == pytest.approx(3 * forward["language"], rel=1e-6)
    weights = 16 * sum(
        sum(module.weight.shape)
        for name, module in large.named_modules()
        if "language_model" in name and hasattr(module, "in_features")
    )
    assert costs.lora_per_rank * 16 == 2 * weights


def test_pairs_are_those_of_paths():
    assert count_pairs([(3, 0)]) == 6
    assert count_pairs([(3, 0), (2, 3), (2, 3)]) == 6 + 2 * (2 * 3 + 3)


def test_peaks_are_known_by_name():
    assert peak_tflops("NVIDIA H200") == 989 and peak_tflops("NVIDIA A100-SXM4-80GB") == 312
    assert peak_tflops("cpu") is None
