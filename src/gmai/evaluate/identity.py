"""What a run's answers depend on: the settings that can change them, and hashes of everything that is read."""

from typing import Any
from urllib.parse import urlsplit

from gmai.base import hash_file, to_dict
from gmai.bench import QuestionTable
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.prompting import Prompt

_NOT_IDENTITY = (
    "tsv",
    "out",
    "model",
    "endpoint",
    "replies",
    "function",
    "corpus",
    "prompt",
    "unanswered",
    "verbose",
    "resume",
)
"""Settings whose content is hashed instead, or that change no answer."""
_OF_LOCAL_MODELS = ("batch", "precision", "device", "threads")
"""Settings that change an answer in its last digit, and only where the model's arithmetic is done here."""


def find_inputs(config: RunConfig, table: QuestionTable, prompt: Prompt) -> dict[str, str]:
    """Hashes of everything the answers depend on besides the settings.

    Raises:
        ConfigError: a model that has not finished, replies or a function that are not there.
    """
    inputs = {"tsv": table.key, "prompt": prompt.key}
    if config.model is not None:
        from gmai.models import model_key

        inputs["model"] = model_key(config.model)
    if config.corpus is not None:
        from gmai.corpus import open_corpus

        inputs["corpus"] = open_corpus(config.corpus).key
    if config.replies is not None:
        if not config.replies.is_file():
            raise ConfigError("no predictions to replay", where=str(config.replies))
        inputs["replies"] = hash_file(config.replies)
    if config.function:
        from gmai.evaluate.runners.function import function_key

        inputs["function"] = function_key(config.function)
    return inputs


def find_settings(config: RunConfig) -> dict[str, Any]:
    """The settings that can change an answer; of a server its address and the name of the model.

    Raises:
        ConfigError: an address that holds a password.
    """
    settings = {name: value for name, value in to_dict(config).items() if name not in _NOT_IDENTITY}
    if config.endpoint is not None or config.replies is not None or config.function:
        settings = {name: value for name, value in settings.items() if name not in _OF_LOCAL_MODELS}
    if config.endpoint is not None:
        address = urlsplit(config.endpoint.url)
        if address.username is not None or address.query:
            fix = f"put the key into the environment variable {config.endpoint.key_variable}"
            raise ConfigError("an address with a password in it", where="endpoint.url", fix=fix)
        settings["server"] = [address.netloc, address.path.rstrip("/"), config.endpoint.model]
    return settings


def name_of(config: RunConfig) -> str:
    """What the answers are called: as given, or after the model."""
    if config.name:
        return config.name
    if config.endpoint is not None:
        return config.endpoint.model.rpartition("/")[2]
    if config.replies is not None:
        return config.replies.stem
    if config.function:
        return config.function.rpartition(":")[2]
    if config.model is None:
        return config.runner.rpartition(":")[2]
    from gmai.models import find_model_folder

    folder = config.model.resolve()
    inside = folder.name == "model" and find_model_folder(folder) == folder
    return folder.parent.name if inside else folder.name


def data_name_of(config: RunConfig) -> str:
    """What the questions are called in the names of files."""
    return config.data or config.tsv.stem
