"""The guides' code runs as it stands."""

import re
import sys
import textwrap
import types
from pathlib import Path

from answered import ask, chosen

from gmai.base import iter_jsonl
from gmai.bench import read_tsv
from gmai.evaluate import RunConfig, grade, run_model
from gmai.types import Prediction

GUIDES = Path(__file__).parents[2] / "docs/guides"
IMPORTS = """
from collections.abc import Sequence
from dataclasses import dataclass
from gmai.bench import LETTERS, PublicQuestion
from gmai.evaluate import RunConfig
from gmai.types import Prediction
"""


def test_the_runner_of_the_guide(bench, tmp_path, monkeypatch):
    text = (GUIDES / "add-runner.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    module = types.ModuleType("guided_runner")
    monkeypatch.setitem(sys.modules, "guided_runner", module)
    exec(IMPORTS + textwrap.dedent(code), vars(module))
    tsv = bench / "public/TEST.tsv"
    run_model(RunConfig(tsv=tsv, out=tmp_path / "p", runner="guided_runner:open_longest"))
    options = {row.index: row.options for row in read_tsv(tsv)}
    for prediction in iter_jsonl(tmp_path / "p/predictions.jsonl", Prediction):
        mine = options[prediction.index]
        assert len(mine["ABCD".index(prediction.choice)]) == max(map(len, mine))


def test_the_scorer_of_the_guide():
    text = (GUIDES / "add-scorer.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    imports = """
from collections.abc import Iterator, Sequence
from gmai.evaluate import Found, Graded, Scorer
from gmai.evaluate.scorers import share
"""
    names: dict = {}
    exec(imports + code, names)
    answers = grade([chosen(0, "A"), chosen(1, "B")], [ask(0), ask(1)])
    (found,) = names["SCORER"].measure([answer for answer in answers if names["SCORER"].fits(answer)])
    assert (found.metric, found.value, found.n) == ("habit.first", 0.5, 2)
