"""Queries select what they say: held against a plain evaluation, in both languages, with errors that point."""

import random
import re

import pytest

from gmai.bench import LETTERS, build_tree, open_table, parse_query
from gmai.bench.miniature import MiniatureConfig, write_miniature
from gmai.bench.query_parts import Group, Not
from gmai.bench.tsv import write_tsv
from gmai.errors import ConfigError
from gmai.lexicon import read_lexicon
from gmai.types import Question


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("query") / "mini.tsv"
    write_miniature(MiniatureConfig(out=path, rows=300, picture_px=8))
    return open_table(path)


def chosen(table, test):
    return [question.index for question in table if test(question)]


@pytest.mark.parametrize(
    ("query", "test"),
    [
        ("department=Ophthalmology", lambda q: q.department == "Ophthalmology"),
        ("科室=眼科", lambda q: q.department == "Ophthalmology"),
        ("DEPARTMENT = ophthalmology", lambda q: q.department == "Ophthalmology"),
        ("department!=none", lambda q: q.department != "None"),
        ("modality=fundus", lambda q: q.modality == "Fundus Photography"),
        ("模态=眼底照相 | modality = MR", lambda q: q.modality in ("Fundus Photography", "MRI")),
        ("modality=T1", lambda q: q.modality in ("T1 MRI", "T1 weighted MRI")),
        (
            "family=MR & !modality=MRI",
            lambda q: q.modality.endswith("MRI") and q.modality != "MRI" or q.modality == "CMR",
        ),
        ("task=DD", lambda q: q.task == "Disease Diagnosis"),
        ("clinical vqa task in (Bone, OR-A)", lambda q: q.task in ("Bone", "Organ Recognition - Abdomen")),
        ("l2-category=muscle", lambda q: q.task == "Muscle"),
        ("level not in (mask, contour)", lambda q: q.granularity in ("Image Level", "Box Level")),
        ("perceptual_granularity='掩膜级'", lambda q: q.granularity == "Mask Level"),
        ("options>=4 & index<100", lambda q: len(q.options) >= 4 and q.index < 100),
        ("options=2|index in (1, 7)", lambda q: len(q.options) == 2 or q.index in (1, 7)),
        ("question~SHADED", lambda q: "shaded" in q.question.lower()),
        ("option~/^(t|m)/", lambda q: any(re.match("[tm]", o, re.I) for o in q.options)),
        ("original task=SEG_3D", lambda q: q.extra["original task"] == "SEG_3D"),
        ("E=''", lambda q: len(q.options) < 5),
        ("answer in (a, b)", lambda q: q.answer in "AB"),
        ("form=choice & !(task=DD | task=SG)", lambda q: q.task not in ("Disease Diagnosis", "Severity Grading")),
    ],
)
def test_a_query_selects_what_it_says(table, query, test):
    wanted = chosen(table, test)
    assert parse_query(query).select(table) == wanted
    assert wanted and len(wanted) < len(table)


def test_labels_are_compared_by_what_they_mean(tmp_path):
    columns = ("index", "image", "question", "A", "B", "answer")
    rows = [
        {"index": 1, "question": "q", "A": "optic disk", "B": "optic cup", "answer": "A"},
        {"index": 2, "question": "q", "A": "optic cup", "B": "Optic Disc", "answer": "B"},
        {"index": 3, "question": "q", "A": "no tumor", "B": "tumor", "answer": "A"},
        {"index": 4, "question": "q", "A": "left lung", "B": "lung", "answer": "B"},
    ]
    write_tsv(tmp_path / "t.tsv", rows, columns)
    table = open_table(tmp_path / "t.tsv")
    assert parse_query("label=视盘").select(table) == [1, 2]
    assert parse_query("option=optic cup").select(table) == [1, 2]
    assert parse_query("label=tumor").select(table) == []
    assert parse_query("option=tumour").select(table) == [3]
    assert parse_query("label=left lung | label=lungs").select(table) == [4]
    bare = columns[:-1]
    write_tsv(tmp_path / "t.tsv", rows, bare)
    table = open_table(tmp_path / "t.tsv")
    with pytest.raises(ConfigError, match="does not show labels"):
        parse_query("label=tumor").select(table)
    key = {"sample": "s", "source": "made", "kind": "", "task": "", "department": "", "modality": "", "granularity": ""}
    keys = {
        row["index"]: Question(**key, subject=str(row["index"] % 2), index=row["index"], question="q",
                               options=(row["A"], row["B"]), answer=row["answer"])
        for row in rows
    }  # fmt: skip
    assert parse_query("label=视盘 & subject=1").select(table, keys) == [1]
    tree = build_tree(table, ["subject"], keys)
    assert (tree.questions, tree.labels, tree.subjects) == (4, 4, 2)


