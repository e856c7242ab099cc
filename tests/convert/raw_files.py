"""Small ingested folders: CT with masks and spacing, fundus with grades, questions asked by people."""

from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as coco

from gmai.base import hash_bytes, open_run, output_files, write_text
from gmai.corpus import StoredSample, write_samples
from gmai.types import QA, Annotation, Box, ImageRef, Label, MaskRef, Provenance, Sample

SIZE = 48
FINDINGS = ("cyst", "stone", "tumor", "abscess")
GRADES = ("absent", "mild", "moderate", "severe")


def mask_ref(x: int, y: int, radius: int, label: str, record: str) -> MaskRef:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.circle(mask, (x, y), radius, 1, -1)
    code = coco.encode(np.asfortranarray(mask))
    return MaskRef(label=label, record=record, uri="m.png", rle=code["counts"].decode(), size=(SIZE, SIZE))


def make_sample(
    source: str,
    number: int,
    annotations: tuple[Annotation, ...],
    modality: str = "CT",
    picture: bool = True,
    **more: object,
) -> StoredSample:
    shade = (number % 256, len(source), 0)
    data = cv2.imencode(".png", np.full((SIZE, SIZE, 3), shade, np.uint8))[1].tobytes()
    spacing = {"spacing_mm": (0.5, 0.5), "sides": ("L", "P")} if modality == "CT" else {}
    image = ImageRef(
        uri=f"{number}.png",
        kind="raster",
        width=SIZE,
        height=SIZE,
        modality=modality,
        sha256="0" * 64,
        asset=hash_bytes(data),
        **spacing,
    )
    sample = Sample(
        id=f"{source}/{number}",
        source=source,
        subject=str(number),
        modality=modality,
        department="none",
        provenance=Provenance(source=source, licence="MIT", original_id=str(number)),
        images=(image,) if picture else (),
        annotations=annotations,
        **more,
    )
    return StoredSample(sample=sample, pictures=(data,) if picture else ())


def ct(number: int) -> StoredSample:
    lesion = mask_ref(10 + 28 * (number % 2), 10 + 28 * (number // 2 % 2), 6, FINDINGS[number % 4], f"m{number}.png")
    cells = tuple(Box(label="node", xyxy=(n * 5, 20, n * 5 + 4, 24), record=f"b#{n}") for n in range(number % 3 + 1))
    return make_sample(
        "ct",
        number,
        (Label(name=lesion.label, record=f"t.csv:{number}"), lesion, *cells),
        classes={"finding": (*FINDINGS, "node")},
        tasks={"finding": "Organ Recognition - Abdomen"},
    )


def fundus(number: int) -> StoredSample:
    return make_sample(
        "fundus",
        number,
        (Label(name=GRADES[number % 4], record=f"t.csv:{number}", task="grade"),),
        modality="Fundus Photography",
        classes={"grade": GRADES},
    )


def asked(number: int) -> StoredSample:
    pair = QA(question="Is the heart enlarged?", answer="no, 2 cm", record=f"qa.json#{number}")
    return make_sample("asked", number, (pair,), modality="Radiology", picture=number % 2 == 0)


def make_raw(folder: Path, samples: list[StoredSample]) -> Path:
    source = samples[0].sample.source
    run = open_run(folder, "source ingest", {"made": source}, {})
    (folder / "samples").mkdir()
    half = len(samples) // 2
    write_samples(folder / "samples/00000.parquet", samples[:half])
    write_samples(folder / "samples/00001.parquet", samples[half:])
    write_text(folder / "card.yaml", f"name: {source}\ntitle: Set {source}\n")
    run.finish({}, output_files(run))
    return folder


def make_raws(folder: Path, count: int = 24) -> tuple[Path, ...]:
    makers = {"ct": ct, "fundus": fundus, "asked": asked}
    return tuple(make_raw(folder / name, [make(number) for number in range(count)]) for name, make in makers.items())
