"""Several models on several sets of questions: what is found, what is written, and what a failure leaves alone."""

import csv
import os
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

import gmai.bench as gmai_bench
from gmai.base import hash_file, read_json
from gmai.bench import PublicQuestion, open_table, read_keys
from gmai.cli import main
from gmai.cli.evaluate_run import _spread
from gmai.errors import ConfigError
from gmai.evaluate import RUNNERS, MatrixConfig, PairResult, read_matrix, rotate, run_matrix, turn_back
from gmai.evaluate.data_names import find_data, find_key
from gmai.evaluate.model_names import read_model
from gmai.evaluate.rotations import iter_rotations, place_answer
from gmai.types import Prediction

FUNCTION = """
def always_b(pictures, prompt):
    assert all(picture[:4] == b"\\x89PNG" for picture in pictures)
    return "The answer is B."

def broken(pictures, prompt):
    raise ZeroDivisionError("mine")

class Loaded:
    def __init__(self):
        self.asked = 0
    def __call__(self, pictures, prompt):
        self.asked += 1
        return "A"
"""


@pytest.fixture
def mine(tmp_path) -> str:
    (tmp_path / "mine.py").write_text(FUNCTION)
    return f"python:{tmp_path / 'mine.py'}"


def gmai(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["eval", "run", *map(str, arguments), "--quiet"])
    assert result.exit_code == code, result.output
    return result.output


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def hashes(folder: Path) -> dict[str, str]:
    skip = {"run.json"}
    return {str(p.relative_to(folder)): hash_file(p) for p in folder.rglob("*") if p.is_file() and p.name not in skip}


def test_every_model_on_every_set_of_questions(bench, mine, tmp_path):
    shown = gmai(
        *("--data", bench, f"{bench}:VAL", "--model", "random", f"{mine}:always_b", f"one={mine}:Loaded"),
        *("--mode", "all", "-o", tmp_path / "out"),
    )
    table = rows(tmp_path / "out/pairs.csv")
    names = [(row["model"], row["data"]) for row in table]
    datas = [f"{bench.name}_TEST", f"{bench.name}_VAL"]
    assert names == [(model, data) for model in ("random", "always_b", "one") for data in datas]
    assert {row["state"] for row in table} == {"scored"} and all(row["model"] in shown for row in table)
    for row in table:
        keys = {key.index: key for key in read_keys(bench / "key" / f"{row['data'].rpartition('_')[2]}.jsonl")}
        if row["model"] != "random":
            letter = {"always_b": "B", "one": "A"}[row["model"]]
            right = sum(key.answer == letter for key in keys.values()) / len(keys)
            assert float(row["accuracy"]) == pytest.approx(right, abs=1e-6)
    before = hashes(tmp_path / "out")
    gmai("--data", bench, "--model", "random", "--mode", "eval", "-o", tmp_path / "out")
    assert {k: v for k, v in hashes(tmp_path / "out").items() if k != "pairs.csv"} == {
        k: v for k, v in before.items() if k != "pairs.csv"
    }


def test_one_failing_pair_stops_no_other_and_the_exit_code_tells(bench, tmp_path):
    shown = gmai(*("--data", bench, "nowhere", "--model", "random", "-o", tmp_path / "out"), code=2)
    table = {(row["model"], row["data"]): row for row in rows(tmp_path / "out/pairs.csv")}
    assert table["random", f"{bench.name}_TEST"]["state"] == "scored"
    assert table["random", "nowhere"]["state"] == "missing" and "1 of 2 pairs" in shown


def test_a_bug_is_raised_with_its_traceback_when_every_other_pair_is_done(bench, mine, tmp_path):
    arguments = ("--data", bench, "nowhere", "--model", f"{mine}:broken", "random", "-o", tmp_path / "out", "--quiet")
    found = CliRunner().invoke(main, ["eval", "run", *map(str, arguments)])
    assert isinstance(found.exception, ZeroDivisionError) and found.exit_code == 1
    frames = traceback.extract_tb(found.exception.__traceback__)
    assert frames[-1].name == "broken" and "1 of 4 pairs" in found.exception.__notes__[0]
    table = {(row["model"], row["data"]): row for row in rows(tmp_path / "out/pairs.csv")}
    data = f"{bench.name}_TEST"
    assert table["broken", data]["state"] == "failed" and table["broken", data]["problem"] == "ZeroDivisionError: mine"
    assert table["random", data]["state"] == "scored" and table["random", "nowhere"]["state"] == "missing"
    assert "gmai bench import nowhere --root FOLDER -o benches/nowhere" in table["random", "nowhere"]["problem"]
    assert (tmp_path / "out/random" / data / "scores/scores.json").exists()


