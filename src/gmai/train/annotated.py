"""The annotation lesson: throw-away heads on the vision encoder learn what annotations say of patches and pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from gmai.models import LoadedModel
from gmai.train.account import Account
from gmai.train.lesson import StepLoss, check_any
from gmai.train.pictures import Pictures, vary
from gmai.train.recipe import HeadsConfig, TrainConfig
from gmai.train.rows import Row
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


class AnnotationLesson:
    """See :class:`gmai.train.lesson.Lesson`."""

    def __init__(
        self,
        loaded: LoadedModel,
        rows: list[Row],
        plan: npt.NDArray[np.int64],
        config: TrainConfig,
        account: Account,
        pictures: Pictures,
        targets: Targets,
    ) -> None:
        self._loaded = loaded
        self._rows = rows
        self._plan = plan
        self._config = config
        self._account = account
        self._pictures = pictures
        self._targets = targets
        self.heads = Heads(loaded.model.config.vision_config.hidden_size, targets, config.seed)

    def loss(self, step: int) -> StepLoss:
        """See :class:`gmai.train.lesson.Lesson`."""
        rng = np.random.default_rng([self._config.seed, step])
        pairs = [(row, self._pictures.take(row)) for row in (self._rows[index] for index in self._plan[step])]
        good = [(row, picture) for row, picture in pairs if picture is not None]
        check_any(good, step)
        shown = [picture for _, picture in good]
        states_BPC = self._encode(vary(shown, self._loaded.contract, self._config.pictures, rng))
        samples = [row.sample for row, _ in good]
        facts = {kind: self._targets.fact_B(samples, kind) for kind in self.heads.whole}
        mean = annotation_loss(self.heads, states_BPC, self._targets.region_BP(samples), facts, self._config.heads)
        for row, _ in good:
            self._account.add(f"rows.{row.source}")
        patches = states_BPC.shape[0] * states_BPC.shape[1]
        self._account.add("patches", patches)
        return StepLoss(mean, patches)

    def _encode(self, pixels_BCHW: torch.Tensor) -> torch.Tensor:
        """States of the patches, (pictures, patches, width), float32; the class token is left out."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self._config.precision == "bf16"):
            states = self._loaded.model.model.vision_tower(pixel_values=pixels_BCHW).last_hidden_state
        patches: torch.Tensor = states[:, -(self._targets.side**2) :].float()
        return patches


def annotation_loss(
    heads: Heads, states_BPC: torch.Tensor, region_BP: torch.Tensor, facts: dict[str, torch.Tensor], config: HeadsConfig
) -> torch.Tensor:
    """Sum of the cross-entropies of all heads, each a mean over what is known."""
    states = heads.norm(states_BPC)
    losses = [states.sum() * 0.0]
    known, inside = region_BP != IGNORE, region_BP > BACKGROUND
    if known.any():
        weight = torch.ones(heads.region.out_features)
        weight[BACKGROUND] = config.background_weight
        losses.append(config.region_weight * cross_entropy(heads.region(states[known]), region_BP[known], weight))
    for kind, target_B in facts.items():
        target = target_B[:, None].expand_as(region_BP)[inside]
        losses += _known_loss(heads.inside[kind], states[inside], target)
        losses += _known_loss(heads.whole[kind], states.mean(1), target_B)
    return torch.stack(losses).sum()


def _known_loss(head: Any, states: torch.Tensor, target: torch.Tensor) -> list[torch.Tensor]:
    return [cross_entropy(head(states), target, ignore_index=IGNORE)] if (target != IGNORE).any() else []
