"""Handing answers in and grading them: nothing changed or missing gets through, and little of the key gets out."""

import gzip
import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gmai.base import digest, hash_file, iter_jsonl, read_json, to_dict, write_json, write_jsonl
from gmai.bench import LETTERS, SealConfig, read_keys, seal_bench
from gmai.cli import main
from gmai.errors import ConfigError, FormatError, GmaiError, LeakageError
from gmai.evaluate import (
    GradeConfig,
    MatrixConfig,
    RunConfig,
    SubmitConfig,
    grade_submission,
    run_matrix,
    run_model,
    score_answers,
    submit,
)
from gmai.evaluate.ledger import Line, enter, read_ledger
from gmai.evaluate.publishing import publish
from gmai.evaluate.submission import check_names, read_submission
from gmai.evaluate.submission_grading import read_graded
from gmai.types import Prediction, Question


@pytest.fixture(scope="module")
def sealed(bench, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("sealed") / "hidden"
    seal_bench(SealConfig(bench=bench, out=out))
    return out


@pytest.fixture(scope="module")
def replies(sealed) -> Path:
    """Replies in words to the sealed file: two of three are right, every tenth names nothing."""
    path = sealed.parent / "replies.json"
    keys = list(read_keys(sealed / "key/TEST.jsonl"))
    wrong = {key.index: next(x for x in LETTERS if x != key.answer) for key in keys}
    texts = {k.index: f"The answer is {k.answer if k.index % 3 else wrong[k.index]}." for k in keys}
    path.write_text(json.dumps({index: "It is hard to say." if index % 10 == 9 else texts[index] for index in texts}))
    return path


@pytest.fixture(scope="module")
def answered(sealed, replies) -> Path:
    """A run of words, on a copy of the public file alone."""
    out = sealed.parent / "answered"
    shutil.copy(sealed / "public/TEST.tsv", sealed.parent / "TEST.tsv")
    run_model(RunConfig(tsv=sealed.parent / "TEST.tsv", out=out, runner="replay", replies=replies, name="talker"))
    return out


@pytest.fixture
def handed(answered, tmp_path) -> Path:
    path = tmp_path / "submission.json.gz"
    submit(SubmitConfig(predictions=answered, out=path, team="One", paper="https://example.org/p"))
    return path


@pytest.fixture
def keys(sealed, tmp_path) -> Path:
    """A key folder of its own for each test, for gradings are counted in it."""
    shutil.copytree(sealed, tmp_path / "hidden")
    return tmp_path / "hidden/key/TEST.jsonl"


def rewrite(path: Path, out: Path, **changes: Any) -> Path:
    """The same submission with changes, and counts and a hash that fit them."""
    found = to_dict(read_submission(path))
    given = [one for one in changes.get("predictions", found["predictions"]) if not one["rotation"]]
    counts = {"questions": len(given), "unread": sum(one["choice"] is None for one in given)}
    found = {**found, **counts, **changes}
    found["sha256"] = digest({name: value for name, value in found.items() if name != "sha256"})
    write_json(out, found)
    return out


def test_a_submission_says_what_it_depends_on_and_nothing_of_this_machine(handed, answered, tmp_path, sealed):
    text = gzip.decompress(handed.read_bytes()).decode()
    found = json.loads(text)
    assert found["model"] == "talker" and found["team"] == "One" and found["extractor"]
    assert found["data"] == hash_file(sealed / "public/TEST.tsv") and set(found["inputs"]) == {"prompt", "replies"}
    assert found["decoding"]["runner"] == "replay" and found["questions"] == len(found["predictions"])
    assert found["unread"] == sum(one["choice"] is None for one in found["predictions"]) > 0
    assert str(tmp_path) not in text and str(sealed.parent) not in text
    plain = tmp_path / "submission.json"
    submit(SubmitConfig(predictions=answered, out=plain, team="One", paper="https://example.org/p"))
    assert plain.read_text() == text
    again = tmp_path / "again.json.gz"
    submit(SubmitConfig(predictions=answered, out=again, team="One", paper="https://example.org/p"))
    assert again.read_bytes() == handed.read_bytes()


def test_only_whole_runs_on_the_right_questions_are_handed_in(answered, bench, sealed, tmp_path):
    with pytest.raises(ConfigError, match="other questions"):
        submit(SubmitConfig(predictions=answered, out=tmp_path / "s.json", data=bench / "public/TEST.tsv"))
    run_model(RunConfig(tsv=sealed / "public/TEST.tsv", out=tmp_path / "part", runner="random", limit=3))
    with pytest.raises(FormatError, match="without an answer"):
        submit(SubmitConfig(predictions=tmp_path / "part", out=tmp_path / "s.json"))
    (tmp_path / "part/manifest.json").unlink()
    with pytest.raises(ConfigError, match="has not finished"):
        submit(SubmitConfig(predictions=tmp_path / "part", out=tmp_path / "s.json"))
    assert not (tmp_path / "s.json").exists()


@pytest.mark.parametrize(
    ("model", "team", "paper"),
    [
        (" ", "", ""),
        ("m\n", "", ""),
        ("m", "t" * 201, ""),
        ("m", "", "javascript:alert(1)"),
        ("m", "", "https://x/<script>"),
        ("m", "a\u202eb", ""),
    ],
)
def test_what_cannot_be_shown_is_refused(model, team, paper):
    with pytest.raises(ConfigError):
        check_names(model, team, paper)


def test_a_submission_is_graded_as_its_answers_are_scored(handed, answered, keys, tmp_path):
    graded = grade_submission(GradeConfig(submission=handed, key=keys, out=tmp_path / "g", least=10))
    (whole, *_) = score_answers(list(iter_jsonl(answered / "predictions.jsonl", Prediction)), list(read_keys(keys)))
    node = graded.nodes[0]
    assert (node.axis, node.node, node.n) == ("overall", "all", whole.n)
    assert abs(node.accuracy - whole.accuracy) <= node.step / 2 and node.low <= whole.low and node.high >= whole.high
    assert graded.commitment == read_json(keys.parent.parent / "public/TEST.commitment.json")["root"]
    assert (graded.model, graded.team, graded.submissions) == ("talker", "One", 1)
    stats = read_json(tmp_path / "g/stats.json")
    assert stats["correct"] == whole.correct and stats["invalid"] == whole.invalid == graded.invalid
    assert stats["read_otherwise"] == 0 and 0 < stats["told_bits"]
    public = (tmp_path / "g/public/graded.json").read_text()
    assert read_graded(tmp_path / "g/public/graded.json") == graded and "correct" not in public
    assert (tmp_path / "g/scores/answers.jsonl").is_file() and not list((tmp_path / "g/public").glob("*answers*"))
    assert grade_submission(GradeConfig(submission=handed, key=keys, out=tmp_path / "g", least=10)) == graded
    other = grade_submission(GradeConfig(submission=handed, key=keys, out=tmp_path / "h", least=10))
    assert other == graded, "grading the same again is the same and counts once"


def test_what_was_changed_since_is_refused(handed, keys, tmp_path):
    def grade(path: Path) -> None:
        grade_submission(GradeConfig(submission=path, key=keys, out=tmp_path / "g", least=10))

    found = json.loads(gzip.decompress(handed.read_bytes()))
    found["model"] = "better"
    write_json(tmp_path / "a.json", found)
    with pytest.raises(FormatError, match="not as its hash says"):
        grade(tmp_path / "a.json")
    given = found["predictions"]
    for changes, message in (
        (given[:-1], "1 without an answer"),
        ([*given, {**given[0], "index": 999_999}], "1 answered that are no questions"),
        ([*given, given[3]], "answered twice"),
        ([{**given[0], "choice": "J"}, *given[1:]], "choice 'J' of a question with"),
        ([{**given[0], "choice": ""}, *given[1:]], "choice '' of a question"),
        ([{**given[0], "rotation": 1}, *given[1:]], "rotations"),
        ([{**given[0], "text": "The answer is A."}, {**given[0], "choice": "B"}, *given[1:]], "answered twice"),
    ):
        with pytest.raises(FormatError, match=message):
            grade(rewrite(handed, tmp_path / "b.json", predictions=changes))
    swapped = [{**one, "choice": "A" if one["choice"] != "A" else "B"} if one["text"] else one for one in given]
    with pytest.raises(FormatError, match="was handed in as read from it"):
        grade(rewrite(handed, tmp_path / "c.json", predictions=swapped))
    with pytest.raises(FormatError, match="other questions than the key's"):
        grade(rewrite(handed, tmp_path / "d.json", data="0" * 64))
    with pytest.raises(FormatError, match="other counts"):
        grade(rewrite(handed, tmp_path / "e.json", unread=0))
    huge = gzip.decompress(handed.read_bytes()).replace(b'"seed":0', b'"seed":' + b"9" * 30)
    (tmp_path / "h.json").write_bytes(huge)
    with pytest.raises(FormatError):
        grade(tmp_path / "h.json")
    with pytest.raises(FormatError, match="format"):
        grade(rewrite(handed, tmp_path / "e.json", format="gmai-submission-9"))
    (tmp_path / "f.json.gz").write_bytes(handed.read_bytes()[:-20])
    with pytest.raises(FormatError, match="cannot be read"):
        grade(tmp_path / "f.json.gz")
    assert not (keys.parent / "gradings").exists(), "nothing refused is counted"


def test_replies_read_by_other_rules_are_read_again_and_told(handed, keys, tmp_path):
    given = to_dict(read_submission(handed))["predictions"]
    other = [{**one, "choice": None} for one in given]
    old = rewrite(handed, tmp_path / "old.json", extractor="0", predictions=other)
    graded = grade_submission(GradeConfig(submission=old, key=keys, out=tmp_path / "g", least=10))
    now = grade_submission(GradeConfig(submission=handed, key=keys, out=tmp_path / "h", least=10))
    assert graded.nodes == now.nodes
    stats = read_json(tmp_path / "g/stats.json")
    assert stats["read_as"] == "0" and stats["read_otherwise"] == sum(one["choice"] is not None for one in given)


def test_a_key_that_was_changed_is_refused(handed, keys, tmp_path):
    questions = list(read_keys(keys))
    other = next(letter for letter in "AB" if letter != questions[0].answer)
    write_jsonl(keys, [replace(questions[0], answer=other), *questions[1:]])
    with pytest.raises(LeakageError, match="not the one committed to"):
        grade_submission(GradeConfig(submission=handed, key=keys, out=tmp_path / "g"))


def test_answers_from_elsewhere_are_graded_too_but_never_a_pickle(answered, handed, replies, keys, tmp_path):
    ours = grade_submission(GradeConfig(submission=handed, key=keys, out=tmp_path / "a", least=10))
    (sheet,) = answered.glob("*.xlsx")
    (table,) = answered.glob("*.tsv")
    for number, path in enumerate((sheet, table, replies)):
        config = GradeConfig(submission=path, key=keys, out=tmp_path / f"r{number}", least=10, model_name="x", team="t")
        graded = grade_submission(config)
        assert graded.nodes == ours.nodes and graded.data and (graded.model, graded.team) == ("x", "t")
    (tmp_path / "x.pkl").write_bytes(b"\x80\x04.")
    with pytest.raises(FormatError, match="pickle"):
        grade_submission(GradeConfig(submission=tmp_path / "x.pkl", key=keys, out=tmp_path / "p"))


def test_gradings_are_counted_and_lines_only_added(handed, keys, tmp_path):
    def grade(seed: int, most: int = 20) -> int:
        path = rewrite(handed, tmp_path / f"{seed}.json", model=f"try {seed}")
        out = tmp_path / f"g{seed}"
        return grade_submission(GradeConfig(submission=path, key=keys, out=out, least=10, most=most)).submissions

    assert [grade(1), grade(2), grade(1), grade(3, most=3)] == [1, 2, 1, 3]
    with pytest.raises(ConfigError, match="graded 3 times"):
        grade(4, most=3)
    path = keys.parent / "gradings/TEST.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    assert [line.model for line in read_ledger(path)] == ["try 1", "try 2", "try 3"]
    for spoilt in (lines[1:], [lines[0], lines[2]], [lines[0].replace(b"One", b"Two"), *lines[1:]], [lines[0][:-1]]):
        path.write_bytes(b"".join(spoilt))
        with pytest.raises(FormatError):
            grade(5)


def test_the_ledger_counts_teams_apart(tmp_path):
    line = Line(team="a", model="m", submission="1", key="k", bits=10.0)
    assert enter(tmp_path / "l", line, most=1).submissions == 1
    assert enter(tmp_path / "l", line, most=1).submissions == 1, "the same once more is not another"
    for other in (replace(line, team="b"), replace(line, key="other")):
        assert enter(tmp_path / "l", other, most=1).submissions == 1
    tally = enter(tmp_path / "l", replace(line, submission="2"), most=2)
    assert (tally.submissions, tally.bits) == (2, 20.0)


def make_key(index: int, **changes: str) -> Question:
    known = {"kind": "finding", "task": "t", "department": "d", "modality": "CT", "granularity": "Image Level"}
    values = {**known, **changes}
    return Question(
        index=index,
        sample=f"s{index}",
        source="s",
        subject=f"p{index}",
        question="?",
        options=("x", "y"),
        answer="A",
        **values,
    )


def publish_nodes(keys: list[Question], least: int) -> dict[tuple[str, str], int]:
    given = [Prediction(index=key.index, mode="letters", choice="A" if key.index % 3 else "B") for key in keys]
    return {(node.axis, node.node): node.n for node in publish(score_answers(given, keys), keys, least)}


def test_small_nodes_and_what_gives_them_away_are_not_told():
    keys = [make_key(n, task="big" if n < 60 else "middle" if n < 97 else "tiny") for n in range(100)]
    told = publish_nodes(keys, 30)
    assert ("overall", "all") in told and ("task", "tiny") not in told
    assert ("task", "middle") not in told, "100 less big less middle would be tiny"
    assert ("task", "big") in told
    inside = [make_key(n, task="t" if n < 58 else "u", department="d" if n < 60 else "e") for n in range(100)]
    told = publish_nodes(inside, 30)
    assert ("department", "d") in told and ("task", "t") not in told, "d less t would be two questions"


@pytest.mark.parametrize("seed", range(5))
def test_no_told_node_leaves_few_of_another(seed):
    rng = random.Random(seed)
    keys = [
        make_key(
            n,
            task=f"t{rng.randrange(4)}",
            department=f"d{int(rng.paretovariate(1)) % 5}",
            modality=f"m{int(rng.paretovariate(0.7)) % 7}",
            kind="modality" if rng.random() < 0.1 else "finding",
        )
        for n in range(300)
    ]
    told = publish_nodes(keys, 25)
    sets = [
        {k.index for k in keys if axis == "overall" and (node == "all" or k.kind != "modality")}
        if axis == "overall"
        else {k.index for k in keys if getattr(k, axis) == node}
        for axis, node in told
    ]
    assert all(len(one) == n >= 25 for one, n in zip(sets, told.values(), strict=True))
    assert all(len(a - b) >= 25 for a in sets for b in sets if b < a)


def test_a_run_without_a_key_leaves_a_submission(sealed, keys, tmp_path):
    shutil.copy(sealed / "public/TEST.tsv", tmp_path / "TEST.tsv")
    (result,) = run_matrix(
        MatrixConfig(data=(str(tmp_path / "TEST.tsv"),), model=("random",), out=tmp_path / "out", mode="all")
    )
    assert result.state == "no key" and result.is_fine
    path = Path(result.folder) / "submission.json.gz"
    graded = grade_submission(GradeConfig(submission=path, key=keys, out=tmp_path / "g", least=10))
    assert graded.model == "random" and graded.nodes


def test_turned_and_open_questions_are_handed_in_whole(sealed, keys, tmp_path):
    run_model(RunConfig(tsv=sealed / "public/TEST.tsv", out=tmp_path / "p", runner="random", circular=True))
    submit(SubmitConfig(predictions=tmp_path / "p", out=tmp_path / "s.json"))
    graded = grade_submission(GradeConfig(submission=tmp_path / "s.json", key=keys, out=tmp_path / "g", least=10))
    predictions = list(iter_jsonl(tmp_path / "p/predictions.jsonl", Prediction))
    assert graded.questions == len({one.index for one in predictions}) < len(predictions)
    with pytest.raises(FormatError, match="rotations"):
        less = [to_dict(one) for one in predictions if one.rotation != 1]
        path = rewrite(tmp_path / "s.json", tmp_path / "less.json", predictions=less)
        grade_submission(GradeConfig(submission=path, key=keys, out=tmp_path / "h"))


def test_open_answers_are_read_when_they_are_graded(tmp_path):
    asked = [
        replace(make_key(0), options=(), form="yes_no", answer="yes"),
        replace(make_key(1), options=(), form="open", answer="left lung"),
    ]
    write_jsonl(tmp_path / "b/key/TEST.jsonl", asked)
    (tmp_path / "mine.json").write_text(json.dumps({"0": "Yes, it is.", "1": "Left lung."}))
    config = GradeConfig(
        submission=tmp_path / "mine.json", key=tmp_path / "b/key/TEST.jsonl", out=tmp_path / "g", least=1
    )
    assert grade_submission(config).invalid == 0
    stats = read_json(tmp_path / "g/stats.json")
    assert stats["correct"] == 2 and stats["key_bits"] == 1.0


def test_commands(answered, keys, tmp_path):
    def gmai(*arguments: object, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["eval", *map(str, arguments), "--quiet"])
        assert result.exit_code == code, result.output
        return result.output

    path = tmp_path / "s.json.gz"
    assert "sha256" in gmai("submit", answered, "--model-name", "M", "--team", "T", "-o", path)
    shown = gmai("grade", path, "--key", keys, "--least", "10", "-o", tmp_path / "g")
    assert "M of T: grading 1 with this key, held against its commitment" in shown and "all" in shown
    with pytest.raises(GmaiError):
        read_submission(keys)
