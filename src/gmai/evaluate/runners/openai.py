"""A model behind any OpenAI-compatible server: many questions under way, pictures sent as the bytes that are stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gmai.base import hash_bytes
from gmai.bench import PublicQuestion
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.prompting import Prompt, find_prompt
from gmai.evaluate.runners import Keep
from gmai.llm import Answer, EndpointConfig, Message, Outcome, Picture, Request, Sampling, open_client
from gmai.types import Prediction


@dataclass
class Served:
    """Asks a server and keeps its replies as they come."""

    endpoint: EndpointConfig
    prompt: Prompt
    sampling: Sampling
    blind: bool = False
    models: set[str] = field(default_factory=set)
    """What the server called the model."""
    counted: dict[str, Any] = field(default_factory=dict)

    def answer_each(self, questions: Iterable[PublicQuestion], keep: Keep) -> None:
        """Answer each question, as many at a time as the server takes.

        Raises:
            RemoteError: the server cannot be used at all.
        """
        with open_client(self.endpoint) as client:

            async def ask(numbered: tuple[int, PublicQuestion]) -> None:
                place, question = numbered
                outcome = await client.ask(self._request(question))
                if isinstance(outcome, Answer):
                    self.models.add(outcome.model)
                keep(place, _prediction(question.index, outcome))

            for _ in client.map(ask, enumerate(questions)):
                pass
            self.counted = client.ledger.summary()

    def told(self) -> Mapping[str, Any]:
        """Tokens, retries and cost, and what the server called the model."""
        return {"server": {**self.counted, "models": sorted(self.models)}}

    def _request(self, question: PublicQuestion) -> Request:
        pictures = [] if self.blind else [_picture(data) for data in question.pictures()]
        messages = [Message("user", (*pictures, self.prompt.word(question)))]
        if self.prompt.system:
            messages.insert(0, Message("system", (self.prompt.system,)))
        return Request(messages=tuple(messages), sampling=self.sampling, tag=str(question.index))


def open_served(config: RunConfig) -> Served:
    """Check what is needed; the connection is made with the first question.

    Raises:
        ConfigError: no server is given.
    """
    if config.endpoint is None:
        fix = "give --model openai:NAME@http://HOST:PORT/v1"
        raise ConfigError(f"runner {config.runner!r} asks a server", where="endpoint", fix=fix)
    sampling = Sampling(max_tokens=config.max_new_tokens, seed=config.seed, extra=config.request)
    return Served(config.endpoint, find_prompt(config.prompt, config.runner), sampling, config.blind)


def _picture(data: bytes) -> Picture:
    return Picture(hash_bytes(data), lambda: data)


def _prediction(index: int, outcome: Outcome) -> Prediction:
    if isinstance(outcome, Answer):
        usage = (outcome.usage.prompt, outcome.usage.completion)
        return Prediction(index=index, mode="generate", choice=None, text=outcome.text, usage=usage)
    return Prediction(index=index, mode="generate", choice=None, reason=outcome.reason, error=outcome.detail)
