"""What the guide to benchmark files shows is what the commands print, and its queries select something."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from gmai.bench import open_table, parse_query
from gmai.cli import main

GUIDE = (Path(__file__).parents[2] / "docs/guides/benchmark-files.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def test_the_guide_prints_what_it_shows_and_its_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block in blocks("console"):
        command, _, shown = block.partition("\n")
        words = shlex.split(command.removeprefix("$ gmai "))
        assert CliRunner().invoke(main, words, catch_exceptions=False).output == shown
    (python,) = blocks("python")
    made = {}
    exec(python, made)
    assert made["tree"].questions == len(made["indices"]) > 0 and made["data"].startswith(b"\x89PNG")


@pytest.mark.parametrize("query", [line for block in blocks("query") for line in block.splitlines()])
def test_every_query_of_the_guide_selects_something(tmp_path, query):
    assert CliRunner().invoke(main, ["bench", "mini", "-o", str(tmp_path / "m.tsv"), "--rows", "300"]).exit_code == 0
    table = open_table(tmp_path / "m.tsv")
    assert 0 < len(parse_query(query).select(table)) < len(table)
