"""Likelihoods of options as a tree equal four passes of the plain model; generation equals one question at a time."""

import logging
import random

import numpy as np
import pytest
import torch

from gmai.models import OptionItem, generate, pick_option, score_letters, score_options

WORDS = "upper-left lower-right nodule effusion mass none of the above picture shows".split()


def naive_score(loaded, item: OptionItem, *, end: bool = True) -> tuple[float, ...]:
    """One plain forward pass of the whole model per option."""
    scores = []
    for option in item.options:
        visual = [layout.tokens for layout in loaded.layouts(item.pictures)]
        prompt = list(loaded.scaffold.prompt(item.prompt, visual))
        answer = [*loaded.scaffold.text(option), *([loaded.scaffold.end] if end else [])]
        pixels = loaded.contract.pixels(item.pictures) if item.pictures else {}
        with torch.inference_mode():
            logits = loaded.model(input_ids=torch.tensor([prompt + answer]), **pixels, use_cache=False).logits
        chances = logits[0, len(prompt) - 1 : -1].log_softmax(-1)
        scores.append(float(chances[range(len(answer)), answer].sum()))
    return tuple(scores)


def draw_items(count: int, seed: int) -> list[OptionItem]:
    """Questions of 2 to 10 options, short and long, with common beginnings, on 0 to 3 of a few pictures."""
    drawn = random.Random(seed)
    rng = np.random.default_rng(seed)
    shelf = [rng.integers(0, 256, (40 + n, 36, 3), dtype=np.uint8) for n in range(4)]

    def text(most: int) -> str:
        return " ".join(drawn.choice(WORDS) for _ in range(drawn.randint(1, most)))

    items = []
    for number in range(count):
        pictures = tuple(drawn.choice(shelf) for _ in range(number % 4))
        start = text(6)
        options = [text(12) if drawn.random() < 0.5 else f"{start} {text(3)}" for _ in range(drawn.randint(2, 10))]
        items.append(OptionItem(pictures, text(10), tuple(options)))
    return items


def test_tree_equals_one_pass_per_option(loaded, items):
    found = score_options(loaded, items, batch_rows=3)
    for item, scores in zip(items, found, strict=True):
        assert scores == pytest.approx(naive_score(loaded, item), abs=1e-5)


def test_any_number_of_options_and_pictures_equals_one_pass_per_option(loaded):
    items = draw_items(12, seed=5)
    assert {len(item.pictures) for item in items} == {0, 1, 2, 3}
    found = score_options(loaded, items, batch_rows=12)
    for item, scores in zip(items, found, strict=True):
        assert scores == pytest.approx(naive_score(loaded, item), rel=1e-6, abs=1e-5)


def test_questions_on_one_picture_share_its_row_and_change_nothing(loaded, monkeypatch):
    from gmai.models import scoring

    picture = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    items = [OptionItem((picture.copy(),), f"{word}?", ("mass", "nodule")) for word in WORDS]
    found = []
    for shared, expected in ((0.0, len(items)), (2.0, None), (1e9, 1)):
        monkeypatch.setattr(scoring, "SHARED", shared)
        rows, shelf = scoring._build_rows(loaded, items, [[(5, 6), (7, 8)] for _ in items])
        assert len(shelf.fitted) == 1 and len(rows) == (expected or len(rows))
        found.append(score_options(loaded, items))
    assert found[0] != found[2]
    for item, *scores in zip(items, *found, strict=True):
        assert all(one == pytest.approx(naive_score(loaded, item), abs=1e-5) for one in scores)


def test_pictures_in_another_order_are_another_question(loaded):
    item = next(item for item in draw_items(12, seed=5) if len({id(p) for p in item.pictures}) > 1)
    turned = OptionItem(item.pictures[::-1], item.prompt, item.options)
    one, other = score_options(loaded, [item, turned])
    assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 1e-3


def test_batches_of_any_size_choose_the_same(loaded):
    items = draw_items(24, seed=9)
    alone = score_options(loaded, items, batch_rows=1)
    for size in (3, 7, 24):
        for one, other in zip(alone, score_options(loaded, items, batch_rows=size), strict=True):
            assert one == pytest.approx(other, abs=1e-4)
            assert pick_option(one)[0] == pick_option(other)[0]


