"""What a model folder holds, told from its config and the heads of its files; no weight is read."""

from __future__ import annotations

from collections import Counter
from math import prod
from pathlib import Path
from typing import Any

from gmai.base import to_dict
from gmai.models.card_head import licence_of, read_card_head
from gmai.models.contract import VisualContract
from gmai.models.families import find_family
from gmai.models.families.family import Part
from gmai.models.loaded import find_contract, find_model_folder
from gmai.models.parts import PARTS, part_of
from gmai.models.weights import Weights
from gmai.types import record

SIZES = ((448, 448), (1024, 768), (512, 2048), (3000, 2000))
"""Width and height of the pictures whose tokens are told."""


@record
class PartInfo:
    """One part of a model."""

    parameters: int
    tensors: int
    types: dict[str, int]
    """Parameters by the type of their numbers."""


@record
class PictureInfo:
    """What a picture of some size takes."""

    width: int
    height: int
    tiles: int
    tokens: int
    patches: int


@record
class ModelInfo:
    """What a model folder holds."""

    folder: str
    family: str
    architecture: str
    parts: dict[str, PartInfo]
    parameters: int
    bytes: int
    tied: bool
    """Whether the head is the table of embeddings."""
    context: int
    """Most tokens of a row."""
    contract: dict[str, Any]
    contract_hash: str
    pictures: tuple[PictureInfo, ...]
    licence: str
    """As its card says; ``unknown`` without one."""


def describe_model(path: Path) -> ModelInfo:
    """Describe a model folder, or the model of a run.

    Raises:
        ModelError: none is there, or one of no known family.
    """
    from transformers import AutoConfig

    folder = find_model_folder(path)
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    family = find_family(config.model_type)
    contract = find_contract(folder, config)
    parts = _parts(Weights(folder))
    return ModelInfo(
        folder=str(folder),
        family=family.name,
        architecture=next(iter(config.architectures or ()), ""),
        parts={name: parts[name] for name in PARTS},
        parameters=sum(part.parameters for part in parts.values()),
        bytes=sum(file.stat().st_size for file in folder.glob("*.safetensors")),
        tied=bool(config.tie_word_embeddings),
        context=int(config.get_text_config().max_position_embeddings),
        contract=to_dict(contract),
        contract_hash=contract.hash,
        pictures=tuple(_picture(contract, *size) for size in SIZES),
        licence=licence_of(read_card_head(folder)),
    )


def _parts(weights: Weights) -> dict[Part, PartInfo]:
    tensors: Counter[Part] = Counter()
    types: dict[Part, Counter[str]] = {part: Counter() for part in PARTS}
    for name in weights.places:
        part = part_of(name)
        tensors[part] += 1
        types[part][weights.kind(name)] += prod(weights.shape(name))
    return {
        part: PartInfo(parameters=types[part].total(), tensors=tensors[part], types=dict(types[part])) for part in PARTS
    }


def _picture(contract: VisualContract, width: int, height: int) -> PictureInfo:
    seen = contract.layout(width, height)
    return PictureInfo(width=width, height=height, tiles=seen.tiles, tokens=seen.tokens, patches=seen.patches)
