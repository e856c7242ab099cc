"""Questions without a usable answer: left out of every score, counted, and the same however the file is given."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from gmai.base import read_json
from gmai.bench import MiniatureConfig, write_miniature
from gmai.cli import main


def gmai(*arguments: object) -> str:
    result = CliRunner().invoke(main, [*map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def gaps(tmp_path_factory) -> Path:
    """A file that shows its answers, one of which is empty and one no option."""
    path = tmp_path_factory.mktemp("gaps") / "gaps_val.tsv"
    write_miniature(MiniatureConfig(out=path))
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    place = lines[0].index("answer")
    lines[3][place], lines[5][place] = "", "Z"
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    return path


def pair(folder: Path) -> dict[str, str]:
    with (folder / "pairs.csv").open(newline="") as lines:
        (row,) = csv.DictReader(lines)
    return row


def test_a_file_scores_the_same_as_it_is_and_imported(gaps, tmp_path):
    gmai("bench", "import", gaps, "-o", tmp_path / "bench")
    for name, data in (("file", gaps), ("bench", tmp_path / "bench")):
        shown = gmai("eval", "run", "--data", data, "--model", "random", "-o", tmp_path / name, "--quiet")
        assert "2 not scored: no answer known" in shown
    rows = [pair(tmp_path / name) for name in ("file", "bench")]
    assert [(row["questions"], row["unkeyed"]) for row in rows] == [("90", "2")] * 2
    for column in ("accuracy", "low", "high"):
        assert rows[0][column] == rows[1][column]


def test_scores_and_gradings_leave_out_what_has_no_answer(gaps, tmp_path):
    key = tmp_path / "bench/key/VAL.jsonl"
    gmai("bench", "import", gaps, "-o", tmp_path / "bench")
    gmai("eval", "run", tmp_path / "bench/public/VAL.tsv", "--model", "random", "-o", tmp_path / "run", "--quiet")
    shown = gmai("eval", "score", tmp_path / "run", "--key", key, "-o", tmp_path / "scores")
    assert "of 90 right" in shown and "2 not scored: no answer known" in shown
    stats = read_json(tmp_path / "scores/stats.json")
    assert (stats["questions"], stats["unkeyed"]) == (90, 2)
    gmai("eval", "submit", tmp_path / "run", "--team", "T", "--model-name", "M", "-o", tmp_path / "in.json.gz")
    gmai("eval", "grade", tmp_path / "in.json.gz", "--key", key, "--least", "30", "-o", tmp_path / "graded")
    assert read_json(tmp_path / "graded/public/graded.json")["questions"] == 90


def test_the_key_of_another_file_is_refused(gaps, tmp_path):
    write_miniature(MiniatureConfig(out=tmp_path / "other_val.tsv"))
    for name, file in (("bench", gaps), ("other", tmp_path / "other_val.tsv")):
        gmai("bench", "import", file, "-o", tmp_path / name)
    gmai("eval", "run", tmp_path / "bench/public/VAL.tsv", "--model", "random", "-o", tmp_path / "run", "--quiet")
    command = ["eval", "score", str(tmp_path / "run"), "--key", str(tmp_path / "other/key/VAL.jsonl")]
    result = CliRunner().invoke(main, [*command, "-o", str(tmp_path / "scores")])
    assert result.exit_code == 2 and "to other questions than those of" in result.output
