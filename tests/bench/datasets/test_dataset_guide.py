"""What the guide to published benchmarks shows is what the command prints, and its card reads files."""

import re
from pathlib import Path

from click.testing import CliRunner
from published import draw, write

from gmai.bench import DatasetConfig, import_dataset, open_table, read_keys
from gmai.cli import main

GUIDE = (Path(__file__).parents[3] / "docs/guides/published-benchmarks.md").read_text(encoding="utf-8")


def test_the_guide_shows_what_the_command_prints():
    (block,) = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    command, _, shown = block.partition("\n")
    words = command.removeprefix("$ gmai ").split()
    assert CliRunner().invoke(main, words, catch_exceptions=False).output == shown


def test_the_card_of_the_guide_reads_the_files_that_it_speaks_of(tmp_path):
    (card,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "own.yaml").write_text(card)
    draw(tmp_path, "pictures/a.png")
    row = {"file": "a.png", "one": "CT", "two": "MRI", "scan": "ct", "patient": "p1", "hospital": "h", "part": "test"}
    rows = [
        {**row, "asked": "Which modality?", "right": "A", "type": "modality"},
        {**row, "asked": "Which part?", "right": "A", "part": "train", "type": "part"},
        {**row, "asked": "Which one?", "right": "C", "three": "none", "type": "part"},
    ]
    write(tmp_path / "questions.jsonl", rows)
    config = DatasetConfig(name=str(tmp_path / "own.yaml"), root=tmp_path, out=tmp_path / "bench")
    assert import_dataset(config).accepted == {"question": 2}
    keys = list(read_keys(tmp_path / "bench/key/TEST.jsonl"))
    assert [(key.index, key.answer, key.modality, key.subject) for key in keys] == [
        (0, "A", "CT", "p1"),
        (2, "C", "CT", "p1"),
    ]
    assert keys[0].facets == {"site": "h"}
    assert [question.modality for question in open_table(tmp_path / "bench/public/TEST.tsv")] == ["", "CT"]
