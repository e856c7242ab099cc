"""One who never looks at a picture does no better than chance with a sealed benchmark, whatever he tries.

A test of the tests stands beside it: what is planted is found by the same attacker.
"""

import csv
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from bench_corpus import COLOURS, FINDINGS, make_corpus, make_sample, mask, picture

from gmai.base import JobConfig, hash_bytes
from gmai.bench import BenchConfig, SealConfig, build_bench, read_keys, seal_bench
from gmai.bench.leaks.attack import Channel, attack, guess_salts
from gmai.demo import DemoConfig
from gmai.demo.data import prepare_data
from gmai.types import Box, Label

BYTES = "picture bytes"
CODED = "picture bytes, padding taken out"

HERE = JobConfig(workers=0)
csv.field_size_limit(sys.maxsize)


def skewed(count: int = 600):
    """Two data sets: one with a finding three times as frequent as the others, one with regions and presence."""
    made = []
    for n in range(count):
        finding = FINDINGS[min(n % 7, 4)]
        data = picture(COLOURS[finding], n)
        one = make_sample("scans", n, "CT", (Label(name=finding, record=f"r{n}"),), data)
        other = (mask(finding, 2, 2, f"m{n}"), Box(label=FINDINGS[n % 5], xyxy=(18, 12, 28, 22), record=f"x{n}"))
        two = make_sample("films", n, "X-ray", other, picture(COLOURS[finding], 10**6 + n))
        made += [replace(stored, sample=replace(stored.sample, subject=f"p{n}")) for stored in (one, two)]
    return made


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("attacked") / "corpus", skewed())


def attacked(corpus: Path, folder: Path, sealing: dict | None = None, **settings) -> list[Channel]:
    build_bench(BenchConfig(corpus=corpus, out=folder / "bench", job=HERE, per_label=10**6, **settings))
    seal_bench(SealConfig(bench=folder / "bench", out=folder / "sealed", **(sealing or {})))
    return try_all(folder, corpus)


def try_all(folder: Path, corpus: Path) -> list[Channel]:
    public, key = folder / "sealed/public/TEST.tsv", folder / "sealed/key/TEST.jsonl"
    return attack(public, key, folder / "bench/public/VAL.tsv", corpus)


def better(channels: list[Channel]) -> list[str]:
    return [f"{c.name}: {c.accuracy:.3f} for {c.chance:.3f}" for c in channels if c.beats and c.basis != "picture"]


@pytest.fixture(scope="module")
def sealed(corpus):
    """The sealed benchmark, and what each channel gives."""
    folder = corpus.parent / "sealed"
    return folder, attacked(corpus, folder, multiple=True)


def test_no_channel_of_a_sealed_benchmark_is_better_than_chance(sealed):
    folder, channels = sealed
    assert len(list(read_keys(folder / "sealed/key/TEST.jsonl"))) > 250
    assert len(channels) > 50 and {c.basis for c in channels} == {"file", "prior", "picture"}
    assert better(channels) == []


def test_what_is_planted_in_a_sealed_file_is_found(corpus, sealed, tmp_path):
    shutil.copytree(sealed[0], tmp_path / "planted")
    file = tmp_path / "planted/sealed/public/TEST.tsv"
    keys = {key.index: key for key in read_keys(tmp_path / "planted/sealed/key/TEST.jsonl")}
    with file.open(newline="") as source:
        rows = list(csv.DictReader(source, delimiter="\t"))
    for row in rows:
        row[keys[int(row["index"])].answer[0]] += " (confirmed)"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    assert any("longest" in name for name in better(try_all(tmp_path / "planted", corpus)))


def test_a_builder_that_draws_options_without_regard_is_found_out(corpus, tmp_path, monkeypatch):
    """Without evenness the frequent finding is right more often than chance, which the open split and training tell."""
    monkeypatch.setattr("gmai.bench.draw.even_answers", lambda block, most, seed: (list(block), most))
    names = " ".join(better(attacked(corpus, tmp_path, kinds=("finding",), granularities=("image",))))
    assert "most frequent in training" in names and "right most often in the open split" in names


