"""Detection and segmentation sets through ingest: regions end up where they are, and every unit is accounted for."""

import json

import numpy as np
import pytest

import make
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.images import decode_mask, orient, region_pixels
from gmai.sources import IngestConfig, ingest
from gmai.types import Box, MaskRef, Polygon

INSIDE = np.zeros((24, 32), bool)
INSIDE[3:9, 4:14] = True
INSIDE[5, 6] = False
INSIDE[20:22, 28:31] = True


def run(tmp_path, root, format, options, **fields):
    card = make.write_card(tmp_path / "card.yaml", format=format, options=options, **fields)
    summary = ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    stored = iter_samples(tmp_path / "raw") if summary.accepted else ()
    samples = {each.sample.provenance.original_id: each.sample for each in stored}
    return summary, samples


def pixels(mask):
    return decode_mask(mask.rle, mask.size).astype(bool)


def step(sample, name):
    return next((step.parameters for step in sample.provenance.steps if step.name == name), {})


def write_masks(root, **masks):
    make.picture(root / "images/a.png")
    for name, array in masks.items():
        make.picture(root / f"masks/{name}.png", array)


def test_binary_masks_by_ending(tmp_path):
    root = tmp_path / "f"
    write_masks(root, a_EX=INSIDE.astype(np.uint8) * 255, a_OD=np.zeros((24, 32), np.uint8))
    options = {"layout": "binary", "masks": "masks/{stem}_{label}.png"}
    summary, samples = run(tmp_path, root, "masks", options, labels={"EX": {"name": "hard exudate"}})
    (mask,) = samples["images/a.png"].annotations
    assert (mask.label, mask.raw, mask.record, mask.value) == ("hard exudate", "EX", "masks/a_EX.png", 1)
    assert np.array_equal(pixels(mask), INSIDE)
    assert summary.accepted["region"] == 1 and not summary.rejected, "an empty mask says that nothing is there"


def test_numbered_maps_give_one_object_a_value(tmp_path):
    root = tmp_path / "f"
    numbers = np.zeros((24, 32), np.uint16)
    numbers[1:4, 1:5], numbers[10:12, 7:20], numbers[20:, 30:] = 7, 300, 65535
    write_masks(root, a=numbers)
    _, samples = run(tmp_path, root, "masks", {"layout": "objects", "label": "cell"})
    masks = samples["images/a.png"].annotations
    assert [(mask.raw, mask.value) for mask in masks] == [("cell", None)] * 3
    assert [mask.record for mask in masks] == [f"masks/a.png#value={value}" for value in (7, 300, 65535)]
    assert [int(pixels(mask).sum()) for mask in masks] == [12, 26, 8]


def test_colours_are_named_and_unlisted_ones_counted(tmp_path):
    root = tmp_path / "f"
    colours = np.full((24, 32, 3), 255, np.uint8)
    colours[INSIDE] = (0, 0, 0)
    colours[0, 0], colours[0, 1] = (1, 2, 3), (9, 9, 9)
    write_masks(root, a=colours)
    options = {"layout": "colour", "names": {"#000000": "cup", "#808080": "disc"}, "background": ["#FFFFFF"]}
    summary, samples = run(tmp_path, root, "masks", options)
    (mask,) = samples["images/a.png"].annotations
    assert (mask.raw, mask.record) == ("cup", "masks/a.png#value=0") and np.array_equal(pixels(mask), INSIDE)
    assert summary.reasons == {"mask.unlisted_colour": 2} and summary.accepted["region"] == 1
    (lost,) = [json.loads(line) for line in (tmp_path / "raw/rejects.jsonl").read_text().splitlines()]
    assert lost["count"] == 2 and "#010203 (1 pixels)" in lost["detail"]


def test_index_masks_in_a_palette_with_names(tmp_path):
    root = tmp_path / "f"
    write_masks(root, a=INSIDE.astype(np.uint8) * 2)
    _, samples = run(tmp_path, root, "masks", {"names": {"2": "liver"}})
    (mask,) = samples["images/a.png"].annotations
    assert (mask.raw, mask.value) == ("liver", 2) and np.array_equal(pixels(mask), INSIDE)


def test_soft_masks_only_with_a_threshold_that_is_told(tmp_path):
    root = tmp_path / "f"
    make.picture(root / "images/a.png")
    make.picture(root / "masks/a.jpg", INSIDE.astype(np.uint8) * 255, quality=85)
    options = {"layout": "binary", "masks": "{folder}/masks/{stem}.jpg"}
    (tmp_path / "1").mkdir()
    summary, _ = run(tmp_path / "1", root, "masks", options)
    assert summary.reasons == {"labels.lossy": 1}
    (tmp_path / "2").mkdir()
    _, samples = run(tmp_path / "2", root, "masks", {**options, "threshold": 128})
    sample = samples["images/a.png"]
    assert step(sample, "annotations") == {"threshold": 128}
    assert (pixels(sample.annotations[0]) != INSIDE).mean() < 0.01


