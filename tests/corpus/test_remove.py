"""What is taken out is gone with all that was said of it; who stays, stays in the split; who used it is told."""

import pytest
from click.testing import CliRunner
from corpus_files import make_corpus, make_sample

from gmai.base import open_run, output_files, read_json, write_text
from gmai.cli import main
from gmai.corpus import (
    MergeConfig,
    RemoveConfig,
    SplitConfig,
    diff_corpora,
    iter_conversations,
    iter_records,
    merge_corpora,
    open_corpus,
    read_tombstones,
    remove_samples,
    split_corpus,
)
from gmai.errors import ConfigError


def remove(corpus, out, **what):
    return remove_samples(RemoveConfig(corpus=corpus, out=out, reason="consent withdrawn", **what))


def ids(folder):
    return {sample.id for sample in iter_records(folder)}


@pytest.mark.parametrize(
    ("what", "gone"),
    [
        ({"ids": ("aaa/5",)}, {"aaa/5"}),
        ({"sources": ("bbb",)}, {f"bbb/{n}" for n in range(10)}),
        ({"subjects": ("p1",)}, {"aaa/2", "aaa/3", "bbb/2", "bbb/3"}),
        ({"subjects": ("p1",), "sources": ("bbb",)}, {"bbb/2", "bbb/3"}),
        ({"subjects": ("p1",), "ids": ("aaa/9",)}, {"aaa/2", "aaa/3", "bbb/2", "bbb/3", "aaa/9"}),
    ],
)
def test_samples_and_what_was_said_of_them_are_gone(corpus, tmp_path, what, gone):
    stats = remove(corpus, tmp_path / "new", **what)
    assert ids(tmp_path / "new") == ids(corpus) - gone
    assert {item.sample for item in iter_conversations(tmp_path / "new")} == ids(corpus) - gone
    graves = list(read_tombstones(tmp_path / "new"))
    assert {grave.id for grave in graves} == gone and {grave.reason for grave in graves} == {"consent withdrawn"}
    kept = len(ids(corpus)) - len(gone)
    assert stats["samples"] == {"kept": kept, "removed": len(gone)} == stats["conversations"]
    assert len(ids(corpus)) == 160
    for sample in list(open_corpus(tmp_path / "new").samples())[:5]:
        assert sample == open_corpus(corpus).sample(sample.sample.id)


def test_the_card_of_a_source_goes_with_its_last_sample(corpus, tmp_path):
    remove(corpus, tmp_path / "new", sources=("aaa",))
    assert (corpus / "cards/aaa.yaml").exists() and not (tmp_path / "new/cards/aaa.yaml").exists()


def test_who_stays_stays_in_the_split(corpus, tmp_path):
    split_corpus(SplitConfig(corpus=corpus))
    remove(corpus, tmp_path / "new", subjects=("p1", "p7"))
    old, new = open_corpus(corpus), open_corpus(tmp_path / "new")
    assert new.is_split
    assert all(new.split_of(item.sample) == old.split_of(item.sample) for item in new.samples())


def test_a_second_removal_keeps_the_first_tombstones_and_the_same_bytes_come_again(corpus, tmp_path):
    remove(corpus, tmp_path / "one", ids=("aaa/1",))
    remove(tmp_path / "one", tmp_path / "two", ids=("aaa/4",))
    assert [grave.id for grave in read_tombstones(tmp_path / "two")] == ["aaa/1", "aaa/4"]
    remove(corpus, tmp_path / "again", ids=("aaa/1",))
    manifests = [read_json(tmp_path / name / "manifest.json") for name in ("one", "again")]
    assert manifests[0] == manifests[1]


def test_a_killed_removal_goes_on(corpus, tmp_path):
    split_corpus(SplitConfig(corpus=corpus))
    remove(corpus, tmp_path / "whole", ids=("aaa/1",))
    remove(corpus, tmp_path / "new", ids=("aaa/1",))
    (tmp_path / "new/split/manifest.json").unlink()
    (tmp_path / "new/manifest.json").unlink()
    (tmp_path / "new/samples/bbb-00000.parquet").write_bytes(b"half")
    remove(corpus, tmp_path / "new", ids=("aaa/1",))
    assert open_corpus(tmp_path / "new").key == open_corpus(tmp_path / "whole").key


