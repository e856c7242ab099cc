"""The guides' code runs as it stands."""

import re
import sys
import textwrap
import types
from pathlib import Path

from gmai.base import iter_jsonl
from gmai.bench import read_tsv
from gmai.evaluate import RunConfig, run_model
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
