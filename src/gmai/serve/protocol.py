"""The chat-completions protocol: requests as they are read and checked, replies as they are written."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gmai.serve.config import LimitsConfig
from gmai.serve.refusal import Refusal, place_of

_IGNORED = {"user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "parallel_tool_calls"}
"""Fields of the protocol that cannot change an answer."""
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
}
"""Fields that would change an answer in ways this server does not know, and the values that leave it as it is."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ImageUrl(_Strict):
    """Where a picture is."""

    url: str
    detail: Literal["auto"] = "auto"
    """The visual contract alone decides how a picture is seen."""


class ImagePart(_Strict):
    """A picture of a turn."""

    type: Literal["image_url"]
    image_url: ImageUrl


class TextPart(_Strict):
    """A text of a turn."""

    type: Literal["text"]
    text: str


class Turn(_Strict):
    """One turn of a conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart | ImagePart]
    name: str | None = None


class StreamOptions(_Strict):
    """How an answer is streamed."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A request for an answer."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: str
    messages: list[Turn] = Field(min_length=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=20)

    @property
    def stops(self) -> tuple[str, ...]:
        """Stop texts."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def top(self) -> int | None:
        """Log-probabilities wanted of each token."""
        return (self.top_logprobs or 0) if self.logprobs else None


class Talk(BaseModel):
    """The conversation of a request, as the model is to be given it."""

    turns: list[str]
    urls: list[tuple[str, str]]
    """Place in the request and address of each picture."""


def read_request(data: bytes, limits: LimitsConfig) -> ChatRequest:
    """Read a request's body.

    Raises:
        Refusal: no JSON, another shape, or something asked for that this server cannot do.
    """
    try:
        request = ChatRequest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = place_of(first["loc"])
        raise Refusal(400, "invalid_request", f"{place or 'body'}: {first['msg']}", place) from None
    for name, value in (request.model_extra or {}).items():
        if name not in _IGNORED and value is not None and value not in _NEUTRAL.get(name, ()):
            raise Refusal(400, "unsupported_parameter", f"{name!r} is not supported here", name)
    if request.top_logprobs is not None and not request.logprobs:
        raise Refusal(400, "invalid_request", "top_logprobs needs logprobs", "top_logprobs")
    if len(request.stops) > limits.stops or "" in request.stops:
        raise Refusal(400, "too_many_stops", f"stop takes up to {limits.stops} texts, none empty", "stop")
    most = request.max_completion_tokens or request.max_tokens
    if most is not None and most > limits.answer_tokens:
        what = f"answers have at most {limits.answer_tokens} tokens here, not {most}"
        raise Refusal(400, "too_many_tokens", what, "max_tokens")
    return request


def read_talk(request: ChatRequest, limits: LimitsConfig) -> Talk:
    """The texts and pictures of a request; what the system says goes before the first text, as in evaluation.

    Raises:
        Refusal: turns in another order than user, assistant, user …, pictures beyond the first turn, or too much.
    """
    turns = request.messages
    if len(turns) > limits.turns:
        raise Refusal(400, "too_many_turns", f"at most {limits.turns} turns, not {len(turns)}", "messages")
    system: list[str] = []
    while turns and turns[0].role in ("system", "developer"):
        system.append(_texts(turns[0], f"messages.{len(system)}"))
        turns = turns[1:]
    start = len(request.messages) - len(turns)
    for number, turn in enumerate(turns):
        if turn.role != ("user", "assistant")[number % 2]:
            what = "turns must be of user and assistant in turn, those of the system first"
            raise Refusal(400, "invalid_turns", what, f"messages.{start + number}.role")
    if len(turns) % 2 == 0:
        raise Refusal(400, "invalid_turns", "the last turn must be the user's", "messages")
    urls = _urls(turns[0], f"messages.{start}")
    if len(urls) > limits.images:
        what = f"at most {limits.images} pictures, not {len(urls)}"
        raise Refusal(400, "too_many_images", what, f"messages.{start}.content")
    first = "\n\n".join([*filter(None, system), _words(turns[0])])
    texts = [first, *(_texts(turn, f"messages.{start + 1 + n}") for n, turn in enumerate(turns[1:]))]
    if (signs := sum(map(len, texts))) > limits.characters:
        what = f"texts have at most {limits.characters} signs here, not {signs}"
        raise Refusal(400, "text_too_long", what, "messages")
    return Talk(turns=texts, urls=urls)


def _words(turn: Turn) -> str:
    if isinstance(turn.content, str):
        return turn.content
    return "\n".join(part.text for part in turn.content if isinstance(part, TextPart))


def _urls(turn: Turn, where: str) -> list[tuple[str, str]]:
    if isinstance(turn.content, str):
        return []
    parts = enumerate(turn.content)
    return [(f"{where}.content.{n}", part.image_url.url) for n, part in parts if isinstance(part, ImagePart)]


def _texts(turn: Turn, where: str) -> str:
    """The words of a turn that may have no picture."""
    if urls := _urls(turn, where):
        what = "pictures belong to the first turn of the user: the model has learned them nowhere else"
        raise Refusal(400, "image_not_in_first_turn", what, urls[0][0])
    return _words(turn)
