"""The model and rows all trainers get: a corpus for ours, the same rows as rendered text and PNG for the peer."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from gmai.base import hash_bytes, open_run, output_files
from gmai.corpus import SplitConfig, StoredSample, split_corpus, write_conversations, write_samples
from gmai.models import LoadedModel, TinyShape, load_model, make_tiny, save_model
from gmai.types import Conversation, ImageRef, Provenance, Sample, Turn

SIDE_PX = 112
LONGEST, SHORTEST = 800, 8
"""Tokens of text in a row of the skewed mix: as many rows of each order of magnitude."""
EQUAL = 256
"""Tokens of text in a row where all are equally long."""
ANSWER = 1 / 3
"""Share of the text that is the answer."""
SHAPES = {
    "small": TinyShape(
        image_px=SIDE_PX,
        patch_px=14,
        vision_width=192,
        vision_layers=4,
        vision_mlp=576,
        language_width=256,
        language_layers=4,
        language_mlp=768,
        vocabulary=4096,
        init_std=0.02,
    ),
    "medium": TinyShape(
        image_px=SIDE_PX,
        patch_px=14,
        vision_width=384,
        vision_layers=6,
        vision_mlp=1536,
        language_width=512,
        language_layers=6,
        language_mlp=1536,
        heads=8,
        vocabulary=4096,
        init_std=0.02,
    ),
}


class Material(NamedTuple):
    """What lies in one folder."""

    model: Path
    corpus: Path
    rows: Path


def write_model(folder: Path, family: str, size: str) -> Path:
    """Random weights, saved once; every trainer starts from these."""
    if not (folder / "config.json").exists():
        texts = (" ".join(WORDS[start : start + 50]) for start in range(0, len(WORDS), 50))
        save_model(make_tiny(SHAPES[size], [text for text in texts for _ in range(3)], family=family), folder)
    return folder


def write_rows(folder: Path, model: Path, mix: str, count: int) -> Material:
    """Make so many rows, or find them made."""
    made = Material(model, folder / "corpus", folder / "rows.jsonl")
    if made.rows.exists():
        return made
    loaded = load_model(model)
    told = [_make(number, question, answer) for number, (question, answer) in enumerate(_texts(loaded, mix, count))]
    run = open_run(made.corpus, "convert", {"made": "for a benchmark"}, {})
    for name in ("samples", "conversations"):
        (made.corpus / name).mkdir()
    write_samples(made.corpus / "samples/rows-00000.parquet", [stored for stored, _ in told])
    write_conversations(made.corpus / "conversations/00000.parquet", [talk for _, talk in told])
    run.finish({}, output_files(run))
    split_corpus(SplitConfig(corpus=made.corpus, val=0, test=0))
    _export(made, loaded, told)
    return made


def _texts(loaded: LoadedModel, mix: str, count: int) -> Iterator[tuple[str, str]]:
    """Questions and answers of words that are one token each."""
    rng = np.random.default_rng(7)
    single = [word for word in WORDS if len(loaded.scaffold.text(f" {word}")) == 1]
    for _ in range(count):
        length = EQUAL if mix == "equal" else round(float(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST)))))
        said = max(1, round(length * ANSWER))
        words = [single[place] for place in rng.integers(len(single), size=length)]
        yield " ".join(words[said:]), " ".join(words[:said])


def _make(number: int, question: str, answer: str) -> tuple[StoredSample, Conversation]:
    blocks = np.random.default_rng(number).integers(0, 256, (SIDE_PX // 8, SIDE_PX // 8, 3), dtype=np.uint8)
    pixels = blocks.repeat(8, 0).repeat(8, 1)
    data = cv2.imencode(".png", pixels)[1].tobytes()
    image = ImageRef(
        uri=f"{number}.png",
        kind="raster",
        width=SIDE_PX,
        height=SIDE_PX,
        modality="CT",
        sha256=hash_bytes(data),
        asset=hash_bytes(data),
    )
    sample = Sample(
        id=f"rows/{number}",
        source="rows",
        subject=f"p{number}",
        modality="CT",
        department="Urology",
        provenance=Provenance(source="rows", licence="MIT", original_id=str(number)),
        images=(image,),
    )
    talk = Conversation(
        id=f"rows/{number}#qa",
        sample=sample.id,
        source="rows",
        subset="instruct",
        kind="qa",
        task="none",
        modality="CT",
        department="Urology",
        turns=(Turn(role="user", text=question), Turn(role="assistant", text=answer)),
    )
    return StoredSample(sample=sample, pictures=(data,)), talk


def _export(made: Material, loaded: LoadedModel, told: Sequence[tuple[StoredSample, Conversation]]) -> None:
    """The rows as the model's own chat template renders them; the answer's end token is learned, nothing after it."""
    pictures = made.rows.parent / "pictures"
    pictures.mkdir(exist_ok=True)
    lines = []
    for stored, talk in told:
        path = pictures / f"{stored.sample.id.split('/')[1]}.png"
        path.write_bytes(stored.pictures[0])
        question, answer = (turn.text for turn in talk.turns)
        row = _render(loaded.tokenizer, question, answer)
        length = len(loaded.scaffold.text(question)) + len(loaded.scaffold.text(answer))
        told_apart = {"question": question, "answer": answer}
        lines.append(json.dumps({"id": stored.sample.id, **row, **told_apart, "images": [str(path)], "length": length}))
    made.rows.write_text("\n".join(lines) + "\n")


def _render(tokenizer: Any, question: str, answer: str) -> dict[str, str]:
    content = [{"type": "image"}, {"type": "text", "text": question}]
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    return {"prompt": prompt, "completion": answer + tokenizer.eos_token}


def _words() -> list[str]:
    """1,500 made-up words."""
    heads, middles, tails = "bdfgklmnprst", "aeiou", "bdgklmnprstvxz"
    return [f"{a}{b}{c}{d}n" for a in heads for b in middles for c in tails[:5] for d in middles]


WORDS = _words()
