"""One question of a client: from the body of its request to a prompt, with every limit checked on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from threading import Semaphore

from gmai.errors import ImageError, ModelError
from gmai.models import LoadedModel, Prompt, Wish, spell_chat
from gmai.serve.config import LimitsConfig, ServeConfig
from gmai.serve.pictures import load_picture
from gmai.serve.protocol import ChatRequest, Talk
from gmai.serve.refusal import Refusal

DRAINED = 4
"""Of a body that is too long, so many times the limit is read and dropped, so that its sender hears why."""
_DECODING = Semaphore(2)
"""Pictures decoded at a time, of all questions."""


@dataclass(frozen=True)
class Asked:
    """A question that is ready for the model."""

    prompt: Prompt
    wish: Wish


async def read_body(parts: AsyncIterator[bytes], said: str | None, limits: LimitsConfig) -> bytes:
    """Take in a body; never more of it is held than is allowed.

    Args:
        parts: its bytes as they come.
        said: the length that the request claims.
        limits: the limits.

    Raises:
        Refusal: it is longer.
    """
    most = limits.body_bytes
    long = said is not None and said.isascii() and said.isdigit() and int(said[:20]) > most
    held, size = bytearray(), 0
    async for part in parts:
        size += len(part)
        long = long or size > most
        if not long:
            held += part
            continue
        held.clear()
        if size > DRAINED * most:
            break
    if long:
        raise Refusal(413, "request_too_large", f"a request has more than {most} bytes")
    return bytes(held)


def make_prompt(talk: Talk, loaded: LoadedModel, config: ServeConfig) -> Prompt:
    """Decode the pictures and spell the conversation, by the functions that training and evaluation use.

    Each picture is fitted as soon as it is decoded, so that no more than one of a question lies decoded in memory.

    Raises:
        Refusal: a picture that is none, or is beyond the limits, or several where the model takes one.
    """
    fitted, visual, count = [], [], len(talk.urls)
    for where, url in talk.urls:
        with _DECODING:
            picture = load_picture(url, where, config)
            try:
                visual.append(loaded.contract.layout(picture.shape[1], picture.shape[0], count).tokens)
                fitted.append(loaded.contract.fit(picture, count))
            except ImageError as error:
                raise Refusal(400, "invalid_image", error.message, where) from None
    try:
        return Prompt(spell_chat(loaded, talk.turns, visual), tuple(fitted), sum(visual))
    except ModelError as error:
        raise Refusal(400, "unsupported_images", error.message, "messages") from None


def make_wish(request: ChatRequest, prompt: Prompt, context: int, limits: LimitsConfig) -> Wish:
    """How the answer is to be; without a number of its own it may be as long as there is room.

    Raises:
        Refusal: question and answer do not fit the model.
    """
    wanted = request.max_completion_tokens or request.max_tokens
    room = context - len(prompt.tokens)
    if room < (wanted or 1):
        what = (
            f"the model takes {context} tokens; the question has {len(prompt.tokens)} ({prompt.visual} of pictures) "
            f"and the answer may have {wanted or 1}"
        )
        raise Refusal(400, "context_length_exceeded", what, "messages")
    return Wish(
        max_tokens=wanted or min(room, limits.answer_tokens),
        stops=request.stops,
        temperature=request.temperature or 0.0,
        top_p=1.0 if request.top_p is None else request.top_p,
        seed=(request.seed or 0) % (1 << 63),
        top=request.top,
    )
