"""What a model computes, from its config alone: floating-point operations by part, forward and backward.

A multiplication with its addition counts as two operations. Counted are the matrix products and nothing else (norms,
activations, softmax and look-ups are under a hundredth of a large model):

- a linear layer of ``n`` weights: ``2 n`` for each row that goes through it. Rows are patches (and class tokens) in the
  vision encoder, visual tokens in the projector, tokens in the language model, predicted tokens in its head;
- attention: ``4 x heads x width of a head`` for each pair of a query and a key it sees, in each layer. Pairs are
  counted exactly: a token sees the tokens before it on its path, a patch its tile, its picture or its window.

Backward, a product costs as much again for the gradient of its weights, where they train, and as much again for the
gradient of its input, where anything before it trains; attention has no weights and costs twice its forward. So a part
that trains costs 3, a frozen part that gradients pass through 2 (attention 3), a frozen part before all that trains 1.
LoRA trains rank x (in + out) weights beside each linear layer. What activation checkpointing computes again is no work
of the model: :meth:`Costs.recompute` counts it apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from gmai.models.families import family_of
from gmai.models.layouts import PictureLayout

CostPart = str
"""``vision``, ``projector``, ``language``, ``head``."""

_OWNER = {"patch": "vision", "head": "language"}
"""Whose weights the first and the last product have."""

PEAK_TFLOPS: dict[str, float] = {"H200": 989, "H100": 989, "H800": 989, "A100": 312, "A800": 312, "L40S": 362}
"""Dense bfloat16 operations per second that the makers state, by a word of the device's name, in 10^12."""


@dataclass(frozen=True, slots=True)
class Work:
    """Rows that go through a model; adds up."""

    tokens: int = 0
    """Tokens the language model reads, visual ones among them."""
    pairs: int = 0
    """(query, key) pairs of the language model's attention in one layer."""
    labels: int = 0
    """Tokens predicted: the head runs there alone."""
    visual: int = 0
    """Visual tokens the projector makes."""
    patches: int = 0
    """Patches cut from pictures."""
    rows: int = 0
    """Rows of the vision encoder: patches and class tokens."""
    sights: int = 0
    """(query, key) pairs of the vision encoder's attention, all layers together."""

    def __add__(self, other: Work) -> Work:
        return Work(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Work)))

    def __mul__(self, times: int) -> Work:
        return Work(*(getattr(self, one.name) * times for one in fields(Work)))


