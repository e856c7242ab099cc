"""Chat templates of language models given a place for pictures, and what ends their answers."""

from __future__ import annotations

import json
from typing import Any

from gmai.errors import ModelError
from gmai.models.chat import MARK

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""For language models that were never taught to talk."""
CHATML_END = "<|im_end|>"
_FLATTEN = """\
{%- set flat = namespace(messages=[]) -%}
{%- for message in messages -%}
{%- if message['content'] is string -%}
{%- set flat.messages = flat.messages + [message] -%}
{%- else -%}
{%- set told = namespace(text='') -%}
{%- for part in message['content'] -%}
{%- if part['type'] == 'image' -%}
{%- set told.text = told.text + PICTURE -%}
{%- else -%}
{%- set told.text = told.text + part['text'] -%}
{%- endif -%}
{%- endfor -%}
{%- set flat.messages = flat.messages + [dict(message, content=told.text)] -%}
{%- endif -%}
{%- endfor -%}
{%- set messages = flat.messages -%}
"""
"""Put before a template that knows texts alone: makes one text of a turn's pictures and texts."""


def with_pictures(tokenizer: Any, picture: str, where: str) -> tuple[str, str]:
    """The token that ends an answer, and the tokenizer's chat template with a place for pictures.

    Args:
        tokenizer: of a language model; one without a template gets turns between ``<|im_start|>`` and ``<|im_end|>``.
        picture: what is put for a picture.
        where: the folder, for errors.

    Raises:
        ModelError: a template that does not show a conversation in turn, or whose answers end with no token.
    """
    own = tokenizer.chat_template
    if isinstance(own, dict):
        own = own.get("default")
    if not own:
        _add_turns(tokenizer)
    end = _find_end(tokenizer, own, where) if own else CHATML_END
    flatten = _FLATTEN.replace("PICTURE", json.dumps(picture))
    return end, flatten + (own or CHATML)


def _add_turns(tokenizer: Any) -> None:
    from transformers import AddedToken

    turns = [AddedToken(token, normalized=False, special=True) for token in ("<|im_start|>", CHATML_END)]
    tokenizer.add_tokens(turns, special_tokens=True)


def _find_end(tokenizer: Any, template: str, where: str) -> str:
    """The special token right behind an answer."""
    turns = [{"role": role, "content": f"{MARK}{number}"} for number, role in enumerate(("user", "assistant", "user"))]
    text: str = tokenizer.apply_chat_template(turns, chat_template=template, tokenize=False)
    _, found, after = text.partition(f"{MARK}1")
    special = sorted({str(token) for token in tokenizer.added_tokens_decoder.values()}, key=len, reverse=True)
    end = next((token for token in special if after.startswith(token)), "")
    if not found or not end:
        fix = "give the tokenizer a chat template whose answers end with a special token"
        raise ModelError("the chat template's answers end with no token", where=where, fix=fix, reason="model.chat")
    return end
