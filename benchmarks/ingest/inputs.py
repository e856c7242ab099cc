"""Inputs of every case, made by seed: run in our environment, read by ours and the peers alike."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pydicom
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom.data import get_testdata_file

from benchmarks.slides import write_slide

SIZE = 1024
"""Sides of photographs and label maps."""
PICTURES, OUTLINES = 5000, 10
FEW = 100
"""Pictures of a COCO file for peers that hold every mask as pixels."""
SIDES = (512, 512)


def photograph(seed: int) -> np.ndarray:
    """Smooth colours with grain; as JPEG of quality 85 about 225 KB."""
    random = np.random.default_rng(seed)
    smooth = cv2.resize(random.integers(40, 215, (12, 12, 3)).astype(np.float32), (SIZE, SIZE), interpolation=3)
    return np.clip(smooth + random.normal(0, 8.8, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8)


def draw_labels(seed: int) -> np.ndarray:
    """Five classes of one to three wavy blobs each."""
    rng = np.random.default_rng(seed)
    ys, xs = np.mgrid[:SIZE, :SIZE]
    drawn = np.zeros((SIZE, SIZE), np.uint8)
    for value in range(1, 6):
        for _ in range(rng.integers(1, 4)):
            y, x = rng.integers(100, SIZE - 100, 2)
            high, wide = rng.integers(40, 220, 2)
            edge = 1 + 0.1 * np.sin(7 * np.arctan2(ys - y, xs - x))
            drawn[((ys - y) / high) ** 2 + ((xs - x) / wide) ** 2 < edge] = value
    return drawn


def ct(slices: int) -> np.ndarray:
    """A volume (k, j, i) in Hounsfield units: a smooth body in air, with grain."""
    random = np.random.default_rng(0)
    k, j, i = np.ogrid[:slices, :512, :512]
    inside = ((j - 256) / 180) ** 2 + ((i - 256) / 230) ** 2 + 0 * k < 1
    body = random.normal(40, 25, (slices, 512, 512))
    return np.where(inside, body, random.normal(-1000, 8, inside.shape)).astype("i2")


def _write_series(folder: Path, series: int, slices: int, pixels: np.ndarray | None = None) -> None:
    """A series with the header of a real CT (GE, 258 elements, private ones included), of pydicom's own test files."""
    header = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    folder.mkdir(parents=True)
    for number in range(slices):
        header.PatientID = f"subject{series}"
        header.SeriesInstanceUID = f"1.2.826.0.1.3680043.8.498.{series}"
        header.SOPInstanceUID = f"1.2.826.0.1.3680043.8.498.{series}.{number + 1}"
        header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
        header.ImageOrientationPatient, header.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [-158, -179, 2.5 * number]
        if pixels is not None:
            header.Rows, header.Columns = pixels.shape[1:]
            header.PixelSpacing = [0.7, 0.7]
            header.RescaleSlope, header.RescaleIntercept = 1, -1024
            header.WindowCenter, header.WindowWidth = 40, 400
            header.PixelData = (pixels[number] + 1024).clip(0, 4095).astype("<u2").tobytes()
        header.save_as(folder / f"{number:04d}.dcm")


def dicom_index(folder: Path) -> None:
    """800 files in 10 series."""
    for series in range(1, 11):
        _write_series(folder / f"s{series:02d}", series, 80)


def ct_slices(folder: Path) -> None:
    """Three series of 40 slices of 512 x 512."""
    for series in range(1, 4):
        _write_series(folder / f"s{series}", series, 40, ct(40))


def deid_dicom(folder: Path) -> None:
    """60 files of three subjects."""
    for series in range(1, 4):
        _write_series(folder / f"s{series}", series, 20)


def coco(folder: Path) -> None:
    """5,000 pictures (one file under 5,000 names) with ten outlines of 12 to 40 points each; ``few`` is the start."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    Image.fromarray(random.integers(0, 255, (*SIDES, 3), np.uint8)).save(folder / "picture.jpg")
    (folder / "images").mkdir()
    images, annotations = [], []
    for number in range(PICTURES):
        name = f"{number:05d}.jpg"
        os.link(folder / "picture.jpg", folder / "images" / name)
        images.append({"id": number, "file_name": name, "width": SIDES[1], "height": SIDES[0]})
        for _ in range(OUTLINES):
            annotations.append(_outline(random, number, len(annotations)))
    categories = [{"id": number, "name": f"class{number}"} for number in range(1, 6)]
    few = {"images": images[:FEW], "annotations": annotations[: FEW * OUTLINES], "categories": categories}
    whole = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations").mkdir()
    (folder / "annotations" / "instances_all.json").write_text(json.dumps(whole))
    (folder / "few.json").write_text(json.dumps(few))


def _outline(random: np.random.Generator, image: int, number: int) -> dict[str, object]:
    points = int(random.integers(12, 41))
    angles = np.sort(random.uniform(0, 2 * np.pi, points))
    radius = random.uniform(15, 60) * random.uniform(0.8, 1.2, points)
    xs = np.round(random.uniform(80, 430) + radius * np.cos(angles), 2)
    ys = np.round(random.uniform(80, 430) + radius * np.sin(angles), 2)
    box = [float(v) for v in (xs.min(), ys.min(), np.ptp(xs), np.ptp(ys))]
    ring = [float(v) for pair in zip(xs, ys, strict=True) for v in pair]
    return {
        "id": number,
        "image_id": image,
        "category_id": int(random.integers(1, 6)),
        "segmentation": [ring],
        "bbox": [round(v, 2) for v in box],
        "area": round(box[2] * box[3], 2),
        "iscrowd": 0,
    }


def label_maps(folder: Path) -> None:
    """20 PNGs."""
    folder.mkdir(parents=True)
    for seed in range(20):
        Image.fromarray(draw_labels(seed)).save(folder / f"{seed:02d}.png")


def fingerprints(folder: Path) -> None:
    """20 JPEGs."""
    folder.mkdir(parents=True)
    for seed in range(20):
        Image.fromarray(photograph(seed)).save(folder / f"{seed:02d}.jpg", "JPEG", quality=85)


def slide_tiles(folder: Path) -> None:
    """One slide of 8192 x 8192 pixels."""
    folder.mkdir(parents=True)
    write_slide(folder / "slide.tif")


slide_samples = slide_tiles


def strip_jpeg(folder: Path) -> None:
    """20 JPEGs with EXIF, GPS and a comment, and one without."""
    folder.mkdir(parents=True)
    exif = Image.Exif()
    exif[0x010F], exif[0x0132] = "A maker", "2020:01:02 03:04:05"
    exif.get_ifd(0x8825)[1] = "N"
    for seed in range(20):
        Image.fromarray(photograph(seed)).save(
            folder / f"{seed:02d}.jpg", "JPEG", quality=85, exif=exif, comment=b"Jane Roe, born 1 May 1950"
        )
    Image.fromarray(photograph(0)).save(folder / "clean.jpg", "JPEG", quality=85)


def strip_png(folder: Path) -> None:
    """Five PNGs with text and EXIF, and one without."""
    folder.mkdir(parents=True)
    text = PngInfo()
    text.add_text("Author", "Jane Roe")
    text.add_itxt("Comment", "born 1 May 1950", zip=True)
    exif = Image.Exif()
    exif[0x0132] = "2020:01:02 03:04:05"
    for seed in range(5):
        Image.fromarray(photograph(seed)).save(folder / f"{seed:02d}.png", pnginfo=text, exif=exif)
    Image.fromarray(photograph(0)).save(folder / "clean.png")
