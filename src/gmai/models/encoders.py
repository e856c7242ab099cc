"""Vision encoders as folders have them, alone or inside another model, and how their pictures are prepared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from gmai.errors import ModelError
from gmai.models.contract import VisualContract
from gmai.models.families import FAMILIES
from gmai.models.families.processors import CLIP, find_processor
from gmai.models.loaded import open_whole

_HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_COLOURS = {"clip": CLIP, "siglip": _HALF, "dinov2": _IMAGENET, "internvl": _IMAGENET}
"""Mean and deviation with which encoders were trained, where a folder has no processor."""
_WHOLE = {"clip": "clip_vision_model", "siglip": "siglip_vision_model", "internvl": "internvl_vision"}
"""Models that have an encoder, and its type."""


@dataclass(frozen=True)
class Encoder:
    """A vision encoder, ready to be put into a model."""

    tower: Any
    config: Any
    processor: Mapping[str, Any] | None
    """What its folder says of preparing pictures."""
    kind: str
    """clip, siglip, dinov2 or internvl."""

    @property
    def layout(self) -> Literal["llava", "internvl"]:
        """The layout it is for."""
        return "internvl" if self.kind == "internvl" else "llava"

    @property
    def class_token(self) -> bool:
        """Whether the first of its outputs stands for the whole picture."""
        return self.kind != "siglip"

    @property
    def image_px(self) -> int:
        """Side of its pictures."""
        if self.kind == "dinov2" and self.processor is not None:
            return _side(self.processor) or _first(self.config.image_size)
        return _first(self.config.image_size)

    @property
    def tokens(self) -> int:
        """Patches of a picture."""
        return (self.image_px // _first(self.config.patch_size)) ** 2

    def contract(self, layout: str, config: Any, squaring: str, max_tiles: int) -> VisualContract:
        """The visual contract of a model with this encoder.

        Raises:
            ModelError: the encoder's processor makes pictures that it does not take.
        """
        if layout == "internvl":
            mean, std = self._colours()
            return VisualContract(
                kind="tiles" if max_tiles > 1 else "square",
                image_px=self.image_px,
                tokens_per_image=config.image_seq_length,
                max_tiles=max_tiles,
                patch_px=_first(self.config.patch_size),
                mean=mean,
                std=std,
            )
        if self.processor is not None:
            made = FAMILIES.get("llava").contract(config, self.processor)
        else:
            mean, std = self._colours()
            made = VisualContract(image_px=self.image_px, tokens_per_image=self.tokens, mean=mean, std=std)
        if made.image_px != self.image_px:
            what = f"the processor makes pictures of {made.image_px} px, the encoder takes {self.image_px}"
            raise ModelError(what, reason="model.contract")
        more: dict[str, Any] = {"squaring": squaring} if squaring else {}
        return replace(made, patch_px=_first(self.config.patch_size), **more)

    def _colours(self) -> Any:
        said = self.processor or {}
        if said.get("image_mean") and said.get("image_std"):
            return tuple(said["image_mean"]), tuple(said["image_std"])
        return _COLOURS[self.kind]


def open_encoder(folder: Path, feature_layer: int) -> Encoder:
    """Open the encoder of a folder, float32.

    Args:
        folder: of the encoder, or of a model that has one.
        feature_layer: the layer that is to be seen.

    Raises:
        ModelError: a kind that cannot be used, or weights that are not all there.
    """
    from transformers import AutoConfig

    whole = AutoConfig.from_pretrained(folder, local_files_only=True)
    config = whole.vision_config if whole.model_type in _WHOLE else whole
    kinds = {**{kind: name for name, kind in _WHOLE.items()}, "dinov2": "dinov2"}
    if config.model_type not in kinds:
        what = f"no encoder of type {config.model_type!r} is known; known: {', '.join(sorted(kinds))}"
        raise ModelError(what, where=str(folder), reason="model.parts")
    kind = kinds[config.model_type]
    if not -config.num_hidden_layers <= feature_layer <= -1:
        what = f"the encoder has {config.num_hidden_layers} layers, none is {feature_layer}"
        raise ModelError(what, where="feature_layer", reason="model.parts")
    tower = _load(folder, whole)
    if kind == "siglip":
        _drop_head(tower)
    return Encoder(tower.eval(), tower.config, find_processor(folder), kind)


def _load(folder: Path, whole: Any) -> Any:
    """The encoder with its weights; ``whole`` is the folder's config."""
    import torch
    from transformers import AutoModel

    model = open_whole(AutoModel, folder, "the encoder", config=whole, dtype=torch.float32)
    if whole.model_type not in _WHOLE:
        return model
    return model.vision_tower if hasattr(model, "vision_tower") else model.vision_model


def _drop_head(tower: Any) -> None:
    """Leave out what sums a whole picture up: nothing of it is seen by a language model."""
    tower.config.vision_use_head = False
    tower.use_head = False
    if hasattr(tower, "head"):
        del tower.head


def _side(processor: Mapping[str, Any]) -> int:
    """Side of the square that a processor makes; 0 if it does not tell."""
    size = processor.get("crop_size") if processor.get("do_center_crop") else processor.get("size")
    if isinstance(size, int):
        return size
    return int(next(iter((size or {}).values()), 0))


def _first(size: Any) -> int:
    return int(size if isinstance(size, int) else size[0])
