"""Result files: as pandas and Excel read them, whole, and the same bytes whenever they are written."""

import csv
import math
import time

import openpyxl
import pytest

from gmai.base import iter_jsonl
from gmai.bench import open_table, write_tsv
from gmai.evaluate.result_files import CHANGED, safe_name, write_results
from gmai.evaluate.workbook import MOST_TEXT, fit, write_workbook
from gmai.types import Prediction

TEXTS = [
    "B",
    'He said "C",\tthen\nleft.\r\n',
    "",
    "的" * 40_000 + "答案是B",
    "🩻" * 20_000 + " A",
    "bell \x07",
    "  x ",
    "=1+1",
]


@pytest.fixture
def table(tmp_path):
    rows = [
        {"index": n, "image": "aGk=" * 40, "question": "None?", "A": "NA", "B": "None", "split": "s"}
        for n in range(len(TEXTS))
    ]
    write_tsv(tmp_path / "q.tsv", rows, ("index", "image", "question", "A", "B", "split"))
    return open_table(tmp_path / "q.tsv")


def answers():
    return [Prediction(index=n, mode="generate", choice=None, text=text) for n, text in enumerate(TEXTS)]


def test_the_tsv_holds_every_text_whole(table, tmp_path):
    tsv, _ = write_results(tmp_path, "a model_q", table, answers())
    assert tsv.name == "a_model_q.tsv"
    csv.field_size_limit(1 << 20)
    with tsv.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert [row["prediction"] for row in rows] == TEXTS
    assert list(rows[0]) == ["index", "question", "A", "B", "split", "prediction"]
    assert (rows[0]["A"], rows[0]["B"]) == ("NA", "None")


def test_the_workbook_says_which_cells_it_cannot_hold(table, tmp_path):
    _, path = write_results(tmp_path, "m", table, answers())
    header, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    assert header[-2:] == ("prediction", CHANGED) and [row[0] for row in rows] == list(range(len(TEXTS)))
    shown = {row[0]: (row[-2] or "", row[-1] or "") for row in rows}
    assert shown[0] == ("B", "") and shown[1][0].replace("\r", "") == TEXTS[1].replace("\r", "")
    assert shown[6] == ("  x ", "") and shown[7] == ("=1+1", "")
    for number in (3, 4):
        text, told = shown[number]
        assert len(text.encode("utf-16-le")) // 2 <= MOST_TEXT and told == "prediction: beginning left out"
        assert text.startswith("[beginning left out, ") and text.endswith(TEXTS[number][-100:])
    assert shown[5] == ("bell \ufffd", "prediction: characters replaced: 1")


def test_the_same_bytes_an_hour_later(table, tmp_path, monkeypatch):
    first = [path.read_bytes() for path in write_results(tmp_path / "a", "m", table, answers())]
    then = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: then)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(then))
    assert [path.read_bytes() for path in write_results(tmp_path / "b", "m", table, answers())] == first


def test_a_cell_is_filled_to_the_last_character():
    assert fit("x" * MOST_TEXT) == ("x" * MOST_TEXT, "")
    text, told = fit("x" * MOST_TEXT + "A")
    assert len(text) == MOST_TEXT and text.endswith("xA") and told
    odd, _ = fit("a" + "🩻" * MOST_TEXT)
    assert len(odd.encode("utf-16-le")) // 2 in (MOST_TEXT, MOST_TEXT - 1) and odd.endswith("🩻")


def test_a_workbook_refuses_what_no_cell_holds(tmp_path):
    with pytest.raises(ValueError, match="no workbook holds"):
        write_workbook(tmp_path / "x.xlsx", [["\x00"]])
    with pytest.raises(ValueError, match="no cell holds"):
        write_workbook(tmp_path / "x.xlsx", [["x" * (MOST_TEXT + 1)]])
    assert not list(tmp_path.iterdir())


def test_names_of_files_hold_nothing_that_a_shell_or_a_disk_minds():
    assert (
        safe_name("../Qwen/Qwen3 VL:8b") == "_Qwen_Qwen3_VL_8b"
        and safe_name("...") == "_"
        and safe_name("模型-1") == "模型-1"
    )


def test_every_axis_has_its_csv(bench, tmp_path):
    from gmai.evaluate import MatrixConfig, run_matrix

    run_matrix(MatrixConfig(data=(str(bench),), model=("random",), out=tmp_path))
    folder = tmp_path / "random" / f"{bench.name}_TEST"
    files = {path.name: path for path in folder.glob("*_acc.csv")}
    stem = f"random_{bench.name}_TEST"
    axes = ["", "_kind", "_task", "_department", "_modality", "_granularity", "_kind-x-modality"]
    assert {f"{stem}{axis}_acc.csv" for axis in axes} <= set(files) and not any(" " in name for name in files)
    total = len(list(iter_jsonl(folder / "predictions.jsonl", Prediction)))
    for path in files.values():
        with path.open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        for row in rows:
            low, value, high = (float(row[name]) for name in ("low", "accuracy", "high"))
            assert low <= value <= high and math.isclose(value, int(row["correct"]) / int(row["n"]), abs_tol=1e-6)
        wanted = [row for row in rows if row["node"] == "all"] if path.name == f"{stem}_acc.csv" else rows
        assert sum(int(row["n"]) for row in wanted) == total
