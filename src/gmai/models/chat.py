"""How a conversation is spelled for a model: read off the tokenizer's chat template, the only place that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gmai.errors import ModelError
from gmai.models.families.family import Spelling

MARK = "\ufdd0"
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
    between_images: tuple[int, ...] | None = None
    """Between the places of two pictures; None if the template puts several in another way."""

    def prefix(self, visual: Sequence[int] = ()) -> tuple[int, ...]:
        """Tokens up to the first user text.

        Args:
            visual: the number of visual tokens of each picture; empty for a conversation without one.

        Raises:
            ModelError: several pictures, and the template has no place for them before the text.
        """
        if not visual:
            return self.head_plain
        if len(visual) > 1 and self.between_images is None:
            what = "the chat template does not put several pictures before the text"
            raise ModelError(what, reason="model.pictures")
        first, *further = ((self.image,) * number for number in visual)
        between = self.between_images or ()
        return self.prefix_around([*first, *(token for run in further for token in (*between, *run))])

    def prefix_around(self, content: Sequence[int]) -> tuple[int, ...]:
        """Tokens up to the first user text with ``content`` where visual tokens would be."""
        before, after = self.head_image
        return (*before, *content, *after)

    def text(self, text: str) -> tuple[int, ...]:
        """Tokens of a text; a special token spelled inside it is plain text."""
        return _encode(self.tokenizer, text) if len(text) <= _LONGEST_KEPT else _spell(self.tokenizer, text)

    def prompt(self, text: str, visual: Sequence[int] = ()) -> tuple[int, ...]:
        """Tokens of a question up to where the answer begins; ``visual`` as in :meth:`prefix`."""
        return (*self.prefix(visual), *self.text(text), *self.ask)


_LONGEST_KEPT = 4000
"""Signs of the longest text whose tokens are kept for when it comes again."""


@lru_cache(maxsize=1 << 12)
def _encode(tokenizer: Any, text: str) -> tuple[int, ...]:
    return _spell(tokenizer, text)


def _spell(tokenizer: Any, text: str) -> tuple[int, ...]:
    return tuple(_NUMBERS.setdefault(number, number) for number in _inside(tokenizer, text, split_special_tokens=True))


def _inside(tokenizer: Any, text: str, **options: bool) -> list[int]:
    """Tokens of a text in the midst of others."""
    lead, skipped = _lead(tokenizer)
    ids: list[int] = tokenizer.encode(lead + text, add_special_tokens=False, **options)
    return ids[skipped:]


@lru_cache(maxsize=16)
def _lead(tokenizer: Any) -> tuple[str, int]:
    """What to put before a text, and its tokens, so that it is spelled as in the midst of others.

    Some tokenizers begin whatever they are given with a blank.
    """
    line, alone, after = (tokenizer.encode(text, add_special_tokens=False) for text in ("\n", "a", "\na"))
    begins = after[: len(line)] == line and len(after) > len(line) and after[len(line) :] != alone
    return ("\n", len(line)) if begins else ("", 0)


_NUMBERS: dict[int, int] = {}
"""One integer object per token id: millions of them are held."""


def read_scaffold(tokenizer: Any, spelling: Spelling) -> Scaffold:
    """Take the fixed pieces out of a tokenizer's chat template.

    Args:
        tokenizer: with its template.
        spelling: how the model's family spells a picture.

    Raises:
        ModelError: the tokenizer has no template, or one that does not put a picture before the text.
    """
    if not tokenizer.chat_template:
        raise ModelError("the tokenizer has no chat template", reason="model.chat")
    turns = [("user", MARK), ("assistant", MARK), ("user", MARK)]
    head_plain, ask, between, _ = _render(tokenizer, turns)
    head_image = _render(tokenizer, turns, pictures=1)[0]
    image = spelling.image
    before, found, rest = head_image.partition(image)
    middle = _find_middle(_render(tokenizer, turns, pictures=2)[0], before, rest, image)
    if not found or image in rest:
        raise ModelError("the chat template does not put one picture before the text", reason="model.chat")

    def ids(text: str) -> tuple[int, ...]:
        return tuple(_inside(tokenizer, text))

    def behind(token: str, text: str) -> tuple[int, ...]:
        """Tokens of what stands right behind a special token: some tokenizers put a blank there, or take one away."""
        return tuple(tokenizer.encode(token + text, add_special_tokens=False)[1:])

    def head(text: str) -> tuple[int, ...]:
        start = tokenizer.bos_token
        adds = start and not text.startswith(start) and tokenizer("").input_ids[:1] == [tokenizer.bos_token_id]
        return (*([tokenizer.bos_token_id] if adds else []), *tokenizer.encode(text, add_special_tokens=False))

    return Scaffold(
        tokenizer=tokenizer,
        head_image=(head(before + spelling.start), behind(image, spelling.end + rest)),
        head_plain=head(head_plain),
        ask=ids(ask),
        next_user=behind(tokenizer.eos_token, between.removeprefix(tokenizer.eos_token)),
        end=tokenizer.eos_token_id,
        image=tokenizer.convert_tokens_to_ids(image),
        between_images=None if middle is None else behind(image, spelling.end + middle + spelling.start),
    )


def _find_middle(two: str, before: str, after: str, image: str) -> str | None:
    """What stands between two pictures, if around them is what is around one."""
    if two.count(image) != 2 or not two.startswith(before + image) or not two.endswith(image + after):
        return None
    return two.split(image)[1]


def _render(tokenizer: Any, turns: Sequence[tuple[str, str]], *, pictures: int = 0) -> list[str]:
    """What a template puts around the texts of a conversation, given as words or, if it wants that, as parts.

    Raises:
        ModelError: it does not show every text once.
    """
    for in_parts in (False, True):
        messages: list[dict[str, Any]] = [
            {"role": role, "content": [{"type": "text", "text": text}] if in_parts else text} for role, text in turns
        ]
        if pictures:
            messages[0]["content"] = [*[{"type": "image"}] * pictures, {"type": "text", "text": MARK}]
        text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        if text.count(MARK) == len(turns):
            return text.split(MARK)
    raise ModelError("the chat template does not show every text of a conversation once", reason="model.chat")
