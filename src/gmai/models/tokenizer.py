"""A byte-level BPE tokenizer trained on the spot; words keep their hyphens, so that ``upper-left`` can be one token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers import models as algorithms
from transformers import PreTrainedTokenizerFast

from gmai.models.chat import CHAT_TEMPLATE, END, IMAGE, IMAGE_END, IMAGE_START, PAD, SPECIAL_TOKENS, VIDEO

_WORD = r" ?[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*| ?[^\s\p{L}\p{N}]+|\s+"
"""A word with its leading blank and its hyphens, or a run of signs, or a run of blanks."""


def train_tokenizer(texts: Iterable[str], vocabulary: int, context: int) -> Any:
    """Train a tokenizer.

    Args:
        texts: what it must spell well, chat scaffolding included.
        vocabulary: largest number of tokens; every byte is one, so any text can be spelled.
        context: longest row the model takes, in tokens.
    """
    backend = Tokenizer(algorithms.BPE())
    split = pre_tokenizers.Split(Regex(_WORD), "isolated")
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.pre_tokenizer = pre_tokenizers.Sequence([split, to_bytes])
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=list(SPECIAL_TOKENS),
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
        chat_template=CHAT_TEMPLATE,
        extra_special_tokens={
            "start_image_token": IMAGE_START,
            "end_image_token": IMAGE_END,
            "context_image_token": IMAGE,
            "video_token": VIDEO,
        },
    )
