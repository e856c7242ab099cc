"""The page of a corpus' counts shows what stats.json says, whole in itself."""

import re
import sys
from pathlib import Path

import pytest

from gmai.base import JobConfig, read_json
from gmai.corpus import SplitConfig, StatsConfig, corpus_stats, split_corpus
from gmai.curate import DedupConfig, dedup_corpus, stats_page

sys.path.append(str(Path(__file__).parents[1] / "corpus"))
from corpus_files import make_corpus, make_sample  # noqa: E402
from mixed import make_mixed  # noqa: E402


@pytest.fixture(scope="module")
def counted(tmp_path_factory) -> tuple[str, dict]:
    tmp_path = tmp_path_factory.mktemp("counted")
    corpus = make_corpus(tmp_path / "corpus", {"aaa": [make_sample("aaa", n, shade=n // 2) for n in range(40)]})
    dedup_corpus(DedupConfig(corpus=corpus, job=JobConfig(workers=0)))
    split_corpus(SplitConfig(corpus=corpus))
    corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats"), stats_page)
    return (tmp_path / "stats/stats.html").read_text("utf-8"), read_json(tmp_path / "stats/stats.json")


def numbers_of(value) -> set[float]:
    """Every number in plain data, and how many entries each mapping and list has."""
    if isinstance(value, dict):
        return {float(len(value)), *(number for each in value.values() for number in numbers_of(each))}
    if isinstance(value, list):
        return {float(len(value)), *(number for each in value for number in numbers_of(each))}
    return {float(value)} if isinstance(value, int | float) and not isinstance(value, bool) else set()


def test_every_count_on_the_page_is_in_the_data(counted):
    html, stats = counted
    known = numbers_of(stats)
    told = re.findall(r"<title>[^<]*: ([\d\u202f]+)(?: \([^)]*\))?</title>", html)
    told += re.findall(r'data-sort="([\d.]+)"', html) + re.findall(r"n\u202f=\u202f([\d\u202f]+)", html)
    told += re.findall(r"<dd><b>([\d\u202f]+)</b>", html)
    found = {float(text.replace("\u202f", "")) for text in told}
    assert len(told) > 60 and found <= known, found - known


def test_the_page_has_a_section_for_everything_and_is_whole_in_itself(counted):
    html, _ = counted
    names = re.findall(r'<section id="(\w+)"', html)
    assert names == [
        *("map", "axes", "labels", "licences", "sources", "pictures", "conversations"),
        *("texts", "variety", "duplicates", "split"),
    ]
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "") and "https://" not in html


def test_what_was_not_done_is_said(tmp_path):
    corpus = make_mixed(tmp_path / "corpus")
    stats = corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats"), stats_page)
    html = stats_page(stats)
    assert (tmp_path / "stats/stats.html").read_text("utf-8") == html
    for words in ("The corpus is not split.", "Not looked for", "Not measured", "Chinese answers, characters"):
        assert words in html


def test_an_empty_corpus_has_a_page(tmp_path):
    corpus = make_corpus(tmp_path / "corpus", {})
    stats = corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats"), stats_page)
    assert stats["totals"]["samples"] == 0 and "0 conversations" in stats_page(stats)


def test_counts_of_duplicates_are_those_of_the_layer(counted):
    _, stats = counted
    told = stats["duplicates"]
    assert told["members"] == sum(int(size) * count for size, count in told["group_sizes"].items())
    assert told["groups"] == sum(told["group_sizes"].values()) and told["not_kept"] == told["members"] - told["groups"]
    assert told["groups"] == 20 and told["how"] == {"same pixels": 20}