@pytest.mark.parametrize(
    ("query", "reason", "at", "hint"),
    [
        ("modlity=CT", "query.name", 1, "modality"),
        ("task=DD & depart=Urology", "query.name", 11, "department"),
        ("department=Opthalmology", "query.value", 1, "Ophthalmology"),
        ("modality in (CT, MRY)", "query.value", 1, "MRI"),
        ("", "query.syntax", 1, "expected the name"),
        ("task", "query.syntax", 5, "expected one of"),
        ("task=", "query.syntax", 6, "expected a value"),
        ("task=a &", "query.syntax", 9, "expected the name"),
        ("task=a | | kind=b", "query.syntax", 10, "expected the name"),
        ("(task=a", "query.syntax", 8, "expected )"),
        ("task=a)", "query.syntax", 7, "expected & or |"),
        ("task in a", "query.syntax", 9, "expected ("),
        ("task in (a b", "query.syntax", 13, "expected )"),
        ('task="a', "query.syntax", 6, "never closed"),
        ("question~/(/", "query.syntax", 10, "regular expression"),
        ("options>many", "query.number", 1, "no number"),
        ("(" * 100 + "task=a", "query.syntax", 65, "inside one another"),
    ],
)
def test_an_error_points_at_its_place(table, query, reason, at, hint):
    with pytest.raises(ConfigError) as caught:
        parse_query(query).select(table)
    assert caught.value.reason == reason
    assert hint in str(caught.value)
    assert caught.value.where.startswith(f"query, character {at}:")


def draw_test(draw, table):
    """A comparison, and what it should say of a question, from the question alone."""
    question = table[draw.randrange(len(table))]
    kind = draw.randrange(7)
    if kind == 0:
        name = draw.choice(["modality", "department", "task"])
        value = getattr(question, name)
        sign = draw.choice(["=", "!="])
        return f'{name}{sign}"{value}"', lambda q: (getattr(q, name) == value) == (sign == "=")
    if kind == 1:
        letters = "".join(draw.choices(question.question, k=1)).strip() or "e"
        sign = draw.choice(["~", "!~"])
        return f'question{sign}"{letters}"', lambda q: (letters.lower() in q.question.lower()) == (sign == "~")
    if kind == 2:
        number, sign = draw.randrange(1, 7), draw.choice(["<", "<=", ">", ">=", "="])
        says = {"<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__, "=": int.__eq__}[sign]
        return f"options {sign} {number}", lambda q: says(len(q.options), number)
    if kind == 3:
        levels = draw.sample(["Image Level", "Box Level", "Mask Level", "Contour Level"], 2)
        denied = draw.random() < 0.5
        text = f"granularity {'not ' * denied}in ({', '.join(levels)})"
        return text, lambda q: (q.granularity in levels) != denied
    if kind == 4:
        letter = draw.choice(LETTERS[:5])
        return f"answer={letter.lower()}", lambda q: q.answer == letter
    if kind == 5:
        prefix = question.options[0][:2]
        return f"option~/^{re.escape(prefix)}/", lambda q: any(o.lower().startswith(prefix.lower()) for o in q.options)
    word = question.extra["original task"]
    return f"original task={word}", lambda q: q.extra["original task"] == word


def draw_query(draw, table, depth):
    if depth == 0 or draw.random() < 0.25:
        return draw_test(draw, table)
    if draw.random() < 0.25:
        text, test = draw_query(draw, table, depth - 1)
        return f"!({text})" if draw.random() < 0.8 else f"!!!({text})", lambda q: not test(q)
    parts = [draw_query(draw, table, depth - 1) for _ in range(draw.randrange(2, 4))]
    if draw.random() < 0.5:
        return "&".join(f"({text})" for text, _ in parts), lambda q: all(test(q) for _, test in parts)
    return " | ".join(f"( {text} )" for text, _ in parts), lambda q: any(test(q) for _, test in parts)


def test_a_thousand_drawn_queries_equal_a_plain_evaluation(table):
    table = table.take(table.indices[10:250:3])
    questions = list(table)
    draw = random.Random(5)
    sizes = set()
    for _ in range(1000):
        text, test = draw_query(draw, table, 3)
        query = parse_query(text)
        found = query.select(table)
        assert found == [q.index for q in questions if test(q)], text
        again = parse_query(str(query))
        assert str(again) == str(query)
        sizes.add(len(found))
    assert len(sizes) > 50


def test_the_canonical_form_selects_the_same(table):
    draw = random.Random(6)
    for _ in range(100):
        query = parse_query(draw_query(draw, table, 3)[0])
        assert parse_query(str(query)).select(table) == query.select(table)


def test_and_binds_closer_than_or():
    root = parse_query("a=1 | b=2 & !c=3").root
    assert isinstance(root, Group) and root.sign == "|"
    assert isinstance(root.parts[1], Group) and isinstance(root.parts[1].parts[1], Not)


def test_any_text_is_a_query_or_an_error_of_ours(table):
    draw = random.Random(7)
    pieces = [*"=!()&|~,<1 \\'", '"', "task", "/a/", "in", "not", "CT", "科室"]
    for _ in range(3000):
        text = "".join(draw.choices(pieces, k=draw.randrange(1, 9)))
        try:
            parse_query(text).select(table)
        except ConfigError as error:
            assert error.reason.startswith("query.")


def test_every_department_and_task_of_the_lexicon_can_be_asked_for_by_its_abbreviation(table):
    lexicon = read_lexicon()
    for axis, names in (("department", lexicon.departments), ("task", lexicon.tasks)):
        for name, short in names.items():
            wanted = chosen(table, lambda q, axis=axis, name=name: getattr(q, axis) == name)
            assert parse_query(f'{axis}="{short}"').select(table) == wanted
