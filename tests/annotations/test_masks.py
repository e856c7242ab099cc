"""Mask files find their images, whatever they are called; what the values mean is said, never guessed."""

import pytest
from reading import read, reasons

import make
from gmai.errors import CardError


def touch(root, *names):
    for name in names:
        make.text(root / name, "")


def found(items):
    return {item.id: [(file.path, file.label) for file in item.regions] for item in items}


def test_masks_with_an_ending_in_a_folder_of_another_name(tmp_path):
    touch(tmp_path, "Input/ISIC_1.jpg", "Input/ISIC_2.jpg", "GroundTruth/ISIC_1_segmentation.png")
    options = {"layout": "binary", "images": "Input/*", "masks": "GroundTruth/{stem}_segmentation.png", "label": "x"}
    items, rejects = read(tmp_path, "masks", options)
    assert found(items) == {"Input/ISIC_1.jpg": [("GroundTruth/ISIC_1_segmentation.png", "x")]}
    assert items[0].regions[0].values == "binary" and items[0].units == {"image": 1}
    assert reasons(rejects) == {"image annotation.missing": 1}


@pytest.mark.parametrize(
    "masks",
    [
        "gt/{stem}_{label}.tif",
        {"EX": "gt/{stem}_EX.tif", "OD": "gt/{stem}_OD.tif"},
        "gt/**/{stem}_{label}.tif",
    ],
)
def test_the_class_is_told_by_the_ending(tmp_path, masks):
    touch(tmp_path, "images/a.jpg", "gt/a_EX.tif", "gt/a_OD.tif")
    items, rejects = read(tmp_path, "masks", {"layout": "binary", "masks": masks})
    assert not rejects and found(items) == {"images/a.jpg": [("gt/a_EX.tif", "EX"), ("gt/a_OD.tif", "OD")]}


def test_the_class_is_told_by_the_folder(tmp_path):
    touch(tmp_path, "s/images/a.jpg", "s/gt/cup/a.png", "s/gt/disc/a.png", "s/gt/disc/b.png")
    items, rejects = read(
        tmp_path, "masks", {"layout": "binary", "images": "*/images/*", "masks": "{folder}/gt/{label}/{stem}.png"}
    )
    assert found(items) == {"s/images/a.jpg": [("s/gt/cup/a.png", "cup"), ("s/gt/disc/a.png", "disc")]}
    assert reasons(rejects) == {"image image.missing": 1}


def test_a_mask_that_two_names_could_claim_belongs_to_the_longer(tmp_path):
    touch(tmp_path, "images/a.png", "images/a_b.png", "masks/a_b_c.png", "masks/a_d.png")
    options = {"layout": "binary", "masks": "masks/{stem}_{label}.png"}
    items, rejects = read(tmp_path, "masks", options)
    assert not rejects and found(items) == {
        "images/a.png": [("masks/a_d.png", "d")],
        "images/a_b.png": [("masks/a_b_c.png", "c")],
    }


def test_names_of_which_a_part_is_shared(tmp_path):
    touch(tmp_path, "t/images/21_training.tif", "t/images/22_training.tif", "t/1st_manual/21_manual1.gif")
    options = {
        "layout": "binary",
        "images": "t/images/*",
        "stem": r"^(\d+)",
        "masks": "{folder}/1st_manual/{stem}_*.gif",
    }
    items, rejects = read(tmp_path, "masks", {**options, "label": "vessel"})
    assert found(items) == {"t/images/21_training.tif": [("t/1st_manual/21_manual1.gif", "vessel")]}
    assert reasons(rejects) == {"image annotation.missing": 1}
    with pytest.raises(CardError, match="regular expression"):
        read(tmp_path, "masks", {**options, "stem": "("})


def test_masks_beside_their_images_are_no_images(tmp_path):
    touch(tmp_path, "benign/b (1).png", "benign/b (1)_mask.png", "benign/b (1)_mask_1.png", "normal/n (1).png")
    options = {"layout": "binary", "images": "*/*.png", "masks": "{home}/{stem}_mask*.png", "label": "tumor"}
    items, rejects = read(tmp_path, "masks", options, annotations="none")
    assert not rejects and found(items) == {
        "benign/b (1).png": [("benign/b (1)_mask.png", "tumor"), ("benign/b (1)_mask_1.png", "tumor")],
        "normal/n (1).png": [],
    }


def test_folders_of_objects_by_case_or_by_the_image_name(tmp_path):
    touch(tmp_path, "c1/images/x.png", "c1/masks/1.png", "c1/masks/2.png", "c2/images/y.png", "c2/masks/9.png")
    options = {"layout": "instances", "images": "*/images/*", "masks": "{folder}/masks/*.png", "threshold": 100}
    items, rejects = read(tmp_path, "masks", options)
    assert not rejects and [[mask.uri for mask in item.annotations] for item in items] == [
        ["c1/masks/1.png", "c1/masks/2.png"],
        ["c2/masks/9.png"],
    ]
    assert items[0].annotations[0].threshold == 100
    other = tmp_path / "other"
    touch(other, "images/x.png", "images/y.png", "objects/x/1.png", "objects/y/1.png", "objects/z/1.png")
    options = {"layout": "instances", "masks": "objects/{stem}/{label}.png"}
    items, rejects = read(other, "masks", options)
    assert [(item.id, item.annotations[0].uri) for item in items] == [
        ("images/x.png", "objects/x/1.png"),
        ("images/y.png", "objects/y/1.png"),
    ]
    assert reasons(rejects) == {"annotation image.missing": 1}


def test_a_mask_that_nothing_gives_to_one_of_several_images_is_a_reject(tmp_path):
    touch(tmp_path, "c/images/x.png", "c/images/y.png", "c/masks/1.png")
    options = {"layout": "instances", "images": "*/images/*", "masks": "{folder}/masks/*.png"}
    items, rejects = read(tmp_path, "masks", options)
    assert not items and reasons(rejects) == {"image annotation.missing": 2, "annotation image.missing": 1}


def test_what_values_mean_goes_with_the_file(tmp_path):
    touch(tmp_path, "images/a.png", "masks/a.png")
    options = {"layout": "colour", "names": {"#ff0000": "polyp"}, "background": ["#ffffff"]}
    (item,), _ = read(tmp_path, "masks", options)
    file = item.regions[0]
    assert (file.values, file.names, file.background) == ("colours", {"#ff0000": "polyp"}, ("#ffffff",))
    (item,), _ = read(tmp_path, "masks", {"layout": "objects", "label": "cell", "ignore": [255]})
    assert (item.regions[0].values, item.regions[0].label, item.regions[0].ignore) == ("objects", "cell", (255,))
    (item,), _ = read(tmp_path, "masks", {"names": {"1": "cup"}})
    assert (item.regions[0].values, item.regions[0].label, item.regions[0].names) == ("index", None, {"1": "cup"})


def test_many_masks_are_paired_in_a_moment(tmp_path):
    from gmai.annotations.mask_names import MaskFinder

    touch(tmp_path, *(f"masks/case_{number}_od.png" for number in range(600)))
    finder = MaskFinder(tmp_path, {"x": "masks/{stem}_{label}.png"}, "", "card")
    paired = finder.pair([f"images/case_{number}.jpg" for number in range(600)])
    assert len(paired) == 600 and all(len(masks) == 1 for masks in paired.values())