def test_the_mean_is_over_tokens_and_pmi_takes_the_bare_answer_off(loaded, items):
    sums = score_options(loaded, items)
    means = score_options(loaded, items, normalise="mean")
    less = score_options(loaded, items, normalise="pmi")
    for place, item in enumerate(items):
        lengths = [len(loaded.scaffold.text(option)) + 1 for option in item.options]
        assert means[place] == pytest.approx([s / n for s, n in zip(sums[place], lengths, strict=True)])
        bare = naive_score(loaded, OptionItem((), "", item.options))
        assert less[place] == pytest.approx([s - b for s, b in zip(sums[place], bare, strict=True)], abs=2e-5)


def test_a_letter_counts_with_and_without_a_space(loaded, items):
    letters = [OptionItem(item.pictures, item.prompt, tuple("ABCDE"[: len(item.options)])) for item in items]
    for item, found in zip(letters, score_letters(loaded, letters, batch_rows=3), strict=True):
        spaced = OptionItem(item.pictures, item.prompt, tuple(f" {letter}" for letter in item.options))
        both = np.logaddexp(naive_score(loaded, item, end=False), naive_score(loaded, spaced, end=False))
        assert found == pytest.approx(both.tolist(), abs=1e-5)


def test_equal_options_are_a_tie_and_the_first_is_taken(loaded, items):
    scores = score_options(loaded, [items[2]])[0]
    assert scores[0] == pytest.approx(scores[4], abs=1e-6)
    assert pick_option([-3.0, -1.0, -1.0 - 5e-5, -2.0]) == (1, True)
    assert pick_option([-3.0, -1.0, -1.1]) == (1, False)


def test_generation_in_a_batch_equals_one_by_one(loaded, items):
    together = generate(loaded, items, max_new_tokens=6)
    assert together == [generate(loaded, [item], max_new_tokens=6)[0] for item in items]
    assert all(together)


def test_batches_of_any_size_reply_the_same(loaded):
    items = draw_items(24, seed=11)
    alone = generate(loaded, items, max_new_tokens=8, batch_rows=1)
    assert len(set(alone)) > 3
    for size in (5, 24):
        assert generate(loaded, items, max_new_tokens=8, batch_rows=size) == alone


def test_an_answer_ends_before_a_stop(loaded):
    items = draw_items(12, seed=11)
    whole = generate(loaded, items, max_new_tokens=12)
    stop = next(letter for letter in "aeio" if any(0 < text.find(letter) for text in whole))
    cut = generate(loaded, items, max_new_tokens=12, stops=("never said", stop))
    assert cut == [text.partition(stop)[0].strip() for text in whole] != whole


def test_bfloat16_is_close_and_replies_too(loaded, items):
    for one, other in zip(score_options(loaded, items), score_options(loaded, items, precision="bf16"), strict=True):
        assert one == pytest.approx(other, rel=0.05) and one != other
    assert all(generate(loaded, items, max_new_tokens=4, precision="bf16"))


def test_generation_is_silent(loaded, items, capfd, caplog):
    with caplog.at_level(logging.WARNING):
        generate(loaded, items, max_new_tokens=3)
    assert capfd.readouterr() == ("", "") and not caplog.records


def test_generation_follows_the_likeliest_token_and_stops_at_the_end(loaded, items):
    item = items[0]
    tokens = list(loaded.scaffold.prompt(item.prompt, [loaded.contract.tokens_per_image]))
    start = len(tokens)
    pixels = loaded.contract.pixels(item.pictures)
    with torch.inference_mode():
        for _ in range(6):
            logits = loaded.model(input_ids=torch.tensor([tokens]), **pixels, use_cache=False).logits
            tokens.append(int(logits[0, -1].argmax()))
    expected = loaded.tokenizer.decode(tokens[start:], skip_special_tokens=True).strip()
    assert generate(loaded, [item], max_new_tokens=6) == [expected]

    class EndsAtOnce:
        device, config = loaded.model.device, loaded.model.config

        def generate(self, input_ids, **_):
            tail = torch.tensor([[tokens[start], loaded.scaffold.end, tokens[start]]])
            return torch.cat([input_ids, tail], dim=1)

    ended = type(loaded)(EndsAtOnce(), loaded.tokenizer, loaded.contract)
    assert generate(ended, [item]) == [loaded.tokenizer.decode([tokens[start]]).strip()]
