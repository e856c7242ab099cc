"""The model's own words; which option they name is read when all are there."""

from collections.abc import Sequence
from dataclasses import dataclass

from gmai.bench import PublicQuestion
from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.model import AskedModel, open_model
from gmai.models import generate, use_threads
from gmai.types import Prediction


@dataclass(frozen=True)
class Generation:
    """Lets a model reply, greedily."""

    asked: AskedModel

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Answer a batch, generated together."""
        config, items = self.asked.config, self.asked.items(questions)
        with use_threads(config.threads):
            replies = generate(
                self.asked.loaded,
                items,
                config.max_new_tokens,
                batch_rows=config.batch,
                stops=config.stops,
                precision=config.precision,
            )
        return [
            Prediction(index=question.index, mode="generate", choice=None, text=reply)
            for question, reply in zip(questions, replies, strict=True)
        ]


def open_generation(config: RunConfig) -> Generation:
    """Load the model; see :func:`open_model`."""
    return Generation(open_model(config))
