"""Reading and writing ``preprocessor_config.json``: what picture processors do, as far as contracts go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gmai.base import read_json
from gmai.errors import ModelError

if TYPE_CHECKING:
    from gmai.models.contract import VisualContract

_FILTERS: dict[int, Literal["bicubic", "bilinear"]] = {2: "bilinear", 3: "bicubic"}
"""Pillow's numbers."""
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
"""Mean and deviation of CLIP."""


def find_processor(folder: Path) -> dict[str, Any] | None:
    """What a folder says of preparing pictures, in a file of its own or as part of the whole processor's."""
    for name in ("preprocessor_config.json", "processor_config.json"):
        if (folder / name).exists():
            content: dict[str, Any] = read_json(folder / name)
            found: dict[str, Any] | None = content.get("image_processor")
            if found is not None:
                return found
            if "image_mean" in content or "size" in content:
                return content
    return None


def check_steps(processor: Mapping[str, Any]) -> None:
    """Refuse a processor that leaves out or adds a step.

    Raises:
        ModelError: such a processor.
    """
    for step in ("do_resize", "do_rescale", "do_normalize"):
        if not processor.get(step, True):
            raise ModelError(f"the picture processor has {step} off", reason="model.contract")
    factor = processor.get("rescale_factor", 1 / 255)
    if abs(factor * 255 - 1) > 1e-6:
        raise ModelError(f"the picture processor rescales by {factor}, not by 1/255", reason="model.contract")


def read_colours(processor: Mapping[str, Any]) -> dict[str, Any]:
    """Mean and deviation; those of CLIP where the file does not tell."""
    return {
        "mean": tuple(processor.get("image_mean") or CLIP[0]),
        "std": tuple(processor.get("image_std") or CLIP[1]),
    }


def read_resample(processor: Mapping[str, Any]) -> Literal["bicubic", "bilinear"]:
    """The filter for other sizes.

    Raises:
        ModelError: one that contracts do not have.
    """
    number = int(processor.get("resample", 3))
    if number not in _FILTERS:
        raise ModelError(f"the picture processor resizes by filter {number}", reason="model.contract")
    return _FILTERS[number]


def size_of(processor: Mapping[str, Any], name: str = "size") -> int:
    """Side of the square a processor makes.

    Raises:
        ModelError: it makes no square.
    """
    size = processor.get(name)
    if isinstance(size, int):
        return size
    sides = {int(value) for value in (size or {}).values()}
    if len(sides) != 1:
        raise ModelError(f"the picture processor's {name} is {size}, no square", reason="model.contract")
    return sides.pop()


def write_colours(contract: VisualContract) -> dict[str, Any]:
    """The steps that all processors have."""
    return {
        "do_convert_rgb": True,
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": True,
        "rescale_factor": 1 / 255,
        "image_mean": list(contract.mean),
        "image_std": list(contract.std),
        "resample": next(number for number, name in _FILTERS.items() if name == contract.resample),
    }
