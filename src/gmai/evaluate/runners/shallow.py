"""What the baselines that look at pictures share: a few numbers for each training picture, and one model per group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gmai.bench import LETTERS, PublicQuestion, fold
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.options import abstain, can_choose
from gmai.evaluate.runners.training import Group, find_group, iter_views, open_training
from gmai.images import decode_picture, render_view
from gmai.types import Prediction

Features = Callable[[np.ndarray], np.ndarray]
"""RGB uint8 picture (height, width, 3) as it is shown, to a vector."""


class Classifier(Protocol):
    """Scores for the answers of one group."""

    def score(self, vectors: np.ndarray, answers: Sequence[Sequence[str]]) -> list[list[float]]:
        """For each vector, the score of each of its folded answers; an answer not seen in training scores -inf."""


Fit = Callable[[np.ndarray, np.ndarray], Classifier]
"""Vectors (pictures, numbers) and folded answers of one group, to its classifier."""


@dataclass(frozen=True)
class Shallow:
    """Takes the option its group's classifier scores highest; the first one where training knows none of them."""

    features: Features
    groups: Mapping[Group, Classifier]

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Answer from picture, kind and modality."""
        return [self._answer(q) if can_choose(q) else abstain(q, "baseline") for q in questions]

    def _answer(self, question: PublicQuestion) -> Prediction:
        classifier = self.groups.get(find_group(question.kind, question.modality))
        scores = [-np.inf] * len(question.options)
        if classifier is not None:
            vector = self.features(decode_picture(question.picture()))
            (scores,) = classifier.score(vector[None], [[fold(option) for option in question.options]])
        best = int(np.argmax(scores))
        tie = sum(score == scores[best] for score in scores) > 1
        return Prediction(index=question.index, mode="baseline", choice=LETTERS[best], tie=tie)


def fit_shallow(config: RunConfig, features: Features, fit: Fit) -> Shallow:
    """Draw the views of the training part and fit one classifier for each kind and modality.

    Raises:
        ConfigError: see :func:`open_training`; also a blind run, for there is nothing else to look at.
    """
    if config.blind:
        raise ConfigError(
            f"runner {config.runner!r} sees nothing but the picture", where="blind", fix="leave --blind out"
        )
    vectors: dict[Group, list[np.ndarray]] = {}
    answers: dict[Group, list[str]] = {}
    for stored, facts in iter_views(open_training(config), config.seed):
        picture = decode_picture(stored.pictures[0])
        seen: dict[tuple[object, ...], np.ndarray] = {}
        for fact in facts:
            view = (fact.view.granularity, fact.view.regions)
            if view not in seen:
                seen[view] = features(render_view(picture, fact.view, stored.sample.annotations))
            group = find_group(fact.kind, stored.sample.modality)
            vectors.setdefault(group, []).append(seen[view])
            answers.setdefault(group, []).append(fold(fact.answer))
    fitted = {group: fit(np.stack(vectors[group]), np.array(answers[group])) for group in sorted(vectors)}
    return Shallow(features, fitted)
