"""Greedy answers in text, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gmai.models.loaded import LoadedModel
from gmai.models.scoring import OptionItem
from gmai.models.unfolding import cut_text

if TYPE_CHECKING:
    from gmai.models.forward import Precision


def generate(
    loaded: LoadedModel,
    items: Sequence[OptionItem],
    max_new_tokens: int = 32,
    *,
    batch_rows: int = 16,
    stops: Sequence[str] = (),
    precision: Precision = "fp32",
) -> list[str]:
    """Let the model answer each question, always taking the likeliest token.

    Prompts of a batch are padded on the left. An answer ends before the end token, before the first of the texts
    ``stops``, or after ``max_new_tokens``.
    """
    import torch

    from gmai.models.forward import autocast

    results: list[str] = []
    with torch.inference_mode(), autocast(loaded.device, precision):
        for start in range(0, len(items), batch_rows):
            results += _generate_batch(loaded, items[start : start + batch_rows], max_new_tokens, stops)
    return results


def _generate_batch(
    loaded: LoadedModel, items: Sequence[OptionItem], max_new_tokens: int, stops: Sequence[str]
) -> list[str]:
    scaffold = loaded.scaffold
    fitted = [loaded.contract.fit(picture, len(item.pictures)) for item in items for picture in item.pictures]
    layouts = [loaded.layouts(item.pictures) for item in items]
    prompts = [
        scaffold.prompt(item.prompt, [layout.tokens for layout in seen])
        for item, seen in zip(items, layouts, strict=True)
    ]
    more: dict[str, Any] = {}
    if stops:
        more = {"stop_strings": list(stops), "tokenizer": loaded.tokenizer}
    output = loaded.model.generate(
        **loaded.inputs(prompts, fitted),
        **more,
        max_new_tokens=max_new_tokens,
        do_sample=False,
        use_cache=True,
        eos_token_id=scaffold.end,
        pad_token_id=loaded.pad,
    )
    return [_text(loaded, answer, stops) for answer in output[:, max(map(len, prompts)) :].tolist()]


def _text(loaded: LoadedModel, answer: list[int], stops: Sequence[str]) -> str:
    end = loaded.scaffold.end
    kept = answer[: answer.index(end)] if end in answer else answer
    text: str = loaded.tokenizer.decode(kept, skip_special_tokens=True)
    return cut_text(text, stops).strip()
