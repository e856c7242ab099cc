"""What is asked of a language or vision model and what comes back, in records that do not depend on any server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from gmai.base import digest
from gmai.types import record

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a message: known by the hash of its encoded bytes, which are loaded only when it is sent."""

    asset: str
    """SHA-256 of the encoded bytes: what the request's key is made of."""
    load: Callable[[], bytes] = field(compare=False, repr=False)
    """Gives the encoded bytes (PNG or JPEG)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: texts and pictures in the order the model is to see them."""

    role: Role
    parts: tuple[str | Picture, ...]


@record
class Sampling:
    """How the model is to choose its words; each value is sent only where it is given."""

    temperature: float | None = 0.0
    top_p: float | None = None
    max_tokens: int | None = 1024
    seed: int | None = 0
    extra: dict[str, Any] = field(default_factory=dict)
    """Further fields of the request's body that a server knows, such as ``chat_template_kwargs``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a model."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    schema: dict[str, Any] | None = field(default=None)
    """JSON schema that the answer must follow; None for free text."""
    schema_name: str = "answer"
    tag: str = ""
    """What it is asked for (a stage, a record's id): kept in the journal, no part of the key."""

    def key(self, model: str) -> str:
        """Hash of all that can change the answer: model, messages, pictures, sampling and schema; not the server."""
        turns = [[m.role, *([p] if isinstance(p, str) else {"asset": p.asset} for p in m.parts)] for m in self.messages]
        sampling = {name: getattr(self.sampling, name) for name in Sampling.__dataclass_fields__}
        return digest({"model": model, "messages": turns, "sampling": sampling, "schema": self.schema})


@record
class Usage:
    """Tokens of one answer; estimated from the texts' lengths where the server does not say."""

    prompt: int
    completion: int
    estimated: bool = False


@record
class Answer:
    """A model's answer as it came."""

    key: str
    text: str
    finish: str
    """``stop``, ``length`` (cut at max_tokens) or another word of the server."""
    usage: Usage
    tag: str = ""
    model: str = ""
    """The model as the server names it."""
    fingerprint: str = ""
    """The server's own name for how it is set up (``system_fingerprint``)."""
    first: dict[str, float] = field(default_factory=dict)
    """The likeliest first tokens with their log-probabilities, where a request asks for ``logprobs``."""
    reused: bool = False
    """True if it came from the journal."""


@record
class Failure:
    """A question that got no answer; it stays open, so that the next run asks again."""

    key: str
    reason: str
    """Slug: ``llm.timeout``, ``llm.rate_limited``, ``llm.server``, ``llm.connection``, ``llm.malformed``,
    ``llm.refused_request``, ``llm.schema``."""
    detail: str
    attempts: int
    tag: str = ""


Outcome = Answer | Failure
