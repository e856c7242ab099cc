"""Likelihoods of options as a tree equal four passes of the plain model; generation equals one question at a time."""

import pytest
import torch

from gmai.models import OptionItem, generate, pick_option, score_options


def naive_score(loaded, item: OptionItem) -> tuple[float, ...]:
    """One plain forward pass per option."""
    scores = []
    for option in item.options:
        prompt = list(loaded.scaffold.prompt(item.prompt, picture=item.picture is not None))
        answer = [*loaded.scaffold.text(option), loaded.scaffold.end]
        pixels = None if item.picture is None else loaded.contract.pixels([item.picture])
        with torch.inference_mode():
            logits = loaded.model(
                input_ids=torch.tensor([prompt + answer]), pixel_values=pixels, use_cache=False
            ).logits
        chances = logits[0, len(prompt) - 1 : -1].log_softmax(-1)
        scores.append(float(chances[range(len(answer)), answer].sum()))
    return tuple(scores)


def test_tree_equals_one_pass_per_option(loaded, items):
    found = score_options(loaded, items, batch_rows=3)
    for item, scores in zip(items, found, strict=True):
        assert scores == pytest.approx(naive_score(loaded, item), abs=1e-5)


def test_equal_options_are_a_tie_and_the_first_is_taken(loaded, items):
    scores = score_options(loaded, [items[2]])[0]
    assert scores[0] == pytest.approx(scores[4], abs=1e-6)
    assert pick_option([-3.0, -1.0, -1.0 - 5e-5, -2.0]) == (1, True)
    assert pick_option([-3.0, -1.0, -1.1]) == (1, False)


def test_generation_in_a_batch_equals_one_by_one(loaded, items):
    together = generate(loaded, items, max_new_tokens=6)
    assert together == [generate(loaded, [item], max_new_tokens=6)[0] for item in items]
    assert all(together)


def test_generation_follows_the_likeliest_token_and_stops_at_the_end(loaded, items):
    item = items[0]
    tokens = list(loaded.scaffold.prompt(item.prompt, picture=True))
    start = len(tokens)
    pixels = loaded.contract.pixels([item.picture])
    with torch.inference_mode():
        for _ in range(6):
            logits = loaded.model(input_ids=torch.tensor([tokens]), pixel_values=pixels, use_cache=False).logits
            tokens.append(int(logits[0, -1].argmax()))
    expected = loaded.tokenizer.decode(tokens[start:], skip_special_tokens=True).strip()
    assert generate(loaded, [item], max_new_tokens=6) == [expected]

    class EndsAtOnce:
        device = loaded.model.device

        def generate(self, input_ids, **_):
            tail = torch.tensor([[tokens[start], loaded.scaffold.end, tokens[start]]])
            return torch.cat([input_ids, tail], dim=1)

    ended = type(loaded)(EndsAtOnce(), loaded.tokenizer, loaded.contract)
    assert generate(ended, [item]) == [loaded.tokenizer.decode([tokens[start]]).strip()]
