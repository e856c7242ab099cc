"""How to tell that a folder holds images with masks, and how they are called: from names and headers of a few files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gmai.annotations.item import Match
from gmai.annotations.paths import PICTURES, ending, parent, sample_files, stem

IMAGES = frozenset({"images", "image", "imgs", "img", "original", "originals", "jpegimages", "inputs"})
MASKS = frozenset({"masks", "mask", "labels", "label", "gt", "groundtruth", "ground_truth", "ground truth", "targets"})
MASKS |= {"segmentations", "segmentationclass", "1st_manual", "annotations", "mask_images"}
SUFFIXES = ("_mask", "_segmentation", "_seg", "_gt", "_label", "_labels", "-mask", ".mask", "_manual1", "_anno")
SOFT = 128
"""Threshold for masks in formats that change values."""
LOSSY = frozenset({".jpg", ".jpeg", ".webp"})


def detect(folder: Path) -> Match | None:
    """A folder of images and one of masks side by side, or masks that are called as their images with an ending."""
    files = [path for path in sample_files(folder) if ending(path) in PICTURES]
    return _side_by_side(folder, files) or _same_folder(folder, files)


def _side_by_side(folder: Path, files: list[str]) -> Match | None:
    homes: dict[str, list[str]] = {}
    for path in files:
        homes.setdefault(parent(path), []).append(path)
    for home, images in homes.items():
        if home.rpartition("/")[2].lower() not in IMAGES:
            continue
        for other, masks in homes.items():
            last = other.rpartition("/")[2]
            if parent(other) == parent(home) and last.lower() in MASKS:
                options = _options(folder, home, other, images, masks)
                if options is not None:
                    return Match(format="masks", options=options, evidence=masks[0])
    return None


def _options(folder: Path, home: str, other: str, images: list[str], masks: list[str]) -> dict[str, Any] | None:
    place, last = parent(home), other.rpartition("/")[2]
    depth = place.count("/") + 1 if place != "." else 0
    pattern = "/".join([*["*"] * depth, home.rpartition("/")[2], "*"])
    found = {"images": pattern, **_layout(folder, masks[0])}
    name, ending = stem(images[0]), Path(masks[0]).suffix
    names = [stem(mask) for mask in masks]
    if name in names:
        return {**found, "masks": f"{{folder}}/{last}/{{stem}}{ending}"}
    own = [each for each in names if each.startswith(name)]
    if len(own) == 1:
        return {**found, "masks": f"{{folder}}/{last}/{{stem}}{own[0][len(name) :]}{ending}"}
    if len(own) > 1:
        return {**found, "masks": f"{{folder}}/{last}/{{stem}}_{{label}}{ending}", "layout": "binary"}
    if len(images) == 1 and depth:
        soft = {"threshold": SOFT} if "threshold" in found else {}
        return {"images": pattern, "masks": f"{{folder}}/{last}/*{ending}", "layout": "instances", **soft}
    return None


def _same_folder(folder: Path, files: list[str]) -> Match | None:
    for mask, suffix in find_beside(files):
        options = {
            "images": "/".join(["*"] * (mask.count("/") + 1)),
            "masks": f"{{home}}/{{stem}}{suffix}{Path(mask).suffix}",
            **_layout(folder, mask),
        }
        return Match(format="masks", options=options, evidence=mask)
    return None


def find_beside(files: list[str]) -> Iterator[tuple[str, str]]:
    """Masks that lie beside their image and are called as it is with an ending: (path, ending)."""
    known = {path.rpartition(".")[0] for path in files}
    for mask in files:
        name = mask.rpartition(".")[0]
        suffix = next((each for each in SUFFIXES if name.endswith(each)), "")
        if suffix and name.removesuffix(suffix) in known:
            yield mask, suffix


def _layout(folder: Path, mask: str) -> dict[str, Any]:
    """What the values of a mask may mean, from its header alone."""
    if Path(mask).suffix.lower() in LOSSY:
        return {"layout": "binary", "threshold": SOFT}
    from PIL import Image

    try:
        with Image.open(folder / mask) as image:
            mode = image.mode
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return {}
    if mode == "1":
        return {"layout": "binary"}
    return {"layout": "colour"} if mode in {"RGB", "RGBA"} else {"layout": "index"}
