"""The chat-completions protocol of OpenAI, as vLLM, SGLang and others speak it: bodies out, answers in."""

from typing import Any

import orjson

from gmai.errors import RemoteError
from gmai.llm.encoded import EncodedPictures
from gmai.llm.messages import Answer, Message, Picture, Request, Usage

BYTES_PER_TOKEN = 4
"""Used to estimate tokens where a server does not count them."""


def encode_request(request: Request, model: str, pictures: EncodedPictures, mode: str) -> bytes:
    """The body of a request.

    Args:
        request: what is asked.
        model: name the server knows.
        pictures: their data URLs.
        mode: how the answer's schema is asked for: ``json_schema``, ``json_object`` or ``text``.
    """
    body: dict[str, Any] = {"model": model, "messages": [_turn(message, pictures) for message in request.messages]}
    sampling = request.sampling
    for name in ("temperature", "top_p", "max_tokens", "seed"):
        if (value := getattr(sampling, name)) is not None:
            body[name] = value
    if request.schema is not None and mode == "json_schema":
        schema = {"name": request.schema_name, "schema": request.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif request.schema is not None and mode == "json_object":
        body["response_format"] = {"type": "json_object"}
    return orjson.dumps({**body, **sampling.extra})


def _turn(message: Message, pictures: EncodedPictures) -> dict[str, Any]:
    if len(message.parts) == 1 and isinstance(message.parts[0], str):
        return {"role": message.role, "content": message.parts[0]}
    return {"role": message.role, "content": [_part(part, pictures) for part in message.parts]}


def _part(part: str | Picture, pictures: EncodedPictures) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    return {"type": "image_url", "image_url": {"url": pictures.url(part)}}


def read_answer(data: bytes, request: Request, key: str) -> Answer:
    """Read a reply's body.

    Raises:
        RemoteError: ``llm.malformed``: no JSON, or no answer in it.
    """
    try:
        body = orjson.loads(data)
        choice = body["choices"][0]
        content = choice["message"].get("content")
        text = content if isinstance(content, str) else "".join(part.get("text") or "" for part in content or ())
        usage = body.get("usage") or {}
        tokens = usage.get("prompt_tokens"), usage.get("completion_tokens")
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        shown = data[:80].decode("utf-8", "replace")
        what = f"a reply that is no chat completion ({type(error).__name__}): {shown!r}"
        raise RemoteError(what, reason="llm.malformed") from None
    if isinstance(tokens[0], int) and isinstance(tokens[1], int):
        counted = Usage(prompt=tokens[0], completion=tokens[1])
    else:
        counted = Usage(prompt=_estimate(request), completion=len(text.encode()) // BYTES_PER_TOKEN, estimated=True)
    finish = str(choice.get("finish_reason") or "stop")
    return Answer(
        key=key,
        text=text,
        finish=finish,
        usage=counted,
        tag=request.tag,
        model=str(body.get("model") or ""),
        fingerprint=str(body.get("system_fingerprint") or ""),
        first=_first_tokens(choice),
    )


def _first_tokens(choice: Any) -> dict[str, float]:
    """Log-probabilities of the first token and of those that might have stood there; empty if none are told."""
    try:
        first = choice["logprobs"]["content"][0]
        told = [first, *(first.get("top_logprobs") or ())]
        return {str(item["token"]): float(item["logprob"]) for item in told}
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        return {}


def _estimate(request: Request) -> int:
    texts = [part for message in request.messages for part in message.parts if isinstance(part, str)]
    return sum(len(text.encode()) for text in texts) // BYTES_PER_TOKEN
