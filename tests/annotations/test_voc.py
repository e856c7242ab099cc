"""VOC files as devkits and exports write them: several folders, outlines, parts, flags, names without an ending."""

import pytest
from reading import read, reasons

import make
from gmai.types import Box, Polygon

CORNERS = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>9.5</xmax><ymax>8</ymax></bndbox>"


def write(root, name, objects, filename=None, size="<size><width>32</width><height>24</height></size>"):
    stem = name.rpartition("/")[2]
    content = f"<annotation><filename>{filename or stem + '.png'}</filename>{size}{objects}</annotation>"
    make.text(root / f"{name}.xml", content)


def thing(name="lesion", more="", corners=CORNERS):
    return f"<object><name>{name}</name>{more}{corners}</object>"


def test_flags_are_kept_behind_the_pointer_and_parts_are_boxes_of_their_own(tmp_path):
    make.picture(tmp_path / "JPEGImages/a.png")
    part = f"<part><name>stalk</name>{CORNERS}</part>"
    flags = "<truncated>1</truncated><difficult>1</difficult><pose>Left</pose>"
    write(tmp_path, "Annotations/a", thing(more=flags + part) + thing("cyst", "<difficult>0</difficult>"))
    items, rejects = read(tmp_path, "voc")
    assert not rejects and [(box.raw, box.record) for box in items[0].annotations] == [
        ("lesion", "Annotations/a.xml#object=0&difficult=1&truncated=1"),
        ("stalk", "Annotations/a.xml#object=0&part=0"),
        ("cyst", "Annotations/a.xml#object=1"),
    ]
    assert items[0].annotations[0].xyxy == (1, 2, 9.5, 8)


@pytest.mark.parametrize(
    ("outline", "ring"),
    [
        ("<polygon><x1>1</x1><y1>2</y1><x2>9</x2><y2>2</y2><x3>9</x3><y3>8</y3></polygon>", (1, 2, 9, 2, 9, 8)),
        (
            "<polygon><pt><x>1</x><y>2</y></pt><pt><x>9</x><y>2</y></pt><pt><x>9</x><y>8</y></pt></polygon>",
            (1, 2, 9, 2, 9, 8),
        ),
        (
            "<robndbox><cx>10</cx><cy>10</cy><w>4</w><h>2</h><angle>0</angle></robndbox>",
            (8, 9, 12, 9, 12, 11, 8, 11),
        ),
    ],
)
def test_outlines_where_an_export_has_them(tmp_path, outline, ring):
    make.picture(tmp_path / "JPEGImages/a.png")
    write(tmp_path, "Annotations/a", thing(more=outline) + thing(more="<polygon/>"))
    items, rejects = read(tmp_path, "voc")
    polygon, box = items[0].annotations
    assert not rejects and isinstance(polygon, Polygon) and polygon.rings == (ring,) and isinstance(box, Box)


def test_outlines_that_do_not_hold_and_deleted_objects_are_counted(tmp_path):
    make.picture(tmp_path / "JPEGImages/a.png")
    short = "<polygon><x1>1</x1><y1>2</y1><x2>9</x2><y2>2</y2></polygon>"
    words = "<polygon><x1>1</x1><y1>two</y1></polygon>"
    objects = thing(more=short) + thing(more=words) + thing(more="<deleted>1</deleted>") + thing(corners="")
    write(tmp_path, "Annotations/a", objects)
    items, rejects = read(tmp_path, "voc")
    assert items[0].annotations == () and reasons(rejects) == {
        "annotation polygon.not_numbers": 2,
        "annotation voc.deleted": 1,
        "annotation box.not_numbers": 1,
    }


def test_xml_beside_its_picture_and_several_folders(tmp_path):
    for split in ("train", "valid"):
        make.picture(tmp_path / split / "a.png")
        write(tmp_path, f"{split}/a", thing())
    options = {"annotations": "*/*.xml", "images": "{home}", "split_from_folder": True}
    items, rejects = read(tmp_path, "voc", options)
    assert not rejects and [(item.id, item.split) for item in items] == [
        ("train/a.png", "train"),
        ("valid/a.png", "valid"),
    ]
    other = tmp_path / "kit"
    for year in ("VOC2007", "VOC2012"):
        make.picture(other / year / "JPEGImages/a.png")
        write(other, f"{year}/Annotations/a", thing())
    make.picture(other / "VOC2012/JPEGImages/alone.png")
    items, rejects = read(other, "voc", {"annotations": "*/Annotations/*.xml", "images": "{folder}/JPEGImages"})
    assert [item.id for item in items] == ["VOC2007/JPEGImages/a.png", "VOC2012/JPEGImages/a.png"]
    assert reasons(rejects) == {"image annotation.missing": 1}


def test_names_without_an_ending_or_with_another(tmp_path):
    make.picture(tmp_path / "JPEGImages/a.png")
    for name in ("a", "a.jpg"):
        write(tmp_path, "Annotations/a", thing(), filename=name)
        items, rejects = read(tmp_path, "voc")
        assert not rejects and [item.id for item in items] == ["JPEGImages/a.png"]
    write(tmp_path, "Annotations/a", thing(), filename="scan-17.jpg")
    assert reasons(read(tmp_path, "voc")[1])["image image.missing"] == 1
    items, rejects = read(tmp_path, "voc", {"by_stem": True})
    assert not rejects and [item.id for item in items] == ["JPEGImages/a.png"]


def test_files_with_several_annotations_and_sizes_that_are_not_told(tmp_path):
    for name in ("a", "b", "c"):
        make.picture(tmp_path / f"JPEGImages/{name}.png")
    sizes = {"a": "", "b": "<width>0</width><height>24</height>", "c": "<width>32.0</width><height>24</height>"}
    parts = [
        f"<annotation><filename>{name}.png</filename><size>{size}</size>{thing()}</annotation>"
        for name, size in sizes.items()
    ]
    make.text(tmp_path / "Annotations/all.xml", f"<annotations>{''.join(parts)}</annotations>")
    items, rejects = read(tmp_path, "voc")
    assert not rejects and [item.size for item in items] == [None, None, (32, 24)]
    assert items[1].annotations[0].record == "Annotations/all.xml#annotation=1&object=0"
    make.text(tmp_path / "Annotations/all.xml", "<annotations><image/></annotations>")
    assert reasons(read(tmp_path, "voc")[1])["image voc.root"] == 1