def test_one_file_goes_straight_into_its_folder(bench, tmp_path):
    tsv = bench / "public/TEST.tsv"
    assert "answers of random" in gmai(tsv, "--runner", "random", "-o", tmp_path / "p")
    assert (tmp_path / "p/random_TEST.xlsx").exists() and not (tmp_path / "p/scores").exists()
    shown = gmai(tsv, "--model", "random", "--mode", "all", "-o", tmp_path / "q")
    assert (tmp_path / "q/scores/scores.json").exists() and "0." in shown
    gmai(tsv, "--model", "random", "majority", "-o", tmp_path / "r", code=2)
    failed = gmai("--data", bench, "--model", "random", "--mode", "eval", "-o", tmp_path / "s", code=2)
    assert "nothing has been answered here" in failed


def test_questions_without_answers_are_answered_and_not_scored(bench, tmp_path):
    tsv = tmp_path / "TEST.tsv"
    tsv.write_bytes((bench / "public/TEST.tsv").read_bytes())
    shown = gmai("--data", tsv, "--model", "random", "-o", tmp_path / "out")
    (row,) = rows(tmp_path / "out/pairs.csv")
    assert row["state"] == "no key" and "no answers here to score by" in shown and not row["accuracy"]


def test_a_try_on_the_first_questions_is_not_scored(bench, tmp_path):
    shown = gmai("--data", bench, "--model", "random", "--limit", 3, "-o", tmp_path / "out")
    assert "answered  n 3, 0 invalid" in shown and not (tmp_path / f"out/random/{bench.name}_TEST/scores").exists()
    assert "0." in gmai("--data", bench, "--model", "random", "--limit", 1000, "-o", tmp_path / "all")


def test_a_file_with_answers_is_its_own_key(bench, tmp_path):
    tsv = tmp_path / "mine.tsv"
    tsv.write_bytes((bench / "public/VAL.tsv").read_bytes())
    run_matrix(MatrixConfig(data=(str(tsv), f"{bench}:VAL"), model=("random",), out=tmp_path / "out"))
    alone, whole = rows(tmp_path / "out/pairs.csv")
    assert alone["accuracy"] == whole["accuracy"] and alone["state"] == whole["state"] == "scored"
    keys = list(read_keys(tmp_path / "out/random/mine/key.jsonl"))
    known = {key.index: key for key in read_keys(bench / "key/VAL.jsonl")}
    assert all(key.answer == known[key.index].answer and len(key.assets) == 1 for key in keys)
    assert len({key.assets for key in keys}) < len(keys)


def test_the_pictures_of_a_file_are_hashed_once_for_all_models(bench, tmp_path, monkeypatch):
    """Such a file has no key beside it: keys are made of its rows, with the hashes of their pictures."""
    tsv = tmp_path / "shown.tsv"
    tsv.write_bytes((bench / "public/VAL.tsv").read_bytes())
    calls = []
    made = gmai_bench.find_shown_keys
    monkeypatch.setattr(gmai_bench, "find_shown_keys", lambda *a, **b: calls.append(a) or made(*a, **b))
    gmai("--data", tsv, "--model", "one=random", "two=random", "-o", tmp_path / "out")
    assert len(calls) == 1
    one, two = ((tmp_path / f"out/{name}/shown/key.jsonl").read_bytes() for name in ("one", "two"))
    assert one == two and one.count(b"\n") == len(open_table(tsv))
    os.utime(tsv, (1, 1))
    gmai("--data", tsv, "--model", "one=random", "-o", tmp_path / "again")
    assert len(calls) == 2


def test_a_cut_of_a_sealed_file_is_scored_by_its_own_part_of_the_key(bench, tmp_path):
    from gmai.bench import make_cut

    cut = make_cut(bench / "public/TEST.tsv", "kind=presence", tmp_path / "cut.json")
    run_matrix(MatrixConfig(data=(str(tmp_path / "cut.json"),), model=("random",), out=tmp_path / "out"))
    (row,) = rows(tmp_path / "out/pairs.csv")
    whole = {key.index: key for key in read_keys(bench / "key/TEST.jsonl")}
    assert (row["state"], int(row["questions"])) == ("scored", len(cut.indices)) and len(cut.indices) < len(whole)
    assert list(read_keys(tmp_path / "out/random/cut/key.jsonl")) == [whole[index] for index in cut.indices]


def test_a_verbose_run_logs_every_answer(bench, mine, tmp_path, caplog):
    config = read_matrix(
        None, {"data": (str(bench),), "model": (f"{mine}:Loaded",), "out": tmp_path}, {"verbose": True}
    )
    with caplog.at_level("INFO", logger="gmai"):
        (result,) = run_matrix(config)
    assert sum(line.startswith("index ") and line.endswith(": A") for line in caplog.messages) == result.questions


