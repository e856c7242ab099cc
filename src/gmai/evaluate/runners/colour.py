"""The answer whose training pictures have the nearest mean colour: three numbers for a picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.shallow import Shallow, fit_shallow


@dataclass(frozen=True)
class MeanColours:
    """Mean colour of each answer's training pictures."""

    means: dict[str, np.ndarray]

    def score(self, vectors: np.ndarray, answers: Sequence[Sequence[str]]) -> list[list[float]]:
        """Minus the squared distance to the mean of each answer."""
        return [
            [-float(((vector - self.means[name]) ** 2).sum()) if name in self.means else -np.inf for name in names]
            for vector, names in zip(vectors, answers, strict=True)
        ]


def mean_colour(picture: np.ndarray) -> np.ndarray:
    """Mean red, green and blue, 0 to 1."""
    return np.array(cv2.mean(picture)[:3]) / 255


def fit_colours(vectors: np.ndarray, answers: np.ndarray) -> MeanColours:
    """Average the vectors of each answer."""
    return MeanColours({str(name): vectors[answers == name].mean(axis=0) for name in np.unique(answers)})


def open_colour(config: RunConfig) -> Shallow:
    """Average the training pictures; see :func:`fit_shallow`."""
    return fit_shallow(config, mean_colour, fit_colours)
