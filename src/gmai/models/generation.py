"""Greedy answers in text, many at once."""

from __future__ import annotations

from collections.abc import Sequence

from gmai.models.loaded import LoadedModel
from gmai.models.scoring import OptionItem, picture_pixels


def generate(
    loaded: LoadedModel, items: Sequence[OptionItem], max_new_tokens: int = 32, *, batch_rows: int = 16
) -> list[str]:
    """Let the model answer each question, always taking the likeliest token.

    Prompts of a batch are padded on the left. An answer ends at the end token, which is not part of it, or after
    ``max_new_tokens``.
    """
    import torch

    results: list[str] = []
    with torch.inference_mode():
        for start in range(0, len(items), batch_rows):
            results += _generate_batch(loaded, items[start : start + batch_rows], max_new_tokens)
    return results


def _generate_batch(loaded: LoadedModel, items: Sequence[OptionItem], max_new_tokens: int) -> list[str]:
    import torch

    scaffold, pad = loaded.scaffold, loaded.tokenizer.pad_token_id
    prompts = [scaffold.prompt(item.prompt, pictures=len(item.pictures)) for item in items]
    width = max(map(len, prompts))
    tokens_BT = torch.tensor([[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts])
    mask_BT = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    pixels = picture_pixels(loaded, items)
    pictures = {} if pixels is None else {"pixel_values": pixels}
    output = loaded.model.generate(
        input_ids=tokens_BT.to(loaded.device),
        attention_mask=mask_BT.to(loaded.device),
        **pictures,
        max_new_tokens=max_new_tokens,
        do_sample=False,
        use_cache=True,
        eos_token_id=scaffold.end,
        pad_token_id=pad,
    )
    return [_text(loaded, answer) for answer in output[:, width:].tolist()]


def _text(loaded: LoadedModel, answer: list[int]) -> str:
    end = loaded.scaffold.end
    kept = answer[: answer.index(end)] if end in answer else answer
    text: str = loaded.tokenizer.decode(kept, skip_special_tokens=True)
    return text.strip()
