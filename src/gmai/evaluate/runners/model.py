"""What all ways of asking a local model share: the model itself, and questions as it is asked them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gmai.base import this_worker
from gmai.bench import PublicQuestion
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.prompting import Prompt, find_prompt
from gmai.images import decode_picture
from gmai.models import LoadedModel, OptionItem, load_model, model_key


@dataclass(frozen=True)
class AskedModel:
    """A loaded model and how it is asked."""

    loaded: LoadedModel
    config: RunConfig
    prompt: Prompt

    def items(self, questions: Sequence[PublicQuestion]) -> list[OptionItem]:
        """The questions as they are put; blind ones carry no picture, so no visual token either."""
        return [
            OptionItem(
                pictures=() if self.config.blind else tuple(decode_picture(data) for data in question.pictures()),
                prompt="\n\n".join(filter(None, [self.prompt.system, self.prompt.word(question)])),
                options=question.options,
            )
            for question in questions
        ]


def open_model(config: RunConfig) -> AskedModel:
    """Load the model of a run; the one loaded last is kept for the next run.

    Raises:
        ConfigError: no model is given, or a device that is not here.
        ModelError: the folder holds none.
    """
    if config.model is None:
        raise ConfigError(f"runner {config.runner!r} asks a model", where="model", fix="give --model FOLDER")
    device = find_device(config.device)
    loaded = _load(config.model, model_key(config.model), device)
    return AskedModel(loaded, config, find_prompt(config.prompt, config.runner))


@lru_cache(maxsize=1)
def _load(folder: Path, key: str, device: str) -> LoadedModel:
    return load_model(folder, device=device)


def find_device(name: str) -> str:
    """The device of this process: ``cuda`` is to each of several processes the one of its number on its machine.

    Raises:
        ConfigError: there is none.
    """
    import torch

    worker = this_worker()
    if worker.count > 1 and name == "cuda":
        name = f"cuda:{worker.local}"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError, ValueError) as error:
        what = str(error).partition("\n")[0]
        raise ConfigError(f"no device {name!r}: {what}", where="device", fix="cpu is always there") from None
    return name
