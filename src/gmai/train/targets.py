"""What annotations say of each patch and of each picture, as class numbers: the targets of the annotation lesson."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import adaptive_avg_pool2d

from gmai.annotations import find_facts, region_mask
from gmai.train.recipe import HeadsConfig
from gmai.types import Box, MaskRef, Polygon, Sample

IGNORE = -100
"""Class number of what is not known."""
BACKGROUND = 0


@dataclass
class Targets:
    """Targets by sample; classes are numbered in the order they first come."""

    config: HeadsConfig
    side: int
    """Patches along one side of the picture."""
    labels: dict[str, int] = field(default_factory=dict)
    """Region labels; number 0 is left for patches without a region."""
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    """For each kind of fact, its answers."""
    regions: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    """By sample: (patches,) label numbers; all :data:`IGNORE` where no region is annotated."""
    facts: dict[str, dict[str, int]] = field(default_factory=dict)
    """By sample: kind to answer number."""

    def add(self, sample: Sample) -> None:
        """Take a sample's targets from its annotations."""
        self.regions[sample.id] = self._regions(sample)
        found: dict[str, set[str]] = {}
        for fact in find_facts(sample):
            if fact.view.granularity == "image" and fact.kind in self.config.kinds:
                found.setdefault(fact.kind, set()).add(fact.answer)
        self.facts[sample.id] = {
            kind: self._number(kind, *answers) for kind, answers in sorted(found.items()) if len(answers) == 1
        }

    def region_BP(self, samples: list[str]) -> torch.Tensor:
        """Label number of each patch, (samples, patches)."""
        return torch.from_numpy(np.stack([self.regions[sample] for sample in samples]))

    def fact_B(self, samples: list[str], kind: str) -> torch.Tensor:
        """Answer number of one kind, (samples,)."""
        return torch.tensor([self.facts[sample].get(kind, IGNORE) for sample in samples])

    def _number(self, kind: str, answer: str) -> int:
        numbers = self.answers.setdefault(kind, {})
        return numbers.setdefault(answer, len(numbers))

    def _regions(self, sample: Sample) -> npt.NDArray[np.int64]:
        grid = np.full((self.side, self.side), IGNORE, np.int64)
        if len(sample.images) != 1:
            return grid.ravel()
        height, width = sample.images[0].height, sample.images[0].width
        for item in sample.annotations:
            if not isinstance(item, Box | Polygon | MaskRef) or (isinstance(item, MaskRef) and item.rle is None):
                continue
            cover = patch_cover(region_mask(item, height, width), self.side)
            if cover.max() > 0:
                grid[grid == IGNORE] = BACKGROUND
                grid[cover >= min(self.config.cover, cover.max())] = self.labels.setdefault(
                    item.label, len(self.labels) + 1
                )
        return grid.ravel()


def patch_cover(mask: npt.NDArray[np.bool_], side: int) -> npt.NDArray[np.float32]:
    """Share of each patch that a mask (height, width) covers, (side, side)."""
    planes = torch.from_numpy(mask.astype(np.float32))[None, None]
    cover: npt.NDArray[np.float32] = adaptive_avg_pool2d(planes, side)[0, 0].numpy()
    return cover
