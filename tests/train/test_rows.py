"""Conversations as tokens, targets of annotations, and the learning rate."""

import numpy as np
import pytest
import torch
from squares import make_sample, make_talks

from gmai.errors import FormatError
from gmai.models import load_model
from gmai.train import HeadsConfig, OptimConfig
from gmai.train.optim import learning_rate
from gmai.train.rows import conversation_tokens
from gmai.train.targets import IGNORE, Targets, patch_cover
from gmai.types import Turn


@pytest.fixture(scope="module")
def scaffold(model):
    return load_model(model).scaffold


def test_loss_counts_the_assistants_words_and_their_end_only(scaffold):
    conversation = next(talk for talk in make_talks(make_sample(0)) if talk.kind == "turns")
    tokens, said = conversation_tokens(scaffold, conversation)
    scored = [token for token, told in zip(tokens, said, strict=True) if told]
    assert scored == [*scaffold.text("a cyst"), scaffold.end, *scaffold.text("upper-left"), scaffold.end]
    text = scaffold.tokenizer.decode(tokens)
    turns = [{"role": turn.role, "content": turn.text} for turn in conversation.turns]
    rendered = scaffold.tokenizer.apply_chat_template(turns, tokenize=False)
    assert rendered == "<|im_start|>user\n" + text + "\n"


def test_turns_out_of_order_are_an_error(scaffold):
    talk = make_talks(make_sample(0))[0]
    wrong = type(talk)(**{**{n: getattr(talk, n) for n in talk.__slots__}, "turns": (Turn(role="user", text="?"),)})
    with pytest.raises(FormatError, match="in pairs"):
        conversation_tokens(scaffold, wrong)


def test_targets_are_those_of_the_annotations():
    targets = Targets(HeadsConfig(kinds=("grade", "location", "finding")), side=4)
    for number in (0, 1):
        targets.add(make_sample(number).sample)
    grid = targets.region_BP(["squares/1"])[0].view(4, 4)
    expected = torch.zeros(4, 4, dtype=torch.long)
    expected[:2, 2:] = 1  # the square covers a quarter of each of four patches: the fullest ones take its label
    assert torch.equal(grid, expected) and targets.labels == {"cyst": 1}
    assert targets.answers["grade"] == {"mild": 0, "severe": 1}
    assert targets.fact_B(["squares/0", "squares/1"], "grade").tolist() == [0, 1]
    bare = make_sample(2).sample
    targets.add(type(bare)(**{**{n: getattr(bare, n) for n in bare.__slots__}, "id": "x", "annotations": ()}))
    assert (targets.region_BP(["x"]) == IGNORE).all()
    assert targets.fact_B(["x"], "grade").tolist() == [IGNORE]


def test_patch_cover_is_the_share_of_each_patch():
    mask = np.zeros((6, 10), bool)
    mask[:3, :] = True
    assert patch_cover(mask, 2).tolist() == [[1, 1], [0, 0]]


def test_learning_rate_rises_and_falls():
    config = OptimConfig(lr=1.0, warmup_steps=4, final_share=0.1)
    rates = [learning_rate(config, step, 104) for step in range(104)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4] == 1.0 and rates[54] == pytest.approx(0.55) and rates[-1] == pytest.approx(0.1, abs=0.001)
