"""Tables of masks: whole or cut out, each row a mask or a reject."""

import pytest
from reading import read, reasons

import make
from gmai.errors import CardError, FormatError

HEAD = "File,Class,Mask,Top,Left,Width,Height\n"
OPTIONS = {"image": "File", "mask": "Mask", "label": "Class", "place": ["Left", "Top", "Width", "Height"]}


def write(root, rows):
    for name in ("images/a.png", "images/b.png", "masks/1.png", "masks/2.png"):
        make.picture(root / name)
    make.text(root / "t.csv", HEAD + rows)


def test_masks_with_their_class_and_place(tmp_path):
    write(tmp_path, "a.png,Left Lung,masks/1.png,3,4,20,10\na.png,Tube,masks/2.png,0,0,1,1\n")
    items, rejects = read(tmp_path, "mask_table", OPTIONS, labels={"Left Lung": {"name": "lung"}})
    first, second = items[0].annotations
    assert (first.label, first.raw, first.uri, first.record) == ("lung", "Left Lung", "masks/1.png", "t.csv:2")
    assert first.place == (4, 3, 24, 13) and second.place == (0, 0, 1, 1)
    assert items[0].units == {"image": 1, "annotation": 2} and reasons(rejects) == {"image annotation.missing": 1}


def test_rows_that_cannot_be_used_are_counted(tmp_path):
    rows = [
        "a.png,x,,1,1,4,4",
        "a.png,,masks/1.png,1,1,4,4",
        "a.png,x,masks/gone.png,1,1,4,4",
        "a.png,x,../../etc/1.png,1,1,4,4",
        "a.png,x,masks/1.png,one,1,4,4",
        "a.png,x,masks/1.png,1,1,0,4",
        "a.png,x,masks/1.png",
        ",x,masks/1.png,1,1,4,4",
        "gone.png,x,masks/1.png,1,1,4,4",
        "a.png,x,masks/2.png,1,1,4,4",
    ]
    write(tmp_path, "\n".join(rows))
    items, rejects = read(tmp_path, "mask_table", OPTIONS)
    assert [(item.id, len(item.annotations)) for item in items] == [("images/a.png", 1)]
    assert reasons(rejects) == {
        "annotation mask.none": 1,
        "annotation annotation.no_label": 1,
        "annotation mask.missing": 1,
        "annotation path.outside": 1,
        "annotation mask.place": 2,
        "annotation table.row": 1,
        "annotation path.empty": 1,
        "annotation image.missing": 1,
        "image image.missing": 1,
        "image annotation.missing": 1,
    }


def test_a_table_without_the_columns_or_half_a_place_is_an_error(tmp_path):
    write(tmp_path, "a.png,x,masks/1.png,1,1,4,4\n")
    with pytest.raises(FormatError, match="no column 'Area'"):
        read(tmp_path, "mask_table", {**OPTIONS, "label": "Area"})
    with pytest.raises(CardError, match="left, top, width and height"):
        read(tmp_path, "mask_table", {**OPTIONS, "place": ["Left", "Top"]})


def test_masks_without_classes_or_places(tmp_path):
    write(tmp_path, "a.png,x,masks/1.png,1,1,4,4\n")
    options = {"image": "File", "mask": "Mask", "label": "", "name": "polyp", "threshold": 128}
    items, _ = read(tmp_path, "mask_table", options)
    (mask,) = items[0].annotations
    assert (mask.raw, mask.place, mask.threshold) == ("polyp", None, 128)
