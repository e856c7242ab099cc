"""Corpora are merged whole, or not at all."""

import pytest
from click.testing import CliRunner
from corpus_files import make_corpus, make_sample

from gmai.base import write_text
from gmai.cli import main
from gmai.corpus import MergeConfig, SplitConfig, merge_corpora, open_corpus, split_corpus
from gmai.errors import ConfigError, FormatError


def part(folder, source, numbers):
    return make_corpus(folder, {source: [make_sample(source, n) for n in numbers]})


def test_everything_of_both_is_there_and_can_be_split(tmp_path):
    first, second = part(tmp_path / "a", "bbb", range(30)), part(tmp_path / "b", "aaa", range(30, 50))
    split_corpus(SplitConfig(corpus=first))
    stats = merge_corpora(MergeConfig(corpora=(first, second), out=tmp_path / "c"))
    assert stats["by_corpus"] == [{"samples": 30, "conversations": 30}, {"samples": 20, "conversations": 20}]
    merged = open_corpus(tmp_path / "c")
    assert len(merged) == 50 and not merged.is_split
    for folder in (first, second):
        assert all(merged.sample(item.sample.id) == item for item in open_corpus(folder).samples())
    assert len(list(merged.conversations())) == 50
    split_corpus(SplitConfig(corpus=tmp_path / "c"))
    assert (tmp_path / "c/README.md").exists() and (tmp_path / "c/cards/aaa.yaml").exists()


def test_an_id_that_is_there_twice_is_an_error(tmp_path):
    first, second = part(tmp_path / "a", "aaa", range(4)), part(tmp_path / "b", "aaa", range(3, 6))
    with pytest.raises(FormatError, match="1 sample ids are there twice, such as 'aaa/3'"):
        merge_corpora(MergeConfig(corpora=(first, second), out=tmp_path / "c"))
    with pytest.raises(FormatError, match="there twice"):
        merge_corpora(MergeConfig(corpora=(first, first), out=tmp_path / "c"))


def test_two_cards_of_one_source_that_differ_are_an_error(tmp_path):
    first, second = part(tmp_path / "a", "aaa", range(4)), part(tmp_path / "b", "aaa", range(4, 6))
    write_text(second / "cards/aaa.yaml", "title: Another\n")
    with pytest.raises(ConfigError, match="two different cards of aaa"):
        merge_corpora(MergeConfig(corpora=(first, second), out=tmp_path / "c"))


def test_the_command_merges_and_says_what(tmp_path):
    first, second = part(tmp_path / "a", "aaa", range(4)), part(tmp_path / "b", "bbb", range(4))
    given = ["corpus", "merge", str(first), str(second), "-o", str(tmp_path / "c"), "--quiet"]
    assert CliRunner().invoke(main, given).output == "8 samples, 8 conversations\n"
    alone = CliRunner().invoke(main, ["corpus", "merge", str(first), "-o", str(tmp_path / "d"), "--quiet"])
    assert alone.exit_code == 2 and "two corpora or more" in alone.output
