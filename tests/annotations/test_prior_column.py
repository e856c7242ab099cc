"""A table may name an earlier picture beside each: both are shown, the earlier one first, and counted once."""

import make
from gmai.base import JobConfig
from gmai.convert import ConvertConfig, convert
from gmai.corpus import iter_conversations, iter_samples
from gmai.sources import IngestConfig, ingest

HERE = JobConfig(workers=0)


def run(tmp_path, rows, pictures=4):
    for number in range(pictures):
        make.picture(tmp_path / f"files/{number}.png", make.pixels(seed=number))
    head = "image,before,consolidation_progression,edema_progression"
    make.text(tmp_path / "files/table.csv", "\n".join([head, *rows]) + "\n")
    card = make.write_card(
        tmp_path / "card.yaml",
        format="class_table",
        options={
            "table": "table.csv",
            "images": ".",
            "prior": "before",
            "labels": {
                "consolidation_progression": "consolidation progression",
                "edema_progression": "edema progression",
            },
        },
        labels={
            f"{finding}_progression={course}": {"name": course, "task": f"{finding} progression"}
            for finding in ("consolidation", "edema")
            for course in ("improving", "stable", "worsening")
        },
    )
    summary = ingest(IngestConfig(card=str(card), root=tmp_path / "files", out=tmp_path / "raw", job=HERE))
    return summary, list(iter_samples(tmp_path / "raw"))


def test_both_pictures_are_shown_and_compared(tmp_path):
    summary, stored = run(tmp_path, ["1.png,0.png,worsening,", "3.png,2.png,,stable"])
    assert [[image.uri for image in each.sample.images] for each in stored] == [["0.png", "1.png"], ["2.png", "3.png"]]
    assert summary.accepted["image"] == 4 and summary.accepted["annotation"] == 2 and summary.rejected == {}
    convert(ConvertConfig(raw=(tmp_path / "raw",), out=tmp_path / "corpus", also=("comparisons",), job=HERE))
    found = {(talk.answer, talk.facts[0].about) for talk in iter_conversations(tmp_path / "corpus")}
    assert {("worsening", "consolidation"), ("stable", "edema")} <= found


def test_a_picture_that_is_earlier_and_later_counts_once(tmp_path):
    summary, stored = run(tmp_path, ["1.png,0.png,stable,", "2.png,1.png,improving,", "3.png,,,stable"])
    assert [len(each.sample.images) for each in stored] == [2, 2, 1] and summary.accepted["image"] == 4


def test_what_is_wrong_with_the_earlier_picture_is_a_reject_of_the_row(tmp_path):
    wrong = ["0.png,9.png,stable,", "1.png,../x.png,stable,", "2.png,0.png,stable,", "2.png,1.png,stable,"]
    rows = [*wrong, "3.png,,stable,"]
    summary, stored = run(tmp_path, rows)
    assert [each.sample.images[0].uri for each in stored] == ["3.png"]
    assert set(summary.reasons) == {"image.missing", "path.outside", "table.conflict"}
