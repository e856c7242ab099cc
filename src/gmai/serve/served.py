"""The model that is served, with its name, its queue and what it has done."""

from __future__ import annotations

import logging
import time
from typing import Any

import gmai
from gmai.base import digest
from gmai.models import LoadedModel, find_model_folder, load_model, model_key
from gmai.serve.batcher import Batcher
from gmai.serve.config import ServeConfig
from gmai.serve.counts import Counts

logger = logging.getLogger(__name__)


class Served:
    """A loaded model behind a queue."""

    def __init__(self, loaded: LoadedModel, config: ServeConfig, key: str) -> None:
        self.loaded = loaded
        self.name = served_name(config)
        self.key = key
        self.context = loaded.context
        self.fingerprint = f"gmai_{digest([key, loaded.contract.hash, gmai.__version__])[:16]}"
        self.counts = Counts()
        self.began = int(time.time())
        self._drain_s = config.drain_s
        self._anchor = loaded.scaffold.ask[-1]
        self._before = len(self._decode([self._anchor]))
        self.batcher = Batcher(loaded, config, self.counts)

    def spell(self, token: int) -> str:
        """The text of a token as it stands inside a text, with the blank before a word."""
        return self._decode([self._anchor, token])[self._before :]

    def health(self) -> dict[str, Any]:
        """What is served, and whether it answers."""
        return {
            "status": "ok" if self.batcher.alive else "stopping",
            "model": self.name,
            "model_key": self.key,
            "visual_contract": self.loaded.contract.hash,
            "context": self.context,
            "waiting": self.batcher.waiting,
            "version": gmai.__version__,
        }

    def close(self) -> None:
        """Answer what is under way, and end."""
        self.batcher.close(self._drain_s)

    def _decode(self, tokens: list[int]) -> str:
        text: str = self.loaded.tokenizer.decode(tokens, skip_special_tokens=False)
        return text


def served_name(config: ServeConfig) -> str:
    """The name that requests call the model by."""
    return config.name or config.model.resolve().name


def open_served(config: ServeConfig) -> Served:
    """Load the model of a config.

    Raises:
        ModelError: there is none.
    """
    key = model_key(config.model)
    loaded = load_model(config.model, device=config.device, dtype=config.dtype)
    logger.info("serve: %s, visual contract %s", find_model_folder(config.model), loaded.contract.hash[:16])
    return Served(loaded, config, key)
