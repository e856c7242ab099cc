"""Everything that can answer a benchmark: models, and baselines that tell what an answer is worth.

A runner is one file with a function that opens it, and one line in the table of the room's door. Baselines learn from
the training part of the corpus alone, and see of a question what a model sees.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from gmai.bench import PublicQuestion
from gmai.evaluate.config import RunConfig
from gmai.types import Prediction


class Runner(Protocol):
    """Something that answers questions."""

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Answer a batch, in its order. What is answered must not depend on other batches."""


OpenRunner = Callable[[RunConfig], Runner]
"""How a runner is opened: everything slow happens here, once, and only if there is something to answer."""
