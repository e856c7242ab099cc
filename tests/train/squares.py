"""Made-up corpora of pictures with a bright square."""

from pathlib import Path

import cv2
import numpy as np

from gmai.base import hash_bytes, open_run, output_files
from gmai.corpus import SplitConfig, StoredSample, split_corpus, write_conversations, write_samples
from gmai.types import Box, Conversation, ImageRef, Label, Provenance, Sample, Turn, View

PLACES = ("upper-left", "upper-right", "lower-left", "lower-right")
SIDE = 32


def draw(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 60, (SIDE, SIDE, 3), dtype=np.uint8)
    y, x = divmod(number % 4, 2)
    pixels[4 + 16 * y : 12 + 16 * y, 4 + 16 * x : 12 + 16 * x] = 200
    return cv2.imencode(".png", pixels)[1].tobytes()


def make_sample(number: int, source: str = "squares") -> StoredSample:
    data = draw(number)
    y, x = divmod(number % 4, 2)
    corner = (4.0 + 16 * x, 4.0 + 16 * y)
    image = ImageRef(
        uri=f"{number}.png",
        kind="raster",
        width=SIDE,
        height=SIDE,
        modality="CT",
        sha256=hash_bytes(data),
        asset=hash_bytes(data),
    )
    sample = Sample(
        id=f"{source}/{number}",
        source=source,
        subject=f"p{number}",
        modality="CT",
        department="Urology",
        provenance=Provenance(source=source, licence="MIT", original_id=str(number)),
        images=(image,),
        annotations=(
            Box(label="cyst", xyxy=(*corner, corner[0] + 8, corner[1] + 8), record=f"b#{number}"),
            Label(name=("mild", "severe")[number % 2], record=f"g#{number}", task="grade"),
        ),
    )
    return StoredSample(sample=sample, pictures=(data,))


def make_text_sample(number: int) -> StoredSample:
    sample = Sample(
        id=f"texts/{number}",
        source="texts",
        subject=f"t{number}",
        modality="Text",
        department="none",
        provenance=Provenance(source="texts", licence="MIT", original_id=str(number)),
    )
    return StoredSample(sample=sample)


def talk(sample: Sample, name: str, said: list[str], **settings) -> Conversation:
    roles = ["user", "assistant"] * (len(said) // 2)
    return Conversation(
        id=f"{sample.id}#{name}",
        sample=sample.id,
        source=sample.source,
        task="none",
        modality=sample.modality,
        department=sample.department,
        turns=tuple(Turn(role=role, text=text) for role, text in zip(roles, said, strict=True)),
        **settings,
    )


def make_talks(stored: StoredSample) -> list[Conversation]:
    sample = stored.sample
    if not sample.images:
        return [talk(sample, "qa", ["Is water wet?", "yes"], subset="text", kind="qa")]
    place = PLACES[int(sample.id.split("/")[1]) % 4]
    asked = "Where is the cyst?\n" + "\n".join(f"{a}. {b}" for a, b in zip("ABCD", PLACES, strict=True))
    box = View(granularity="box", regions=(0,))
    return [
        talk(sample, "caption", ["Describe this image.", f"The cyst is {place}."], subset="caption", kind="caption"),
        talk(sample, "where", [asked, place], subset="percept", kind="location", options=PLACES),
        talk(sample, "open", ["Where is it?", place], subset="percept", kind="location"),
        talk(sample, "turns", ["What is it?", "a cyst", "Where?", place], subset="instruct", kind="turns"),
        talk(sample, "box", ["What is boxed?", "cyst"], subset="percept", kind="finding", view=box),
    ]


def write_corpus(folder: Path, samples: list[StoredSample]) -> Path:
    run = open_run(folder, "convert", {"made": "by a test"}, {})
    (folder / "samples").mkdir()
    (folder / "conversations").mkdir()
    write_samples(folder / "samples/all-00000.parquet", samples)
    write_conversations(folder / "conversations/00000.parquet", [c for stored in samples for c in make_talks(stored)])
    run.finish({}, output_files(run))
    split_corpus(SplitConfig(corpus=folder, val=0.1, test=0.1))
    return folder
