"""Replayed answers: every kind of file gives the same answers, letter by letter, and nothing is guessed."""

import csv
import json
import pickle
from pathlib import Path

import openpyxl
import pytest

from gmai.base import iter_jsonl, read_json
from gmai.bench import read_tsv
from gmai.errors import ConfigError, FormatError
from gmai.evaluate import RunConfig, run_model
from gmai.types import Prediction

REPLIES = ["B", "The answer is (A).", 'It is "C",\nI think: C', "hm", "答案是B"]


@pytest.fixture(scope="module")
def asked(bench) -> list[int]:
    return [question.index for question in read_tsv(bench / "public/TEST.tsv")]


def rows(asked: list[int]) -> list[dict]:
    return [{"index": i, "question": "q", "prediction": REPLIES[n % len(REPLIES)]} for n, i in enumerate(asked)]


def write(path: Path, rows: list[dict]) -> Path:
    kind = path.suffix
    if kind in (".tsv", ".csv"):
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(rows[0]), delimiter="\t" if kind == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)
    elif kind == ".xlsx":
        book = openpyxl.Workbook()
        book.active.append(list(rows[0]))
        for row in rows:
            book.active.append(list(row.values()))
        book.save(path)
    elif path.stem == "columns":
        columns = {name: {str(n): row[name] for n, row in enumerate(rows)} for name in rows[0]}
        path.write_text(json.dumps(columns))
    elif path.stem == "by_index":
        path.write_text(json.dumps({str(row["index"]): row["prediction"] for row in rows}))
    elif path.stem == "rows_by_index":
        path.write_text(json.dumps({str(row["index"]): {"prediction": row["prediction"]} for row in rows}))
    else:
        path.write_text(json.dumps(rows))
    return path


def replay(bench: Path, path: Path, out: Path, **settings: object) -> list[Prediction]:
    run_model(RunConfig(tsv=bench / "public/TEST.tsv", out=out, runner="replay", replies=path, **settings))
    return list(iter_jsonl(out / "predictions.jsonl", Prediction))


NAMES = ["p.xlsx", "p.tsv", "p.csv", "list.json", "columns.json", "by_index.json", "rows_by_index.json"]


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_file_gives_the_replies_letter_by_letter(bench, asked, tmp_path, name):
    given = rows(asked)
    found = replay(bench, write(tmp_path / name, given[::-1]), tmp_path / "out")
    assert [(p.index, p.text) for p in found] == sorted((row["index"], row["prediction"]) for row in given)
    assert {p.mode for p in found} == {"replay"} and found[0].choice == "B" and found[3].choice is None


def test_our_own_answers_and_result_files_come_back(bench, asked, tmp_path):
    first = replay(bench, write(tmp_path / "p.json", rows(asked)), tmp_path / "a")
    for name in ("predictions.jsonl", "p_TEST.tsv", "p_TEST.xlsx"):
        again = replay(bench, tmp_path / "a" / name, tmp_path / name)
        assert again == first
    run_model(RunConfig(tsv=bench / "public/TEST.tsv", out=tmp_path / "r", runner="random"))
    chosen = [p.choice for p in iter_jsonl(tmp_path / "r/predictions.jsonl", Prediction)]
    assert [p.choice for p in replay(bench, tmp_path / "r/predictions.jsonl", tmp_path / "s")] == chosen
    assert [p.choice for p in replay(bench, tmp_path / "r/random_TEST.xlsx", tmp_path / "t")] == chosen


def test_missing_replies_stop_the_run_unless_they_are_to_count_as_wrong(bench, asked, tmp_path):
    path = write(tmp_path / "p.tsv", rows(asked)[2:] + [{"index": 10**6, "question": "", "prediction": "A"}])
    with pytest.raises(FormatError, match=f"2 questions have no answer, such as index {asked[0]}"):
        replay(bench, path, tmp_path / "out")
    found = replay(bench, path, tmp_path / "out", unanswered="wrong")
    stats = read_json(tmp_path / "out/stats.json")
    assert stats["errors"] == {"replay.missing": 2} and len(found) == len(asked)
    assert [p.choice for p in found[:2]] == [None, None]
    told = read_json(tmp_path / "out/run.json")["measured"]["replay"]
    assert told == {"replies": len(asked) - 1, "extra": 1, "as_long_as_a_cell": 0}


@pytest.mark.parametrize(
    "name, text, message",
    [
        ("p.tsv", "index\tprediction\n1\tA\n1\tB\n", "index 1 is there twice"),
        ("p.tsv", "index\tanswer\n1\tA\n", "no column 'prediction'"),
        ("p.tsv", "index\tprediction\nx\tA\n", "'x' is no whole number"),
        ("p.tsv", "index\tprediction\n1\tA\tB\n", "another number of fields"),
        ("p.csv", "index,prediction\n1\n", "another number of fields"),
        ("p.json", "{", "not valid JSON"),
        ("p.json", '"text"', "neither a list nor a mapping"),
        ("p.json", '[{"index": 1, "prediction": ["A"]}]', "a reply that is no text"),
        ("p.json", "[1]", "no mapping of columns"),
        ("p.xlsx", "no workbook", "no whole workbook"),
        ("p.parquet", "", "cannot be replayed"),
    ],
)
def test_files_that_cannot_be_replayed(bench, tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=message):
        replay(bench, tmp_path / name, tmp_path / "out")


def test_a_pickle_is_never_read(bench, tmp_path):
    (tmp_path / "p.pkl").write_bytes(pickle.dumps({1: "A"}))
    with pytest.raises(FormatError, match="runs whatever stands in it"):
        replay(bench, tmp_path / "p.pkl", tmp_path / "out")
    with pytest.raises(ConfigError, match="cannot be asked for otherwise"):
        (tmp_path / "p.tsv").write_text("index\tprediction\n")
        replay(bench, tmp_path / "p.tsv", tmp_path / "o", blind=True)
    with pytest.raises(ConfigError, match="no predictions to replay"):
        replay(bench, tmp_path / "gone.tsv", tmp_path / "p")
