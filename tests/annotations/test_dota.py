"""DOTA labels: corners stay what they are, classes as they are spelled, difficulty behind the pointer."""

from reading import read, reasons

import make
from gmai.types import Polygon


def write(root, **labels):
    for name, content in labels.items():
        make.picture(root / f"train/images/{name}.png")
        if content is not None:
            make.text(root / f"train/labelTxt/{name}.txt", content)


def test_corners_class_and_difficulty(tmp_path):
    header = "imagesource:GoogleEarth\ngsd:0.146\n"
    write(tmp_path, a=f"{header}1 2 9.5 2 9.5 8 1 8 Buldging 0\n0 4 4 0 8 4 4 8 optic disc 1\n", b="")
    items, rejects = read(tmp_path, "dota", {"split_from_folder": True}, labels={"Buldging": {"name": "disc bulge"}})
    first, second = items[0].annotations
    assert not rejects and isinstance(first, Polygon) and first.rings == ((1, 2, 9.5, 2, 9.5, 8, 1, 8),)
    assert (first.label, first.raw) == ("disc bulge", "Buldging") and second.raw == "optic disc"
    assert [each.record.rpartition("/")[2] for each in items[0].annotations] == [
        "a.txt:3#difficulty=0",
        "a.txt:4#difficulty=1",
    ]
    assert items[0].split == "train" and items[1].annotations == ()


def test_lines_and_files_that_do_not_hold(tmp_path):
    wrong = "1 2 9 2 9 8 1 8\n1 2 9 2 9 8 1 x lesion 0\n1 2 nan 2 9 8 1 8 lesion 0\n"
    write(tmp_path, a=f"{wrong}1 2 9 2 9 8 1 8 lesion\n", b=None)
    make.text(tmp_path / "train/labelTxt/alone.txt", wrong)
    items, rejects = read(tmp_path, "dota")
    assert [each.raw for each in items[0].annotations] == ["lesion"]
    assert reasons(rejects) == {
        "annotation dota.columns": 1,
        "annotation dota.not_numbers": 2,
        "image annotation.missing": 1,
        "image image.missing": 1,
        "annotation image.missing": 3,
    }
