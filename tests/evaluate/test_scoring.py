"""Scores: right numbers on every axis, nothing missing or foreign, and boards that compare like with like."""

from pathlib import Path

import pytest
from answered import ask
from click.testing import CliRunner

from gmai.base import from_dict, iter_jsonl, read_json, write_jsonl
from gmai.base.files import hash_file
from gmai.bench import read_keys
from gmai.cli import main
from gmai.errors import ConfigError, ScoreError
from gmai.evaluate import Answer, BoardConfig, RunConfig, ScoreConfig, board, run_model, score, score_answers
from gmai.types import Prediction, Score


def answer(index: int, choice: str | None = "B", **changes: object) -> Prediction:
    return Prediction(index=index, mode="generate", choice=choice, **changes)


KEYS = [*(ask(n) for n in range(6)), ask(6, kind="modality", options=("x", "y"), modality="CT")]
GIVEN = [answer(0), answer(1), answer(2, "A"), answer(3, None, text="A or B"), answer(4), answer(5), answer(6, "A")]


def node(scores: list[Score], axis: str, name: str) -> Score:
    (found,) = [item for item in scores if (item.axis, item.node) == (axis, name)]
    return found


def test_numbers_of_every_axis():
    scores = score_answers(GIVEN, KEYS)
    whole = node(scores, "overall", "all")
    assert (whole.n, whole.correct, whole.invalid, whole.clusters) == (7, 4, 1, 4)
    assert whole.accuracy == pytest.approx(4 / 7, abs=1e-6) and whole.low < whole.accuracy < whole.high
    assert whole.chance == pytest.approx((6 / 4 + 1 / 2) / 7, abs=1e-6)
    assert node(scores, "overall", "without modality").n == 6
    assert (node(scores, "modality", "CT").n, node(scores, "modality", "CT").correct) == (4, 2)
    assert node(scores, "kind x modality", "finding · MRI").correct == 2
    axes = {"overall", "kind", "task", "department", "modality", "granularity", "kind x modality"}
    assert {item.axis for item in scores} == axes
    for axis in axes - {"overall"}:
        assert sum(item.n for item in scores if item.axis == axis) == 7


def test_one_subject_in_two_sources_is_two_subjects():
    keys = [ask(0, subject="p"), ask(1, subject="p", source="t")]
    assert score_answers([answer(0), answer(1)], keys)[0].clusters == 2


@pytest.mark.parametrize(
    ("given", "keys", "message"),
    [
        (GIVEN[:-1], KEYS, "1 without a prediction"),
        (GIVEN, KEYS[:-1], "1 without a question"),
        ([*GIVEN, GIVEN[0]], KEYS, "prediction 0 is there 2 times"),
        (GIVEN, [*KEYS, KEYS[2]], "question 2 is there 2 times"),
        ([*GIVEN[:-1], answer(6, "C")], KEYS, "'C' of a question with 2 options"),
        ([], [], "no question"),
        ([], KEYS, "7 without a prediction"),
    ],
)
def test_predictions_and_key_must_belong_together(given, keys, message):
    with pytest.raises(ScoreError, match=message):
        score_answers(given, keys)


def run_and_score(bench: Path, out: Path, **settings: object) -> Path:
    run_model(RunConfig(tsv=bench / "public/TEST.tsv", out=out / "pred", **settings))
    score(ScoreConfig(predictions=out / "pred", key=bench / "key/TEST.jsonl", out=out / "scores"))
    return out / "scores"


def test_files_of_a_scoring(bench, tmp_path):
    folder = run_and_score(bench, tmp_path, runner="random")
    scores = from_dict(tuple[Score, ...], read_json(folder / "scores.json"))
    answers = list(iter_jsonl(folder / "answers.jsonl", Answer))
    assert sum(item.right for item in answers) == scores[0].correct
    assert [item.index for item in answers] == [key.index for key in read_keys(bench / "key/TEST.jsonl")]
    before = hash_file(folder / "manifest.json")
    score(ScoreConfig(predictions=tmp_path / "pred", key=bench / "key/TEST.jsonl", out=tmp_path / "again"))
    assert hash_file(tmp_path / "again/manifest.json") == before


def test_why_replies_could_not_be_read_is_counted(tmp_path):
    write_jsonl(tmp_path / "p/predictions.jsonl", GIVEN)
    write_jsonl(tmp_path / "key.jsonl", KEYS)
    predictions = tmp_path / "p/predictions.jsonl"
    stats = score(ScoreConfig(predictions=predictions, key=tmp_path / "key.jsonl", out=tmp_path / "s"))
    assert (stats.name, stats.unread, stats.invalid, stats.correct) == ("p", {"several": 1}, 1, 4)


def test_an_unfinished_run_is_not_scored(bench, tmp_path):
    run_model(RunConfig(tsv=bench / "public/TEST.tsv", out=tmp_path / "p", runner="random"))
    (tmp_path / "p/manifest.json").unlink()
    with pytest.raises(ConfigError, match="has not finished"):
        score(ScoreConfig(predictions=tmp_path / "p", key=bench / "key/TEST.jsonl", out=tmp_path / "s"))


def test_board(bench, corpus, tmp_path):
    folders = (
        run_and_score(bench, tmp_path / "a", runner="random"),
        run_and_score(bench, tmp_path / "b", runner="colour", corpus=corpus),
    )
    entries = board(BoardConfig(scores=folders, out=tmp_path / "board"))
    assert [entry.label for entry in entries] == ["colour", "random"]
    page = (tmp_path / "board/board.html").read_text()
    text = (tmp_path / "board/board.md").read_text()
    best = entries[0].scores[0]
    for shown in (page, text):
        assert f"{100 * best.accuracy:.1f}" in shown and f"n {best.n}" in shown and "kind x modality" in shown
    assert "http://" not in page and "https://" not in page
    assert read_json(tmp_path / "board/board.json")["tables"][0]["rows"][0]["name"] == "colour"


def test_a_board_compares_like_with_like(bench, tmp_path):
    one = run_and_score(bench, tmp_path / "a", runner="random")
    with pytest.raises(ConfigError, match="two rows are called 'random'"):
        board(BoardConfig(scores=(one, run_and_score(bench, tmp_path / "b", runner="random")), out=tmp_path / "board"))


def test_commands(bench, corpus, tmp_path):
    def gmai(*arguments: object) -> str:
        result = CliRunner().invoke(main, ["eval", *map(str, arguments), "--quiet"])
        assert result.exit_code == 0, result.output
        return result.output

    tsv, key = bench / "public/TEST.tsv", bench / "key/TEST.jsonl"
    gmai("run", tsv, "--runner", "majority", "--corpus", corpus, "-o", tmp_path / "p")
    shown = gmai("score", tmp_path / "p", "--key", key, "--name", "priors", "-o", tmp_path / "s")
    assert "priors" in shown and "without modality" in shown
    assert "priors (majority)" in gmai("board", tmp_path / "s", "-o", tmp_path / "b")
    failed = CliRunner().invoke(main, ["eval", "run", str(tsv), "--runner", "nonsense", "-o", str(tmp_path / "x")])
    assert failed.exit_code == 2 and "unknown runner" in failed.output
