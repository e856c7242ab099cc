"""A very small model and a few questions, shared by the tests of this folder."""

import numpy as np
import pytest
import torch

from gmai.models import LoadedModel, OptionItem, TinyShape, make_tiny

SHAPE = TinyShape(
    image_px=32,
    patch_px=8,
    vision_width=32,
    vision_layers=1,
    vision_mlp=48,
    language_width=32,
    language_layers=2,
    language_mlp=48,
    heads=2,
    vocabulary=400,
    context=256,
)
TEXTS = [
    "Which finding does this X-ray picture show? A: nodule B: effusion C: mass D: none",
    "Where is the nodule? A: upper-left B: upper-right C: lower-left D: lower-right",
    "upper-left",
    "This is an X-ray picture. The finding is nodule.",
] * 3


@pytest.fixture(scope="session")
def shape() -> TinyShape:
    return SHAPE


@pytest.fixture(scope="session")
def texts() -> list[str]:
    return TEXTS


@pytest.fixture(scope="session")
def loaded() -> LoadedModel:
    """Random weights, the last norm's too: else tied weights make the model repeat its last token for ever."""
    made = make_tiny(SHAPE, TEXTS, seed=3)
    with torch.no_grad():
        made.model.model.language_model.norm.weight.normal_(generator=torch.Generator().manual_seed(3))
    return made


@pytest.fixture(scope="session")
def items() -> list[OptionItem]:
    rng = np.random.default_rng(0)
    options = ("nodule", "upper-left effusion", "mass", "none at all", "nodule")
    sizes = [(32, 32), (40, 25), (64, 64)]
    pictures = [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]
    return [
        OptionItem((pictures[0],), "Which finding?", options[:4]),
        OptionItem((), "Where is the nodule? A: upper-left B: upper-right", ("upper-left", "upper-right")),
        OptionItem((pictures[1],), "Which finding does this picture show, please?", options),
        OptionItem((pictures[2],), "Where?", ("a", "b", "c")),
    ]