def rough(count: int = 400):
    """Pictures that compress the worse the further down the list their finding stands."""
    made = []
    for n in range(count):
        finding = FINDINGS[n % 5]
        grain = np.random.default_rng(n).integers(0, 2 + 20 * (n % 5), (24, 32, 3))
        data = cv2.imencode(".png", (grain + 100).astype(np.uint8))[1].tobytes()
        stored = make_sample("scans", n, "CT", (Label(name=finding, record=f"r{n}"),), data)
        made.append(replace(stored, sample=replace(stored.sample, subject=f"p{n}")))
    return made


def of_bytes(channels: list[Channel], name: str) -> Channel | None:
    return next((c for c in channels if c.name == f"{name}: the text it goes with in the open split"), None)


def test_sizes_of_files_tell_answers_until_they_are_padded(tmp_path):
    corpus = make_corpus(tmp_path / "corpus", rough())
    plain = attacked(corpus, tmp_path / "plain", kinds=("finding",), sealing={"largest_growth": 1})
    told = of_bytes(plain, BYTES)
    assert told.beats and told.accuracy > 0.9 and told.basis == "file" and of_bytes(plain, CODED) is None
    padded = attacked(corpus, tmp_path / "padded", kinds=("finding",), sealing={"largest_growth": 3})
    assert of_bytes(padded, BYTES) is None and better(padded) == []
    left = of_bytes(padded, CODED)
    assert left.accuracy > 0.9 and left.basis == "picture"


def test_an_attacker_knows_the_sizes_that_open_pictures_would_be_padded_to(tmp_path):
    """Where one finding has larger pictures, few sizes tell it, and so do width and height."""
    made = rough()
    for n, stored in enumerate(made):
        if n % 5 == 4:
            data = cv2.imencode(".png", np.random.default_rng(n).integers(0, 255, (200, 300, 3), np.uint8))[1].tobytes()
            image = replace(
                stored.sample.images[0], asset=hash_bytes(data), sha256=hash_bytes(data), width=300, height=200
            )
            made[n] = replace(stored, sample=replace(stored.sample, images=(image,)), pictures=(data,))
    corpus = make_corpus(tmp_path / "corpus", made)
    channels = attacked(corpus, tmp_path / "tried", kinds=("finding",), sealing={"largest_growth": 2})
    told, shown = of_bytes(channels, BYTES), of_bytes(channels, "picture size")
    assert told.beats and told.accuracy == pytest.approx(shown.accuracy, abs=0.06) and told.accuracy < 0.7


def test_salts_are_not_guessed(sealed):
    leaves = json.loads((sealed[0] / "sealed/public/TEST.commitment.json").read_text())["leaves"]
    tried, hits = guess_salts(leaves, 100_000)
    assert tried >= 100_000 and hits == 0


@pytest.mark.slow
def test_phantoms_and_a_million_salts(tmp_path):
    """More than 1,500 questions about drawn pictures; see docs/measured.md for the table of one run."""
    prepared = prepare_data(DemoConfig(out=tmp_path, size=2.0, kinds=(), job=HERE))
    channels = attacked(prepared.corpus, tmp_path / "tried")
    assert sum(1 for _ in read_keys(tmp_path / "tried/sealed/key/TEST.jsonl")) > 1500
    assert better(channels) == []
    leaves = json.loads((tmp_path / "tried/sealed/public/TEST.commitment.json").read_text())["leaves"]
    assert guess_salts(leaves, 1_000_000)[1] == 0


@pytest.mark.data
def test_real_pictures(data, tmp_path):
    prepared = prepare_data(DemoConfig(out=tmp_path, data=data, job=HERE))
    assert better(attacked(prepared.corpus, tmp_path / "tried")) == []
