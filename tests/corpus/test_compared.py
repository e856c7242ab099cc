"""A conversation about two samples goes through every later step with both of them, or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest
from corpus_files import make_conversation, make_sample
from mixed import CARD, TOOLS

from gmai.base import JobConfig, open_run, output_files, read_json, write_text
from gmai.corpus import (
    EXPORTS,
    BuildConfig,
    ExportConfig,
    ImportConfig,
    RemoveConfig,
    build_corpus,
    export_corpus,
    import_corpus,
    iter_conversations,
    iter_samples,
    remove_samples,
    write_conversations,
    write_samples,
)
from gmai.curate import ReviewConfig, write_review_sheet
from gmai.images import draw_view
from gmai.types import Turn

ALONE = JobConfig(workers=0)
CHANGE = "open/2#change"


def make_compared(folder: Path) -> Path:
    """Four samples with a conversation each; one more compares the second sample with the fourth, which comes later."""
    run = open_run(folder, "convert", {"made": "by a test"}, {})
    samples = [make_sample("open", number) for number in (0, 2, 3, 6)]
    samples[1:3] = [replace(each, sample=replace(each.sample, subject="p")) for each in samples[1:3]]
    talks = [make_conversation(each) for each in samples]
    said = (Turn(role="user", text="The first image is earlier. What changed?"), Turn(role="assistant", text="larger"))
    talks.insert(2, replace(talks[1], id=CHANGE, kind="size_change", prior="open/3", turns=said, facts=()))
    for name in ("samples", "conversations"):
        (folder / name).mkdir()
    write_samples(folder / "samples/open-00000.parquet", samples)
    write_conversations(folder / "conversations/00000.parquet", talks)
    write_text(folder / "cards/open.yaml", CARD.format("open", "MIT"))
    run.finish({}, output_files(run))
    return folder


def ids(folder: Path) -> set[str]:
    return {talk.id for talk in iter_conversations(folder)}


@pytest.mark.parametrize("format", sorted(EXPORTS.names()))
def test_exports_show_both_pictures_the_earlier_first_and_come_back_the_same(tmp_path, format):
    corpus = make_compared(tmp_path / "corpus")
    export_corpus(ExportConfig(corpus=corpus, format=format, out=tmp_path / "out", job=ALONE), draw_view)
    config = ImportConfig(path=tmp_path / "out", out=tmp_path / "back", format=format, images=tmp_path / "pictures")
    if format == "annotations":
        export_corpus(ExportConfig(corpus=corpus, format="llava", out=tmp_path / "pictures", job=ALONE), draw_view)
    summary = import_corpus(config, TOOLS)
    assert summary.rejected == {} and summary.accepted["conversation.edited"] == 0
    assert {talk.id: talk for talk in iter_conversations(tmp_path / "back")} == {
        talk.id: talk for talk in iter_conversations(corpus)
    }
    by_id = {stored.sample.id: stored for stored in iter_samples(corpus)}
    assert {stored.sample.id: stored for stored in iter_samples(tmp_path / "back")} == by_id


def test_rows_name_both_pictures_in_order(tmp_path):
    corpus = make_compared(tmp_path / "corpus")
    export_corpus(ExportConfig(corpus=corpus, format="llava", out=tmp_path / "out", job=ALONE), draw_view)
    (row,) = (row for row in read_json(tmp_path / "out/conversations.json") if row["id"] == CHANGE)
    pictures = {stored.sample.id: stored.pictures[0] for stored in iter_samples(corpus)}
    assert [(tmp_path / "out" / name).read_bytes() for name in row["image"]] == [pictures["open/3"], pictures["open/2"]]
    assert row["conversations"][0]["value"].startswith("<image>\n<image>\nThe first") and row["prior"] == "open/3"


@pytest.mark.parametrize("gone", ["open/3", "open/2"])
def test_a_removal_takes_what_compares_with_the_sample(tmp_path, gone):
    corpus = make_compared(tmp_path / "corpus")
    stats = remove_samples(RemoveConfig(corpus=corpus, out=tmp_path / "new", reason="withdrawn", ids=(gone,)))
    assert ids(tmp_path / "new") == ids(corpus) - {CHANGE, f"{gone}#finding"}
    assert stats["conversations"] == {"kept": 3, "removed": 2}


def test_a_build_keeps_a_comparison_only_with_both_samples(tmp_path):
    corpus = make_compared(tmp_path / "corpus")
    remove_samples(RemoveConfig(corpus=corpus, out=tmp_path / "new", reason="withdrawn", ids=("open/3",)))
    config = BuildConfig(corpus=corpus, out=tmp_path / "part", removed=(tmp_path / "new",))
    summary = build_corpus(config)
    assert summary.reasons == {"build.sample": 2, "removed": 1}
    assert ids(tmp_path / "part") == {"open/0#finding", "open/2#finding", "open/6#finding"}
    whole = build_corpus(BuildConfig(corpus=corpus, out=tmp_path / "whole", kinds=("size_change",)))
    assert whole.accepted["conversation"] == 1
    assert {stored.sample.id for stored in iter_samples(tmp_path / "whole")} == {"open/2", "open/3"}


def test_without_the_earlier_picture_an_import_counts_a_reject(tmp_path):
    corpus = make_compared(tmp_path / "corpus")
    export_corpus(ExportConfig(corpus=corpus, format="llava", out=tmp_path / "out", job=ALONE), draw_view)
    (row,) = (row for row in read_json(tmp_path / "out/conversations.json") if row["id"] == CHANGE)
    (tmp_path / "out" / row["image"][0]).unlink()
    summary = import_corpus(ImportConfig(path=tmp_path / "out", out=tmp_path / "back", format="llava"), TOOLS)
    assert summary.reasons == {"import.missing": 1, "import.sample": 2}
    assert ids(tmp_path / "back") == ids(corpus) - {CHANGE, "open/3#finding"}


def test_a_review_sheet_shows_the_earlier_picture_first(tmp_path):
    corpus = make_compared(tmp_path / "corpus")
    write_review_sheet(ReviewConfig(corpus=corpus, out=tmp_path / "sheet", count=20))
    page = (tmp_path / "sheet/review.html").read_text("utf-8")
    assert page.count("the visit before") == 1 and page.count("<img") == 6
