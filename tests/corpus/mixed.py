"""A corpus with one of everything: drawings, several pictures, JPEG, text alone, boxes, Chinese."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from corpus_files import make_conversation, make_sample, picture

from gmai.base import hash_bytes, open_run, output_files, write_text
from gmai.corpus import PictureTools, StoredSample, write_conversations, write_samples
from gmai.images import hash_picture, read_encoded, replay
from gmai.types import Report, Step, Turn, View

TOOLS = PictureTools(read_encoded, hash_picture, replay)
CARD = "name: {0}\ntitle: Set {0}\nhome: https://example.org/{0}\nlicence: {1}\ncitation: A. Author 2020 ({0})\n"


def jpeg(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (8, 12, 3), np.uint8)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def with_pictures(stored: StoredSample, pictures: list[bytes]) -> StoredSample:
    images = [
        replace(stored.sample.images[0], asset=hash_bytes(data), uri=f"{hash_bytes(data)}.x") for data in pictures
    ]
    return StoredSample(sample=replace(stored.sample, images=tuple(images)), pictures=tuple(pictures))


def under(stored: StoredSample, licence: str, steps: tuple[Step, ...] = ()) -> StoredSample:
    origin = replace(stored.sample.provenance, licence=licence, steps=steps)
    return StoredSample(sample=replace(stored.sample, provenance=origin), pictures=stored.pictures)


def mixed_samples() -> list[StoredSample]:
    """Two samples of ``open`` (MIT), one of ``nc``, one of ``closed``; one of text alone and one of two pictures."""
    plain = make_sample("open", 0)
    several = with_pictures(make_sample("open", 1), [picture(7), jpeg(1)])
    text = with_pictures(make_sample("open", 2), [])
    caption = Report(text="A caption.", record="r", section="caption")
    text = StoredSample(sample=replace(text.sample, annotations=(caption,), modality="Text"))
    nc = under(with_pictures(make_sample("nc", 3), [jpeg(3)]), "CC-BY-NC-4.0")
    return [plain, several, text, nc, under(make_sample("closed", 4), "unknown")]


def mixed_talks(samples: list[StoredSample]) -> list:
    plain, several, text, nc, closed = samples
    asked = make_conversation(plain)
    where = "Where? <box>[[3, 2, 9, 8]]</box>"
    box = Turn(role="assistant", text='There: <box>[[1, 1, 4, 4], [3, 2, 9, 8]]</box>, a "stone"\n结石')
    boxed = replace(asked, id="open/0#box", turns=(Turn(role="user", text=where), box), language="zh", task="Counting")
    drawn = replace(asked, id="open/0#drawn", view=View(granularity="box", regions=(1,)))
    long = replace(make_conversation(several), turns=asked.turns * 3, subset="instruct", kind="instruct")
    alone = replace(make_conversation(text), subset="text", kind="qa", facts=(), answer="")
    return [asked, boxed, drawn, long, alone, make_conversation(nc), make_conversation(closed)]


def make_mixed(folder: Path, sources: tuple[str, ...] = ("open", "nc", "closed")) -> Path:
    run = open_run(folder, "convert", {"made": "by a test"}, {})
    samples = mixed_samples()
    kept = [stored for stored in samples if stored.sample.source in sources]
    for name in ("samples", "conversations"):
        (folder / name).mkdir()
    for source in sources:
        write_samples(
            folder / f"samples/{source}-00000.parquet", [item for item in kept if item.sample.source == source]
        )
        licence = next(item.sample.provenance.licence for item in kept if item.sample.source == source)
        write_text(folder / f"cards/{source}.yaml", CARD.format(source, licence))
    talks = [talk for talk in mixed_talks(samples) if talk.source in sources]
    write_conversations(folder / "conversations/00000.parquet", talks)
    run.finish({}, output_files(run))
    return folder