def test_a_mask_of_another_size_costs_its_picture_or_its_object(tmp_path):
    root = tmp_path / "f"
    write_masks(root, a=np.ones((10, 10), np.uint8))
    (tmp_path / "1").mkdir()
    summary, samples = run(tmp_path / "1", root, "masks", {})
    assert summary.reasons == {"mask.size_mismatch": 1} and not samples, "what is there cannot be told, nor what is not"
    (tmp_path / "2").mkdir()
    summary, samples = run(tmp_path / "2", root, "masks", {"layout": "instances", "masks": "masks/{label}.png"})
    assert summary.rejected == {"annotation": 1} and samples["images/a.png"].annotations == ()


def test_objects_in_colour_with_alpha(tmp_path):
    root = tmp_path / "f"
    clear = np.zeros((24, 32, 4), np.uint8)
    clear[INSIDE] = (0, 0, 0, 255)
    write_masks(root, a_1=clear, a_2=np.dstack([INSIDE * np.uint8(200)] * 3 + [np.full((24, 32), 255, np.uint8)]))
    _, samples = run(tmp_path, root, "masks", {"layout": "instances", "masks": "masks/{stem}_*.png"})
    assert all(np.array_equal(pixels(mask), INSIDE) for mask in samples["images/a.png"].annotations)


@pytest.mark.parametrize(
    ("place", "reason"),
    [((4, 3, 10, 6), ""), ((4, 3, 9, 6), "mask.size_mismatch"), ((27, 3, 10, 6), "mask.outside"), ((-1, 3, 10, 6), "")],
)
def test_a_crop_is_pasted_back_in_its_place(tmp_path, place, reason):
    root = tmp_path / "f"
    left, top, width, height = place
    write_masks(root, crop=INSIDE[3:9, 4:14].astype(np.uint8) * 255)
    make.text(root / "t.csv", f"image,label,mask,x,y,w,h\na.png,lung,masks/crop.png,{left},{top},{width},{height}\n")
    summary, samples = run(tmp_path, root, "mask_table", {"place": ["x", "y", "w", "h"]})
    if place[0] < 0:
        reason = "mask.outside"
    assert summary.reasons == ({reason: 1} if reason else {})
    if not reason:
        (mask,) = samples["images/a.png"].annotations
        whole = np.zeros_like(INSIDE)
        whole[3:9, 4:14] = INSIDE[3:9, 4:14]
        assert np.array_equal(pixels(mask), whole) and mask.place == (4, 3, 14, 9)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("grid", ["stored", "shown"])
def test_yolo_boxes_turn_with_their_picture_or_not(tmp_path, orientation, grid):
    root = tmp_path / "f"
    make.rotated_jpeg(root / "images/a.jpg", orientation)
    make.text(root / "labels/a.txt", "0 0.25 0.25 0.25 0.25\n")
    options = {"data": "", "images": "images/*", "grid": grid}
    _, samples = run(tmp_path, root, "yolo", options)
    sample = samples["images/a.jpg"]
    image, (box,) = sample.images[0], sample.annotations
    expected = np.zeros((24, 32) if grid == "stored" else (image.height, image.width), bool)
    height, width = expected.shape
    expected[height // 8 : height * 3 // 8, width // 8 : width * 3 // 8] = True
    if grid == "stored":
        expected = orient(expected, orientation)
    assert np.array_equal(region_pixels(box, image.height, image.width).astype(bool), expected)
    turned = grid == "stored" and orientation != 1
    assert step(sample, "annotations") == ({"turned": 1} if turned else {})


def test_a_code_of_another_size_is_refused_before_it_is_unpacked(tmp_path):
    root = tmp_path / "f"
    make.picture(root / "a.png")
    huge = {"size": [65536, 65536], "counts": "PPPPPPPPPo0"}
    entry = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2], "segmentation": huge}
    make.coco(root / "_annotations.coco.json", [{"id": 1, "file_name": "a.png", "license": 1}], [entry])
    summary, _ = run(tmp_path, root, "coco", {})
    assert summary.reasons == {"mask.size_mismatch": 1}


def test_the_licence_of_a_picture_is_told_in_its_provenance(tmp_path):
    root = tmp_path / "f"
    make.picture(root / "a.png")
    content = {"images": [{"id": 1, "file_name": "a.png", "license": 2}], "annotations": [], "categories": []}
    make.text(root / "_annotations.coco.json", json.dumps({**content, "licenses": [{"id": 2, "name": "CC BY 4.0"}]}))
    _, samples = run(tmp_path, root, "coco", {})
    assert step(samples["a.png"], "read") == {"format": "coco", "licence": "CC BY 4.0"}


