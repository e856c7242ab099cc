"""A letter drawn by hash: what guessing gets."""

from collections.abc import Sequence
from dataclasses import dataclass

from gmai.base import hash_unit
from gmai.bench import LETTERS, PublicQuestion
from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.options import abstain
from gmai.types import Prediction


@dataclass(frozen=True)
class Chance:
    """Draws every option with the same chance; where several may be right, every set of them but the empty one."""

    seed: int

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Draw an answer to each question that has options."""
        return [self._answer(question) if question.options else abstain(question, "baseline") for question in questions]

    def _answer(self, question: PublicQuestion) -> Prediction:
        drawn, count = hash_unit(self.seed, "random runner", question.index), len(question.options)
        if question.form == "multiple":
            chosen = 1 + int(drawn * (2**count - 1))
            choice = "".join(LETTERS[place] for place in range(count) if chosen >> place & 1)
        else:
            choice = LETTERS[int(drawn * count)]
        return Prediction(index=question.index, mode="baseline", choice=choice)


def open_chance(config: RunConfig) -> Chance:
    """Nothing to open."""
    return Chance(config.seed)
