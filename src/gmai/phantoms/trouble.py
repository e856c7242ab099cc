"""Files broken on purpose, a handful per hospital, listed beside the sound ones so that every run shows its rejects."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gmai.phantoms.canvas import SIZE_PX
from gmai.phantoms.coco import build_annotation
from gmai.phantoms.ct import draw_ct
from gmai.phantoms.dicom import drop_pixels, encode_series
from gmai.phantoms.nifti import encode_labels
from gmai.phantoms.wards import WARDS, build_series, name_subject, place_volume, put
from gmai.types import record


@record
class Trouble:
    """One thing that cannot be read as what it claims to be."""

    source: str
    file: str
    """Path below ``files/`` of the file that is wrong."""
    reason: str
    """Why a reader should reject it: ``dicom.no_pixels``, ``volume.shape_mismatch``, ``image.truncated``,
    ``image.missing`` or ``box.outside``."""
    detail: str


def break_ct(files: Path, seed: int, number: int) -> Iterator[Trouble]:
    """Write a series of one slice that has no pixels, and a series whose label map has another grid."""
    subject = name_subject("ct", number)
    drawn = draw_ct(seed, number)
    grid = place_volume(drawn, seed, subject)
    file = f"ct/{subject}/slice_000.dcm"
    put(files / file, drop_pixels(encode_series(build_series(drawn, grid, seed, subject))[0]))
    put(files / f"ct/labels/{subject}.nii.gz", encode_labels(drawn.labels_DHW[:1], grid))
    yield Trouble(source="phantom-ct", file=file, reason="dicom.no_pixels", detail="a CT slice without pixel data")
    subject = name_subject("ct", number + 1)
    list(WARDS["ct"](files, seed, number + 1))
    drawn = draw_ct(seed, number + 1)
    labels = drawn.labels_DHW[:, ::2, ::2]
    file = f"ct/labels/{subject}.nii.gz"
    put(files / file, encode_labels(labels, place_volume(drawn, seed, subject)))
    detail = f"a label map of {labels.shape[::-1]} for a series of {drawn.labels_DHW.shape[::-1]}"
    yield Trouble(source="phantom-ct", file=file, reason="volume.shape_mismatch", detail=detail)


def break_histology(files: Path, seed: int, number: int) -> Iterator[Trouble]:
    """Write a picture whose second half is missing, with its annotation whole."""
    for truth in WARDS["histology"](files, seed, number):
        path = files / truth.file
        data = path.read_bytes()
        put(path, data[: len(data) // 2])
        yield Trouble(source=truth.source, file=truth.file, reason="image.truncated", detail="a PNG cut in half")


BREAK: dict[str, Callable[[Path, int, int], Iterator[Trouble]]] = {"ct": break_ct, "histology": break_histology}
"""Modality to the function that adds broken subjects, numbered after the sound ones."""


def add_box_outside(content: dict[str, Any], file: str) -> Trouble:
    """Add to COCO content a box wholly outside its picture, the first one."""
    index = len(content["annotations"]) + 1
    xyxy = (SIZE_PX + 10, 20, SIZE_PX + 40, 50)
    content["annotations"].append(build_annotation(index, 1, 1, xyxy))
    detail = f"annotation {index}: a box outside its picture"
    return Trouble(source="phantom-xray", file=file, reason="box.outside", detail=detail)


def add_missing_file(rows: list[tuple[str, str, str]], file: str, number: int) -> Trouble:
    """Add to the rows of the grades' table (image, patient, grade) one whose picture is not there."""
    subject = name_subject("fundus", number)
    rows.append((f"{subject}_1.png", subject, "mild"))
    detail = f"line {len(rows) + 1}: {subject}_1.png is not there"
    return Trouble(source="phantom-fundus", file=file, reason="image.missing", detail=detail)
