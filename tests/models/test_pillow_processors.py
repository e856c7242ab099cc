"""Beside transformers' processors that need no torchvision: equal counts and grids, pixels up to Pillow's rounding."""

import importlib

import pytest
import torch
import transformers

from gmai.models import FAMILIES
from processors import PUBLISHED, SIZES, as_pillow, draw

FILES = {
    "GotOcr2ImageProcessor": "got_ocr2",
    "CLIPImageProcessor": "clip",
    "LlavaImageProcessor": "llava",
    "SiglipImageProcessor": "siglip",
    "Qwen2VLImageProcessor": "qwen2_vl",
}


@pytest.fixture(scope="module", params=list(PUBLISHED))
def pair(request):
    told = PUBLISHED[request.param]
    room = FILES[told.processor]
    module = importlib.import_module(f"transformers.models.{room}.image_processing_pil_{room}")
    processor = getattr(module, f"{told.processor}Pil")(**told.settings)
    config = getattr(transformers, told.config)()
    return processor, told.call, FAMILIES.get(told.family).contract(config, processor.to_dict())


def levels(pair, size):
    """How far values are apart, in steps of a byte."""
    processor, call, contract = pair
    picture = draw(*size)
    theirs = processor(images=as_pillow([picture]), return_tensors="pt", **call)
    ours = contract.pixels([picture])
    assert ours["pixel_values"].shape == theirs["pixel_values"].shape
    if "image_grid_thw" in ours:
        assert torch.equal(ours["image_grid_thw"], theirs["image_grid_thw"])
    return (ours["pixel_values"] - theirs["pixel_values"]).abs_().mul_(255 * sum(contract.std) / 3)


def test_a_picture_of_the_model_s_size_becomes_the_same_numbers(pair):
    contract = pair[2]
    side = contract.image_px or 10 * contract.patch_px * contract.merge
    assert levels(pair, (side, side)).max() < 1e-4


@pytest.mark.parametrize("size", [size for size in SIZES if max(size) <= 720], ids=lambda size: f"{size[0]}x{size[1]}")
def test_resized_pictures_differ_by_rounding_only(pair, size):
    """Pillow resizes rows or columns first, whichever is cheaper, torch always rows; both keep bytes in between, so a
    few values at hard edges differ by more than rounding."""
    found = levels(pair, size)
    assert found.mean() < 0.5
    assert (found > 2.5).float().mean() < (0.02 if max(size) < 20 * min(size) else 0.05)
    assert found.max() < 32
