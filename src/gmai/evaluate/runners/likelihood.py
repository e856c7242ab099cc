"""The option whose text the model finds likeliest as an answer: nothing to parse, nothing to refuse."""

from collections.abc import Sequence
from dataclasses import dataclass

from gmai.bench import LETTERS, PublicQuestion
from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.model import AskedModel, open_model, use_threads
from gmai.models import pick_option, score_options
from gmai.types import Prediction


@dataclass(frozen=True)
class Likelihood:
    """Asks a model for the likelihood of every option."""

    asked: AskedModel

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Answer a batch in one forward pass."""
        config, items = self.asked.config, self.asked.items(questions)
        with use_threads(config.threads):
            scores = score_options(self.asked.loaded, items, batch_rows=config.batch, precision=config.precision)
        return [_prediction(question.index, values) for question, values in zip(questions, scores, strict=True)]


def open_likelihood(config: RunConfig) -> Likelihood:
    """Load the model; see :func:`open_model`."""
    return Likelihood(open_model(config))


def _prediction(index: int, likelihoods: tuple[float, ...]) -> Prediction:
    position, tie = pick_option(likelihoods)
    return Prediction(index=index, mode="likelihood", choice=LETTERS[position], likelihoods=likelihoods, tie=tie)
