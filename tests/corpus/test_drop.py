"""A build may keep one of each group of duplicates; who goes is told with the group, and nobody goes alone."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from corpus_files import make_corpus, make_sample
from mixed import with_pictures

from gmai.base import JobConfig, open_run, output_files, read_json
from gmai.cli import main
from gmai.corpus import (
    DEDUP,
    GROUPS_FILE,
    BuildConfig,
    Duplicate,
    RemoveConfig,
    StatsConfig,
    build_corpus,
    corpus_stats,
    iter_conversations,
    iter_duplicates,
    iter_records,
    remove_samples,
    write_groups,
)
from gmai.curate import DedupConfig, dedup_corpus
from gmai.errors import ConfigError


def line(sample, group, *, part=0, kept=False, how="same pixels", like="", kind="picture"):
    told = {"how": "", "likeness": 1.0, "like": ""} if not like else {"how": how, "likeness": 1.0, "like": like}
    return Duplicate(group=group, sample=sample, part=part, kind=kind, source="aaa", subject="p", kept=kept, **told)


def grouped(corpus, lines):
    run = open_run(corpus / DEDUP, "corpus dedup", {}, {})
    write_groups(run.path / GROUPS_FILE, lines)
    run.finish({}, output_files(run))
    return corpus


def several():
    """aaa/2 shows two pictures."""
    stored = make_sample("aaa", 2)
    return with_pictures(stored, [stored.pictures[0], make_sample("aaa", 50).pictures[0]])


@pytest.fixture
def corpus(tmp_path):
    first, second, *rest = (make_sample("aaa", n) for n in (0, 1, 3, 4))
    samples = {"aaa": [first, second, several(), *rest]}
    lines = [
        line("aaa/0", "aaa/1#0"),
        line("aaa/1", "aaa/1#0", kept=True, like="aaa/0#0"),
        line("aaa/2", "aaa/1#0", like="aaa/0#0"),
        line("aaa/3", "aaa/1#0", like="aaa/0#0", how="mirrored"),
    ]
    return grouped(make_corpus(tmp_path / "corpus", samples), lines)


def build(corpus, out, drop, **given):
    return build_corpus(BuildConfig(corpus=corpus, out=out, duplicates=drop, **given))


def ids(folder):
    return {sample.id for sample in iter_records(folder)}


def test_one_of_a_group_stays_and_the_others_are_told_with_it(corpus, tmp_path):
    summary = build(corpus, tmp_path / "out", "drop-near")
    assert ids(tmp_path / "out") == {"aaa/1", "aaa/2", "aaa/4"}, "aaa/2 shows one more picture"
    assert {talk.sample for talk in iter_conversations(tmp_path / "out")} == ids(tmp_path / "out")
    assert summary.reasons == {"build.duplicate": 2, "build.sample": 2}
    assert summary.accepted["sample"] + summary.rejected["sample"] == 5
    (left,) = (row for row in read_json(tmp_path / "out/left_out.json") if row["reason"] == "build.duplicate")
    assert (left["group"], left["samples"], left["count"]) == ("aaa/1#0", ["aaa/0", "aaa/3"], 2)
    assert "aaa/1#0" in (tmp_path / "out/rejects.jsonl").read_text()


def test_exact_leaves_what_is_only_near(corpus, tmp_path):
    build(corpus, tmp_path / "out", "drop-exact")
    assert ids(tmp_path / "out") == {"aaa/1", "aaa/2", "aaa/3", "aaa/4"}


def test_without_asking_nothing_goes(corpus, tmp_path):
    build(corpus, tmp_path / "out", "keep")
    assert ids(tmp_path / "out") == ids(corpus)


def test_where_the_marked_one_is_left_out_another_stays(tmp_path):
    samples = [make_sample("aaa", n) for n in range(3)]
    samples[1] = replace(samples[1], sample=replace(samples[1].sample, modality="MRI"))
    lines = [line("aaa/0", "aaa/1#0"), line("aaa/1", "aaa/1#0", kept=True, like="aaa/0#0")]
    lines.append(line("aaa/2", "aaa/1#0", like="aaa/0#0"))
    corpus = grouped(make_corpus(tmp_path / "corpus", {"aaa": samples}), lines)
    build(corpus, tmp_path / "out", "drop-near", modalities=("CT",))
    assert ids(tmp_path / "out") == {"aaa/0"}


def test_pictures_and_texts_of_one_name_are_two_groups(tmp_path):
    samples = [make_sample("aaa", n) for n in range(4)]
    text = [with_pictures(each, []) for each in samples[2:]]
    text = [replace(each, sample=replace(each.sample, annotations=each.sample.annotations[:1])) for each in text]
    lines = [line("aaa/0", "aaa/0#0", kept=True), line("aaa/1", "aaa/0#0", like="aaa/0#0")]
    lines += [line("aaa/0", "aaa/0#0", kept=True, kind="text"), line("aaa/2", "aaa/0#0", like="aaa/0#0", kind="text")]
    corpus = grouped(make_corpus(tmp_path / "corpus", {"aaa": [*samples[:2], *text]}), lines)
    build(corpus, tmp_path / "out", "drop-near")
    assert ids(tmp_path / "out") == {"aaa/0", "aaa/3"}


def test_what_was_the_same_as_one_taken_out_is_still_the_same(tmp_path):
    lines = [line("aaa/0", "aaa/1#0"), *(line(f"aaa/{n}", "aaa/1#0", kept=n == 1, like="aaa/0#0") for n in (1, 2))]
    corpus = grouped(make_corpus(tmp_path / "corpus", {"aaa": [make_sample("aaa", n) for n in range(4)]}), lines)
    remove_samples(RemoveConfig(corpus=corpus, out=tmp_path / "left", reason="withdrawn", ids=("aaa/0",)))
    build(tmp_path / "left", tmp_path / "out", "drop-exact")
    assert ids(tmp_path / "out") == {"aaa/1", "aaa/3"}


def several_names(tmp_path):
    """Two groups of one name, of pictures and of texts; of each, one member stays."""
    samples = [make_sample("aaa", n) for n in range(4)]
    samples = [replace(each, sample=replace(each.sample, subject=each.sample.id)) for each in samples]
    lines = [line("aaa/0", "aaa/0#0", kept=True), line("aaa/1", "aaa/0#0", like="aaa/0#0")]
    lines += [line("aaa/2", "aaa/0#0", kind="text"), line("aaa/3", "aaa/0#0", kind="text", like="aaa/2#0")]
    return grouped(
        make_corpus(tmp_path / "corpus", {"aaa": samples}), [replace(each, subject=each.sample) for each in lines]
    )


def test_a_part_keeps_groups_of_pictures_and_of_texts_apart(tmp_path):
    corpus = several_names(tmp_path)
    remove_samples(RemoveConfig(corpus=corpus, out=tmp_path / "left", reason="withdrawn", ids=("aaa/0", "aaa/1")))
    left = [(each.sample, each.kept, each.group) for each in iter_duplicates(tmp_path / "left")]
    assert left == [("aaa/2", True, "aaa/2#0"), ("aaa/3", False, "aaa/2#0")]
    remove_samples(RemoveConfig(corpus=corpus, out=tmp_path / "one", reason="withdrawn", ids=("aaa/1", "aaa/3")))
    assert list(iter_duplicates(tmp_path / "one")) == [], "a group of one is none"


def test_pictures_and_texts_of_one_name_are_counted_apart(tmp_path):
    counts = corpus_stats(StatsConfig(corpus=several_names(tmp_path), out=tmp_path / "stats"))["duplicates"]
    assert (counts["groups"], counts["group_sizes"]) == (2, {"2": 2})


def test_nobody_looked_for_duplicates(tmp_path):
    corpus = make_corpus(tmp_path / "corpus", {"aaa": [make_sample("aaa", 0)]})
    with pytest.raises(ConfigError, match="gmai corpus dedup"):
        build(corpus, tmp_path / "out", "drop-near")


def test_the_command_takes_the_way_before_the_corpus(corpus, tmp_path):
    for way, kept in (("drop-exact", 4), ("drop-near", 3), ("keep", 5)):
        words = ["corpus", "build", "-o", str(tmp_path / way), "--quiet", "--duplicates", way, str(corpus)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0 and len(ids(tmp_path / way)) == kept, result.output


def test_what_dedup_finds_is_what_build_drops(tmp_path):
    shades = [5, 5, 6, 5, 7]
    samples = [make_sample("aaa", number, shade=shade) for number, shade in enumerate(shades)]
    corpus = make_corpus(tmp_path / "corpus", {"aaa": samples})
    stats = dedup_corpus(DedupConfig(corpus=corpus, job=JobConfig(workers=0)))
    summary = build(corpus, tmp_path / "out", "drop-exact")
    assert summary.reasons["build.duplicate"] == stats["not_kept"] == 2
    assert ids(tmp_path / "out") == {"aaa/0", "aaa/2", "aaa/4"}
