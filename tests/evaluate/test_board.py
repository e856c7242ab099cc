"""The board: like beside like, what is quoted told from what was measured, and the tree down to single labels."""

import json
import random
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from gmai.base import hash_file, read_json, write_jsonl
from gmai.cli import main
from gmai.errors import ConfigError, FormatError
from gmai.evaluate import BoardConfig, GradeConfig, ScoreConfig, board, grade_submission, score
from gmai.evaluate.boards.published import parse_wanted, published_names, read_published
from gmai.lexicon import read_lexicon
from gmai.types import Prediction, Question

TASKS = ("Disease Diagnosis", "Severity Grading")
LABELS = ("cyst", "tear", "<b>mass</b>", "polyp")


def make_keys(number: int, seed: int = 0) -> list[Question]:
    rng = random.Random(seed)
    return [
        Question(
            index=n,
            sample=f"s/{n}",
            source="s",
            subject=f"p{n // 3}",
            question="?",
            options=LABELS,
            answer=rng.choice("ABCD"),
            kind="finding",
            task=TASKS[n % 2],
            department="Radiology" if n % 3 else "Dermatology",
            modality="CT" if n % 5 else "MRI",
            granularity="Image Level",
        )
        for n in range(number)
    ]


def answer(keys: list[Question], right: float, seed: int) -> list[Prediction]:
    rng = random.Random(seed)
    choices = [key.answer if rng.random() < right else "ABCD"[(ord(key.answer) - 64) % 4] for key in keys]
    return [Prediction(index=k.index, mode="letters", choice=c) for k, c in zip(keys, choices, strict=True)]


def scored(root: Path, name: str, keys: list[Question], predictions: list[Prediction], bench: str = "bench") -> Path:
    key = root / bench / "key/TEST.jsonl"
    if not key.exists():
        write_jsonl(key, keys)
    write_jsonl(root / name / "predictions.jsonl", predictions)
    score(ScoreConfig(predictions=root / name / "predictions.jsonl", key=key, out=root / name / "scores"))
    return root / name / "scores"


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("board")
    keys = make_keys(300)
    for name, right, seed in (("good", 0.84, 1), ("alike", 0.8, 2), ("bad", 0.3, 3)):
        scored(root / "runs", name, keys, answer(keys, right, seed))
    return root


@pytest.fixture(scope="module")
def made(runs) -> Path:
    board(BoardConfig(scores=(runs / "runs",), out=runs / "out", published=("all", "gmai-mmbench:TEST=bench_TEST")))
    return runs / "out"


def test_rows_say_whether_they_can_be_told_from_the_best(made):
    (table,) = read_json(made / "board.json")["tables"]
    rows = {row["name"]: row for row in table["rows"]}
    assert list(rows) == ["good", "alike", "bad"] and table["data"] == "bench_TEST" and table["questions"] == 300
    assert rows["good"]["apart"] == "best" and rows["alike"]["apart"] == "no" and rows["bad"]["apart"] == "yes"
    assert rows["alike"]["p"] > 0.05 > rows["bad"]["p"] and "paired permutation test" in table["rule"]
    assert all(row["from"] == "measured" and len(row["identity"]) == 64 for row in table["rows"])
    text = (made / "board.md").read_text()
    assert "not separable" in text and "paired permutation test" in text


def test_the_tree_adds_up_and_reaches_single_labels(made):
    (table,) = read_json(made / "board.json")["tables"]
    tree = table["tree"]
    assert tree[0]["path"] == [] and tree[0]["n"] == 300
    for depth in range(1, 6):
        level = [place for place in tree if len(place["path"]) == depth]
        assert sum(place["n"] for place in level) == 300
        for row in range(3):
            right = sum(place["n"] * place["reached"][row]["accuracy"] for place in level)
            assert right == pytest.approx(300 * tree[0]["reached"][row]["accuracy"], abs=0.01)
    assert {place["path"][-1] for place in tree if place["level"] == "label"} == set(LABELS)
    whole = table["rows"][0]["scores"][0]
    assert tree[0]["reached"][0] == {name: whole[name] for name in ("accuracy", "low", "high")}


