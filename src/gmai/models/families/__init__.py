"""The families of vision-language models: what transformers' classes leave open, one small file each."""

from __future__ import annotations

from typing import Any

from gmai.base import Registry
from gmai.errors import ModelError
from gmai.models.families.family import Family

FAMILIES: Registry[Family] = Registry(
    "families",
    {
        "internvl": "gmai.models.families.internvl:INTERNVL",
        "llava": "gmai.models.families.llava:LLAVA",
        "qwen2_5_vl": "gmai.models.families.qwen2_5_vl:QWEN2_5_VL",
        "qwen3_vl": "gmai.models.families.qwen3_vl:QWEN3_VL",
    },
)


def find_family(model_type: str) -> Family:
    """The family of a model by what its ``config.json`` calls itself.

    Raises:
        ModelError: no family takes it.
    """
    if model_type not in FAMILIES.names():
        known = f"known: {', '.join(FAMILIES.names())}"
        raise ModelError(f"no family takes models of type {model_type!r}", fix=known, reason="model.family")
    return FAMILIES.get(model_type)


def family_of(model: Any) -> Family:
    """The family of a model in memory.

    Raises:
        ModelError: no family takes it.
    """
    return find_family(model.config.model_type)
