"""The journal of a run: one line per answered batch, only ever appended to, so that a kill loses one batch at most."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from gmai.base import dumps, from_json
from gmai.types import Prediction, record


@record
class Batch:
    """A batch as it was answered: whole, or it is asked again."""

    predictions: tuple[Prediction, ...]


class Journal:
    """Append-only file of answered batches. A line that a kill cut short is dropped when the journal is opened.

    Args:
        path: the file, made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.answered = {prediction.index: prediction for prediction in self._recover()}
        self._out = path.open("ab")

    def _recover(self) -> Iterator[Prediction]:
        if not self.path.exists():
            return
        whole = 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.endswith(b"\n"):
                    whole += len(line)
                    yield from from_json(Batch, line, where=f"{self.path}:{number}").predictions
        with self.path.open("rb+") as file:
            file.truncate(whole)

    def append(self, predictions: Sequence[Prediction]) -> None:
        """Add a batch; once this returns, the process may be killed."""
        self._out.write(dumps(Batch(predictions=tuple(predictions))) + b"\n")
        self._out.flush()
        self.answered.update({prediction.index: prediction for prediction in predictions})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._out.close()
