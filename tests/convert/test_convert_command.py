"""The commands: convert, then split, count and trace, with exit codes that tell."""

import json

from click.testing import CliRunner
from raw_files import make_raws

from gmai.cli import main


def gmai(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_commands_of_a_corpus(tmp_path):
    raws = make_raws(tmp_path, count=6)
    out = tmp_path / "corpus"
    flags = ("--workers", 0, "--set", "forms=[choice]", "--set", "kinds=[finding, grade]", "--quiet")
    assert gmai("convert", *raws, "-o", out, *flags)[0] == 0
    assert gmai("corpus", "split", out, "--set", "test=0.5", "--quiet")[0] == 0
    assert gmai("corpus", "stats", out, "-o", tmp_path / "stats", "--quiet")[0] == 0
    counts = json.loads((tmp_path / "stats/stats.json").read_text())
    assert counts["conversations"]["kind"] == {"finding": 12, "caption": 18, "grade": 6}
    code, text = gmai("corpus", "trace", out, "ct/0#image.percept.finding-0.choice")
    assert code == 0 and "t.csv:0" in text and "licence: MIT" in text
    code, text = gmai("corpus", "trace", out, "ct/0", "--json")
    assert code == 0 and [json.loads(line)["what"] for line in text.splitlines()][0] == "sample"


def test_what_is_wrong_is_told_without_a_traceback(tmp_path):
    (raw, *_) = make_raws(tmp_path, count=4)
    code, text = gmai("convert", raw, "-o", tmp_path / "corpus", "--set", "optoins=3")
    assert code == 2 and "did you mean options" in text
    code, text = gmai("corpus", "split", raw)
    assert code == 2 and "no folder 'conversations'" in text
    code, text = gmai("corpus", "trace", tmp_path, "x")
    assert code == 2 and "is no run of gmai" in text
