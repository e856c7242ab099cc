"""A small corpus and a very small model of it."""

from pathlib import Path

import pytest
import torch
from squares import SIDE, make_sample, make_text_sample, write_corpus

from gmai.models import TinyConfig, TinyShape, build_tiny
from gmai.train import InitConfig, OptimConfig, TrainConfig


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    samples = [make_sample(number) for number in range(20)] + [make_text_sample(number) for number in range(4)]
    return write_corpus(tmp_path_factory.mktemp("made") / "corpus", samples)


@pytest.fixture(scope="session")
def shape() -> TinyShape:
    return TinyShape(
        image_px=SIDE,
        patch_px=8,
        vision_width=32,
        vision_layers=1,
        vision_mlp=48,
        language_width=32,
        language_layers=1,
        language_mlp=48,
        heads=2,
        vocabulary=400,
        context=192,
    )


@pytest.fixture(scope="session")
def model(corpus, shape, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "model"
    build_tiny(TinyConfig(corpus=corpus, out=folder, shape=shape))
    return folder


@pytest.fixture
def recipe(corpus, model, tmp_path):
    """Build a config of a few steps."""

    def make(stage: str, name: str = "out", **settings) -> TrainConfig:
        given = {"init": InitConfig(model=model), "steps": 6, "batch_rows": 4, "threads": 1, "checkpoint_every": 2}
        optim = OptimConfig(lr=2e-3, warmup_steps=2)
        return TrainConfig(stage=stage, corpus=corpus, out=tmp_path / name, **{"optim": optim, **given, **settings})

    return make
