"""Benchmark files as tables: any quoting and columns, rows in any order, pictures of all kinds, an index that holds."""

import base64
import csv
import io
import itertools
import json
import os
import pickle
import random
import subprocess
import sys

import pytest

import make
from gmai.bench import open_table, rows, sidecar
from gmai.bench.miniature import MiniatureConfig, write_miniature
from gmai.bench.rows import iter_rows
from gmai.errors import ConfigError, FormatError

PNG = b"\x89PNG" + bytes(range(200))
TEXT = base64.b64encode(PNG).decode()


def write(path, header, *lines):
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
    return path


def simple(path, *indices, header=("index", "image", "question", "A", "B")):
    return write(path, header, *([index, TEXT, f"question {index}", "x", "y"] for index in indices))


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 20])
def test_cells_are_those_of_csv_whatever_they_hold_and_wherever_a_block_ends(tmp_path, monkeypatch, block):
    monkeypatch.setattr(rows, "BLOCK", block)
    draw = random.Random(block)
    for number in range(40):
        table = [
            [
                "".join(draw.choices(['"', '""', "\t", "\n", "a", "é", "'", " ", "良", ""], k=draw.randrange(6)))
                for _ in range(4)
            ]
            for _ in range(draw.randrange(1, 6))
        ]
        out = io.StringIO(newline="")
        csv.writer(out, delimiter="\t", lineterminator=draw.choice(["\n", "\r\n"])).writerows(table)
        path = tmp_path / f"{number}.tsv"
        path.write_bytes(out.getvalue().encode())
        assert [[cell.decode() for cell in row.cells] for row in iter_rows(path)] == table
        data = path.read_bytes()
        for large, short in itertools.product(range(4), (0, 66)):
            monkeypatch.setattr(rows, "SHORT", short)
            for row, wanted in zip(iter_rows(path, large), table, strict=True):
                assert rows.unquote(data[row.start : row.stop]).decode() == wanted[large]
                beside = [cell.decode() for n, cell in enumerate(row.cells) if n != large]
                assert beside == wanted[:large] + wanted[large + 1 :]
                assert row.cells[large].decode() == (wanted[large] if short else "")


