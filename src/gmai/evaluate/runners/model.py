"""What both ways of asking a local model share: the model itself, and questions as it is asked them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gmai.bench import PublicQuestion
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.images import decode_picture
from gmai.lexicon import format_multiple_choice
from gmai.models import LoadedModel, OptionItem, load_model


@dataclass(frozen=True)
class AskedModel:
    """A loaded model and how it is asked."""

    loaded: LoadedModel
    config: RunConfig

    def items(self, questions: Sequence[PublicQuestion]) -> list[OptionItem]:
        """The questions as they are put; blind ones carry no picture, so no visual token either."""
        return [
            OptionItem(
                picture=None if self.config.blind else decode_picture(question.picture()),
                prompt=format_multiple_choice(question.question, question.options),
                options=question.options,
            )
            for question in questions
        ]


def open_model(config: RunConfig) -> AskedModel:
    """Load the model of a run.

    Raises:
        ConfigError: no model is given, or a device that is not here.
        ModelError: the folder holds none.
    """
    if config.model is None:
        raise ConfigError(f"runner {config.mode!r} asks a model", where="model", fix="give --model FOLDER")
    _check_device(config.device)
    return AskedModel(load_model(config.model, device=config.device), config)


def _check_device(name: str) -> None:
    import torch

    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError, ValueError) as error:
        what = str(error).partition("\n")[0]
        raise ConfigError(f"no device {name!r}: {what}", where="device", fix="cpu is always there") from None


@contextmanager
def use_threads(number: int) -> Iterator[None]:
    """Let torch work with so many threads, and give it back what it had."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
