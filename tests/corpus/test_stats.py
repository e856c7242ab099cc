"""Counts are those of the records that went in."""

import pytest
from mixed import make_mixed

from gmai.base import read_json
from gmai.corpus import SplitConfig, StatsConfig, corpus_stats, split_corpus
from gmai.corpus.tally import Distinct, describe, describe_tail


def test_counts(corpus, tmp_path):
    split_corpus(SplitConfig(corpus=corpus))
    stats = corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats"))
    assert stats["totals"] == {
        **{"samples": 160, "subjects": 80, "studies": 0, "images": 160, "annotations": 320, "sources": 2, "labels": 2},
        **{"conversations": 160, "turns": 320, "facts": 160},
    }
    assert stats["samples"]["source"] == {"aaa": 150, "bbb": 10}
    assert stats["samples"]["licence"] == {"MIT": 160}
    assert stats["samples"]["original_task"] == {"classification, 2D": 160, "detection, 2D": 160}
    assert sum(stats["samples"]["split"].values()) == 160
    assert stats["labels"] == {"cyst": 160, "stone": 160} and stats["annotations"] == {"box": 160, "label": 160}
    assert stats["conversations"]["granularity"] == {"image": 160}
    row = {"modality": "CT", "department": "Urology", "task": "Disease Diagnosis", "count": 160}
    assert stats["sunburst"] == [row]
    assert stats["image_sizes"] == [{"width": 12, "height": 8, "count": 160}]
    assert stats["image_sides"]["longer"]["classes"] == [{"from": 9, "to": 16, "count": 160}]
    said = stats["text_lengths"]["en"]
    assert said["unit"] == "words" and said["user"]["mean"] == 3.0 and said["assistant"]["mean"] == 1.0
    assert read_json(tmp_path / "stats/stats.json") == stats
    assert corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats")) == stats


def test_a_split_is_told_label_by_label(corpus, tmp_path):
    split_corpus(SplitConfig(corpus=corpus))
    stats = corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats"))
    told = stats["split_labels"]
    assert told["counts"]["cyst"] == stats["samples"]["split"] and sum(told["shares"].values()) == pytest.approx(1)
    assert told["widest"]["gap"] == 0 and set(told["missing"].values()) == {0}


def test_terms_languages_and_texts_of_a_mixed_corpus(tmp_path):
    corpus = make_mixed(tmp_path / "corpus")
    stats = corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats"))
    told = {row["licence"]: (row["commercial"], row["redistribution"], row["samples"]) for row in stats["licences"]}
    assert told == {"MIT": (True, True, 3), "CC-BY-NC-4.0": (False, True, 1), "unknown": (False, False, 1)}
    assert stats["text_lengths"]["zh"]["unit"] == "characters"
    assert stats["text_lengths"]["zh"]["assistant"]["max"] == len('There:<box>[[1,1,4,4],[3,2,9,8]]</box>,a"stone"结石')
    assert stats["pictures_per_sample"] == {"0": 1, "1": 3, "2": 1} and stats["samples"]["original_task"]["report"] == 1
    assert stats["turns"] == {"instruct": {"6": 1}, "percept": {"2": 5}, "text": {"2": 1}}
    assert stats["variety"] is None and stats["duplicates"] is None and stats["split_labels"] is None


def test_lengths_are_described_exactly():
    told = describe({0: 1, 1: 2, 3: 3, 4: 3, 9: 1})
    assert told["n"] == 10 and told["mean"] == 3.2 and (told["p5"], told["p50"], told["p95"]) == (0, 3, 9)
    classes = {(row["from"], row["to"]): row["count"] for row in told["classes"]}
    assert classes == {(0, 0): 1, (1, 1): 2, (2, 2): 0, (3, 4): 6, (5, 8): 0, (9, 16): 1}
    assert describe({}) == {"n": 0, "classes": []}


def test_a_tail_is_measured():
    even = describe_tail([5] * 20)
    assert even["gini"] == 0 and even["few_share"] == 1.0 and even["half"] == 10 and even["top_tenth_share"] == 0.1
    steep = describe_tail([1000] + [1] * 9)
    assert steep["gini"] == pytest.approx(0.8911, abs=1e-3) and steep["few"] == 9 and steep["half"] == 1
    assert steep["top_tenth_share"] == pytest.approx(1000 / 1009, abs=1e-4)


def test_different_texts_are_counted_once():
    found = Distinct()
    for number in range(150_000):
        found.add(str(number % 70_000))
    assert len(found) == 70_000
