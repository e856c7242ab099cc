"""Seeded damage to files of every kind: each reads whole, is a counted reject or a clear error, and never a crash."""

import json
import random

import numpy as np
import pytest

import make
from gmai.annotations import find_reader
from gmai.base import from_dict
from gmai.errors import GmaiError
from gmai.images import peek
from gmai.sources.step import read_items
from gmai.types import SourceCard

FEW, MANY = 12, 600
ODD = [None, [], {}, "x", "", -1, 0, 1.5, True, float("nan"), 1e308, [1], [[1]], "../../x", 10**30, {"a": 1}]


def damage(data: bytes, rng: random.Random) -> bytes:
    """Cut short, change some bytes, or drop some."""
    if rng.random() < 0.25:
        return data[: rng.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(rng.choice([1, 2, 5, 30])):
        place = rng.randrange(min(len(changed), rng.choice([64, 400, len(changed)])))
        changed[place] = rng.choice([0, 255, rng.randrange(256), changed[place] ^ (1 << rng.randrange(8))])
    if rng.random() < 0.3:
        start = rng.randrange(len(changed))
        del changed[start : start + rng.randrange(20)]
    return bytes(changed)


def twist(value, rng: random.Random):
    """Change one thing somewhere in a JSON value."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(sorted(value))
        rest = {name: inner for name, inner in value.items() if name != key}
        return rest if rng.random() < 0.1 else {**rest, key: twist(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = rng.randrange(len(value))
        return [*value[:place], twist(value[place], rng), *value[place + 1 :]]
    return rng.choice(ODD)


def twist_json(data: bytes, rng: random.Random) -> bytes:
    return json.dumps(twist(json.loads(data), rng)).encode()


def write_ct(root):
    volume = (np.arange(4)[:, None, None] * 50 + np.arange(12 * 16).reshape(12, 16)).astype(np.int16)
    make.series(root / "ct/a", volume, [(-7, -5, 5 * i) for i in range(4)])
    labels = np.zeros((16, 12, 4), np.uint8)
    labels[3:6, 2:5, 1:3] = 1
    affine = np.array([[-1, 0, 0, 7], [0, -1, 0, 5], [0, 0, 5, 0], [0, 0, 0, 1]], float)
    make.nifti(root / "ct/labels/a.nii.gz", labels, affine)
    return {"series": "ct/*/*.dcm", "labels": "ct/labels/{folder}.nii.gz"}


def write_pairs(root):
    rng = np.random.default_rng(0)
    make.nifti(root / "images/a.nii", rng.integers(0, 99, (9, 8, 7)).astype(np.int16))
    make.nifti(root / "labels/a.nii", (rng.random((9, 8, 7)) > 0.8).astype(np.uint8))
    return {"images": "images/*.nii", "labels": "labels/{stem}.nii"}


def write_pictures(root):
    make.picture(root / "images/a.png", make.pixels(40, 60, 3))
    make.rotated_jpeg(root / "images/b.jpg", 6)
    make.text(root / "t.csv", "image,label\na.png,x\nb.jpg,y\n")
    return {}


def write_masks(root):
    make.picture(root / "images/a.png")
    make.picture(root / "masks/a.png", (make.pixels() > 200).astype(np.uint8))
    return {}


def write_coco(root):
    make.picture(root / "a.png")
    shapes = [{"bbox": [1, 2, 3, 4]}, {"segmentation": [[1, 1, 9, 1, 9, 9]]}]
    shapes += [{"segmentation": {"size": [24, 32], "counts": counts}} for counts in ("PQ1", [5, 763])]
    boxes = [{"id": i, "image_id": 1, "category_id": 1, **shape} for i, shape in enumerate(shapes)]
    make.coco(root / "a.json", [{"id": 1, "file_name": "a.png", "width": 32, "height": 24}], boxes)
    return {"annotations": "a.json"}


def write_voc(root):
    make.picture(root / "JPEGImages/a.png")
    make.voc(root / "Annotations/a.xml", "a.png", [("x", 1, 2, 3, 4), ("y", 1, 2, 30, 44)])
    return {}


def write_archive(root):
    make.medmnist(root / "x.npz")
    return {}


def write_questions(root):
    make.picture(root / "images/a.jpg")
    entries = [{"image_name": "a.jpg", "question": "Q?", "answer": "A"}]
    make.text(root / "q.json", json.dumps([*entries, {"image_name": "a.jpg", "question": "R?", "answer": 3}]))
    return {}


def write_texts(root):
    make.text(root / "q.json", '[{"id": "1", "question": "Q?", "answer": "A", "topic": "t"}, {"id": "2"}]')
    return {"files": "q.json"}


CASES = [
    ("volumes", write_ct, "ct/a/001.dcm", damage),
    ("volumes", write_ct, "ct/labels/a.nii.gz", damage),
    ("volumes", write_pairs, "images/a.nii", damage),
    ("class_table", write_pictures, "images/a.png", damage),
    ("class_table", write_pictures, "images/b.jpg", damage),
    ("class_table", write_pictures, "t.csv", damage),
    ("masks", write_masks, "masks/a.png", damage),
    ("coco", write_coco, "a.json", damage),
    ("coco", write_coco, "a.json", twist_json),
    ("voc", write_voc, "Annotations/a.xml", damage),
    ("medmnist", write_archive, "x.npz", damage),
    ("vqa", write_questions, "q.json", twist_json),
    ("text_qa", write_texts, "q.json", twist_json),
]


def check_damaged(tmp_path, case: int, times: int) -> None:
    format, write, target, change = CASES[case]
    card = from_dict(SourceCard, make.card(format=format, options=write(tmp_path), slices={"mode": "largest"}))
    whole = (tmp_path / target).read_bytes()
    rng = random.Random(case)
    outcomes = 0
    for _ in range(times):
        (tmp_path / target).write_bytes(change(whole, rng))
        try:
            items = list(find_reader(format)(tmp_path, card, lambda path: peek(tmp_path / path, path)))
            outcomes += len(list(read_items(items, root=tmp_path, card=card)))
        except GmaiError as error:
            assert error.message and error.reason
            outcomes += 1
    assert outcomes >= times


@pytest.mark.parametrize("case", range(len(CASES)))
def test_a_little_damage(tmp_path, case):
    check_damaged(tmp_path, case, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("case", range(len(CASES)))
def test_much_damage(tmp_path, case):
    check_damaged(tmp_path, case, MANY)
