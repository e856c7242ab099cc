"""A letter drawn by hash: what guessing gets."""

from collections.abc import Sequence
from dataclasses import dataclass

from gmai.base import hash_unit
from gmai.bench import LETTERS, PublicQuestion
from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.options import check_options
from gmai.types import Prediction


@dataclass(frozen=True)
class Chance:
    """Draws every option with the same chance."""

    seed: int

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Draw one option for each question."""
        check_options(questions, "random")
        return [
            Prediction(index=q.index, mode="baseline", choice=LETTERS[self._draw(q.index, len(q.options))])
            for q in questions
        ]

    def _draw(self, index: int, count: int) -> int:
        return int(hash_unit(self.seed, "random runner", index) * count)


def open_chance(config: RunConfig) -> Chance:
    """Nothing to open."""
    return Chance(config.seed)
