"""The option whose text, or whose letter, the model finds likeliest as an answer: nothing to parse or to refuse."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

from gmai.bench import LETTERS, PublicQuestion
from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.model import AskedModel, open_model
from gmai.evaluate.runners.options import abstain, can_choose
from gmai.models import Precision, pick_option, score_letters, score_options, use_threads
from gmai.types import Prediction


class _How(TypedDict):
    batch_rows: int
    precision: Precision


@dataclass(frozen=True)
class Likelihood:
    """Asks a model for the likelihood of every option."""

    asked: AskedModel
    mode: Literal["likelihood", "letters"] = "likelihood"

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Answer a batch in one forward pass; what leaves no single option to choose is an abstention."""
        answers = iter(self._choose([question for question in questions if can_choose(question)]))
        return [next(answers) if can_choose(question) else abstain(question, self.mode) for question in questions]

    def _choose(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        config, items = self.asked.config, self.asked.items(questions)
        if self.mode == "letters":
            items = [replace(item, options=tuple(LETTERS[: len(item.options)])) for item in items]
        how: _How = {"batch_rows": config.batch, "precision": config.precision}
        with use_threads(config.threads):
            if self.mode == "letters":
                scores = score_letters(self.asked.loaded, items, **how)
            else:
                scores = score_options(self.asked.loaded, items, normalise=config.normalise, **how)
        return [self._prediction(question.index, values) for question, values in zip(questions, scores, strict=True)]

    def _prediction(self, index: int, likelihoods: tuple[float, ...]) -> Prediction:
        position, tie = pick_option(likelihoods)
        choice = LETTERS[position]
        return Prediction(index=index, mode=self.mode, choice=choice, likelihoods=likelihoods, tie=tie)


def open_likelihood(config: RunConfig) -> Likelihood:
    """Load the model, to compare the options' texts; see :func:`open_model`."""
    return Likelihood(open_model(config))


def open_letters(config: RunConfig) -> Likelihood:
    """Load the model, to compare the options' letters; see :func:`open_model`."""
    return Likelihood(open_model(config), "letters")
