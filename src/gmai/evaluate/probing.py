"""A benchmark asked in passing: accuracy of a model in memory, such as one that is being trained; nothing is kept."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from gmai.base import iter_jsonl
from gmai.bench import open_table
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.data_names import Data, find_key
from gmai.evaluate.prompting import find_prompt
from gmai.evaluate.runners.likelihood import Likelihood
from gmai.evaluate.runners.model import AskedModel
from gmai.evaluate.scoring import score_answers
from gmai.models import LoadedModel
from gmai.types import Question


class BenchProbe:
    """Asks a file of questions by the likelihood of options, the same ones each time."""

    def __init__(self, tsv: Path, *, most: int = 500, seed: int = 0) -> None:
        """Read the key.

        Args:
            tsv: benchmark file whose answers are known: beside it, or in it.
            most: questions asked; drawn by ``seed`` where there are more.
            seed: of the drawing.

        Raises:
            ConfigError: no answer is known.
        """
        with TemporaryDirectory(prefix="gmai-probe-") as folder:
            key = find_key(Data(name=tsv.stem, tsv=tsv), Path(folder) / "key.jsonl")
            if key is None:
                raise ConfigError("no answers are known", where=str(tsv), fix="give a file such as public/VAL.tsv")
            keys = list(iter_jsonl(key, Question))
        if len(keys) > most:
            keys = random.Random(seed).sample(keys, most)
        self._keys = keys
        self._table = open_table(tsv)
        self._config = RunConfig(tsv=tsv, out=Path("never-written"))

    def __call__(self, step: int, loaded: LoadedModel) -> dict[str, float]:
        """Accuracy with its 95 % interval and the number of questions.

        Args:
            step: after which the model is asked.
            loaded: the model.
        """
        prompt = find_prompt("", self._config.runner)
        low = any(str(weight.dtype) == "torch.bfloat16" for weight in loaded.model.parameters())
        config = replace(self._config, precision="bf16" if low else "fp32")
        runner = Likelihood(AskedModel(loaded, config, prompt))
        questions = [self._table.find(key.index) for key in self._keys]
        size = self._config.batch
        batches = (questions[start : start + size] for start in range(0, len(questions), size))
        predictions = [prediction for batch in batches for prediction in runner.answer(batch)]
        overall = score_answers(predictions, self._keys)[0]
        return {"accuracy": overall.accuracy, "low": overall.low, "high": overall.high, "n": float(overall.n)}