REAL = {
    "detection/bccd_voc": (
        "voc",
        {"annotations": "BCCD/Annotations/*.xml", "images": "BCCD/JPEGImages", "sets": "BCCD/ImageSets/Main"},
        {"image": 364, "annotation": 4155 + 361 + 372},
        {"box.degenerate": 2},
        {Box: 4886},
    ),
    "detection/brain_tumor2_coco": (
        "coco",
        {"annotations": "*/_annotations.coco.json", "split_from_folder": True},
        {"image": 178, "annotation": 198 + 31 + 4},
        {},
        None,
    ),
    "detection/brain_tumor_roboflow_yolo": (
        "yolo",
        {},
        {"image": 60, "annotation": 12 + 11},
        {},
        {Polygon: 12, Box: 11},
    ),
    "detection/lumbar_spine_dota": (
        "dota",
        {"split_from_folder": True},
        {"image": 64, "annotation": 89 + 78 + 59},
        {},
        {Polygon: 226},
    ),
    "segmentation/covid_cxr_segmentations": (
        "mask_table",
        {"table": "structure.csv", "image": "Filename", "mask": "Mask", "label": "Class"}
        | {"place": ["Left", "Top", "Width", "Height"]},
        {"image": 16, "annotation": 93},
        {"mask.none": 2},
        {MaskRef: 91},
    ),
    "segmentation/dsb2018_nuclei": (
        "masks",
        {"layout": "instances", "images": "stage1_train/*/images/*.png", "masks": "{folder}/masks/*.png"},
        {"image": 38, "annotation": 887},
        {},
        {MaskRef: 887},
    ),
}


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(REAL))
def test_every_unit_of_a_real_set(tmp_path, data, name):
    format, options, figures, reasons, kinds = REAL[name]
    summary, samples = run(tmp_path, data / name, format, options)
    units = json.loads((tmp_path / "raw/stats.json").read_text())["units"]
    assert {unit: counts["total"] for unit, counts in units.items()} == figures
    assert summary.reasons == reasons and len(samples) == figures["image"]
    found = [each for sample in samples.values() for each in sample.annotations]
    for kind, count in (kinds or {}).items():
        assert sum(isinstance(each, kind) for each in found) == count
    for sample in samples.values():
        shape = sample.images[0].height, sample.images[0].width
        assert all(region_pixels(each, *shape).any() for each in sample.annotations)
    assert str(data) not in (tmp_path / "raw/rejects.jsonl").read_text()


@pytest.mark.data
def test_class_names_and_splits_of_real_sets(tmp_path, data):
    for number, (name, splits, classes) in enumerate(
        [
            ("detection/brain_tumor_roboflow_yolo", {"train": 40, "val": 12, "test": 8}, {"object": 12, "tumor": 11}),
            (
                "detection/lumbar_spine_dota",
                {"train": 50, "valid": 10, "test": 4},
                {"Normal": 89, "Buldging": 78, "Herniation": 59},
            ),
        ]
    ):
        format, options, *_ = REAL[name]
        (tmp_path / str(number)).mkdir()
        _, samples = run(tmp_path / str(number), data / name, format, options)
        found = [sample.split for sample in samples.values()]
        assert {split: found.count(split) for split in set(found)} == splits
        labels = [each.raw for sample in samples.values() for each in sample.annotations]
        assert {label: labels.count(label) for label in set(labels)} == classes


WRONG = {
    "coco": ("a.png", {}),
    "voc": ("JPEGImages/a.png", {}),
    "yolo": ("images/a.png", {"data": "", "images": "images/*", "classes": "classes.txt"}),
    "mask_table": ("images/a.png", {}),
    "masks": ("images/a.png", {"layout": "instances", "masks": "masks/{label}.png"}),
}


@pytest.mark.parametrize("format", sorted(WRONG))
def test_what_a_rejected_region_marks_is_never_said_to_be_absent(tmp_path, format):
    root = tmp_path / "f"
    image, options = WRONG[format]
    make.picture(root / image)
    crowd = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "iscrowd": 1}
    make.coco(root / "_annotations.coco.json", [{"id": 1, "file_name": "a.png"}], [crowd])
    make.voc(root / "Annotations/a.xml", "a.png", [("lesion", 5, 5, 5, 9)])
    make.text(root / "labels/a.txt", "1 1.5 0.5 0.2 0.2\n")
    make.text(root / "classes.txt", "cyst\nlesion\n")
    make.text(root / "t.csv", "image,label,mask\na.png,lesion,\n")
    make.picture(root / "masks/lesion.png", np.zeros((24, 32), np.uint8))
    labels = {"lesion": {"name": "nodule"}, "cyst": {"name": "cyst"}}
    summary, samples = run(tmp_path, root, format, options, labels=labels, annotations="none")
    assert summary.rejected["annotation"] == 1 and samples[image].classes == {"finding": ("cyst",)}
