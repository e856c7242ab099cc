"""A model behind any OpenAI-compatible server: many questions under way, pictures sent as the bytes that are stored.

Asked for letters, it writes one token, and the server's log-probabilities of the letters decide; the letter must be the
first token of an answer, so a model that thinks in words first is not to be asked in this way.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gmai.base import hash_bytes
from gmai.bench import LETTERS, PublicQuestion
from gmai.errors import ConfigError, RemoteError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.prompting import Prompt, find_prompt
from gmai.evaluate.runners import Keep
from gmai.evaluate.runners.options import abstain, can_choose
from gmai.llm import Answer, EndpointConfig, Message, Outcome, Picture, Request, Sampling, open_client
from gmai.types import Prediction

MOST_TOKENS = 20
"""Log-probabilities asked for; servers give no more."""
TIE = 1e-4
Read = Callable[[PublicQuestion, Answer], Prediction]


@dataclass
class Served:
    """Asks a server and keeps its replies as they come."""

    endpoint: EndpointConfig
    prompt: Prompt
    sampling: Sampling
    read: Read
    blind: bool = False
    models: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What the server called the model and itself."""
    cut: int = 0
    """Answers that ended at their longest."""
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
                keep(place, self._prediction(question, outcome))

            for _ in client.map(ask, enumerate(questions)):
                pass
            self.counted = client.ledger.summary()

    def told(self) -> Mapping[str, Any]:
        """Tokens, retries and cost, and what the server called the model."""
        models = [{"model": model, "fingerprint": own, "answers": n} for (model, own), n in sorted(self.models.items())]
        return {"server": {**self.counted, "cut": self.cut, "models": models}}

    def _prediction(self, question: PublicQuestion, outcome: Outcome) -> Prediction:
        if not isinstance(outcome, Answer):
            failed = Prediction(index=question.index, mode="generate", choice=None)
            return replace(failed, reason=outcome.reason, error=outcome.detail)
        self.models[outcome.model, outcome.fingerprint] += 1
        self.cut += outcome.finish == "length"
        return replace(self.read(question, outcome), usage=(outcome.usage.prompt, outcome.usage.completion))

    def _request(self, question: PublicQuestion) -> Request:
        pictures = [] if self.blind else [_picture(data) for data in question.pictures()]
        messages = [Message("user", (*pictures, self.prompt.word(question)))]
        if self.prompt.system:
            messages.insert(0, Message("system", (self.prompt.system,)))
        return Request(messages=tuple(messages), sampling=self.sampling, tag=str(question.index))


def open_served(config: RunConfig) -> Served:
    """Check what is needed to ask for replies in words; the connection is made with the first question.

    Raises:
        ConfigError: no server is given.
    """
    return _open(config, config.max_new_tokens, config.request, _read_words)


def open_served_letters(config: RunConfig) -> Served:
    """Check what is needed to ask for letters.

    Raises:
        ConfigError: no server is given.
    """
    asked = {"logprobs": True, "top_logprobs": MOST_TOKENS, **config.request}
    return _open(config, 1, asked, _read_letters)


def _open(config: RunConfig, max_tokens: int, request: Mapping[str, Any], read: Read) -> Served:
    if config.endpoint is None:
        fix = "give --model openai:NAME@http://HOST:PORT/v1"
        raise ConfigError(f"runner {config.runner!r} asks a server", where="endpoint", fix=fix)
    sampling = Sampling(max_tokens=max_tokens, seed=config.seed, extra=dict(request))
    return Served(config.endpoint, find_prompt(config.prompt, config.runner), sampling, read, config.blind)


def _picture(data: bytes) -> Picture:
    return Picture(hash_bytes(data), lambda: data)


def _read_words(question: PublicQuestion, answer: Answer) -> Prediction:
    return Prediction(index=question.index, mode="generate", choice=None, text=answer.text)


def _read_letters(question: PublicQuestion, answer: Answer) -> Prediction:
    """The likeliest letter; likelihoods only where the server tells all of them."""
    if not can_choose(question):
        return abstain(question, "letters")
    if not answer.first:
        fix = "ask with --runner openai"
        raise RemoteError("the server tells no log-probabilities", fix=fix, reason="llm.no_logprobs")
    found: dict[str, float] = {}
    for token, value in answer.first.items():
        letter = token.strip(" \t\n▁Ġ(").rstrip(").").upper()
        if letter in LETTERS[: len(question.options)] and letter:
            found[letter] = _add(found[letter], value) if letter in found else value
    told = Prediction(index=question.index, mode="letters", choice=None, text=answer.text)
    if not found:
        return replace(told, reason="no_letter")
    best = max(sorted(found), key=lambda letter: found[letter])
    near = sum(found[best] - value < TIE for value in found.values()) > 1
    whole = len(found) == len(question.options)
    likelihoods = tuple(found[letter] for letter in sorted(found)) if whole else ()
    return replace(told, choice=best, likelihoods=likelihoods, tie=near)


def _add(one: float, other: float) -> float:
    """The logarithm of the sum of two probabilities."""
    high, low = max(one, other), min(one, other)
    return high + math.log1p(math.exp(low - high)) if high > -math.inf else high
