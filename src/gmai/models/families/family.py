"""What a family of vision-language models has to say of itself; its network is transformers' own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from torch import Tensor

    from gmai.models.contract import VisualContract
    from gmai.models.tiny import TinyShape

Part = Literal["vision", "projector", "language"]


@dataclass(frozen=True)
class Spelling:
    """How a picture is spelled in a prompt."""

    image: str
    """The token that stands for a picture in the chat template, and for each of its visual tokens in a prompt."""
    start: str = ""
    """Put before the visual tokens where the template does not do so itself."""
    end: str = ""
    """Put after them."""


@dataclass(frozen=True)
class TinyPicture:
    """How a tiny model's tokenizer spells a picture."""

    tokens: tuple[str, ...]
    """Special tokens besides those of turns."""
    template: str
    """What the chat template puts for a picture."""
    named: Mapping[str, str]
    """Attributes of the tokenizer that name such tokens."""


@dataclass(frozen=True)
class Features:
    """Visual tokens as the language model takes them, of all pictures one after the other."""

    tokens_ND: Tensor
    deepstack: tuple[Tensor, ...] = ()
    """Added to the states after the first layers, (N, D) each; none for most families."""

    def __len__(self) -> int:
        return len(self.tokens_ND)

    def pick(self, counts: Sequence[int], wanted: Sequence[int]) -> Features:
        """The features of some pictures in the order wanted; ``counts`` are the visual tokens of all of them."""
        import torch

        def chosen(tensor: Tensor) -> Tensor:
            pieces = tensor.split(list(counts))
            return torch.cat([pieces[index] for index in wanted]) if wanted else tensor[:0]

        return Features(chosen(self.tokens_ND), tuple(map(chosen, self.deepstack)))


class Family(ABC):
    """A family: its file says how its pictures are spelled, seen and placed, and which weights are which part."""

    name: ClassVar[str]
    """What ``config.json`` calls its ``model_type``."""
    parts: ClassVar[Mapping[str, Part]] = {
        "model.vision_tower.": "vision",
        "model.multi_modal_projector.": "projector",
        "model.language_model.": "language",
        "lm_head.": "language",
    }
    """Part of the weights whose names begin so; the longest beginning counts."""
    lora_targets: ClassVar[str] = r"model\.language_model\.layers\.\d+\.(self_attn|mlp)\.\w+_proj"
    """Which modules low-rank adapters go to, as one expression over whole names: the language model's linears."""

    @abstractmethod
    def spelling(self, tokenizer: Any) -> Spelling:
        """How a picture is spelled for this tokenizer."""

    @abstractmethod
    def contract(self, config: Any, processor: Mapping[str, Any]) -> VisualContract:
        """The visual contract of a published folder.

        Args:
            config: the model's config.
            processor: content of ``preprocessor_config.json``.

        Raises:
            ModelError: a processor that does something no contract says.
        """

    @abstractmethod
    def processor(self, contract: VisualContract) -> dict[str, Any]:
        """The contract as ``preprocessor_config.json``, for transformers and servers that read it."""

    @abstractmethod
    def processor_class(self, contract: VisualContract, config: Any) -> dict[str, Any]:
        """What ``processor_config.json`` says besides the picture processor."""

    @property
    @abstractmethod
    def tiny_picture(self) -> TinyPicture:
        """How the tokenizer of a tiny model spells a picture."""

    @abstractmethod
    def tiny(self, shape: TinyShape, tokenizer: Any) -> Any:
        """A model of random weights, drawn from torch's generator as it stands."""

    @abstractmethod
    def tiny_contract(self, shape: TinyShape) -> VisualContract:
        """The visual contract of such a model."""

    @abstractmethod
    def encode(self, model: Any, inputs: Mapping[str, Tensor]) -> Features:
        """Visual tokens of at least one picture."""

    @abstractmethod
    def layers(self, model: Any) -> dict[Part, list[Any]]:
        """The repeated layers of the vision encoder and of the language model, to shard and to checkpoint."""

    def features(self, model: Any, inputs: Mapping[str, Tensor]) -> Features:
        """Visual tokens of all pictures.

        Without a picture the encoder and the projector run on a blank of the smallest size, of which nothing is
        kept: no token comes of it, gradients are exactly zero, and processes that train together stay in step.
        """
        if len(inputs["pixel_values"]):
            return self.encode(model, inputs)
        found = self.encode(model, self.blank(model, inputs))
        return Features(found.tokens_ND[:0], tuple(tensor[:0] for tensor in found.deepstack))

    def blank(self, model: Any, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The smallest inputs the vision encoder takes, all zero, shaped like ``inputs``: one square."""
        pixels = inputs["pixel_values"]
        return {"pixel_values": pixels.new_zeros(1, *pixels.shape[1:])}

    def disagreement(self, config: Any, contract: VisualContract) -> str:
        """What of a contract cannot be this model's; empty if nothing."""
        stated = config.image_seq_length
        if stated == contract.tokens_per_image:
            return ""
        return f"the contract says {contract.tokens_per_image} visual tokens per picture, the model {stated}"

    def patch_px(self, config: Any) -> int:
        """Side of a patch of the vision encoder."""
        size = config.vision_config.patch_size
        return int(size if isinstance(size, int) else size[0])

    def tune(self, model: Any) -> Any:
        """The model, made faster without a change to what it says."""
        return model

    def language_options(self, features: Features, visual_BT: Tensor) -> dict[str, Any]:
        """What the language model is given besides embeddings and positions."""
        return {}

    def prompt_inputs(self, tokens_BT: Tensor, image: int) -> dict[str, Tensor]:
        """What the whole model is given besides tokens and pictures."""
        return {}
