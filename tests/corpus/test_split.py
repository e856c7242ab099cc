"""No subject and no picture in two splits; ratios hold; the same seed gives the same split."""

import random
from collections import Counter, defaultdict

import pytest
from corpus_files import make_corpus, make_sample

from gmai.corpus import SplitConfig, open_corpus, split_corpus
from gmai.errors import ConfigError, FormatError


def shares(folder):
    corpus = open_corpus(folder)
    return {s.sample.id: corpus.split_of(s.sample) for s in corpus.samples()}


def test_ratios_hold_in_every_source(corpus):
    summary = split_corpus(SplitConfig(corpus=corpus))
    splits = shares(corpus)
    counts = Counter((sample_id.split("/")[0], split) for sample_id, split in splits.items())
    assert counts["aaa", "test"] == pytest.approx(30, abs=2) and counts["aaa", "val"] == pytest.approx(15, abs=3)
    assert counts["bbb", "test"] == 2
    assert summary.accepted == dict(Counter(splits.values())) and summary.items == 160


def test_no_subject_and_no_picture_in_two_splits(tmp_path):
    draw = random.Random(0)
    for trial in range(10):
        samples = {s: [make_sample(s, n, shade=draw.randrange(200)) for n in range(60)] for s in ("aaa", "bbb")}
        folder = make_corpus(tmp_path / str(trial), samples)
        split_corpus(SplitConfig(corpus=folder, val=0.2, test=0.3, seed=trial))
        corpus, seen = open_corpus(folder), defaultdict(set)
        for stored in corpus.samples():
            split = corpus.split_of(stored.sample)
            seen[stored.sample.source, stored.sample.subject].add(split)
            seen[stored.sample.images[0].asset].add(split)
        assert all(len(splits) == 1 for splits in seen.values())
        assert len({split for splits in seen.values() for split in splits}) > 1


def test_same_seed_same_bytes_another_seed_another_split(tmp_path, small):
    found = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        folder = make_corpus(tmp_path / name, small)
        split_corpus(SplitConfig(corpus=folder, seed=seed))
        found.append((folder / "split/splits.parquet").read_bytes())
    assert found[0] == found[1] != found[2]
    with pytest.raises(ConfigError, match="holds another run"):
        split_corpus(SplitConfig(corpus=tmp_path / "a", seed=5))
    before = open_corpus(tmp_path / "a").key
    split_corpus(SplitConfig(corpus=tmp_path / "a", seed=5, resume=False))
    assert open_corpus(tmp_path / "a").key != before


def test_official_splits_are_kept_if_asked(tmp_path):
    names = {0: "Train", 1: "val", 2: "test"}
    stored = [make_sample("aaa", n, shade=n, split=names[n // 2 % 3]) for n in range(90)]
    for official in ("none", "test", "all"):
        split_corpus(SplitConfig(corpus=make_corpus(tmp_path / official, {"aaa": stored}), official=official))
    wanted = {item.sample.id: names[n // 2 % 3].lower() for n, item in enumerate(stored)}
    assert shares(tmp_path / "all") == wanted
    kept = shares(tmp_path / "test")
    assert all((split == "test") == (wanted[item] == "test") for item, split in kept.items())
    assert set(kept.values()) == {"train", "val", "test"}
    assert shares(tmp_path / "none") != wanted


def test_an_official_test_picture_pulls_its_twin_out_of_training(tmp_path):
    twins = [make_sample("aaa", 0, shade=7, split="train"), make_sample("aaa", 2, shade=7, split="test")]
    split_corpus(SplitConfig(corpus=make_corpus(tmp_path / "a", {"aaa": twins}), official="all"))
    assert set(shares(tmp_path / "a").values()) == {"test"}


def test_errors(tmp_path, corpus):
    with pytest.raises(ConfigError, match="leave nothing to train on"):
        split_corpus(SplitConfig(corpus=corpus, val=0.5, test=0.5))
    with pytest.raises(ConfigError, match="not split"):
        list(open_corpus(corpus).samples("test"))
    odd = make_corpus(tmp_path / "odd", {"aaa": [make_sample("aaa", 0, split="fold-3")]})
    with pytest.raises(FormatError, match="'fold-3' is not known"):
        split_corpus(SplitConfig(corpus=odd, official="test"))
    split_corpus(SplitConfig(corpus=corpus))
    opened = open_corpus(corpus)
    with pytest.raises(ConfigError, match="no split 'dev'"):
        list(opened.samples("dev"))
    tested = [stored.sample.id for stored in opened.samples("test")]
    assert tested and [item.sample for item in opened.conversations("test")] == tested
