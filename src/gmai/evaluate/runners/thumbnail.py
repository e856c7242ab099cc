"""Logistic regression on 16 x 16 thumbnails: what can be read off a picture without looking closely."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.shallow import Shallow, fit_shallow

SIDE_PX = 16
STRENGTH = 0.01
"""Inverse strength of the penalty: with 768 inputs and few pictures, weak fits generalise best."""


@dataclass(frozen=True)
class Regression:
    """Probability of each answer; ``model`` is None where training knows a single answer."""

    names: tuple[str, ...]
    model: Any

    def score(self, vectors: np.ndarray, answers: Sequence[Sequence[str]]) -> list[list[float]]:
        """Probability of each answer."""
        shares = self.model.predict_proba(vectors / 255) if self.model else np.ones((len(vectors), 1))
        known = {name: column for column, name in enumerate(self.names)}
        return [
            [float(share[known[name]]) if name in known else -np.inf for name in names]
            for share, names in zip(shares, answers, strict=True)
        ]


def thumbnail(picture: np.ndarray) -> np.ndarray:
    """The picture averaged down to 16 x 16 RGB, as one row of bytes."""
    small: np.ndarray = cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA).ravel()
    return small


def fit_regression(vectors: np.ndarray, answers: np.ndarray) -> Regression:
    """Fit one group."""
    names = np.unique(answers)
    if len(names) == 1:
        return Regression((str(names[0]),), None)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=2000))
    model.fit(vectors / 255, answers)
    return Regression(tuple(str(name) for name in model.classes_), model)


def open_thumbnail(config: RunConfig) -> Shallow:
    """Fit on the training pictures; see :func:`fit_shallow`."""
    with threadpool_limits(limits=config.threads):
        return fit_shallow(config, thumbnail, fit_regression)