def test_small_places_can_be_left_out(runs, tmp_path):
    board(BoardConfig(scores=(runs / "runs",), out=tmp_path / "b", least=30))
    (table,) = read_json(tmp_path / "b/board.json")["tables"]
    assert {place["level"] for place in table["tree"]} >= {"task", "department"}
    assert all(place["n"] >= 30 for place in table["tree"])


def test_the_page_escapes_and_fetches_nothing(made):
    page = (made / "board.html").read_text()
    assert "<b>mass" not in page and "&lt;b&gt;mass" in page
    assert "http://" not in page and "https://" not in page and "data-opens" in page


def test_without_the_key_intervals_are_compared_and_there_is_no_tree(runs, tmp_path):
    shutil.copytree(runs / "runs", tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("run.json"):
        path.write_text(path.read_text().replace(str(runs / "runs/bench"), str(tmp_path / "gone/bench")))
    board(BoardConfig(scores=(tmp_path / "copy",), out=tmp_path / "b"))
    (table,) = read_json(tmp_path / "b/board.json")["tables"]
    assert table["tree"] == [] and "intervals overlap" in table["rule"] and table["data"] == "bench_TEST"
    assert [row["apart"] for row in table["rows"]] == ["best", "no", "yes"]


def test_another_key_is_another_table(runs, tmp_path):
    keys = make_keys(60, seed=9)
    other = scored(tmp_path, "good", keys, answer(keys, 0.5, 1), "other")
    twin = scored(tmp_path / "b", "good", make_keys(60, 5), answer(make_keys(60, 5), 0.5, 1), "other")
    entries = board(BoardConfig(scores=(runs / "runs", other, twin), out=tmp_path / "out"))
    assert [entry.name for entry in entries] == ["good", "alike", "bad", "good", "good"]
    names = [table["data"] for table in read_json(tmp_path / "out/board.json")["tables"]]
    assert names[0] == "bench_TEST" and len(set(names)) == 3 and all(n.startswith("other_TEST ") for n in names[1:])


def test_a_board_is_the_same_bytes_again(runs, made, tmp_path):
    config = BoardConfig(scores=(runs / "runs",), out=tmp_path / "b", published=("all", "gmai-mmbench:TEST=bench_TEST"))
    board(config)
    assert hash_file(tmp_path / "b/manifest.json") == hash_file(made / "manifest.json")
    assert board(config) and str(tmp_path) not in (tmp_path / "b/board.json").read_text()


def test_what_cannot_be_tabulated(runs, tmp_path):
    with pytest.raises(ConfigError, match="nothing to tabulate"):
        board(BoardConfig(out=tmp_path / "b"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="nothing to tabulate"):
        board(BoardConfig(scores=(tmp_path / "empty",), out=tmp_path / "b"))
    copy = shutil.copytree(runs / "runs/good", tmp_path / "again")
    with pytest.raises(ConfigError, match="two rows are called"):
        board(BoardConfig(scores=(runs / "runs", copy), out=tmp_path / "b"))
    with pytest.raises(ConfigError, match="no table 'nowhere'"):
        board(BoardConfig(scores=(runs / "runs",), out=tmp_path / "b", published=("gmai-mmbench:TEST=nowhere",)))
    (copy / "scores/manifest.json").unlink()
    with pytest.raises(ConfigError, match="has not finished"):
        board(BoardConfig(scores=(copy,), out=tmp_path / "c"))


def test_graded_submissions_stand_beside_runs_with_what_was_made_public(runs, tmp_path):
    key = runs / "runs/bench/key/TEST.jsonl"
    replies = tmp_path / "good.json"
    replies.write_text(json.dumps({n: "The answer is A." for n in range(300)}))
    config = GradeConfig(submission=replies, key=key, out=tmp_path / "g", team="T", ledger=tmp_path / "l", least=50)
    grade_submission(config)
    for place in (tmp_path / "g", tmp_path / "g/public/graded.json"):
        board(BoardConfig(scores=(runs / "runs/good", place), out=tmp_path / f"b{place.name}"))
        (table,) = read_json(tmp_path / f"b{place.name}/board.json")["tables"]
        rows = {(row["name"], row["from"]): row for row in table["rows"]}
        assert (
            len(rows) == 2
            and rows["good", "graded"]["from"] == "graded"
            and rows["good", "graded"]["team"] == "T"
            and table["tree"] == []
        )
        assert "intervals overlap" in table["rule"] and rows["good", "graded"]["apart"] == "yes"
        assert "correct" not in rows["good", "graded"]["scores"][0]
    found = read_json(tmp_path / "g/public/graded.json")
    (tmp_path / "forged.json").write_text(json.dumps({**found, "model": "mine"}))
    (tmp_path / "f").mkdir()
    shutil.move(tmp_path / "forged.json", tmp_path / "f/graded.json")
    with pytest.raises(FormatError, match="not as its hash says"):
        board(BoardConfig(scores=(tmp_path / "f",), out=tmp_path / "x"))


def test_published_numbers_have_sources_and_known_nodes():
    lexicon = read_lexicon()
    assert published_names() == ["gmai-mmbench", "mmmu-health-medicine", "omnimedvqa", "vqa-sets"]
    rows = read_published(parse_wanted("all"))
    assert len(rows) == 313 and all(row.source and row.model and 0 <= row.share <= 1 for row in rows)
    assert len({(r.benchmark, r.split, r.axis, r.node, r.model, r.metric, r.source) for r in rows}) == len(rows)
    known = {
        "task": set(lexicon.tasks),
        "department": set(lexicon.departments),
        "granularity": {f"{name.capitalize()} Level" for name in lexicon.granularities},
        "overall": {"all"},
    }
    for row in rows:
        if row.benchmark.startswith("GMAI-MMBench"):
            assert row.node in known[row.axis]
    assert {row.node for row in rows if row.benchmark == "GMAI-MMBench" and row.axis == "task"} == known["task"]


def test_published_numbers_are_as_they_were_published():
    rows = read_published(parse_wanted("gmai-mmbench"))

    def shares(split: str, node: str, model: str) -> set[float]:
        return {row.share for row in rows if (row.split, row.node, row.model) == (split, node, model)}

    assert shares("TEST", "all", "GPT-4o") == {0.5396} and shares("VAL", "all", "GPT-4o") == {0.5353}
    assert shares("TEST", "all", "GMAI-VL 7B") == {0.6243} and shares("", "Counting", "Gemini 1.5") == {0.0226}
    assert shares("", "Neurosurgery", "GPT-4o") == {0.9164} and shares("TEST", "Box Level", "GPT-4o") == {0.3621}
    assert {row.n for row in rows if row.split == "VAL" and row.n} == {4550}
    assert not any(row.n for row in rows if row.axis != "overall")


def test_quoted_numbers_are_never_mixed_with_measured_ones(made):
    data = read_json(made / "board.json")
    assert {row["from"] for row in data["tables"][0]["rows"]} == {"measured"}
    assert {row["from"] for row in data["quoted"] + data["tables"][0]["beside"]} == {"quoted"}
    text = (made / "board.md").read_text()
    measured, beside = text.split("### Beside it, quoted")
    assert "GPT-4o" not in measured and "not ranked with what was measured" in beside
    assert "| GPT-4o | 53.96\u202f% | 21\u202f281 | GMAI-MMBench leaderboard |" in text
    assert "split not said" in text


def test_numbers_that_contradict_one_another_are_both_shown(tmp_path):
    rows = [
        ("B", "TEST", "task", "Counting", "M", "accuracy", "40.0", "", "paper", ""),
        ("B", "TEST", "task", "Counting", "M", "accuracy", "42.5", "10", "readme", ""),
    ]
    table = "\n".join(
        ["benchmark\tsplit\taxis\tnode\tmodel\tmetric\tpercent\tn\tsource\tnote", *("\t".join(row) for row in rows)]
    )
    (tmp_path / "mine.tsv").write_text(table + "\n")
    board(BoardConfig(published=(str(tmp_path / "mine.tsv"),), out=tmp_path / "b"))
    assert "40.0\u202f% (paper) / 42.5\u202f% (readme)" in (tmp_path / "b/board.md").read_text()
    gpt = [row for row in read_published(parse_wanted("gmai-mmbench")) if row.model == "GPT-4o" and row.node == "all"]
    assert {(row.split, row.share) for row in gpt if row.metric == "accuracy"} >= {("", 0.52), ("TEST", 0.5396)}
    for spoilt, message in ((table.replace("paper", ""), "source"), (table.replace("40.0", "x"), "percentage")):
        (tmp_path / "spoilt.tsv").write_text(spoilt)
        with pytest.raises(FormatError, match=message):
            board(BoardConfig(published=(f"{tmp_path}/spoilt.tsv",), out=tmp_path / "c"))
        (tmp_path / "spoilt.tsv").unlink()
        read_published.__globals__["_read_table"].cache_clear()


@pytest.mark.parametrize("text", ["nothing", "gmai-mmbench=x", "gmai-mmbench:WINTER", ":TEST", ""])
def test_published_tables_that_are_not_there(text, tmp_path):
    with pytest.raises(ConfigError):
        board(BoardConfig(published=(text,), out=tmp_path / "b"))


def test_commands(runs, tmp_path):
    arguments = ["eval", "board", str(runs / "runs"), "--published", "omnimedvqa", "-o", str(tmp_path / "b"), "--quiet"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0 and "good" in result.output and "n 300" in result.output, result.output
    assert "MedGemma-4B" in (tmp_path / "b/board.html").read_text()


def test_rows_scored_by_other_rules_are_told(runs, tmp_path):
    folder = shutil.copytree(runs / "runs/alike", tmp_path / "old") / "scores"
    stats = read_json(folder / "stats.json")
    (folder / "stats.json").write_text(json.dumps({**stats, "name": "old", "versions": {"extractor": "0"}}))
    board(BoardConfig(scores=(runs / "runs/good", folder), out=tmp_path / "b"))
    assert "different versions of the rules" in (tmp_path / "b/board.md").read_text()


SCRIPT = """
<script>
const wait = [];
const rows = () => [...document.querySelectorAll(".drill tbody tr")].filter((row) => !row.hidden);
wait.push(["first", rows().length]);
document.querySelector(".drill tbody button").click();
wait.push(["folded", rows().length]);
const field = document.querySelector(".drill input");
field.value = "MASS";
field.dispatchEvent(new Event("input"));
wait.push(["found", rows().filter((row) => row.cells[0].textContent.includes("mass")).length]);
wait.push(["shown", rows().length]);
field.value = "";
const select = document.querySelector(".drill select");
select.value = "5";
select.dispatchEvent(new Event("change"));
wait.push(["all", rows().length]);
const head = document.querySelectorAll(".drill thead th")[1];
head.querySelector("button").click();
const depths = rows().map((row) => [+row.dataset.depth, +row.cells[1].dataset.sort]);
wait.push(["tasks", depths.filter(([depth]) => depth === 1).map(([, n]) => n)]);
wait.push(["whole first", depths[0][0]]);
wait.push(["nested", depths.every(([depth], at) => at === 0 || depth <= depths[at - 1][0] + 1)]);
document.title = JSON.stringify(Object.fromEntries(wait));
</script>
"""


@pytest.mark.browser
def test_the_tree_unfolds_finds_and_sorts_in_a_browser(made, tmp_path):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a Chromium")
    (tmp_path / "page.html").write_text((made / "board.html").read_text().replace("</body>", SCRIPT + "</body>"))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
    command = [chromium, *flags, (tmp_path / "page.html").as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    title = dom.partition("<title>")[2].partition("</title>")[0]
    told = json.loads(title)
    tree = read_json(made / "board.json")["tables"][0]["tree"]
    labels = [place for place in tree if place["path"] and "mass" in place["path"][-1]]
    assert told["first"] == 3 and told["folded"] == 1 and told["all"] == len(tree)
    assert told["found"] == len(labels) and told["shown"] > told["found"]
    assert told["tasks"] == sorted(told["tasks"], reverse=True) and told["whole first"] == 0 and told["nested"]


def test_twins_count_once_in_the_tree_as_in_scores(tmp_path):
    keys = [replace(key, twin=f"t{key.index // 2}") for key in make_keys(40)]
    folder = scored(tmp_path, "one", keys, answer(keys, 0.6, 4))
    board(BoardConfig(scores=(folder,), out=tmp_path / "b"))
    (table,) = read_json(tmp_path / "b/board.json")["tables"]
    scores = {score["node"]: score["accuracy"] for score in table["rows"][0]["scores"] if score["axis"] == "task"}
    tasks = {place["path"][0]: place["reached"][0]["accuracy"] for place in table["tree"] if place["level"] == "task"}
    assert tasks == scores