def test_runs_that_used_the_corpus_are_listed_and_those_that_used_them(corpus, tmp_path):
    split_corpus(SplitConfig(corpus=corpus))
    runs = tmp_path / "runs"

    def run(name, command, inputs, finished=True):
        made = open_run(runs / name, command, {"name": name}, inputs)
        write_text(made.path / "out.txt", name)
        if finished:
            made.finish({}, output_files(made))
        return made.path

    from gmai.base import input_key

    bench = run("bench", "bench build", {"corpus": open_corpus(corpus).key})
    train = run("train", "train", {"corpus": open_corpus(corpus).key, "init.model": "0" * 64})
    run("scores", "eval run", {"bench": input_key(bench), "model": input_key(train)})
    run("stranger", "train", {"corpus": "f" * 64})
    run("running", "train", {"corpus": open_corpus(corpus).key}, finished=False)
    stats = remove(corpus, tmp_path / "new", ids=("aaa/1",), used=(runs,))
    users = {user["path"].rsplit("/")[-1]: user for user in read_json(tmp_path / "new/used.json")}
    assert set(users) == {"bench", "train", "scores", "running"}
    assert users["scores"]["from_path"].endswith("/bench") and users["train"]["from_path"] == str(corpus)
    assert stats["used_by"] == {"bench build": 1, "eval run": 1, "train": 2}
    remove(corpus, tmp_path / "other", ids=("aaa/1",), used=(tmp_path,))
    used = [user["path"].rsplit("/")[-1] for user in read_json(tmp_path / "other/used.json")]
    assert "new" in used and "other" not in used, "what is being made uses nothing"


def test_errors(corpus, tmp_path):
    with pytest.raises(ConfigError, match="does not hold id aaa/999, source ccc"):
        remove(corpus, tmp_path / "new", ids=("aaa/1", "aaa/999"), sources=("ccc",))
    with pytest.raises(ConfigError, match="nothing would be left"):
        remove(corpus, tmp_path / "new", sources=("aaa", "bbb"))
    with pytest.raises(ConfigError, match="say what is taken out"):
        remove(corpus, tmp_path / "new")
    with pytest.raises(ConfigError, match="and why"):
        remove_samples(RemoveConfig(corpus=corpus, out=tmp_path / "new", reason=" ", ids=("aaa/1",)))


def test_the_commands(corpus, tmp_path):
    run = CliRunner()
    new = str(tmp_path / "new")
    made = run.invoke(main, ["corpus", "remove", str(corpus), "by request", "--id", "aaa/1", "-o", new, "--quiet"])
    assert made.exit_code == 0 and "1 samples, 1 conversations removed" in made.output
    told = run.invoke(main, ["corpus", "diff", str(corpus), new])
    assert told.output.split("\n") == ["- sample aaa/1", "- conversation aaa/1#finding", ""]


def test_a_diff_tells_what_is_removed_added_and_changed(tmp_path):
    first = make_corpus(tmp_path / "a", {"aaa": [make_sample("aaa", n) for n in (0, 1, 2)]})
    second = make_corpus(tmp_path / "b", {"aaa": [make_sample("aaa", 1), make_sample("aaa", 2, shade=9),
                                                  make_sample("aaa", 3)]})  # fmt: skip
    told = {(item.change, item.unit, item.id) for item in diff_corpora(first, second)}
    assert told == {
        ("removed", "sample", "aaa/0"), ("changed", "sample", "aaa/2"), ("added", "sample", "aaa/3"),
        ("removed", "conversation", "aaa/0#finding"), ("added", "conversation", "aaa/3#finding"),
    }  # fmt: skip
    assert not list(diff_corpora(first, first))


def test_taken_out_samples_do_not_come_back_by_a_merge(corpus, tmp_path):
    part = make_corpus(tmp_path / "part", {"ccc": [make_sample("ccc", n) for n in range(4)]})
    remove(part, tmp_path / "less", ids=("ccc/1",))
    merged = merge_corpora(MergeConfig(corpora=(corpus, tmp_path / "less"), out=tmp_path / "merged"))
    assert merged["totals"] == {"samples": 163, "conversations": 163}
    assert [grave.id for grave in read_tombstones(tmp_path / "merged")] == ["ccc/1"]
    again = make_corpus(tmp_path / "again", {"ccc": [make_sample("ccc", 1)]})
    with pytest.raises(ConfigError, match="'ccc/1' was taken out of one corpus: consent withdrawn"):
        merge_corpora(MergeConfig(corpora=(tmp_path / "less", again), out=tmp_path / "bad"))
