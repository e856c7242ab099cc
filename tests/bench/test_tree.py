"""Trees of a benchmark file: counts add up, names are the lexicon's, what is not shown is told."""

from collections import Counter

import pytest

from gmai.bench import build_tree, open_table
from gmai.bench.miniature import MiniatureConfig, write_miniature
from gmai.bench.tree import tree_lines
from gmai.bench.tsv import write_tsv
from gmai.errors import ConfigError


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("tree") / "mini.tsv"
    write_miniature(MiniatureConfig(out=path, rows=200, picture_px=8))
    return open_table(path)


def test_counts_are_those_of_the_rows(table):
    tree = build_tree(table, ["department", "modality", "label"])
    assert tree.questions == 200 == sum(child.questions for child in tree.children)
    by_department = Counter(q.department.replace("None", "none") for q in table)
    assert {child.name: child.questions for child in tree.children} == by_department
    for child in tree.children:
        mine = [q for q in table if q.department.replace("None", "none") == child.name]
        assert child.labels == len({q.extra["category"] for q in mine})
        assert {node.name: node.questions for node in child.children} == Counter(q.modality for q in mine)
        assert all(node.axis == "modality" and len(node.children) == node.labels for node in child.children)
    assert tree.subjects is None


def test_places_are_the_lexicons_in_its_order_however_the_file_spells_them(tmp_path):
    columns = ("index", "image", "question", "A", "B", "department", "modality")
    said = [
        ("眼科", "fundus"),
        ("ophthalmology", "Fundus Photography"),
        ("O", "MRI"),
        ("Stars", ""),
        ("None", "CT"),
    ]
    rows = [
        {"index": n, "question": "q", "A": "a", "B": "b", "department": department, "modality": modality}
        for n, (department, modality) in enumerate(said)
    ]
    write_tsv(tmp_path / "t.tsv", rows, columns)
    tree = build_tree(open_table(tmp_path / "t.tsv"), ["department", "family"])
    assert [(node.name, node.questions) for node in tree.children] == [
        ("Ophthalmology", 3),
        ("none", 1),
        ("Stars", 1),
    ]
    assert [(node.name, node.questions) for node in tree.children[0].children] == [("MR", 1), ("Fundus", 2)]
    assert tree.labels is None
    assert tree_lines(tree, 1) == [
        "all  [5 questions]",
        "  Ophthalmology  [3 questions]",
        "  none  [1 question]",
        "  Stars  [1 question]",
    ]
    assert tree_lines(tree)[-1] == "    not shown  [1 question]"


def test_any_column_is_an_axis(table):
    tree = build_tree(table, ["original task"])
    assert {node.name: node.questions for node in tree.children} == Counter(q.extra["original task"] for q in table)
    assert build_tree(table, []).children == ()


def test_an_axis_that_is_not_there(table):
    with pytest.raises(ConfigError, match="did you mean modality"):
        build_tree(table, ["modalty"])
    with pytest.raises(ConfigError, match="twice"):
        build_tree(table, ["task", "clinical vqa task"])
