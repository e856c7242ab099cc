"""The tiny corpus of the bench tests, a benchmark built from it, and a model with random weights to ask."""

import sys
from pathlib import Path

import pytest

from gmai.base import JobConfig
from gmai.bench import BenchConfig, build_bench

sys.path.append(str(Path(__file__).parents[1] / "bench"))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    from bench_corpus import make_corpus, make_samples

    return make_corpus(tmp_path_factory.mktemp("evaluate") / "corpus", make_samples())


@pytest.fixture(scope="session")
def bench(corpus) -> Path:
    out = corpus.parent / "bench"
    build_bench(BenchConfig(corpus=corpus, out=out, job=JobConfig(workers=0)))
    return out


@pytest.fixture(scope="session")
def model(tmp_path_factory, bench) -> Path:
    from bench_corpus import FINDINGS

    from gmai.bench import read_tsv
    from gmai.models import save_model
    from tiny_model import make_model

    texts = [row.question for row in read_tsv(bench / "public/VAL.tsv")] + list(FINDINGS)
    folder = tmp_path_factory.mktemp("model") / "tiny/model"
    save_model(make_model(texts), folder)
    return folder
