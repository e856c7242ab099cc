"""Text burned into pictures is found, whatever its font, size, place and colour; anatomy and texture are not text."""

import random
import sys
from collections import Counter

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from gmai.images import find_text, read_picture

TEXTS = [
    "DOE^JANE 1970-01-01",
    "MRN 0012345",
    "St. Mary Hospital",
    "John Smith 12.03.1965",
    "ID: 4711-22",
    "Tel 0555-19922",
]


def textless(seed, size=(240, 320)):
    """A picture without text: blobs, arcs and noise, as smooth or grainy as scans are."""
    chance = np.random.default_rng(seed)
    height, width = size
    grey = cv2.GaussianBlur(chance.normal(90, 40, size), (0, 0), chance.uniform(2, 9))
    grey = 60 + 8 * (grey - grey.mean()) + chance.normal(0, chance.uniform(1, 6), size)
    for _ in range(int(chance.integers(2, 9))):
        centre = int(chance.integers(0, width)), int(chance.integers(0, height))
        axes = int(chance.integers(8, width // 3)), int(chance.integers(8, height // 3))
        thick = int(chance.choice([-1, 2, 4]))
        cv2.ellipse(grey, centre, axes, float(chance.uniform(0, 180)), 0, 360, float(chance.uniform(20, 220)), thick)
    return cv2.GaussianBlur(grey, (0, 0), 0.8).clip(0, 255).astype(np.uint8)


def drawn(pixels, seed):
    """A picture with a line of text in a corner: bundled font or one of five Hershey fonts, 10 to 32 pixels."""
    chance = random.Random(seed)
    text, size, dark, corner = (
        chance.choice(TEXTS),
        chance.choice([10, 12, 14, 18, 24, 32]),
        chance.random() < 0.3,
        seed % 4,
    )
    height, width = pixels.shape
    font = ImageFont.load_default(size)
    hershey = chance.choice([None, 0, 1, 2, 3, 4])
    if hershey is None:
        _, _, wide, high = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), text, font=font)
    else:
        (wide, high), _ = cv2.getTextSize(text, hershey, size / 22, 1 + (size > 20))
    wide, high = int(wide), int(high)
    if wide > width - 10:
        return None
    x, y = (4, width - wide - 4)[corner % 2], (4, height - high - 8)[corner // 2]
    out = pixels.copy()
    if dark or chance.random() < 0.4:
        cv2.rectangle(out, (x - 3, y - 3), (x + wide + 3, y + high + 6), 245 if dark else 0, -1)
    if hershey is None:
        image = Image.fromarray(out)
        ImageDraw.Draw(image).text((x, y), text, fill=0 if dark else 255, font=font)
        out = np.array(image)
    else:
        ink, thick = 0 if dark else 255, 1 + (size > 20)
        cv2.putText(out, text, (x, y + high), hershey, size / 22, ink, thick, cv2.LINE_AA)
    if chance.random() < 0.5:
        out = cv2.imdecode(cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, chance.choice([60, 75, 90])])[1], 0)
    return out, (x, y, x + wide, y + high)


def overlap(box, other):
    return max(0, min(box[2], other[2]) - max(box[0], other[0])) * max(0, min(box[3], other[3]) - max(box[1], other[1]))


def test_recall_and_precision_on_drawn_text(capsys):
    made = [each for seed in range(120) if (each := drawn(textless(seed), seed)) is not None]
    hits = sum(any(overlap(box, place) for box in find_text(picture)) for picture, place in made)
    false = sum(bool(find_text(textless(seed))) for seed in range(1000, 1060))
    with capsys.disabled():
        sys.stdout.write(f"\ntext found in {hits} of {len(made)} pictures with, {false} of 60 without\n")
    assert len(made) > 90 and hits / len(made) >= 0.9 and false <= 1


@pytest.mark.parametrize("turn", [-12, 8, 180])
def test_tilted_and_turned_text_is_found(turn):
    picture = np.full((300, 400), 20, np.uint8)
    cv2.putText(picture, "Smith John 1970", (70, 160), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 230, 2, cv2.LINE_AA)
    matrix = cv2.getRotationMatrix2D((200, 150), turn, 1)
    assert find_text(cv2.warpAffine(picture, matrix, (400, 300)))
    assert find_text(picture[:, ::-1].copy())


def test_coloured_text_is_found_and_its_box_holds_it():
    picture = np.full((200, 400, 3), (200, 190, 210), np.uint8)
    cv2.putText(picture, "Smith John", (100, 100), cv2.FONT_HERSHEY_DUPLEX, 0.8, (255, 255, 0), 1, cv2.LINE_AA)
    (box,) = find_text(picture)
    assert 90 < box[0] < 115 and 70 < box[1] < 95 and box[2] > 220 and 95 < box[3] < 115


def test_odd_pictures_hold_no_text():
    for picture in (np.zeros((1, 1), np.uint8), np.zeros((5, 900), np.uint8), np.full((3, 3, 3), 255, np.uint8)):
        assert find_text(picture) == ()
    chance = np.random.default_rng(0)
    assert find_text(chance.integers(0, 255, (400, 400), dtype=np.uint8)) == ()


SETS = {
    "detection/lumbar_spine_dota": ("*.jpg", 1.0, 1.0),
    "vqa/vqa_rad": ("*.jpg", 1.0, 1.0),
    "detection/bccd_voc": ("*.jpg", 0.0, 0.01),
    "detection/brain_tumor2_coco": ("*.jpg", 0.0, 0.03),
    "segmentation/dsb2018_nuclei": ("images/*.png", 0.0, 0.03),
    "classification/skimage_bundled": ("*.*g", 0.0, 0.01),
    "detection/brain_tumor_roboflow_yolo": ("*.jpg", 0.02, 0.12),
}
"""Least and greatest part of each set's pictures in which text is found; the first two show it on every picture."""


@pytest.mark.data
def test_real_screenshots_are_caught_and_real_scans_are_not(data, capsys):
    rates, counts = {}, Counter()
    for folder, (pattern, low, high) in SETS.items():
        found = [bool(find_text(read_picture(path).pixels)) for path in sorted((data / folder).rglob(pattern))]
        rates[folder] = sum(found), len(found)
        counts[folder] += low <= sum(found) / len(found) <= high
    with capsys.disabled():
        sys.stdout.write(f"\n{rates}\n")
    assert all(counts[folder] for folder in SETS), rates
