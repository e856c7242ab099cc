"""Each case as gmai does it: a function makes ready and returns one round, which returns how many units it did.

A round raises where what came out is not what must come out.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2

Round = Callable[[], float]
cv2.setNumThreads(1)


def dicom_index(folder: Path) -> Round:
    from gmai.annotations import find_reader
    from gmai.sources.look import build_look

    card = _card("dicom_series", ("**/*.dcm",), annotations="none")
    read = find_reader("dicom_series")

    def work() -> float:
        series = list(read(folder, card, build_look(folder)))
        files = sum(len(each.files) for each in series)  # type: ignore[union-attr]
        assert len(series) == 10 and files == 800
        return files

    return work


def ct_slices(folder: Path) -> Round:
    return _ingest(folder, _CT_CARD, 120)


def _ingest(folder: Path, text: str, samples: int) -> Round:
    from gmai.base import JobConfig
    from gmai.sources import IngestConfig, ingest

    card, out = folder.parent / "card.yaml", folder.parent / "raw"
    card.write_text(text)

    def work() -> float:
        shutil.rmtree(out, ignore_errors=True)
        found = ingest(IngestConfig(card=str(card), root=folder, out=out, job=JobConfig(workers=0)))
        assert found.accepted["sample"] == samples and not found.rejected
        return samples

    return work


_CT_CARD = """
{name: ct, title: CT, home: "https://example.org", licence: CC0-1.0, modality: CT, department: none,
 format: dicom_series, files: ["**/*.dcm"], annotations: none, slices: {mode: all},
 window: {mode: preset, preset: ct-abdomen}, tasks: {finding: none}}
"""


def coco(folder: Path) -> Round:
    from gmai.annotations import find_reader
    from gmai.sources.look import build_look

    options = {"annotations": "annotations/*.json", "images": "../images"}
    card = _card("coco", ("annotations/*.json",), options=options)
    read = find_reader("coco")

    def work() -> float:
        pictures = outlines = 0
        for item in read(folder, card, build_look(folder)):
            pictures += 1
            outlines += len(item.annotations)  # type: ignore[union-attr]
        assert (pictures, outlines) == (5000, 50_000)
        return pictures

    return work


def label_maps(folder: Path) -> Round:
    from gmai.annotations import region_facts
    from gmai.images import LabelVolume, encode_mask, read_label_picture
    from gmai.types import ImageRef, MaskRef

    image = ImageRef(
        uri="l", kind="raster", width=1024, height=1024, modality="CT", sha256="", asset="", spacing_mm=(0.5, 0.7)
    )
    paths = sorted(folder.iterdir())

    def work() -> float:
        for path in paths:
            for value, name, inside in LabelVolume(read_label_picture(path)[None], False).cut(2, 0):
                code = encode_mask(inside)
                region = MaskRef(label=name, record="", uri="l", value=value, rle=code, size=inside.shape)
                assert region_facts(region, image).area_px
        return len(paths)

    return work


def fingerprints(folder: Path) -> Round:
    from gmai.images import hash_picture

    paths = sorted(folder.iterdir())

    def work() -> float:
        assert len({hash_picture(path.read_bytes()) for path in paths}) == len(paths)
        return len(paths)

    return work


def slide_tiles(folder: Path) -> Round:
    from gmai.images import choose_tiles, find_tissue, lay_grid, open_slide, read_tile, tissue_shares
    from gmai.types import TilePolicy

    policy = TilePolicy(count=0, tissue=0)

    def work() -> float:
        slide = open_slide(folder / "slide.tif")
        assert slide.mpp is not None
        grid = lay_grid(slide, policy, slide.mpp)
        tiles = choose_tiles(tissue_shares(grid, find_tissue(slide).mask), policy)
        width, height = grid.read_px
        for tile in tiles:
            box = (tile.column * width, tile.row * height, width, height)
            assert read_tile(slide, grid.level, box, grid.size_px).shape == (512, 512, 3)
        slide.close()
        assert len(tiles) == 256
        return len(tiles)

    return work


_SLIDE_CARD = """
{name: slide, title: Slide, home: "https://example.org", licence: CC0-1.0, modality: Histopathology, department: none,
 format: slides, files: ["*.tif"], annotations: none, tiles: {count: 0, tissue: 0}, tasks: {finding: none}}
"""


def slide_samples(folder: Path) -> Round:
    return _ingest(folder, _SLIDE_CARD, 256)


def deid_dicom(folder: Path) -> Round:
    from gmai.images import CLEANERS

    clean = CLEANERS.get("dicom")
    paths = sorted(folder.rglob("*.dcm"))
    out = folder.parent / "deid_out"
    out.mkdir(exist_ok=True)

    def work() -> float:
        for number, path in enumerate(paths):
            cleaned = clean(path.read_bytes(), lambda name: None)
            assert b"subject" not in cleaned.data
            (out / f"{number}.dcm").write_bytes(cleaned.data)
        return len(paths)

    return work


def strip_jpeg(folder: Path) -> Round:
    import io

    import numpy as np
    from PIL import Image

    from gmai.images import strip_metadata

    paths = sorted(folder.iterdir())
    for path in paths:  # once, not in the time: pixels are the same, and a clean file comes back byte for byte
        data = path.read_bytes()
        cleaned = strip_metadata(data).data
        assert np.array_equal(Image.open(path), Image.open(io.BytesIO(cleaned)))
        assert (cleaned == data) == (path.stem == "clean") and b"Jane" not in cleaned

    def work() -> float:
        return sum(len(strip_metadata(path.read_bytes()).data) for path in paths) / 1e6

    return work


strip_png = strip_jpeg


def _card(format: str, files: tuple[str, ...], **more: object) -> "SourceCard":  # type: ignore[name-defined]  # noqa: F821
    from gmai.types import SourceCard

    fields = {"name": "bench", "title": "", "home": "https://example.org", "licence": "CC0-1.0", "modality": "CT"}
    return SourceCard(**fields, department="none", format=format, files=files, **more)  # type: ignore[arg-type]
