"""A tiny split corpus: CT with labels and masks, X-rays with boxes, questions of people."""

from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gmai.base import hash_bytes, open_run, output_files
from gmai.corpus import StoredSample, write_conversations, write_samples
from gmai.images import encode_mask
from gmai.types import QA, Annotation, Box, ImageRef, Label, MaskRef, Provenance, Sample

FINDINGS = ("cyst", "stone", "tumour", "scar", "abscess")
COLOURS = {"cyst": 60, "stone": 110, "tumour": 160, "scar": 200, "abscess": 240}
HEIGHT, WIDTH = 24, 32


def picture(shade: int, seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 12, (HEIGHT, WIDTH, 3))
    return cv2.imencode(".png", (noise + min(shade, 240)).astype(np.uint8))[1].tobytes()


def make_sample(
    source: str, number: int, modality: str, annotations: tuple[Annotation, ...], data: bytes
) -> StoredSample:
    image = ImageRef(
        uri=f"{number}.png",
        kind="raster",
        width=WIDTH,
        height=HEIGHT,
        modality=modality,
        sha256=hash_bytes(data),
        asset=hash_bytes(data),
    )
    sample = Sample(
        id=f"{source}/{number:03d}",
        source=source,
        subject=f"p{number // 2}",
        modality=modality,
        department="Urology" if modality == "CT" else "none",
        provenance=Provenance(source=source, licence="MIT", original_id=str(number)),
        images=(image,),
        annotations=annotations,
        tasks={"finding": "Disease Diagnosis"},
        classes={"finding": FINDINGS},
    )
    return StoredSample(sample=sample, pictures=(data,))


def mask(label: str, x: int, y: int, record: str) -> MaskRef:
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[y : y + 6, x : x + 8] = 1
    return MaskRef(label=label, record=record, uri="m.png", rle=encode_mask(pixels), size=(HEIGHT, WIDTH))


def make_samples(count: int = 40) -> list[StoredSample]:
    made = []
    for n in range(count):
        finding = FINDINGS[n % 5]
        other = FINDINGS[(n + 2) % 5]
        label = Label(name=finding, record=f"labels.csv:{n + 2}")
        region = mask(finding, 2 + (n % 3) * 9, 1 + (n % 2) * 15, f"m{n}.png#1")
        made.append(make_sample("scans", n, "CT", (label, region), picture(COLOURS[finding], n)))
        boxes = (
            Box(label=finding, xyxy=(1, 1, 9, 8), record=f"x{n}.xml#0"),
            Box(label=other, xyxy=(18, 12, 28, 22), record=f"x{n}.xml#1"),
            QA(question="Is there a cyst?", answer="Yes" if "cyst" in (finding, other) else "No", record=f"qa#{n}"),
            QA(question="What is seen?", answer="much", record=f"qa#{n}b"),
        )
        made.append(make_sample("films", n, "X-ray", boxes, picture(COLOURS[finding], 1000 + n)))
    return made


def split_name(stored: StoredSample) -> str:
    number = int(stored.sample.subject[1:])
    return "test" if number % 4 == 0 else "val" if number % 4 == 1 else "train"


def make_corpus(folder: Path, samples: list[StoredSample]) -> Path:
    run = open_run(folder, "convert", {"made": "by a test"}, {})
    for source in sorted({stored.sample.source for stored in samples}):
        mine = [stored for stored in samples if stored.sample.source == source]
        path = folder / "samples" / f"{source}-00000.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_samples(path, mine)
    (folder / "conversations").mkdir()
    write_conversations(folder / "conversations/00000.parquet", [])
    run.finish({}, output_files(run))
    split = open_run(folder / "split", "corpus split", {"made": "by a test"}, {})
    splits = {(s.sample.source, s.sample.subject): split_name(s) for s in samples}
    table = {
        "source": [key[0] for key in splits],
        "subject": [key[1] for key in splits],
        "split": list(splits.values()),
    }
    pq.write_table(pa.table(table), folder / "split/splits.parquet")
    split.finish({}, output_files(split))
    return folder
