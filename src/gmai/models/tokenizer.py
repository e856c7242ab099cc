"""A byte-level BPE tokenizer trained on the spot; words keep their hyphens, so that ``upper-left`` can be one token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers import models as algorithms
from transformers import PreTrainedTokenizerFast

from gmai.models.families.family import TinyPicture

START, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}PICTURE{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""Turns between ``<|im_start|>`` and ``<|im_end|>``; one token per picture, widened before tokenising."""

_WORD = r" ?[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*| ?[^\s\p{L}\p{N}]+|\s+"
"""A word with its leading blank and its hyphens, or a run of signs, or a run of blanks."""


def train_tokenizer(texts: Iterable[str], vocabulary: int, context: int, picture: TinyPicture) -> Any:
    """Train a tokenizer.

    Args:
        texts: what it must spell well, chat scaffolding included.
        vocabulary: largest number of tokens; every byte is one, so any text can be spelled.
        context: longest row the model takes, in tokens.
        picture: how the model's family spells a picture.
    """
    backend = Tokenizer(algorithms.BPE())
    split = pre_tokenizers.Split(Regex(_WORD), "isolated")
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.pre_tokenizer = pre_tokenizers.Sequence([split, to_bytes])
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=[PAD, START, END, *picture.tokens],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        eos_token=END,
        pad_token=PAD,
        padding_side="left",
        model_max_length=context,
        chat_template=_TEMPLATE.replace("PICTURE", picture.template),
        extra_special_tokens=dict(picture.named),
    )
