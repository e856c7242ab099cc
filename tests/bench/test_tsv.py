"""Benchmark files: our reader, pandas and the csv module agree, whatever the fields hold."""

import base64
import csv

import pandas
import pytest

from gmai.bench.tsv import KEY_COLUMNS, PUBLIC_COLUMNS, find_question, read_tsv, write_tsv
from gmai.errors import FormatError

PICTURE = b"\x89PNG" + bytes(range(256)) * 3


def row(index: int, **changes: object) -> dict[str, object]:
    return {
        "index": index,
        "image": base64.b64encode(PICTURE).decode(),
        "question": "What does this CT show?",
        "A": "cyst",
        "B": "stone",
        "clinical vqa task": "Disease Diagnosis",
        "department": "none",
        "perceptual granularity": "Image Level",
        "modality": "CT",
        "kind": "finding",
        **changes,
    }


AWKWARD = [
    row(0),
    row(1, question='Is the "dense" area\ta\ncyst?', A="5' marker", B='6" ruler'),
    row(2, A='"quoted"', B="a,b;c", C="良性", D="é", E="last"),
    row(7, question="# not a comment", C="third"),
]


def test_round_trip_of_awkward_fields(tmp_path):
    write_tsv(tmp_path / "t.tsv", AWKWARD, PUBLIC_COLUMNS)
    read = list(read_tsv(tmp_path / "t.tsv"))
    assert [question.index for question in read] == [0, 1, 2, 7]
    assert read[1].question == 'Is the "dense" area a cyst?'
    assert read[1].options == ("5' marker", '6" ruler')
    assert read[2].options == ('"quoted"', "a,b;c", "良性", "é", "last")
    assert read[0].department == "none" and read[0].answer is None
    assert all(question.picture() == PICTURE for question in read)


def test_pandas_reads_the_same(tmp_path):
    write_tsv(
        tmp_path / "t.tsv", [{**r, "answer": "A", "category": r["A"]} for r in AWKWARD], (*PUBLIC_COLUMNS, *KEY_COLUMNS)
    )
    frame = pandas.read_csv(tmp_path / "t.tsv", sep="\t")
    assert list(frame.columns) == [*PUBLIC_COLUMNS, *KEY_COLUMNS]
    for question, (_, theirs) in zip(read_tsv(tmp_path / "t.tsv"), frame.iterrows(), strict=True):
        assert theirs["index"] == question.index and theirs["question"] == question.question
        present = [theirs[letter] for letter in "ABCDE" if not pandas.isna(theirs[letter])]
        assert tuple(present) == question.options
        assert theirs["department"] == "none" and theirs["answer"] == question.answer == "A"
        assert base64.b64decode(theirs["image"]) == PICTURE


def test_files_of_others_are_read(tmp_path):
    """Quoted newlines, CRLF, a byte-order mark, more columns in another order."""
    path = tmp_path / "other.tsv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\r\n")
        writer.writerow(["index", "question", "A", "B", "image", "l2-category", "Modality"])
        writer.writerow([3, "two\nlines", "x", "y", "QUJD", "z", "MRI"])
        writer.writerow([4, "one line", "NA", "None", "QUJD", "z", "MRI"])
    first, second = read_tsv(path)
    assert first.question == "two\nlines" and first.modality == "MRI" and first.picture() == b"ABC"
    assert second.options == ("NA", "None")
    assert find_question(path, 4) == second
    with pytest.raises(FormatError, match="no question with index 9"):
        find_question(path, 9)


def test_a_picture_longer_than_the_field_limit_of_csv(tmp_path):
    long = base64.b64encode(bytes(400_000)).decode()
    write_tsv(tmp_path / "t.tsv", [row(0, image=long, question='a "quoted" one')], PUBLIC_COLUMNS)
    (question,) = read_tsv(tmp_path / "t.tsv")
    assert len(question.picture()) == 400_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column index, question"),
        ("index\timage\tquestion\tA\tB\n1\tx\tq\ta\n", "4 fields under 5 columns"),
        ("index\timage\tquestion\tA\tB\none\tx\tq\ta\tb\n", "no whole number"),
        ("index\timage\tquestion\tA\tB\n1\tx\tq\ta\t\n", "two or more"),
        ("index\timage\tquestion\tA\tB\tC\tD\n1\tx\tq\ta\tb\t\td\n", "without gaps"),
        ('index\timage\tquestion\tA\tB\n1\tx\t"q\ta\tb\n', "never closed"),
    ],
)
def test_a_broken_file_says_where(tmp_path, text, message):
    path = tmp_path / "t.tsv"
    path.write_text(text)
    with pytest.raises(FormatError, match=message) as caught:
        list(read_tsv(path))
    assert f"{path}:" in caught.value.where


def test_an_image_that_is_no_base64(tmp_path):
    write_tsv(tmp_path / "t.tsv", [row(5, image="!!!!")], PUBLIC_COLUMNS)
    (question,) = read_tsv(tmp_path / "t.tsv")
    with pytest.raises(FormatError, match="not base64"):
        question.picture()
