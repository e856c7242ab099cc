"""`datasets`, `webdataset`, `mlcroissant` and `huggingface_hub` on a corpus and its exports: plain.py WHAT FOLDER."""

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from told import Told


def read_corpus(folder: Path, told: Told) -> dict[str, object]:
    """`load_dataset` of the corpus folder by its card; conversations are joined with their samples."""
    import datasets

    with TemporaryDirectory() as cache:
        talks = datasets.load_dataset(str(folder), "conversations", split="train", cache_dir=cache)
        samples = datasets.load_dataset(str(folder), "samples", split="train", cache_dir=cache)
        pictures = {row["id"]: [image.convert("RGB").size for image in row["images"]] for row in samples}
        for row in talks:
            told.add([message["content"] for message in row["messages"]], len(pictures[row["sample"]]))
        return {"samples": len(samples)}


def read_lines(folder: Path, told: Told) -> dict[str, object]:
    """`load_dataset("json")` of an export by lines, its pictures cast to images and decoded."""
    import datasets

    with TemporaryDirectory() as cache:
        given = {"data_files": str(folder / "conversations.jsonl"), "split": "train", "cache_dir": cache}
        rows = datasets.load_dataset("json", **given)
        at = [[str(folder / path) for path in row["images"]] for row in rows]
        rows = rows.remove_columns("images").add_column("images", at)
        rows = rows.cast_column("images", datasets.List(datasets.Image()))
        for row in rows:
            told.add(
                [message["content"] for message in row["messages"]], len([i.convert("RGB") for i in row["images"]])
            )
    return {}


def read_shards(folder: Path, told: Told) -> dict[str, object]:
    """The library `webdataset` on the shards, pictures decoded by it."""
    import webdataset

    shards = [str(path) for path in sorted((folder / "shards").glob("*.tar"))]
    samples = 0
    for sample in webdataset.WebDataset(shards, shardshuffle=False).decode("pil"):
        samples += 1
        for talk in sample["json"]["conversations"]:
            pictures = [sample[name].convert("RGB") for name in talk["images"]]
            told.add([message["content"] for message in talk["messages"]], len(pictures))
    return {"samples": samples}


def read_croissant(folder: Path, told: Told) -> dict[str, object]:
    """`mlcroissant` validates the metadata and reads both record sets by it, pictures decoded."""
    import mlcroissant

    found = mlcroissant.Dataset(str(folder / "croissant.json"))
    issues = found.metadata.issues
    pictures = {}
    for row in found.records("samples"):
        images = row["samples/images"]
        pictures[row["samples/id"]] = len([_opened(image) for image in (images if images is not None else [])])
    for row in found.records("conversations"):
        texts = [_text(text) for text in row["conversations/messages"]]
        told.add(texts, pictures[row["conversations/sample"]])
    return {"samples": len(pictures), "errors": sorted(issues.errors), "warnings": sorted(issues.warnings)}


def read_card(folder: Path, told: Told) -> dict[str, object]:
    """`DatasetCard` reads the head of both cards; what it holds comes back as it was, and names what the hub knows."""
    from huggingface_hub import DatasetCard

    found = {}
    for name in ("README.md", "README.zh.md"):
        card = DatasetCard.load(folder / name)
        data = card.data.to_dict()
        assert data["configs"] and data["license"] and data["language"] and data["task_categories"], name
        assert card.text.strip().startswith("#"), name
        found[name] = sorted(data)
    return {"cards": len(found), "keys": found["README.md"]}


def _opened(image):
    from PIL import Image

    opened = image if isinstance(image, Image.Image) else Image.open(io.BytesIO(image))
    return opened.convert("RGB")


def _text(text) -> str:
    return text.decode() if isinstance(text, bytes) else text


def _said(value: object) -> str:
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)


READS = {
    "corpus": (read_corpus, ("datasets",)),
    "lines": (read_lines, ("datasets",)),
    "shards": (read_shards, ("webdataset",)),
    "croissant": (read_croissant, ("mlcroissant",)),
    "card": (read_card, ("huggingface_hub",)),
}

if __name__ == "__main__":
    read, packages = READS[sys.argv[1]]
    told = Told()
    more = read(Path(sys.argv[2]), told)
    told.tell(*packages, note="; ".join(f"{name}: {_said(value)}" for name, value in more.items()))
