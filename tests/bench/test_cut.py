"""Saved cuts: they stand for their questions wherever a benchmark file may, and only while it is the same file."""

import json

import pytest

from gmai.bench import make_cut, open_table, read_cut, read_tsv
from gmai.bench.miniature import MiniatureConfig, write_miniature
from gmai.errors import ConfigError, FormatError


@pytest.fixture
def tsv(tmp_path):
    write_miniature(MiniatureConfig(out=tmp_path / "files/mini.tsv", picture_px=8))
    return tmp_path / "files/mini.tsv"


def test_a_cut_stands_for_its_questions(tsv, tmp_path):
    cut = make_cut(tsv, "科室 = 眼科 & !level=mask", tmp_path / "cuts/eye.json")
    whole, table = open_table(tsv), open_table(tmp_path / "cuts/eye.json")
    wanted = [q for q in whole if q.department == "Ophthalmology" and q.granularity != "Mask Level"]
    assert list(table) == wanted and table.indices == cut.indices
    assert [q.picture() for q in table] == [q.picture() for q in wanted]
    assert list(read_tsv(tmp_path / "cuts/eye.json")) == wanted
    assert cut.canonical == "department=眼科 & !granularity=mask" and cut.keys == (whole.key,)
    assert table.key == whole.take(cut.indices).key != whole.key
    assert read_cut(tmp_path / "cuts/eye.json") == cut


def test_the_same_cut_gives_the_same_file_and_moves_with_its_folder(tsv, tmp_path):
    make_cut(tsv, "task=DD", tmp_path / "files/a.json")
    make_cut(tsv, "task=DD", tmp_path / "files/b.json")
    assert (tmp_path / "files/a.json").read_bytes() == (tmp_path / "files/b.json").read_bytes()
    assert str(tmp_path) not in (tmp_path / "files/a.json").read_text()
    before = open_table(tmp_path / "files/a.json").key
    (tmp_path / "files").rename(tmp_path / "moved")
    assert open_table(tmp_path / "moved/a.json").key == before


def test_a_cut_of_a_cut(tsv, tmp_path):
    outer = make_cut(tsv, "task=DD", tmp_path / "outer.json")
    inner = make_cut(tmp_path / "outer.json", "options>3", tmp_path / "inner.json")
    assert inner.within == outer.hash and set(inner.indices) < set(outer.indices)
    assert all(q.task == "Disease Diagnosis" and len(q.options) > 3 for q in open_table(tmp_path / "inner.json"))


def test_a_cut_of_several_files(tsv, tmp_path):
    lines = tsv.read_text().splitlines(keepends=True)
    parts = [tmp_path / "a.tsv", tmp_path / "b.tsv"]
    parts[0].write_text("".join(lines[:20]))
    parts[1].write_text(lines[0] + "".join(lines[20:]))
    cut = make_cut(parts, "task=DD", tmp_path / "cut.json")
    assert cut.indices == make_cut(tsv, "task=DD", tmp_path / "one.json").indices
    assert [q.question for q in open_table(tmp_path / "cut.json")] == [
        q.question for q in open_table(tmp_path / "one.json")
    ]


def test_a_cut_of_a_file_that_has_changed_is_refused(tsv, tmp_path):
    make_cut(tsv, "task=DD", tmp_path / "cut.json")
    tsv.write_bytes(tsv.read_bytes().replace(b"Which", b"Whose", 1))
    with pytest.raises(ConfigError, match="changed since it was cut") as caught:
        open_table(tmp_path / "cut.json")
    assert "task=DD" in caught.value.fix
    tsv.unlink()
    with pytest.raises(ConfigError, match="No such file"):
        open_table(tmp_path / "cut.json")


def test_a_cut_changed_by_hand_is_refused(tsv, tmp_path):
    path = tmp_path / "cut.json"
    make_cut(tsv, "task=DD", path)
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, "indices": said["indices"][1:]}))
    with pytest.raises(FormatError, match="hash"):
        open_table(path)
    path.write_text("{}")
    with pytest.raises(FormatError):
        open_table(path)
    path.write_text("no json")
    with pytest.raises(FormatError):
        open_table(path)


def test_a_cut_without_questions_is_no_cut(tsv, tmp_path):
    with pytest.raises(ConfigError, match="no question is like that"):
        make_cut(tsv, "options>9", tmp_path / "cut.json")
    with pytest.raises(ConfigError, match="JSON file"):
        make_cut(tsv, "task=DD", tmp_path / "cut.tsv")
    with pytest.raises(ConfigError, match="no such file"):
        open_table(tmp_path / "cut.json")
