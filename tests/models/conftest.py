"""A very small model and a few questions, shared by the tests of this folder."""

from dataclasses import replace

import numpy as np
import pytest

from gmai.models import FAMILIES, LoadedModel, OptionItem, TinyShape
from tiny_model import SHAPE, make_model

MODEL_SHAPE = replace(SHAPE, language_layers=2, context=256)
TEXTS = [
    "Which finding does this X-ray picture show? A: nodule B: effusion C: mass D: none",
    "Where is the nodule? A: upper-left B: upper-right C: lower-left D: lower-right",
    "upper-left",
    "This is an X-ray picture. The finding is nodule.",
] * 3


@pytest.fixture(scope="session")
def shape() -> TinyShape:
    return MODEL_SHAPE


@pytest.fixture(scope="session")
def texts() -> list[str]:
    return TEXTS


@pytest.fixture(scope="session")
def loaded() -> LoadedModel:
    return make_model(TEXTS, MODEL_SHAPE, seed=3)


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


@pytest.fixture(scope="session", params=FAMILIES.names())
def any_loaded(request) -> LoadedModel:
    """A very small model of each family; where the family tiles, with tiles."""
    return make_model(
        TEXTS, replace(MODEL_SHAPE, max_tiles=6, context=1024, vision_layers=2), seed=5, family=request.param
    )
