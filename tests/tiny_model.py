"""The smallest model that tests load and ask."""

from collections.abc import Sequence

import torch

from gmai.models import LoadedModel, TinyShape, make_tiny

SHAPE = TinyShape(
    image_px=32,
    patch_px=8,
    vision_width=32,
    vision_layers=1,
    vision_mlp=48,
    language_width=32,
    language_layers=1,
    language_mlp=48,
    heads=2,
    vocabulary=400,
)


def make_model(texts: Sequence[str], shape: TinyShape = SHAPE, seed: int = 0, family: str = "internvl") -> LoadedModel:
    """Random weights, the last norm's too: else tied weights make the model repeat its last token for ever."""
    made = make_tiny(shape, texts, seed=seed, family=family)
    with torch.no_grad():
        made.model.model.language_model.norm.weight.normal_(generator=torch.Generator().manual_seed(3))
    return made
