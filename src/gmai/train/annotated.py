"""The annotation lesson: throw-away heads on the vision encoder learn what annotations say of patches and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from gmai.errors import ConfigError
from gmai.models import LoadedModel, autocast
from gmai.train.lesson import show
from gmai.train.pack import Pack
from gmai.train.recipe import TrainConfig
from gmai.train.targets import BACKGROUND, IGNORE, Targets


class Heads(nn.Module):  # type: ignore[misc]
    """Linear heads: the region label of a patch, each fact at a patch inside a region, each fact of the picture."""

    def __init__(self, width: int, targets: Targets, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            sizes = {kind: len(answers) for kind, answers in sorted(targets.answers.items())}
            self.norm = nn.LayerNorm(width)
            self.region = nn.Linear(width, len(targets.labels) + 1)
            self.inside = nn.ModuleDict({kind: nn.Linear(width, size) for kind, size in sizes.items()})
            self.whole = nn.ModuleDict({kind: nn.Linear(width, size) for kind, size in sizes.items()})


@dataclass(frozen=True)
class Known:
    """What annotations say of the pictures of a pack."""

    region_BP: torch.Tensor
    facts: dict[str, torch.Tensor]

    def inside(self, kind: str) -> torch.Tensor:
        """The answer at each patch inside a region, flat."""
        return self.facts[kind][:, None].expand_as(self.region_BP)[self.region_BP > BACKGROUND]


class AnnotationLesson:
    """See :class:`gmai.train.lesson.Lesson`."""

    def __init__(self, loaded: LoadedModel, config: TrainConfig, targets: Targets) -> None:
        """Prepare.

        Raises:
            ConfigError: a model that does not take every picture as one square.
        """
        if loaded.contract.kind != "square":
            what = f"stage vision needs one square a picture, not {loaded.contract.kind}"
            raise ConfigError(what, where="stage", fix="train the encoder in stage projector+vision")
        self.loaded = loaded
        self._config = config
        self._targets = targets
        self.heads = Heads(loaded.model.config.vision_config.hidden_size, targets, config.seed)

    def weigh(self, pack: Pack) -> tuple[float, ...]:
        """See :class:`gmai.train.lesson.Lesson`."""
        if not pack.samples:
            return (0.0,) * (1 + 2 * len(self.heads.whole))
        known = self._known(pack.samples)
        background = float((known.region_BP == BACKGROUND).sum()) * self._config.heads.background_weight
        weights = [background + float((known.region_BP > BACKGROUND).sum())]
        for kind in self.heads.whole:
            weights += [float((known.inside(kind) != IGNORE).sum()), float((known.facts[kind] != IGNORE).sum())]
        return tuple(weights)

    def loss(self, pack: Pack, totals: Sequence[float]) -> torch.Tensor:
        """See :class:`gmai.train.lesson.Lesson`."""
        states_BPC = self._encode(pack)
        if not pack.samples:
            return states_BPC.sum() * 0.0 + sum(weight.sum() * 0.0 for weight in self.heads.parameters())
        return annotation_loss(self.heads, states_BPC, self._known(pack.samples), totals, self._config)

    def _known(self, samples: Sequence[str]) -> Known:
        names = list(samples)
        device = self.loaded.device
        facts = {kind: self._targets.fact_B(names, kind).to(device) for kind in self.heads.whole}
        return Known(self._targets.region_BP(names).to(device), facts)

    def _encode(self, pack: Pack) -> torch.Tensor:
        """States of the patches, (pictures, patches, width), float32; the class token is left out."""
        side = self.loaded.contract.image_px
        shown = pack if pack.fitted else Pack(pack.number, fitted=[np.zeros((1, side, side, 3), np.uint8)])
        pixels = show(self.loaded.contract, shown, self.loaded.device)["pixel_values"]
        with autocast(self.loaded.device, self._config.precision):
            states = self.loaded.model.model.vision_tower(pixel_values=pixels).last_hidden_state
        patches: torch.Tensor = states[: len(pack.fitted), -(self._targets.side**2) :].float()
        return patches


def annotation_loss(
    heads: Heads, states_BPC: torch.Tensor, known: Known, totals: Sequence[float], config: TrainConfig
) -> torch.Tensor:
    """Sum of the cross-entropies of all heads, each divided by how much is known of it in the whole step."""
    states = heads.norm(states_BPC)
    # Every head takes part, known or not: processes must have gradients of the same weights.
    losses = [states.sum() * 0.0, *(weight.sum() * 0.0 for weight in heads.parameters())]
    inside = known.region_BP > BACKGROUND
    weight = torch.ones(heads.region.out_features, device=states.device)
    weight[BACKGROUND] = config.heads.background_weight
    region = cross_entropy(
        heads.region(states).flatten(0, 1), known.region_BP.flatten(), weight, ignore_index=IGNORE, reduction="sum"
    )
    losses.append(config.heads.region_weight * _share(region, totals[0]))
    for kind, total_inside, total_whole in zip(heads.whole, totals[1::2], totals[2::2], strict=True):
        losses.append(_share(_summed(heads.inside[kind], states[inside], known.inside(kind)), total_inside))
        losses.append(_share(_summed(heads.whole[kind], states.mean(1), known.facts[kind]), total_whole))
    return torch.stack(losses).sum()


def _summed(head: Any, states: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return cross_entropy(head(states), target, ignore_index=IGNORE, reduction="sum")


def _share(loss: torch.Tensor, total: float) -> torch.Tensor:
    return loss / total if total > 0 else loss * 0.0
