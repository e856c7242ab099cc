"""Picture processors as published checkpoints set them, and pictures to hold them against."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
HALF = ([0.5] * 3, [0.5] * 3)


@dataclass(frozen=True)
class Published:
    """The picture processor of one checkpoint."""

    family: str
    config: str
    """Class of its config, whose defaults have the sizes of the published model."""
    processor: str
    """Class of the picture processor, without the ending of its Pillow form."""
    settings: dict[str, Any]
    call: dict[str, Any]
    """What the whole processor of the family says when it calls it."""


def _colours(pair: tuple[list[float], list[float]]) -> dict[str, Any]:
    return {"image_mean": pair[0], "image_std": pair[1]}


_CUT = {"size": {"shortest_edge": 336}, "crop_size": {"height": 336, "width": 336}, **_colours(CLIP)}
PUBLISHED = {
    "InternVL3-8B-hf": Published(
        "internvl",
        "InternVLConfig",
        "GotOcr2ImageProcessor",
        {"size": {"height": 448, "width": 448}, "min_patches": 1, "max_patches": 12, **_colours(IMAGENET)},
        {"crop_to_patches": True},
    ),
    "InternVL, at most 4 tiles of 56": Published(
        "internvl",
        "InternVLConfig",
        "GotOcr2ImageProcessor",
        {"size": {"height": 56, "width": 56}, "min_patches": 1, "max_patches": 4, **_colours(IMAGENET)},
        {"crop_to_patches": True},
    ),
    "llava-1.5-7b-hf": Published("llava", "LlavaConfig", "CLIPImageProcessor", _CUT, {}),
    "LLaVA, padded": Published("llava", "LlavaConfig", "LlavaImageProcessor", {**_CUT, "do_pad": True}, {}),
    "LLaVA with SigLIP": Published(
        "llava",
        "LlavaConfig",
        "SiglipImageProcessor",
        {"size": {"height": 336, "width": 336}, **_colours(HALF)},
        {},
    ),
    "Qwen2.5-VL-7B-Instruct": Published(
        "qwen2_5_vl",
        "Qwen2_5_VLConfig",
        "Qwen2VLImageProcessor",
        {"min_pixels": 3136, "max_pixels": 12845056, "patch_size": 14, **_colours(CLIP)},
        {},
    ),
    "Qwen2.5-VL, at most 100 tokens": Published(
        "qwen2_5_vl",
        "Qwen2_5_VLConfig",
        "Qwen2VLImageProcessor",
        {"min_pixels": 16 * 784, "max_pixels": 100 * 784, "patch_size": 14, **_colours(CLIP)},
        {},
    ),
    "Qwen3-VL-8B-Instruct": Published(
        "qwen3_vl",
        "Qwen3VLConfig",
        "Qwen2VLImageProcessor",
        {"size": {"shortest_edge": 65536, "longest_edge": 16777216}, "patch_size": 16, **_colours(HALF)},
        {},
    ),
}

SIZES = (
    (448, 448), (336, 336), (224, 448), (448, 1344), (100, 100), (37, 53), (512, 512), (700, 300), (640, 480),
    (5, 7), (1, 1), (2, 300), (900, 6), (449, 447), (1100, 1500), (1000, 333), (28, 28), (42, 41), (70, 98),
)  # fmt: skip
"""Width and height: square, of the model's own size, ties between grids, odd, tiny, large, far longer than wide."""


def draw(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A picture with smooth parts, edges and noise."""
    rng = np.random.default_rng([seed, width, height])
    smooth = np.linspace(0, 255, width)[None, :, None] * np.linspace(0.2, 1, height)[:, None, None]
    noise = rng.integers(0, 256, (height, width, 3))
    mixed = np.where(np.arange(width)[None, :, None] % 64 < 32, smooth + noise * 0.1, noise)
    return mixed.clip(0, 255).astype(np.uint8)


def draw_sizes(seed: int, count: int) -> list[tuple[int, int]]:
    """Sizes from tiny to large, of any shape."""
    rng = np.random.default_rng(seed)
    return [tuple(int(side) for side in np.exp(rng.uniform(np.log(2), np.log(1400), 2))) for _ in range(count)]


def as_pillow(pictures: list[np.ndarray]) -> list[Image.Image]:
    return [Image.fromarray(picture) for picture in pictures]
