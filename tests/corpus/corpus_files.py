"""Small corpora made on the spot."""

from pathlib import Path

import cv2
import numpy as np

from gmai.base import hash_bytes, open_run, output_files, write_text
from gmai.corpus import StoredSample, write_conversations, write_samples
from gmai.types import (
    Box,
    Conversation,
    Fact,
    ImageRef,
    Label,
    Provenance,
    Sample,
    Step,
    Turn,
)


def picture(shade: int) -> bytes:
    return cv2.imencode(".png", np.full((8, 12, 3), shade % 256, np.uint8))[1].tobytes()


def make_sample(source: str, number: int, *, shade: int | None = None, split: str | None = None) -> StoredSample:
    data = picture(number if shade is None else shade)
    image = ImageRef(
        uri=f"{number}.png",
        kind="raster",
        width=12,
        height=8,
        modality="CT",
        sha256=hash_bytes(str(number).encode()),
        asset=hash_bytes(data),
    )
    sample = Sample(
        id=f"{source}/{number}",
        source=source,
        subject=f"p{number // 2}",
        modality="CT",
        department="Urology",
        provenance=Provenance(
            source=source,
            licence="MIT",
            original_id=str(number),
            steps=(Step(name="slice", parameters={"axis": 2}), Step(name="window")),
        ),
        images=(image,),
        annotations=(
            Label(name="cyst", record=f"t.csv:{number + 2}"),
            Box(label="stone", xyxy=(1, 1, 4, 4), record=f"b.xml#{number}"),
        ),
        split=split,
    )
    return StoredSample(sample=sample, pictures=(data,))


def make_conversation(stored: StoredSample) -> Conversation:
    sample = stored.sample
    pointer = sample.annotations[0].record
    return Conversation(
        id=f"{sample.id}#finding",
        sample=sample.id,
        source=sample.source,
        subset="percept",
        kind="finding",
        task="Disease Diagnosis",
        modality=sample.modality,
        department=sample.department,
        turns=(Turn(role="user", text="What is it?"), Turn(role="assistant", text="cyst")),
        answer="cyst",
        facts=(Fact(kind="finding", answer="cyst", task="Disease Diagnosis", records=(pointer,)),),
    )


def make_corpus(folder: Path, samples: dict[str, list[StoredSample]]) -> Path:
    run = open_run(folder, "convert", {"made": "by a test"}, {})
    (folder / "samples").mkdir()
    (folder / "conversations").mkdir()
    for source, stored in samples.items():
        write_samples(folder / "samples" / f"{source}-00000.parquet", stored)
    talks = [make_conversation(item) for stored in samples.values() for item in stored]
    write_conversations(folder / "conversations/00000.parquet", talks)
    write_text(folder / "cards/aaa.yaml", "title: Phantoms\nhome: https://example.org\n")
    run.finish({}, output_files(run))
    return folder
