"""The page of a made-up line of runs: what it holds, that it is true to the runs, and to nothing else."""

import re
import shutil
from html.parser import HTMLParser

import made_runs
import pytest
from click.testing import CliRunner

from gmai.base import loads, open_run, read_json, write_json, write_jsonl
from gmai.cli import main
from gmai.errors import ConfigError
from gmai.evaluate import ScoreConfig, score
from gmai.story import StoryConfig, build_story

SECTIONS = ["accuracy", "corpus", "samples", "bench", "training", "tree", "answers", "trace", "rejects", "runs"]


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    return made_runs.make_line(tmp_path_factory.mktemp("line"))


@pytest.fixture(scope="module")
def page(line, tmp_path_factory):
    out = tmp_path_factory.mktemp("page") / "report.html"
    build_story(StoryConfig(runs=(str(line),), out=out))
    return out


@pytest.fixture(scope="module")
def data(page):
    return loads(page.with_suffix(".json").read_bytes())


def evaluations(data) -> dict:
    return {item["name"]: item for item in data["sections"]["accuracy"]["evaluations"]}


class Reader(HTMLParser):
    """Collects what a page points at, its ids, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets, self.ids, self.open, self.void = [], [], [], {"meta", "link", "img", "br"}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.targets += [given[name] for name in ("src", "href", "action", "data", "poster") if given.get(name)]
        self.ids += [given["id"]] if "id" in given else []
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.void:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_every_section_is_there_and_the_page_is_whole(page, data):
    reader = Reader(page.read_text(encoding="utf-8"))
    assert reader.open == [] and len(set(reader.ids)) == len(reader.ids)
    assert list(data["sections"]) == SECTIONS and set(SECTIONS) <= set(reader.ids)
    assert all(target.startswith(("data:", "#")) for target in reader.targets)
    assert {target[1:] for target in reader.targets if target.startswith("#")} <= set(reader.ids)


def test_stages_stand_in_the_order_of_training(data):
    found = [(item["name"], item["role"]) for item in data["sections"]["accuracy"]["evaluations"]]
    assert found == [
        ("Untrained", "stage"),
        ("Stage 1", "stage"),
        ("Stage 2", "stage"),
        ("Stage 3", "stage"),
        ("Stage 3, blind", "blind"),
        ("Majority answer", "baseline"),
        ("Nearest mean colour", "baseline"),
        ("Logistic regression", "baseline"),
    ]
    trained = [item["stage"] for item in data["sections"]["training"]["stages"]]
    assert trained == ["Stage 0, text", "Stage 0, vision", "Stage 1", "Stage 2", "Stage 3"]


def test_the_numbers_are_those_of_the_runs(line, page, data):
    scores = read_json(line / "scores/all/scores.json")
    shown = evaluations(data)["Stage 3"]["scores"]
    wanted = [score for score in scores if score["axis"] in ("overall", "kind")]
    assert [(s["node"], s["n"], s["accuracy"], s["low"], s["high"]) for s in shown] == [
        (s["node"], s["n"], s["accuracy"], s["low"], s["high"]) for s in wanted
    ]
    headline = next(score for score in scores if score["node"] == "without modality")
    html = page.read_text(encoding="utf-8")
    assert f"{100 * headline['accuracy']:.1f}\u202f%" in html and f"n\u202f=\u202f{headline['n']}" in html
    nodes = {(node["axis"], node["node"]) for node in data["sections"]["tree"]["nodes"]}
    assert nodes == {
        (s["axis"], s["node"]) for s in scores if s["axis"] in ("task", "department", "modality", "granularity")
    }


def test_the_page_says_what_it_is_not(page, data):
    research, phantoms, stage0 = data["statements"]
    assert research == "Research use only, not for diagnosis."
    assert "phantoms" in phantoms and "drawn by a program" in phantoms
    assert "supervised by the corpus' own annotations" in stage0 and "training subjects only" in stage0
    assert page.read_text(encoding="utf-8").count("not for diagnosis") >= 2


def test_real_pictures_are_not_called_phantoms(line, tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.story.survey.DRAWN", "no-such-source-")
    data = build_story(StoryConfig(runs=(str(line / "corpus"),), out=tmp_path / "r.html"))
    assert data["statements"] == ["Research use only, not for diagnosis."]


def test_examples_are_right_and_wrong_as_said(line, data):
    answers = {
        item["index"]: item for item in map(loads, (line / "scores/all/answers.jsonl").read_bytes().splitlines())
    }
    shown = data["sections"]["answers"]
    assert shown["right"] and all(answers[index]["right"] for index in shown["right"])
    assert shown["wrong"] and not any(answers[index]["right"] for index in shown["wrong"])


def test_an_answer_is_followed_to_its_annotation(line, data):
    trace = data["sections"]["trace"]
    keys = {item["index"]: item for item in map(loads, (line / "bench/key/TEST.jsonl").read_bytes().splitlines())}
    question = keys[trace["index"]]
    assert question["view"]["regions"]
    steps = {step["what"]: step["name"] for step in trace["steps"]}
    assert steps["sample"] == question["sample"] and steps["annotation"] in question["records"]
    assert steps["source"] == question["source"] and steps["file"].startswith(question["source"])


def test_rejects_are_counted_by_reason(page, data):
    assert data["sections"]["rejects"]["total"] == 4
    assert data["sections"]["rejects"]["rejects"]["corpus"] == {
        "box.outside (annotation)": 3,
        "image.truncated (image)": 1,
    }
    assert "phantom-ct/998: no overlap" in page.read_text(encoding="utf-8")


def test_the_same_runs_give_the_same_bytes_wherever_they_lie(line, page, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(line, moved)
    out = tmp_path / "report.html"
    build_story(StoryConfig(runs=(str(moved),), out=out))
    assert out.with_suffix(".json").read_bytes() == page.with_suffix(".json").read_bytes()
    here = page.read_text(encoding="utf-8")
    assert str(tmp_path) not in out.read_text(encoding="utf-8")
    build_story(StoryConfig(runs=(str(line),), out=tmp_path / "again.html"))
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == here


def test_the_runs_may_be_given_one_by_one_in_any_order_and_named(line, tmp_path):
    folders = [path.parent for path in sorted(line.rglob("manifest.json"), reverse=True)]
    named = [f"Ours={f}" if f == line / "scores/all" else str(f) for f in folders]
    data = build_story(StoryConfig(runs=tuple(named), out=tmp_path / "r.html"))
    assert list(data["sections"]) == SECTIONS
    assert [item["name"] for item in data["sections"]["accuracy"]["evaluations"]][:4] == [
        "Untrained",
        "Stage 1",
        "Stage 2",
        "Ours",
    ]


def test_a_corpus_alone_has_its_page(line, tmp_path):
    data = build_story(StoryConfig(runs=(str(line / "corpus"),), out=tmp_path / "r.html"))
    assert list(data["sections"]) == ["corpus", "samples", "rejects", "runs"]
    totals = data["sections"]["corpus"]["totals"]
    assert totals["samples"] == 144 and totals["conversations"] == 432
    assert sum(row["count"] for row in data["sections"]["corpus"]["sunburst"]) == 432


def test_scores_alone_have_their_page(line, tmp_path):
    data = build_story(StoryConfig(runs=(str(line / "scores"),), out=tmp_path / "r.html"))
    assert list(data["sections"]) == ["accuracy", "tree", "runs"]


def test_every_source_is_shown_with_its_conversations(line, page, data):
    shown = [item["id"] for item in data["sections"]["samples"]["samples"]]
    assert {name.split("/")[0] for name in shown} == set(made_runs.SOURCES)
    html = page.read_text(encoding="utf-8")
    assert html.count('class="card"') == len(shown) and "mask: " in html and "box: " in html


def test_an_unfinished_run_below_a_folder_is_named_and_not_used(line, tmp_path):
    root = tmp_path / "runs"
    shutil.copytree(line / "corpus", root / "corpus")
    open_run(root / "half", "train", {"stage": "all"}, {})
    data = build_story(StoryConfig(runs=(str(root),), out=tmp_path / "r.html"))
    assert data["sections"]["runs"]["unfinished"] == ["half"]
    assert [run["label"] for run in data["sections"]["runs"]["runs"]] == ["corpus", "corpus/split"]


def test_what_cannot_be_told_is_refused_with_a_reason(line, tmp_path):
    def tell(*runs: str, out: str = "r.html") -> None:
        build_story(StoryConfig(runs=runs, out=tmp_path / out))

    (tmp_path / "empty").mkdir()
    open_run(tmp_path / "half", "train", {"stage": "all"}, {})
    shutil.copytree(line / "corpus", tmp_path / "other")
    for runs, reason in (
        ((str(tmp_path / "absent"),), "no such folder"),
        ((str(tmp_path / "empty"),), "holds no run"),
        ((str(tmp_path / "half"),), "has not finished"),
        ((str(line / "corpus"), str(tmp_path / "other")), "2 corpora"),
    ):
        with pytest.raises(ConfigError, match=reason):
            tell(*runs)
    with pytest.raises(ConfigError, match="html"):
        tell(str(line), out="r.pdf")


def test_the_command_writes_page_and_numbers(line, tmp_path):
    out = tmp_path / "r.html"
    arguments = [
        "report",
        str(line / "corpus"),
        "-o",
        str(out),
        "--title",
        "Our <corpus>",
        "--set",
        "samples=3",
        "--quiet",
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "corpus, samples, rejects, runs" in result.output
    assert "<h1>Our &lt;corpus&gt;</h1>" in out.read_text(encoding="utf-8") and out.with_suffix(".json").exists()
    assert len(read_json(out.with_suffix(".json"))["sections"]["samples"]["samples"]) == 3


def test_the_command_says_what_is_wrong(tmp_path):
    result = CliRunner().invoke(main, ["report", str(tmp_path / "none"), "-o", str(tmp_path / "r.html")])
    assert result.exit_code == 2 and "no such folder" in result.output


def test_no_seconds_and_no_secrets_of_this_machine(line, page):
    html = page.read_text(encoding="utf-8")
    assert str(line) not in html and not re.search(r"\b\d{4}-\d{2}-\d{2}T", html)


def test_what_is_answered_blind_is_said(line, tmp_path):
    root = tmp_path / "runs"
    for name in ("bench", "models"):
        shutil.copytree(line / name, root / name)
    key = root / "bench/key/TEST.jsonl"
    for name, blind in (("all", False), ("blind", True)):
        model = root / "models/4-all"
        predictions = made_runs.make_predictions(root / "eval" / name, root / "bench", "likelihood", 0.9, blind, model)
        score(ScoreConfig(predictions=predictions, key=key, out=root / "scores" / name))
    build_story(StoryConfig(runs=(str(root),), out=tmp_path / "r.html"))
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "does not show that the picture helps" in html
    assert "Above chance without the picture: " in html


def test_a_model_that_sees_is_not_doubted(page):
    html = page.read_text(encoding="utf-8")
    assert "does not show" not in html and "that interval contains" in html


def test_scores_of_two_keys_are_not_put_side_by_side(line, tmp_path):
    shutil.copytree(line / "scores/all", tmp_path / "runs/all")
    other = tmp_path / "runs/other"
    shutil.copytree(line / "scores/tiny", other)
    stats = read_json(other / "stats.json")
    write_json(other / "stats.json", stats | {"key": "another"})
    with pytest.raises(ConfigError, match="2 different keys"):
        build_story(StoryConfig(runs=(str(tmp_path / "runs"),), out=tmp_path / "r.html"))


def test_a_runner_of_somebody_else_is_a_baseline_under_its_own_name(line, tmp_path):
    bench = line / "bench"
    predictions = made_runs.make_predictions(tmp_path / "runs/eval", bench, "lab.rules:open", 0.5, False, None)
    score(
        ScoreConfig(predictions=predictions, key=bench / "key/TEST.jsonl", out=tmp_path / "runs/scores", name="Rules")
    )
    data = build_story(StoryConfig(runs=(str(tmp_path / "runs"),), out=tmp_path / "r.html"))
    assert [(item["name"], item["role"]) for item in data["sections"]["accuracy"]["evaluations"]] == [
        ("Rules", "baseline")
    ]
    assert list(data["sections"]) == ["accuracy", "runs"]


def test_an_answer_is_not_followed_into_another_corpus(line, tmp_path):
    other = made_runs.make_corpus(tmp_path / "other", 9)
    folders = [str(line / name) for name in ("bench", "models", "eval", "scores")]
    data = build_story(StoryConfig(runs=(str(other), *folders), out=tmp_path / "r.html"))
    assert "answers" in data["sections"] and "trace" not in data["sections"]


def test_a_validation_loss_is_drawn_beside_the_training_loss(tmp_path):
    run = made_runs.make_model(tmp_path / "run", "train", {"stage": "all"}, {}, [2.0, 1.5, 1.0])
    write_jsonl(run / "validation.jsonl", [{"step": 2, "loss": 1.7}, {"step": 3, "loss": 1.25}])
    build_story(StoryConfig(runs=(str(run),), out=tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text()
    assert "validation 1.25" in page and "training 1" in page and "loss on the validation split" in page
