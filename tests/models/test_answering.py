"""Answers under way: the same text as evaluation's, whatever else is in the batch; stops, chance and pieces."""

import numpy as np
import pytest

from gmai.models import Chat, OptionItem, Wish, answer_prompts, generate, prompt_chat, score_options
from gmai.models.unfolding import Unfolding


@pytest.fixture(scope="module")
def prompts(loaded, items):
    return [prompt_chat(loaded, Chat((item.prompt,), item.pictures)) for item in items]


def test_a_question_is_spelled_and_seen_as_in_evaluation(loaded, items, prompts):
    for item, prompt in zip(items, prompts, strict=True):
        visual = [layout.tokens for layout in loaded.layouts(item.pictures)]
        assert prompt.tokens == loaded.scaffold.prompt(item.prompt, visual)
        assert prompt.visual == sum(visual) == prompt.tokens.count(loaded.scaffold.image)
        fitted = [loaded.contract.fit(picture, len(item.pictures)) for picture in item.pictures]
        assert all(np.array_equal(one, other) for one, other in zip(prompt.fitted, fitted, strict=True))


def test_greedy_answers_are_those_of_evaluation_alone_and_together(loaded, items, prompts):
    expected = generate(loaded, items, max_new_tokens=8)
    together = answer_prompts(loaded, prompts, [Wish(max_tokens=8)] * len(prompts))
    assert [answer.text for answer in together] == expected
    for prompt, text in zip(prompts, expected, strict=True):
        assert answer_prompts(loaded, [prompt], [Wish(max_tokens=8)])[0].text == text


def test_each_answer_has_its_own_length(loaded, prompts):
    whole = answer_prompts(loaded, prompts, [Wish(max_tokens=8)] * 4)
    mixed = answer_prompts(loaded, prompts, [Wish(max_tokens=length) for length in (1, 8, 3, 5)])
    for answer, full, length in zip(mixed, whole, (1, 8, 3, 5), strict=True):
        assert answer.tokens == full.tokens[:length]
        assert answer.finish == ("stop" if answer.tokens[-1] == loaded.scaffold.end else "length")


def test_an_answer_ends_before_its_stop_as_in_evaluation(loaded, items, prompts):
    whole = generate(loaded, items, max_new_tokens=12)
    stop = next(sign for sign in "aeionrst" if any(0 < text.find(sign) for text in whole))
    expected = generate(loaded, items, max_new_tokens=12, stops=(stop,))
    wishes = [Wish(max_tokens=12, stops=(stop,))] * len(prompts)
    pieces: dict[int, str] = dict.fromkeys(range(4), "")

    def hear(row, new, answer):
        pieces[row] += new
        return True

    found = answer_prompts(loaded, prompts, wishes, hear)
    assert [answer.text for answer in found] == expected != whole
    assert list(pieces.values()) == expected
    for answer, text in zip(found, whole, strict=True):
        assert answer.finish == "stop" or stop not in text


def test_chance_follows_its_seed_and_nothing_else(loaded, prompts):
    wish = Wish(max_tokens=8, temperature=1.5, seed=3)
    alone = answer_prompts(loaded, prompts[:1], [wish])[0].tokens
    mixed = answer_prompts(loaded, prompts, [wish, Wish(max_tokens=4), Wish(max_tokens=8, temperature=2), wish])
    assert mixed[0].tokens == alone
    seeds = {tuple(answer_prompts(loaded, prompts[:1], [Wish(8, (), 1.5, seed=seed)])[0].tokens) for seed in range(6)}
    assert len(seeds) > 3
    greedy = answer_prompts(loaded, prompts[:1], [Wish(max_tokens=8)])[0].tokens
    assert answer_prompts(loaded, prompts[:1], [Wish(8, (), 2.0, top_p=1e-6)])[0].tokens == greedy
    assert mixed[1].tokens == answer_prompts(loaded, prompts[1:2], [Wish(max_tokens=4)])[0].tokens


def test_log_probabilities_are_those_of_a_forward_pass(loaded, items, prompts):
    answer = answer_prompts(loaded, prompts[:1], [Wish(max_tokens=3, top=5)])[0]
    assert len(answer.chances) == len(answer.tokens) == 3
    for chance, token in zip(answer.chances, answer.tokens, strict=True):
        assert chance.token == token == chance.top[0][0] and len(chance.top) == 5
        assert chance.logprob == chance.top[0][1] >= chance.top[1][1]
    first = loaded.tokenizer.decode(answer.tokens[:1])
    if loaded.scaffold.text(first) == tuple(answer.tokens[:1]):
        item = OptionItem(items[0].pictures, items[0].prompt, (first,))
        assert score_options(loaded, [item])[0][0] <= answer.chances[0].logprob


def test_nobody_listening_ends_one_answer_and_not_the_others(loaded, prompts):
    found = answer_prompts(loaded, prompts, [Wish(max_tokens=6)] * 4, lambda row, new, answer: row != 1)
    assert found[1].finish == "cancelled" and len(found[1].tokens) == 1
    assert all(len(found[row].tokens) == 6 for row in (0, 2, 3))


def test_a_conversation_goes_on_behind_its_answers(loaded, items):
    turns = ("Which finding?", "nodule", "Where?")
    tokens = prompt_chat(loaded, Chat(turns, items[0].pictures)).tokens
    scaffold = loaded.scaffold
    first = scaffold.prompt(turns[0], [loaded.contract.tokens_per_image])
    assert tokens[: len(first)] == first
    rest = (*scaffold.text("nodule"), scaffold.end, *scaffold.next_user, *scaffold.text("Where?"), *scaffold.ask)
    assert tokens[len(first) :] == rest
    with pytest.raises(ValueError, match="user's"):
        prompt_chat(loaded, Chat(turns[:2]))


class Bytes:
    """A tokenizer whose tokens are bytes."""

    def decode(self, tokens, skip_special_tokens):
        return bytes(tokens).decode("utf-8", "replace")


def unfold(text: str, *stops: str) -> list[str]:
    told, pieces = Unfolding(Bytes(), stops), []
    for byte in text.encode():
        pieces.append(told.add(byte))
        if told.stopped:
            return pieces
    return [*pieces, told.finish()]


def test_only_what_is_certain_is_told():
    assert unfold(" größer ") == ["", "g", "r", "", "ö", "", "ß", "e", "r", "", ""]
    assert "".join(unfold("  a b  ")) == "a b"
    assert all("\ufffd" not in piece for piece in unfold("病灶 µm"))
    assert "".join(unfold("one STOP two", "STOP")) == "one"
    assert "".join(unfold("one STO two", "STOP")) == "one STO two"
    assert "".join(unfold("ends with ST", "STOP")) == "ends with ST"
    assert unfold("aXb", "X") == ["a", ""]
    assert "".join(unfold("a\ufffd")) == "a\ufffd"
