"""What was taken out of a corpus does not come back: not by converting, importing, building or merging again."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from corpus_files import make_corpus, make_sample, picture
from mixed import TOOLS

from gmai.base import JobConfig, open_run, output_files, write_json, write_text
from gmai.cli import main
from gmai.convert import ConvertConfig, convert
from gmai.corpus import (
    BuildConfig,
    ExportConfig,
    ImportConfig,
    MergeConfig,
    RemoveConfig,
    build_corpus,
    export_corpus,
    import_corpus,
    iter_conversations,
    iter_records,
    merge_corpora,
    read_samples,
    read_tombstones,
    remove_samples,
    write_samples,
)
from gmai.errors import ConfigError
from gmai.images import draw_view

ALONE = JobConfig(workers=0)


def graves(folder):
    return {grave.id for grave in read_tombstones(folder)}


def ids(folder):
    return {sample.id for sample in iter_records(folder)}


@pytest.fixture
def raw(tmp_path):
    """Samples ccc/0 to ccc/5, as ingest leaves them, in two files."""
    run = open_run(tmp_path / "raw", "source ingest", {}, {})
    (run.path / "samples").mkdir()
    samples = [make_sample("ccc", number) for number in range(6)]
    for number in range(2):
        write_samples(run.path / f"samples/0000{number}.parquet", samples[3 * number : 3 * number + 3])
    write_text(run.path / "card.yaml", "name: ccc\ntitle: C\n")
    run.finish({}, output_files(run))
    return run.path


def convert_raw(raw, out, **given):
    return convert(ConvertConfig(raw=(raw,), out=out, job=ALONE, **given))


@pytest.fixture
def less(raw, tmp_path):
    """The corpus of ``raw`` without ccc/1 and without the whole second file."""
    convert_raw(raw, tmp_path / "corpus")
    gone = ("ccc/1", "ccc/3", "ccc/4", "ccc/5")
    remove_samples(RemoveConfig(corpus=tmp_path / "corpus", out=tmp_path / "less", reason="withdrawn", ids=gone))
    return tmp_path / "less"


def test_converting_again_leaves_it_out_and_says_so(raw, less, tmp_path):
    summary = convert_raw(raw, tmp_path / "again", removed=(less,))
    assert summary.reasons == {"removed": 4} and ids(tmp_path / "again") == {"ccc/0", "ccc/2"}
    assert {talk.sample for talk in iter_conversations(tmp_path / "again")} == {"ccc/0", "ccc/2"}
    assert graves(tmp_path / "again") == {"ccc/1", "ccc/3", "ccc/4", "ccc/5"}
    told = (tmp_path / "again/rejects.jsonl").read_text()
    assert told.count("withdrawn") == 4
    assert {path.name for path in (tmp_path / "again/samples").iterdir()} == {"ccc-00000.parquet"}


def test_a_folder_that_has_tombstones_itself_needs_no_word(less, tmp_path):
    summary = convert_raw(less, tmp_path / "again")
    assert summary.reasons == {} and graves(tmp_path / "again") == graves(less)
    sample = make_sample("ccc", 1)
    write_samples(less / "samples/later.parquet", [sample])
    assert convert_raw(less, tmp_path / "third").reasons == {"removed": 1} and "ccc/1" not in ids(tmp_path / "third")


def test_pictures_that_stay_pass_unchanged(raw, less, tmp_path):
    from gmai.corpus import SAMPLE_SCHEMA, open_parquet

    convert_raw(raw, tmp_path / "again", removed=(less,))
    file = open_parquet(tmp_path / "again/samples/ccc-00000.parquet", SAMPLE_SCHEMA)
    assert list(read_samples(file, 0, where="")) == [make_sample("ccc", 0), make_sample("ccc", 2)]


def test_a_build_carries_tombstones_on_and_may_take_them_of_another(less, tmp_path):
    build_corpus(BuildConfig(corpus=less, out=tmp_path / "part"))
    assert graves(tmp_path / "part") == graves(less)
    summary = build_corpus(BuildConfig(corpus=tmp_path / "corpus", out=tmp_path / "other", removed=(less,)))
    assert summary.reasons["removed"] == 4 and ids(tmp_path / "other") == {"ccc/0", "ccc/2"}
    assert graves(tmp_path / "other") == graves(less)
    lone = make_corpus(tmp_path / "lone", {"ccc": [make_sample("ccc", 1)]})
    with pytest.raises(ConfigError, match="was taken out of one corpus"):
        merge_corpora(MergeConfig(corpora=(tmp_path / "part", lone), out=tmp_path / "bad"))


def test_an_import_of_an_older_export_leaves_it_out(less, tmp_path):
    old = tmp_path / "old"
    export_corpus(ExportConfig(corpus=tmp_path / "corpus", format="llava", out=old, job=ALONE), draw_view)
    summary = import_corpus(ImportConfig(path=old, out=tmp_path / "back", format="llava", removed=(less,)), TOOLS)
    assert set(summary.reasons) == {"removed"} and summary.rejected["sample"] == 4
    assert ids(tmp_path / "back") == {"ccc/0", "ccc/2"} and graves(tmp_path / "back") == graves(less)
    assert {talk.sample for talk in iter_conversations(tmp_path / "back")} == {"ccc/0", "ccc/2"}
    (old / "tombstones.jsonl").write_bytes((less / "tombstones.jsonl").read_bytes())
    again = import_corpus(ImportConfig(path=old, out=tmp_path / "third", format="llava"), TOOLS)
    assert again.reasons == summary.reasons


def test_a_row_of_others_that_shows_its_picture_is_left_out_too(less, tmp_path):
    rows = []
    for number in (1, 2):
        (tmp_path / "rows").mkdir(exist_ok=True)
        (tmp_path / f"rows/{number}.png").write_bytes(picture(number))
        turns = [{"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "a cyst"}]
        rows.append({"id": str(number), "image": f"{number}.png", "conversations": turns})
    write_json(tmp_path / "rows/a.json", rows)
    config = ImportConfig(path=tmp_path / "rows", out=tmp_path / "back", format="llava", removed=(less,))
    summary = import_corpus(config, TOOLS)
    assert summary.reasons == {"removed": 1} and summary.accepted["conversation"] == 1
    free = import_corpus(replace(config, out=tmp_path / "free", removed=()), TOOLS)
    assert free.accepted["conversation"] == 2


def test_every_command_takes_the_corpora(raw, less, tmp_path):
    export_corpus(ExportConfig(corpus=tmp_path / "corpus", format="llava", out=tmp_path / "old", job=ALONE), draw_view)
    commands = {
        "a": ["convert", str(raw), "--workers", "0"],
        "b": ["corpus", "build", str(tmp_path / "corpus")],
        "c": ["corpus", "import", "llava", str(tmp_path / "old")],
    }
    for name, command in commands.items():
        given = [*command, "-o", str(tmp_path / name), "--removed", str(less), "--quiet"]
        result = CliRunner().invoke(main, given, catch_exceptions=False)
        assert result.exit_code == 0 and ids(tmp_path / name) == {"ccc/0", "ccc/2"}, result.output


def test_other_tombstones_make_another_run(raw, less, tmp_path):
    convert_raw(raw, tmp_path / "out")
    with pytest.raises(ConfigError):
        convert_raw(raw, tmp_path / "out", removed=(less,))


@pytest.mark.parametrize("run", ["convert", "build"])
def test_a_corpus_of_which_nothing_was_taken_out_is_named_in_vain(raw, less, tmp_path, run):
    whole = make_corpus(tmp_path / "whole", {"ddd": [make_sample("ddd", 1)]})
    with pytest.raises(ConfigError, match=r"no tombstones\.jsonl"):
        if run == "convert":
            convert_raw(raw, tmp_path / "out", removed=(whole,))
        else:
            build_corpus(BuildConfig(corpus=less, out=tmp_path / "out", removed=(whole,)))