def test_a_quote_inside_a_cell_is_text(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text('index\tquestion\tA\tB\n1\ta 6" ruler\t5" x\t"y" z\n')
    (question,) = open_table(path)
    assert question.question == 'a 6" ruler' and question.options == ('5" x', "y z")


def test_rows_in_any_order(tmp_path):
    table = open_table(simple(tmp_path / "t.tsv", 5, 3, 9))
    assert len(table) == 3 and table.indices == (5, 3, 9)
    assert table.find(3) == table[1] and table[-1].index == 9
    assert [question.index for question in table] == [5, 3, 9]
    assert table.column("Question") == ["question 5", "question 3", "question 9"]
    taken = table.take([9, 5])
    assert taken.indices == (9, 5) and taken[0] == table[2] and taken.column("question")[1] == "question 5"
    assert taken.key != table.key and taken.key == table.take([9, 5]).key
    with pytest.raises(FormatError, match="no question with index 4"):
        table.find(4)
    with pytest.raises(FormatError, match="no question with index 3"):
        taken.find(3)
    with pytest.raises(IndexError):
        table[3]
    with pytest.raises(ConfigError, match="no text column 'image'"):
        table.column("image")


def test_questions_travel_to_other_processes_without_their_pictures(tmp_path):
    question = open_table(simple(tmp_path / "t.tsv", 1))[0]
    sent = pickle.dumps(question)
    assert len(sent) < 1000 and pickle.loads(sent).picture() == PNG


def test_a_short_cell_means_the_picture_of_that_index(tmp_path):
    header = ("index", "image", "question", "A", "B")
    path = write(tmp_path / "t.tsv", header, [7, TEXT, "q", "x", "y"], [8, "7", "q", "x", "y"], [9, "", "q", "x", "y"])
    first, second, third = open_table(path)
    assert second.picture() == first.picture() == PNG and second.image == first.image == TEXT.encode()
    assert third.pictures() == [] and third.image == b"" and third.images == ()
    assert open_table(path).take([8])[0].picture() == PNG
    for wrong in ("4", "8", "9"):
        write(path, header, [8, wrong, "q", "x", "y"], [9, "", "q", "x", "y"])
        with pytest.raises(FormatError, match="which has none") as caught:
            list(open_table(path))
        assert caught.value.reason == "tsv.image_reference"


@pytest.mark.parametrize("spell", [str, json.dumps, lambda cells: "[ " + ", ".join(f'"{c}"' for c in cells) + "]"])
def test_several_pictures(tmp_path, spell):
    other = base64.b64encode(PNG[::-1]).decode()
    header = ("index", "image", "question", "A", "B")
    lines = (
        [1, spell([TEXT, other]), "q", "x", "y"],
        [2, spell(["1", other]), "q", "x", "y"],
        [3, spell(["1"]), "q", "x", "y"],
    )
    first, second, third = open_table(write(tmp_path / "t.tsv", header, *lines))
    assert first.pictures() == [PNG, PNG[::-1]] and first.picture() == PNG
    assert first.images == (TEXT.encode(), other.encode())
    assert second.pictures() == [PNG, PNG[::-1], PNG[::-1]] and third.pictures() == [PNG, PNG[::-1]]


def test_pictures_by_path(tmp_path):
    file = make.picture(tmp_path / "pictures/a b's.png")
    header = ("index", "image_path", "question", "A", "B")
    paths = ["pictures/a b's.png", str(file), str(["pictures/a b's.png", str(file)]), "pictures/gone.png", "t.tsv"]
    table = open_table(write(tmp_path / "t.tsv", header, *([n, p, "q", "x", "y"] for n, p in enumerate(paths))))
    data = file.read_bytes()
    assert [table[n].pictures() for n in range(3)] == [[data], [data], [data, data]]
    assert base64.b64decode(table[0].image) == data
    with pytest.raises(FormatError, match="No such file"):
        table[3].pictures()
    with pytest.raises(FormatError, match="no picture"):
        table[4].pictures()


def test_a_damaged_picture_is_told_when_it_is_read(tmp_path):
    header = ("index", "image", "question", "A", "B")
    cut = ["A" * 101, "[" + "'" * 80, "['" + "é" * 80 + "']", "[1, [2]]" + " " * 80]
    table = open_table(write(tmp_path / "t.tsv", header, [0, cut[0], "q", "x", "y"]))
    with pytest.raises(FormatError, match="not base64") as caught:
        table[0].pictures()
    assert caught.value.where.startswith("index 0")
    for number, cell in enumerate(cut[1:]):
        table = open_table(write(tmp_path / f"{number}.tsv", header, [0, cell, "q", "x", "y"]))
        with pytest.raises(FormatError) as caught:
            table[0].pictures()
        assert caught.value.reason == "tsv.list"


@pytest.mark.parametrize(
    ("answer", "form", "question", "options", "wanted"),
    [
        ("B", "", "q", "xyz", ("choice", "B")),
        ("b ", "", "q", "xyz", ("choice", "B")),
        ("A,C", "", "q", "xyz", ("multiple", "AC")),
        ("['C', 'A']", "", "q", "xyz", ("multiple", "AC")),
        ("CA", "", "q", "xyz", ("multiple", "AC")),
        ("C", "multiple", "q", "xyz", ("multiple", "C")),
        ("C", "", "Select all that apply.", "xyz", ("multiple", "C")),
        ("", "", "q", "xyz", ("choice", None)),
        ("D", "", "q", "xyz", ("choice", "D")),
        ("None", "", "q", "xyz", ("choice", "None")),
        ("yes", "", "q", "", ("yes_no", "yes")),
        ("a cyst", "", "q", "", ("open", "a cyst")),
        ("", "yes_no", "q", "", ("yes_no", None)),
    ],
)
def test_how_a_question_is_answered(tmp_path, answer, form, question, options, wanted):
    header = ["index", "image", "question", "A", "B", "C", "answer", "form"]
    line = [1, TEXT, question, *(options or ["", "", ""]), answer, form]
    (found,) = open_table(write(tmp_path / "t.tsv", header, line))
    assert (found.form, found.answer) == wanted


def test_columns_in_any_case_and_further_ones(tmp_path):
    header = ["Index", "Question", "a", "b", "IMAGE", "Clinical VQA Task", "hint", "category", "L2-category"]
    table = open_table(write(tmp_path / "t.tsv", header, [1, "q", "NA", "None", TEXT, "Bone", "", "x", "None"]))
    question = table[0]
    assert question.options == ("NA", "None") and question.task == "Bone" and question.picture() == PNG
    assert question.extra == {"category": "x", "L2-category": "None"}
    assert table.columns == tuple(header)
    assert table.column("task") == table.column("clinical vqa task") == ["Bone"]
    assert question.sealed().extra == {"L2-category": "None"} and question.sealed().answer is None


def test_ten_options(tmp_path):
    header = ["index", "question", *"ABCDEFGHIJ", "answer"]
    (question,) = open_table(write(tmp_path / "t.tsv", header, [1, "q", *"abcdefghij", "J"]))
    assert question.options == tuple("abcdefghij") and question.answer == "J" and question.pictures() == []


def test_several_files_are_one_table(tmp_path):
    first = simple(tmp_path / "a.tsv", 1, 2)
    header = ["question", "B", "A", "image", "index", "hint"]
    second = write(tmp_path / "b.tsv", header, ["other", "y", "x", "2", 3, "look"])
    table = open_table([first, second])
    assert table.indices == (1, 2, 3) and table[2].options == ("x", "y")
    assert table[2].picture() == PNG, "a short cell means a row of any of the files"
    assert table.column("hint") == ["", "", "look"]
    assert table.columns == ("index", "image", "question", "A", "B", "hint")
    assert table.key != open_table([second, first]).key
    with pytest.raises(FormatError, match="index 2 is there twice, first in .*a.tsv"):
        open_table([first, simple(tmp_path / "c.tsv", 2)])


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"index\tquestion\tA\tB\n1\tq\tx\ty\n2\tq\t\xff\ty\n", "tsv.encoding", 3),
        (b'index\tquestion\tA\tB\n1\t"q\nr"\tx\ty\n2\tq\tx\n', "tsv.fields", 4),
        (b"index\tquestion\tA\tB\n1\tq\tx\ty\n1\tq\tx\ty\n", "tsv.index", 3),
        (b"index\tquestion\tA\tB\n99999999999999999999\tq\tx\ty\n", "tsv.index", 2),
        (b"index\tquestion\tA\tB\n1\tq\tx\ty\n\n2\tq\tx\t\n", "tsv.options", 4),
        (b"index\tquestion\tA\tA\n1\tq\tx\ty\n", "tsv.header", 1),
        (b"index\tA\tB\n1\tx\ty\n", "tsv.header", 1),
    ],
)
def test_a_damaged_file_says_in_which_line(tmp_path, data, reason, line):
    path = tmp_path / "t.tsv"
    path.write_bytes(data)
    with pytest.raises(FormatError) as caught:
        open_table(path)
    assert caught.value.reason == reason and caught.value.where.startswith(f"{path}:{line}")


