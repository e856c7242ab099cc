"""A small corpus and a very small model of it."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from squares import SIDE, make_sample, make_text_sample, write_corpus

from gmai.models import TinyConfig, TinyShape, build_tiny
from gmai.train import BatchConfig, InitConfig, OptimConfig, TrainConfig
from tiny_model import SHAPE


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    samples = [make_sample(number) for number in range(20)] + [make_text_sample(number) for number in range(4)]
    return write_corpus(tmp_path_factory.mktemp("made") / "corpus", samples)


@pytest.fixture(scope="session")
def shape() -> TinyShape:
    return replace(SHAPE, image_px=SIDE, context=192)


@pytest.fixture(scope="session")
def model(corpus, shape, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "model"
    build_tiny(TinyConfig(corpus=corpus, out=folder, shape=shape))
    return folder


@pytest.fixture(scope="session")
def recipe_in(corpus, model):
    """Build a config of a few steps that writes below a folder."""

    def make(folder: Path, stage: str, name: str = "out", **settings) -> TrainConfig:
        given = {"init": InitConfig(model=model), "steps": 6, "batch": BatchConfig(rows=4)}
        given |= {"threads": 1, "checkpoint_every": 2}
        optim = OptimConfig(lr=2e-3, warmup_steps=2)
        return TrainConfig(stage=stage, corpus=corpus, out=folder / name, **{"optim": optim, **given, **settings})

    return make


@pytest.fixture
def recipe(recipe_in, tmp_path):
    """Build a config of a few steps."""
    return partial(recipe_in, tmp_path)