def count_pairs(blocks: Iterable[tuple[int, int]]) -> int:
    """(query, key) pairs of a path attention.

    Args:
        blocks: for each block, its tokens and the tokens above it.
    """
    return sum(length * above + length * (length + 1) // 2 for length, above in blocks)


@dataclass(frozen=True)
class Costs:
    """Operations of one row of each kind, forward; made by :func:`read_costs`."""

    token: float
    pair: float
    label: float
    visual: float
    patch: float
    row: float
    sight: float
    class_rows: int
    """Rows a tile has besides its patches."""
    vision_layers: int
    whole_layers: tuple[int, ...] | None
    """Layers that see the whole picture, where the others see windows."""
    window: int
    """Side of a window in merged patches."""
    merge: int
    """Patches along a side that become one visual token, where pictures are taken whole."""
    idle_share: float
    """Share of the vision encoder's layers whose result nobody uses: computed forward, never gone back through."""
    lora_per_rank: float
    """Operations of a rank-one adapter on every linear layer of the language model, per token."""

    def see(self, pictures: Iterable[PictureLayout]) -> Work:
        """The work of pictures, from their layouts."""
        total = Work()
        for picture in pictures:
            rows = picture.patches + picture.tiles * self.class_rows
            total += Work(0, 0, 0, picture.tokens, picture.patches, rows, self._sights(picture))
        return total

    def forward(self, work: Work) -> dict[CostPart, float]:
        """Operations by part."""
        return {part: linear + pairs for part, (linear, pairs) in self._pieces(work).items()}

    def training(self, work: Work, trains: Collection[str], lora_rank: int = 0) -> dict[CostPart, float]:
        """Operations by part, forward and backward, if these parts train; recomputing is not in it.

        Args:
            work: what goes through.
            trains: of ``vision``, ``projector`` and ``language``.
            lora_rank: the language model itself is frozen and has adapters of this rank.
        """
        own = set(trains) - ({"language"} if lora_rank else set())
        costs: dict[CostPart, float] = {}
        reached = False
        for part, (linear, pairs) in self._pieces(work).items():
            learns = _OWNER.get(part, part) in own
            adapted = bool(lora_rank) and part == "language"
            reached_before, reached = reached, reached or learns or adapted
            # Inside a part that trains every layer's input has a gradient; the picture itself has none.
            inputs = reached_before or ((learns or adapted) and part != "patch")
            back = linear * (learns + inputs) + pairs * (2 if reached else 0)
            costs[part] = linear + pairs + back * (1 - self.idle_share if part == "vision" else 1)
        costs["vision"] += costs.pop("patch")
        costs["language"] += 3 * lora_rank * self.lora_per_rank * work.tokens
        return costs

    def recompute(self, work: Work, trains: Collection[str]) -> float:
        """Operations that activation checkpointing does a second time: the layers gradients come back through."""
        pieces = {part: sum(both) for part, both in self._pieces(work).items()}
        return pieces["language"] + (pieces["vision"] if "vision" in trains else 0.0)

    def _pieces(self, work: Work) -> dict[CostPart, tuple[float, float]]:
        return {
            "patch": (self.patch * work.patches, 0.0),
            "vision": (self.row * work.rows, self.sight * work.sights),
            "projector": (self.visual * work.visual, 0.0),
            "language": (self.token * work.tokens, self.pair * work.pairs),
            "head": (self.label * work.labels, 0.0),
        }

    def _sights(self, picture: PictureLayout) -> int:
        if picture.grid is None:
            rows = picture.patches // max(1, picture.tiles) + self.class_rows
            return self.vision_layers * picture.tiles * rows * rows
        frames, height, width = picture.grid
        whole = frames * (height * width) ** 2
        if self.whole_layers is None:
            return self.vision_layers * whole
        windows = frames * _window_pairs(height // self.merge, width // self.merge, self.window) * self.merge**4
        return len(self.whole_layers) * whole + (self.vision_layers - len(self.whole_layers)) * windows


def read_costs(model: Any) -> Costs:
    """Costs of a transformers image-text-to-text model; one without memory (on the meta device) will do."""
    linear: dict[str, float] = dict.fromkeys(("patch", "row", "visual", "token", "label"), 0.0)
    lora = 0.0
    for name, module in model.named_modules():
        weight = module._parameters.get("weight")  # its own: an adapter around a layer shows the layer's as well
        if weight is None or weight.dim() < 2 or type(module).__name__ == "Embedding":
            continue
        unit = _unit(name, weight.dim())
        if unit:
            linear[unit] += 2.0 * weight.numel()
        if unit == "token":
            lora += 2.0 * sum(weight.shape)
    vision, text = model.config.vision_config, model.config.get_text_config()
    layers = _first(vision, "num_hidden_layers", "depth")
    whole = getattr(vision, "fullatt_block_indexes", None)
    merge = getattr(vision, "spatial_merge_size", 1)
    patch = family_of(model).patch_px(model.config)
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return Costs(
        **linear,
        pair=4.0 * head * text.num_attention_heads * text.num_hidden_layers,
        sight=4.0 * vision.hidden_size,
        class_rows=_class_rows(model),
        vision_layers=layers,
        whole_layers=None if whole is None else tuple(index for index in whole if index < layers),
        window=getattr(vision, "window_size", 0) // merge // patch,
        merge=merge,
        idle_share=_idle(model.config, layers) / layers,
        lora_per_rank=lora,
    )


def peak_tflops(device: str) -> float | None:
    """The stated bfloat16 peak of a device by its name, in 10^12 operations per second; None where none is known."""
    return next((peak for word, peak in PEAK_TFLOPS.items() if word in device), None)


def _unit(name: str, dimensions: int) -> str | None:
    """What a weight's product runs over."""
    if ".lora_" in name:
        return None  # counted by the rank, whether adapters are there yet or not
    if name.startswith("lm_head"):
        return "label"
    if ".language_model." in name:
        return "token"
    if "projector" in name or "merger" in name:
        return "visual"
    if ".head." in name:
        return None  # SigLIP's pooling, one row a picture, whose result nobody uses
    return "patch" if dimensions > 2 else "row"


def _class_rows(model: Any) -> int:
    rows = 0
    for name, weight in model.named_parameters():
        last = name.rsplit(".", 1)[-1]
        if last in {"cls_token", "class_embedding"}:
            rows += 1
        elif last == "register_tokens":
            rows += weight.shape[1]
    return rows


def _idle(config: Any, layers: int) -> int:
    """Last layers of the vision encoder that come after the one whose states are taken."""
    taken = getattr(config, "vision_feature_layer", -1)
    if not isinstance(taken, int):
        return 0
    return -1 - taken if taken < 0 else layers - taken


def _window_pairs(height: int, width: int, side: int) -> int:
    """Pairs of merged patches in windows of ``side``, those at the edges smaller."""

    def cuts(length: int) -> Sequence[int]:
        return [side] * (length // side) + ([length % side] if length % side else [])

    return sum((tall * wide) ** 2 for tall in cuts(height) for wide in cuts(width))


def _first(config: Any, *names: str) -> int:
    return next(int(getattr(config, name)) for name in names if getattr(config, name, None) is not None)