def test_what_a_text_names(bench, tmp_path):
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches/set").symlink_to(bench)
    for text in (str(bench), f"{bench}:TEST", "set", "set:TEST", str(bench / "public/TEST.tsv")):
        data = find_data(text, tmp_path / "benches")
        assert data.tsv.name == "TEST.tsv" and data.name == f"{bench.name}_TEST"
        assert find_key(data, tmp_path / "never").name == "TEST.jsonl" and not (tmp_path / "never").exists()
    with pytest.raises(ConfigError, match="no file NONE.tsv.*:TEST.*:VAL"):
        find_data(f"{bench}:NONE", tmp_path)
    with pytest.raises(ConfigError, match="no questions 'nothing'"):
        find_data("nothing", tmp_path)


@pytest.mark.parametrize(
    "text, settings",
    [
        (
            "openai:Qwen/Q3@x@http://h:1/v1",
            {"runner": "openai", "endpoint": {"model": "Qwen/Q3@x", "url": "http://h:1/v1"}},
        ),
        ("replay:/a/b.xlsx", {"runner": "replay", "replies": "/a/b.xlsx"}),
        ("python:a.b:C", {"runner": "function", "function": "a.b:C"}),
        ("mine=replay:a=b.tsv", {"runner": "replay", "replies": "a=b.tsv", "name": "mine"}),
        ("majority", {"runner": "majority"}),
    ],
)
def test_what_stands_for_a_model(text, settings):
    assert read_model(text, RUNNERS) == settings


@pytest.mark.parametrize("text", ["openai:name", "openai:@http://h", "openai:n@ftp://h", "generate", "no_such_folder"])
def test_what_stands_for_no_model(text):
    with pytest.raises(ConfigError, match="--model"):
        read_model(text, RUNNERS)


def test_models_of_one_name_need_another(bench, mine, tmp_path):
    both = (f"{mine}:always_b", f"always_b={mine}:Loaded")
    with pytest.raises(ConfigError, match="two models are called 'always_b'"):
        run_matrix(MatrixConfig(data=(str(bench),), model=both, out=tmp_path / "o"))
    with pytest.raises(ConfigError, match="btach: unknown key, did you mean batch"):
        run_matrix(MatrixConfig(data=(str(bench),), model=("random",), out=tmp_path / "o", run={"btach": 1}))


def test_lists_after_flags_are_spread():
    assert _spread(["--data", "a", "b", "--mode", "all", "--model", "m", "n"]) == (
        ["--data", "a", "--data", "b", "--mode", "all", "--model", "m", "--model", "n"]
    )
    assert _spread(["x.tsv", "--model", "m", "-o", "out"]) == ["x.tsv", "--model", "m", "-o", "out"]


@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_turned_options_are_turned_back(count):
    question = PublicQuestion(index=1, question="?", options=tuple(f"option {n}" for n in range(count)))
    for shown, rotation in iter_rotations([question], circular=True):
        assert shown.options == rotate(question.options, rotation)
        for place, text in enumerate(shown.options):
            given = Prediction(
                index=1, mode="likelihood", choice="ABCDEFGHIJ"[place], likelihoods=tuple(map(len, shown.options))
            )
            placed = place_answer(given, shown, rotation)
            assert question.options["ABCDEFGHIJ".index(placed.choice)] == text and placed.rotation == rotation
            assert placed.likelihoods == tuple(map(len, question.options))
    assert turn_back("AC", 1, 3) == "AB" and turn_back(None, 1, 3) is None
    assert [r for _, r in iter_rotations([question], circular=False)] == [0]


def test_a_python_function_that_is_none(bench, tmp_path, mine):
    for model, message in [
        ("python:no.such:thing", "no module 'no'"),
        (f"{mine}:nothing", "has no 'nothing'"),
        (f"python:{tmp_path}/gone.py:x", "no such file"),
        (f"{mine}:__name__", "cannot be called"),
    ]:
        (result,) = run_matrix(MatrixConfig(data=(str(bench),), model=(f"m={model}",), out=tmp_path / "o"))
        assert result.state == "failed" and message in result.problem


def test_another_text_of_the_function_is_another_run_and_another_place_is_not(bench, tmp_path):
    def try_with(folder: str, letter: str) -> PairResult:
        path = tmp_path / folder / "made.py"
        path.parent.mkdir()
        path.write_text(f"def reply(pictures, prompt):\n    return '{letter}'\n")
        config = MatrixConfig(data=(str(bench),), model=(f"python:{path}:reply",), out=tmp_path / "o")
        return run_matrix(config)[0]

    assert try_with("a", "A").state == "scored"
    stats = read_json(tmp_path / f"o/reply/{bench.name}_TEST/stats.json")
    assert set(stats["inputs"]) == {"tsv", "prompt", "function"}
    assert len(open_table(bench / "public/TEST.tsv")) == stats["questions"]
    assert try_with("b", "A").state == "scored" and "another run" in try_with("c", "B").problem
