"""The guide to evaluating a model of one's own does what it says."""

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gmai.bench import read_tsv
from gmai.cli import main
from gmai.evaluate import prompt_names
from gmai.llm import FakeScript, FakeServer, Rule

TEXT = (Path(__file__).parents[2] / "docs/guides/evaluate-my-own-model.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ gmai (.*)$", TEXT, re.MULTILINE)


def follow(number: int, folder: Path, **places: str) -> dict[str, str]:
    line = COMMANDS[number]
    for name, value in places.items():
        line = line.replace(name, value)
    result = CliRunner().invoke(main, [*line.split(), "--quiet"])
    assert result.exit_code == 0, result.output
    with (folder / "out/pairs.csv").open(newline="") as lines:
        (row,) = csv.DictReader(lines)
    return row


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_server(bench, here):
    places = {"DATA": str(bench), "MODEL": "fake", "http://127.0.0.1:8000/v1": ""}
    with FakeServer(FakeScript(rules=(Rule(match="(?s).*", answer="**B**"),))) as server:
        row = follow(0, here, **{**places, "http://127.0.0.1:8000/v1": server.url})
    assert (row["model"], row["state"], row["invalid"]) == ("fake", "scored", "0")


def test_a_python_class(bench, here):
    (here / "mine.py").write_text(re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1])
    row = follow(1, here, DATA=str(bench))
    assert (row["model"], row["state"], row["invalid"]) == ("Mine", "scored", "0")


def test_answers_that_are_there_already(bench, here):
    rows = [{"index": row.index, "prediction": "A"} for row in read_tsv(bench / "public/TEST.tsv")]
    (here / "answers.json").write_text(json.dumps(rows))
    row = follow(2, here, **{"DATA": str(bench), "answers.xlsx": "answers.json"})
    assert (row["model"], row["state"], row["errors"]) == ("answers", "scored", "0")


def test_the_prompts_it_names_are_those_that_ship():
    named = re.search(r"how questions are worded: (.*?), or a YAML", TEXT)[1]
    assert sorted(re.findall(r"`(.*?)`", named)) == prompt_names()
    assert (Path(__file__).parents[2] / "recipes/eval-gmai-vl.yaml").exists()
