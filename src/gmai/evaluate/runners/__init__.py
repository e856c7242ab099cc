"""Everything that can answer a benchmark: models, servers, replies, and baselines that tell what an answer is worth.

A runner is one file with a function that opens it, and one line in the table of the room's door. Baselines learn from
the training part of the corpus alone, and see of a question what a model sees.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from gmai.bench import PublicQuestion
from gmai.evaluate.config import RunConfig
from gmai.types import Prediction


class Runner(Protocol):
    """Something that answers questions, a batch at a time."""

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Answer a batch, in its order. What is answered must not depend on other batches.

        A runner that replies in words leaves ``choice`` empty: the reply is read when all are there.
        """


Keep = Callable[[int, Prediction], None]
"""Takes the answer to the question at a place (from 0) of those given; it may be called from any thread."""


@runtime_checkable
class StreamRunner(Protocol):
    """Something that has many questions under way at a time."""

    def answer_each(self, questions: Iterable[PublicQuestion], keep: Keep) -> None:
        """Answer each question, in any order; ``keep`` is called for each as soon as it is answered."""


@runtime_checkable
class TellingRunner(Protocol):
    """A runner that has more to say of its run than its answers."""

    def told(self) -> Mapping[str, Any]:
        """Numbers that may differ when the run is repeated (tokens, retries, what the server calls its model)."""


OpenRunner = Callable[[RunConfig], Runner | StreamRunner]
"""How a runner is opened: everything slow happens here, once, and only if there is something to answer."""
