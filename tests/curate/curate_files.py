"""Corpora of drawn textures, every one another, and copies of them made in the ways copies come about."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from gmai.base import hash_bytes, open_run, output_files
from gmai.corpus import StoredSample, write_conversations, write_samples
from gmai.types import QA, Conversation, ImageRef, Label, MaskRef, Polygon, Provenance, Sample, Turn


def draw(seed: int, height: int = 120, width: int = 160) -> np.ndarray:
    """A grey picture of blobs and grain with a dark border, as scans have it."""
    chance = np.random.default_rng(seed)
    picture = np.zeros((height, width), np.float32)
    for size, strength in ((12, 900), (4, 300), (1.2, 60)):
        grain = chance.normal(size=(height, width)).astype(np.float32)
        picture += strength * cv2.GaussianBlur(grain, (0, 0), size)
    picture = 120 + picture * (60 / picture.std())
    picture[:6], picture[-6:], picture[:, :9], picture[:, -9:] = 0, 0, 0, 0
    return np.clip(picture, 0, 255).astype(np.uint8)


def png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


def jpeg(picture: np.ndarray, quality: int = 40) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def window(picture: np.ndarray) -> np.ndarray:
    return np.clip((picture.astype(np.float32) - 30) * 255 / 190, 0, 255).astype(np.uint8)


def middle(picture: np.ndarray, share: float) -> np.ndarray:
    height, width = picture.shape
    top, left = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    return np.ascontiguousarray(picture[top : height - top, left : width - left])


COPIES = {
    "as it is": lambda picture: png(cv2.resize(picture, (100, 90), interpolation=cv2.INTER_AREA)),
    "mirrored": lambda picture: png(np.ascontiguousarray(picture[:, ::-1])),
    "upside down": lambda picture: png(np.ascontiguousarray(picture[::-1])),
    "half turned": lambda picture: jpeg(np.ascontiguousarray(picture[::-1, ::-1]), 80),
    "inverted": lambda picture: png(255 - picture),
    "trimmed": lambda picture: png(np.ascontiguousarray(picture[6:-6, 9:-9])),
    "middle square": lambda picture: png(np.ascontiguousarray(picture[:, 20:140])),
    "middle 80.0%": lambda picture: png(middle(picture, 0.8)),
}
"""Ways of copying, by the name under which the copy is found."""


def stored(name: str, data: bytes | None, subject: str, annotations=None) -> StoredSample:
    source = name.split("/")[0]
    images = ()
    if data is not None:
        height, width = cv2.imdecode(np.frombuffer(data, np.uint8), 0).shape
        images = (
            ImageRef(uri=f"{name}.png", kind="raster", width=width, height=height, modality="CT",
                     sha256=hash_bytes(name.encode()), asset=hash_bytes(data)),
        )  # fmt: skip
    sample = Sample(
        id=name,
        source=source,
        subject=subject,
        modality="CT" if images else "Text",
        department="Urology",
        provenance=Provenance(source=source, licence="MIT", original_id=name),
        images=images,
        annotations=(Label(name="cyst", record=f"{name}#0"),) if annotations is None else tuple(annotations),
    )
    return StoredSample(sample=sample, pictures=() if data is None else (data,))


def text(name: str, words: str, subject: str) -> StoredSample:
    return stored(name, None, subject, [QA(question=words, answer="yes", record=f"{name}#0")])


def talk(item: StoredSample, task: str = "Disease Diagnosis", language: str = "en") -> Conversation:
    sample = item.sample
    return Conversation(
        id=f"{sample.id}#finding",
        sample=sample.id,
        source=sample.source,
        subset="percept",
        kind="finding",
        task=task,
        modality=sample.modality,
        department=sample.department,
        turns=(Turn(role="user", text="=What is it?"), Turn(role="assistant", text="cyst")),
        answer="cyst",
        language=language,
    )


def corpus(folder: Path, items: list[StoredSample], talks: list[Conversation] | None = None) -> Path:
    run = open_run(folder, "convert", {"made": "by a test"}, {})
    (folder / "samples").mkdir()
    (folder / "conversations").mkdir()
    for source in sorted({item.sample.source for item in items}):
        mine = [item for item in items if item.sample.source == source]
        write_samples(folder / "samples" / f"{source}-00000.parquet", mine)
    write_conversations(
        folder / "conversations/00000.parquet", [talk(item) for item in items] if talks is None else talks
    )
    run.finish({}, output_files(run))
    return folder


def marked(name: str, picture: np.ndarray, rle: str) -> StoredSample:
    height, width = picture.shape
    ring = (20.0, 20.0, 60.0, 20.0, 60.0, 60.0, 20.0, 60.0)
    return stored(
        name,
        png(picture),
        "p0",
        [
            Polygon(label="cyst", rings=(ring,), record="a.json#1"),
            MaskRef(label="stone", record="m.png#2", uri="m.png", rle=rle, size=(height, width)),
        ],
    )


def under(sample: StoredSample, name: str, subject: str) -> StoredSample:
    """The same sample under another name and subject."""
    return StoredSample(sample=replace(sample.sample, id=name, subject=subject), pictures=sample.pictures)
