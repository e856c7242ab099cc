"""A runner that takes its time and writes down what it was asked, for processes that share a run."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from gmai.bench import LETTERS, PublicQuestion
from gmai.evaluate import RunConfig
from gmai.types import Prediction


class Slow:
    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        asked = " ".join(str(question.index) for question in questions)
        with Path(os.environ["ASKED"]).open("a") as log:
            log.write(f"{os.environ.get('RANK', '0')}: {asked}\n")
        time.sleep(float(os.environ.get("SLOW_S", "0.02")))
        letters = [LETTERS[question.index * 7 % len(question.options)] for question in questions]
        return [
            Prediction(index=question.index, mode="baseline", choice=letter)
            for question, letter in zip(questions, letters, strict=True)
        ]


def open_slow(config: RunConfig) -> Slow:
    return Slow()
