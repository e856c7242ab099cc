"""Samples are drawn with their regions; sheets are stratified and repeatable; agreement is what the formula says."""

import csv
from collections import Counter

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from curate_files import corpus, draw, marked, png, stored, talk, text

from gmai.cli import main
from gmai.curate import ReviewConfig, compare_reviews, find_kappa, show_sample, write_review_sheet
from gmai.errors import ConfigError, FormatError
from gmai.images import encode_mask


@pytest.fixture
def folder(tmp_path):
    inside = np.zeros((120, 160), np.uint8)
    inside[80:100, 100:140] = 1
    items = [
        marked("aaa/0", draw(0), encode_mask(inside)),
        *(stored(f"aaa/{n}", png(draw(n)), f"p{n}") for n in range(1, 30)),
    ]
    items.append(text("aaa/words", "Is it?", "p40"))
    talks = [talk(item, "Disease Diagnosis" if n % 10 else "Severity Grading") for n, item in enumerate(items)]
    return corpus(tmp_path / "c", items, talks)


def coloured(path):
    picture = cv2.imread(str(path)).astype(int)
    return (picture[..., 2] - picture[..., 0]) > 60


def test_regions_are_drawn_where_they_lie(folder, tmp_path):
    lines = show_sample(folder, "aaa/0", tmp_path / "x.png")
    assert lines == ["a.json#1: cyst", "m.png#2: stone"]
    drawn = coloured(tmp_path / "x.png")
    assert drawn[80, 100:140].all() and drawn[20:60, 20].all() and not drawn[35:45, 35:45].any()
    assert not drawn[:, 145:].any()
    show_sample(folder, "aaa/0", tmp_path / "y.png", "image")
    assert np.array_equal(cv2.imread(str(tmp_path / "y.png"), 0), draw(0))
    with pytest.raises(ConfigError, match="has 1 pictures, no number 1"):
        show_sample(folder, "aaa/0", tmp_path / "z.png", image=1)


def test_the_show_command_writes_a_png_and_names_the_regions(folder, tmp_path):
    shown = CliRunner().invoke(
        main, ["corpus", "show", str(folder), "aaa/0", "-o", str(tmp_path / "x.png"), "--level", "mask"]
    )
    assert shown.exit_code == 0 and "m.png#2: stone" in shown.output
    assert coloured(tmp_path / "x.png")[80:100, 100:140].all()


def rows(path):
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def test_a_sheet_gives_rare_strata_their_share_and_is_the_same_again(folder, tmp_path):
    for name in ("a", "b"):
        stats = write_review_sheet(ReviewConfig(corpus=folder, out=tmp_path / name, count=6))
    assert (tmp_path / "a/review.csv").read_bytes() == (tmp_path / "b/review.csv").read_bytes()
    assert (tmp_path / "a/review.html").read_bytes() == (tmp_path / "b/review.html").read_bytes()
    sheet = rows(tmp_path / "a/review.csv")
    assert len(sheet) == 6 and Counter(row["task"] for row in sheet)["Severity Grading"] >= 2
    assert {row["modality"] for row in sheet} == {"CT", "Text"}
    assert all(row["verdict"] == "" and row["question"] == "'=What is it?" for row in sheet)
    assert stats["in_corpus"] == 31 and sum(row["on_sheet"] for row in stats["strata"]) == 6
    page = (tmp_path / "a/review.html").read_text()
    assert all(row["id"] in page for row in sheet) and page.count("data:image/png") == 5
    write_review_sheet(ReviewConfig(corpus=folder, out=tmp_path / "c2", count=6, seed=1))
    assert rows(tmp_path / "c2/review.csv") != sheet
    with pytest.raises(ConfigError, match="axes are"):
        write_review_sheet(ReviewConfig(corpus=folder, out=tmp_path / "d", by=("colour",)))


def sheet(path, verdicts, tasks=None, delimiter=","):
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(["id", "task", "verdict", "comment"])
        for n, verdict in enumerate(verdicts):
            writer.writerow([f"c{n}", tasks[n] if tasks else "T", verdict, ""])
    return path


def test_kappa_is_that_of_the_textbook():
    assert find_kappa(np.array([[20, 5], [10, 15]])) == pytest.approx(0.4)
    assert find_kappa(np.diag([5, 5])) == 1.0 and find_kappa(np.array([[10, 0], [0, 0]])) is None


def test_two_sheets_are_compared_row_by_row(tmp_path):
    first = ["right"] * 25 + ["wrong"] * 25 + ["", "right"]
    second = ["right"] * 20 + ["wrong"] * 5 + ["Right "] * 10 + ["wrong"] * 15 + ["unclear", ""]
    tasks = ["A"] * 20 + ["B"] * 32
    report = compare_reviews(sheet(tmp_path / "a.csv", first, tasks), sheet(tmp_path / "b.csv", second, tasks, ";"))
    everything, a, b = report.groups
    assert (everything.of, everything.n, everything.agreed) == ("all", 50, 0.7)
    assert everything.kappa == pytest.approx(0.4) and 0.1 < everything.low < 0.4 < everything.high < 0.65
    assert (a.of, a.n, a.kappa, a.low) == ("A", 20, None, None) and b.n == 30
    assert (report.only_first, report.only_second, len(report.disputed)) == (1, 1, 15)
    assert everything.verdicts["right"] == {"right": 20, "wrong": 5, "unclear": 0}


def test_the_agreement_command_tells_kappa(tmp_path):
    mine = sheet(tmp_path / "a.csv", ["right", "wrong", "right", "unclear"])
    told = CliRunner().invoke(main, ["corpus", "agreement", str(mine), str(mine)])
    assert "all: n 4, agreed 100.0%, kappa 1.00" in told.output


def test_sheets_that_cannot_be_compared_are_refused(tmp_path):
    good = sheet(tmp_path / "a.csv", ["right"])
    with pytest.raises(FormatError, match="verdict 'maybe' is not known"):
        compare_reviews(good, sheet(tmp_path / "b.csv", ["maybe"]))
    with pytest.raises(FormatError, match="judged by both"):
        compare_reviews(good, sheet(tmp_path / "b.csv", [""]))
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="no column id, verdict"):
        compare_reviews(good, tmp_path / "c.csv")