def test_a_row_that_never_ends_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "MOST_ROW", 1 << 16)
    monkeypatch.setattr(rows, "BLOCK", 1 << 12)
    path = tmp_path / "t.tsv"
    path.write_bytes(b'index\tquestion\tA\tB\n1\t"q\tx\ty\n' + b"1\tq\tx\ty\n" * 20_000)
    with pytest.raises(FormatError, match="never closed") as caught:
        open_table(path)
    assert caught.value.where == f"{path}:2"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A file whose index is kept, and a count of how often it is made."""
    monkeypatch.setattr(sidecar, "WORTH", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = []
    make_index = sidecar._make_index
    monkeypatch.setattr(sidecar, "_make_index", lambda *given: made.append(given) or make_index(*given))
    path = tmp_path / "t.tsv"
    write_miniature(MiniatureConfig(out=path))
    return path, made


def test_an_index_is_used_again_and_says_the_same(kept):
    path, made = kept
    first = list(open_table(path))
    key = open_table(path).key
    assert list(open_table(path)) == first and len(made) == 1
    assert open_table(path).files[0].kept_key == key == open_table(path).key
    assert path.with_name("t.tsv.index").is_file()


@pytest.mark.parametrize("damage", ["content", "time", "truncated index", "garbage"])
def test_an_index_is_never_used_for_another_file(kept, damage):
    path, made = kept
    before, key = list(open_table(path)), open_table(path).key
    index, stat = path.with_name("t.tsv.index"), path.stat()
    if damage == "content":
        path.write_bytes(path.read_bytes()[:-3] + b"XY\n")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    elif damage == "time":
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    elif damage == "truncated index":
        index.write_bytes(index.read_bytes()[:-100])
    else:
        index.write_bytes(b"garbage" * 100)
    table = open_table(path)
    assert len(made) == 2
    assert (table.key == key) == (damage != "content")
    assert [question.question for question in table] == [question.question for question in before]


def test_the_index_of_a_file_on_read_only_storage_lies_in_the_cache(kept, tmp_path, monkeypatch):
    path, made = kept
    write_index = sidecar._write_index

    def refuse(place, index):
        if place.parent == path.parent:
            raise PermissionError("read-only")
        write_index(place, index)

    monkeypatch.setattr(sidecar, "_write_index", refuse)
    open_table(path), open_table(path)
    assert len(made) == 1 and len(list((tmp_path / "cache/gmai/tables").iterdir())) == 1
    assert not path.with_name("t.tsv.index").exists()


def test_a_file_that_changes_while_it_is_open_is_told(tmp_path):
    path = simple(tmp_path / "t.tsv", 1, 2)
    table = open_table(path)
    simple(path, 1, 2, 3)
    with pytest.raises(FormatError, match="changed") as caught:
        table[0].picture()
    assert caught.value.reason == "tsv.changed"
    with pytest.raises(FormatError, match="changed"):
        assert table.key
    path.unlink()
    with pytest.raises(FormatError, match="gone"):
        table[0].picture()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        open_table(tmp_path / "t.tsv")
    with pytest.raises(ConfigError, match="no file"):
        open_table(tmp_path)
    with pytest.raises(ConfigError, match="no benchmark file"):
        open_table([])


def test_a_damaged_file_is_read_or_refused_with_a_reason(tmp_path):
    path = tmp_path / "t.tsv"
    write_miniature(MiniatureConfig(out=path, picture_px=8, rows=20))
    whole, draw = path.read_bytes(), random.Random(3)
    pieces = [b'"', b"\t", b"\n", b"\r", b"\x00", b"\xff", b"['", b"7", b"", b"\xef\xbb\xbf"]
    reasons = set()
    for _ in range(150):
        data = bytearray(whole)
        at, width = draw.choice([draw.randrange(300), draw.randrange(len(data))]), draw.choice([0, 1, 40])
        data[at : at + width] = draw.choice(pieces) * draw.choice([1, 3])
        path.write_bytes(data[: draw.choice([len(data), draw.randrange(len(data))])])
        try:
            assert all(question.pictures() for question in open_table(path))
            reasons.add("read")
        except FormatError as error:
            reasons.add(error.reason)
    assert {"read", "tsv.fields", "tsv.image", "tsv.header"} <= reasons


def test_indexing_and_reading_load_no_pandas(tmp_path):
    path = simple(tmp_path / "t.tsv", 1, 2)
    program = f"""
import sys
from pathlib import Path
from gmai.bench import open_table
assert len(list(open_table(Path({str(path)!r})))) == 2 and "pyarrow" in sys.modules
assert not {{"pandas", "torch", "transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
