"""A recipe: which stage, on what data, from which weights, for how long. Every setting of training is here."""

from dataclasses import field
from pathlib import Path
from typing import Literal

from pydantic import PositiveInt

from gmai.train.data import BatchConfig, FeedConfig, SetConfig
from gmai.train.sets import MixtureConfig
from gmai.train.watching import CheckConfig, WatchConfig
from gmai.types import record

StageName = Literal["text", "vision", "projector", "projector+vision", "projector+language", "all", "lora"]
Group = Literal["vision", "projector", "language", "lora", "heads"]
Parallel = Literal["none", "ddp", "fsdp2"]
Device = Literal["auto", "cpu", "cuda"]


@record
class InitConfig:
    """The weights training starts from; a run folder or a model folder each."""

    model: Path
    """The whole model: sizes, tokenizer, visual contract and weights."""
    language: Path | None = None
    """Take the language model's weights from here instead."""
    vision: Path | None = None
    """Take the vision encoder's weights from here instead."""
    projector: Path | None = None
    """Take the projector's weights from here instead."""


@record
class OptimConfig:
    """AdamW with warm-up and cosine decay."""

    kind: Literal["adamw", "adamw8bit", "adamw-bf16-stochastic"] = "adamw"
    """How weights and running means are kept: both in fp32; weights in fp32 and means in 8 bits; both in bf16, rounded
    by chance. A weight with its means takes 12, 6 and 6 bytes, its gradient 4, 4 and 2 more. Gradients of bf16 weights
    add up over packs in bf16; with ``parallel: fsdp2`` in fp32, unless ``scale.reduce_every_pack``."""
    lr: float = 1e-3
    """Highest learning rate."""
    rates: dict[Group, float] = field(default_factory=dict)
    """Highest learning rate of a group of weights, if not ``lr``."""
    betas: tuple[float, float] = (0.9, 0.98)
    """Decay of the two running means."""
    weight_decay: float = 0.01
    """Decoupled weight decay."""
    clip: float = 1.0
    """Largest norm of the gradient of all trained weights together."""
    warmup_steps: int = 15
    """Steps in which the rate rises linearly."""
    warmup_share: float = 0.0
    """Share of all steps in which the rate rises, instead of ``warmup_steps``; 0: see there."""
    final_share: float = 0.05
    """Share of the highest rate that is left at the last step."""


@record
class RowConfig:
    """What of a picture's conversations one row holds.

    A name is a question kind, or ``choice`` or ``open`` (with or without lettered options), or a subset.
    """

    questions: int | None = 2
    """Conversations drawn for one row, besides those with a chance of their own; null takes all."""
    chances: dict[str, float] = field(default_factory=lambda: {"caption": 0.5, "modality": 0.2})
    """Chance that one conversation of this name is added to a row."""
    weights: dict[str, float] = field(default_factory=lambda: {"caption": 0.15})
    """Weight of a conversation's tokens in the loss, if not 1."""
    shares: dict[str, float] = field(default_factory=dict)
    """Share of rows by what is seen: image, box, mask, contour, text (no picture); empty takes them as they come."""
    max_gap: int = 12
    """Stage ``text``: up to so many positions are left free after the caption, which is shorter than a picture."""


@record
class PictureConfig:
    """How pictures are varied and kept."""

    gain: float = 0.15
    """Contrast is multiplied by 1 ± up to this much."""
    level: float = 0.15
    """Brightness is moved by up to this much, in the visual contract's units."""
    shift_px: int = 2
    """Pictures are moved by up to so many pixels along both axes; their edges are repeated."""
    cache_mb: int = 512
    """Memory for decoded pictures; the rest is decoded when needed. Changes nothing but speed."""


@record
class HeadsConfig:
    """Stage ``vision``: the throw-away heads that teach the encoder what annotations say."""

    kinds: tuple[str, ...] = ("modality", "finding", "location", "grade")
    """Facts the heads are taught, where a picture has exactly one of the kind."""
    region_weight: float = 2.0
    """Weight of the region label of each patch in the loss."""
    background_weight: float = 0.25
    """Weight of a patch without a region against one with."""
    cover: float = 0.35
    """A patch belongs to a region that covers at least this share of it."""


@record
class LoraConfig:
    """Stage ``lora``: low-rank weights beside the linear layers of the language model; vision never has any."""

    rank: int = 16
    """Rank of the added product."""
    alpha: float = 32.0
    """The product is scaled by ``alpha / rank``."""
    dropout: float = 0.05
    """Share of inputs that are dropped in training."""


@record
class ScaleConfig:
    """How memory and traffic are saved; changes numbers in their last digits only."""

    gradient_checkpointing: bool = False
    """Keep only what goes into each layer and compute the rest again on the way back."""
    reduce_every_pack: bool = False
    """With ``fsdp2``: gradients are sharded after every pack, which saves memory and costs traffic; else after the
    last pack of a step."""


@record
class TrainConfig:
    """One run of training."""

    stage: StageName
    """Which parts train, on which rows, with which loss; see :data:`gmai.train.stages.STAGES`."""
    corpus: Path | None = None
    """Corpus folder, where one is all there is; else see ``data``."""
    init: InitConfig
    """Weights to start from."""
    out: Path
    """Run folder to write."""
    data: tuple[SetConfig, ...] = ()
    """Sets that are learned from, with their ratios, instead of one ``corpus``."""
    mixture: MixtureConfig | None = None
    """Where ``data`` comes from: a file of sets and ratios; each set is given its corpus by name."""
    skipped_sets: tuple[str, ...] = ()
    """Sets of the mixture that are left out since they have no corpus."""
    steps: int | None = None
    """Updates of the weights; or give ``epochs``."""
    epochs: float | None = None
    """Passes over the data, each set at its ratio; or give ``steps``."""
    batch: BatchConfig = BatchConfig(rows=32)
    """What one update learns from."""
    split: str = "train"
    """Split of ``corpus`` that is learned from."""
    seed: int = 0
    """Seed of every choice: order of rows, questions drawn, variation of pictures, heads."""
    optim: OptimConfig = OptimConfig()
    """Optimizer."""
    rows: RowConfig = RowConfig()
    """Content of rows."""
    pictures: PictureConfig = PictureConfig()
    """Pictures."""
    feed: FeedConfig = FeedConfig()
    """Processes that read pictures, and where row indexes are kept."""
    heads: HeadsConfig = HeadsConfig()
    """Heads of stage ``vision``."""
    lora: LoraConfig = LoraConfig()
    """Added weights of stage ``lora``."""
    parallel: Parallel = "none"
    """Several processes, started by torchrun: ``ddp`` has the whole model in each, ``fsdp2`` a share of it."""
    scale: ScaleConfig = ScaleConfig()
    """Memory and traffic."""
    device: Device = "auto"
    """``auto`` takes a GPU where there is one."""
    precision: Literal["fp32", "bf16"] = "bf16"
    """``bf16`` computes in bfloat16 where that is safe; weights and optimizer stay fp32."""
    threads: int = 2
    """Processor threads; the same number gives the same bytes."""
    checkpoint_every: int = 50
    """Steps between checkpoints of an unfinished run."""
    checkpoints_kept: PositiveInt = 2
    """Newest checkpoints kept."""
    max_rejects: int = 0
    """Unreadable pictures and unusable conversations tolerated; each is counted, none replaced."""
    resume: bool = True
    """Continue a killed run; False empties the output folder first."""
    watch: WatchConfig = WatchConfig()
    """What looks on: loggers, validation, probes."""
    check: CheckConfig = CheckConfig()
    """The proof that packed rows are what single ones are."""
