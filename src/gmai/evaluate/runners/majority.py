"""The answer that is most frequent in training, for each kind of question and modality: what priors alone get."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gmai.bench import LETTERS, PublicQuestion, fold
from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners.options import abstain, can_choose
from gmai.evaluate.runners.training import Group, find_group, iter_answers, open_training
from gmai.types import Prediction


@dataclass(frozen=True)
class Majority:
    """Takes the option that training knows most of; the first one among equals, which is then a tie."""

    counts: Mapping[Group, Counter[str]]

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        """Answer from the options alone."""
        return [self._answer(q) if can_choose(q) else abstain(q, "baseline") for q in questions]

    def _answer(self, question: PublicQuestion) -> Prediction:
        known = self.counts.get(find_group(question.kind, question.modality), Counter())
        numbers = [known[fold(option)] for option in question.options]
        best = max(numbers)
        letter = LETTERS[numbers.index(best)]
        return Prediction(index=question.index, mode="baseline", choice=letter, tie=numbers.count(best) > 1)


def open_majority(config: RunConfig) -> Majority:
    """Count the training answers; see :func:`open_training`."""
    counts: dict[Group, Counter[str]] = {}
    for group, answer in iter_answers(open_training(config)):
        counts.setdefault(group, Counter())[answer] += 1
    return Majority(counts)
