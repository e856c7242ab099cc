"""How a conversation is spelled for a model: read off the tokenizer's chat template, the only place that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gmai.errors import ModelError

START, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
IMAGE_START, IMAGE_END, IMAGE, VIDEO = "<img>", "</img>", "<IMG_CONTEXT>", "<video>"
SPECIAL_TOKENS = (PAD, START, END, IMAGE_START, IMAGE_END, IMAGE, VIDEO)

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<IMG_CONTEXT>\n{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""Turns between ``<|im_start|>`` and ``<|im_end|>``; one context token per picture, widened before tokenising."""

_MARK = "\ufdd0"
"""A character that is never text (Unicode noncharacter): stands for the texts of a conversation."""


@dataclass(frozen=True)
class Scaffold:
    """The fixed pieces of a conversation around its texts, as token ids, and the tokenizer for the texts.

    A conversation is ``head + text + ask + answer + next_user + text + ask + answer …``.
    """

    tokenizer: Any
    head_image: tuple[tuple[int, ...], tuple[int, ...]]
    """Before and after the place of the picture, up to the first user text."""
    head_plain: tuple[int, ...]
    """Before the first user text of a conversation without a picture."""
    ask: tuple[int, ...]
    """Between a user's text and the assistant's answer."""
    next_user: tuple[int, ...]
    """Between an answer, after its end token, and the next user text."""
    end: int
    """The token that ends an answer."""
    image: int
    """The token that is replaced by visual features."""
    num_visual: int
    """How many of these one picture takes."""
    between_images: tuple[int, ...] | None = None
    """Between the places of two pictures; None if the template puts several in another way."""

    def prefix(self, *, pictures: int) -> tuple[int, ...]:
        """Tokens up to the first user text.

        Raises:
            ModelError: several pictures, and the template has no place for them before the text.
        """
        if not pictures:
            return self.head_plain
        if pictures > 1 and self.between_images is None:
            what = "the chat template does not put several pictures before the text"
            raise ModelError(what, reason="model.pictures")
        visual = (self.image,) * self.num_visual
        further = (*(self.between_images or ()), *visual) * (pictures - 1)
        return self.prefix_around((*visual, *further))

    def prefix_around(self, content: Sequence[int]) -> tuple[int, ...]:
        """Tokens up to the first user text with ``content`` where visual tokens would be."""
        before, after = self.head_image
        return (*before, *content, *after)

    def text(self, text: str) -> tuple[int, ...]:
        """Tokens of a text; a special token spelled inside it is plain text."""
        return _encode(self.tokenizer, text)

    def prompt(self, text: str, *, pictures: int) -> tuple[int, ...]:
        """Tokens of a question up to where the answer begins."""
        return (*self.prefix(pictures=pictures), *self.text(text), *self.ask)


@lru_cache(maxsize=1 << 12)
def _encode(tokenizer: Any, text: str) -> tuple[int, ...]:
    ids = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    return tuple(_NUMBERS.setdefault(number, number) for number in ids)


_NUMBERS: dict[int, int] = {}
"""One integer object per token id: millions of them are held."""


def read_scaffold(tokenizer: Any, num_visual: int) -> Scaffold:
    """Take the fixed pieces out of a tokenizer's chat template.

    Raises:
        ModelError: the tokenizer has no template, or one that does not put a picture before the text.
    """
    if not tokenizer.chat_template:
        raise ModelError("the tokenizer has no chat template", reason="model.chat")
    turns = [("user", _MARK), ("assistant", _MARK), ("user", _MARK)]
    head_plain, ask, between, _ = _render(tokenizer, turns)
    head_image = _render(tokenizer, turns, pictures=1)[0]
    image_start, image_end = (getattr(tokenizer, f"{name}_image_token", "") for name in ("start", "end"))
    before, found, after = head_image.partition(IMAGE)
    middle = _find_middle(_render(tokenizer, turns, pictures=2)[0], before, after)
    end = tokenizer.eos_token
    if not found or IMAGE in after or not between.startswith(end):
        raise ModelError("the chat template does not put one picture before the text", reason="model.chat")

    def ids(text: str) -> tuple[int, ...]:
        return tuple(tokenizer.encode(text, add_special_tokens=False))

    return Scaffold(
        tokenizer=tokenizer,
        head_image=(ids(before + image_start), ids(image_end + after)),
        head_plain=ids(head_plain),
        ask=ids(ask),
        next_user=ids(between.removeprefix(end)),
        end=tokenizer.eos_token_id,
        image=tokenizer.convert_tokens_to_ids(IMAGE),
        num_visual=num_visual,
        between_images=None if middle is None else ids(image_end + middle + image_start),
    )


def _find_middle(two: str, before: str, after: str) -> str | None:
    """What stands between two pictures, if around them is what is around one."""
    if two.count(IMAGE) != 2 or not two.startswith(before + IMAGE) or not two.endswith(IMAGE + after):
        return None
    return two.split(IMAGE)[1]


def _render(tokenizer: Any, turns: Sequence[tuple[str, str]], *, pictures: int = 0) -> list[str]:
    messages: list[dict[str, Any]] = [{"role": role, "content": text} for role, text in turns]
    if pictures:
        messages[0]["content"] = [*[{"type": "image"}] * pictures, {"type": "text", "text": _MARK}]
    text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return text.split(_MARK)
