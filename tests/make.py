"""Builders of tiny real files, used by the tests of several rooms. Each writes a file and returns its path."""

import io
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import yaml
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset

CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
PATIENT = {"PatientName": "Doe^Jane", "PatientID": "MRN-0012345", "PatientBirthDate": "19700101"}
"""Identifiers that must reach no output."""


def pixels(height: int = 24, width: int = 32, channels: int = 0, seed: int = 0) -> np.ndarray:
    """Smooth uint8 pixels, the same for the same seed: a ramp with a bright block, not symmetric in any way."""
    ramp = np.linspace(20, 200, height * width, dtype=np.float64).reshape(height, width) + seed % 7
    ramp[height // 8 : height // 3, width // 8 : width // 4] = 250
    grey = ramp.astype(np.uint8)
    return np.stack([np.roll(grey, shift, 1) for shift in range(channels)], axis=2) if channels else grey


def picture(path: Path, array: np.ndarray | None = None, **options: Any) -> Path:
    """Write a picture with Pillow; the ending chooses the format, ``mode`` converts first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = options.pop("mode", None)
    image = Image.fromarray(pixels() if array is None else array)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def rotated_jpeg(path: Path, orientation: int, array: np.ndarray | None = None) -> Path:
    """Write a JPEG whose EXIF says that it is to be turned."""
    exif = Image.Exif()
    exif[274] = orientation
    return picture(path, pixels(channels=3) if array is None else array, exif=exif, quality=95)


def truncated(path: Path, share: float = 0.5) -> Path:
    """Cut a file short."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def png_claiming(path: Path, width: int, height: int) -> Path:
    """Write a PNG of a few bytes whose header claims any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


def dicom(path: Path, values: np.ndarray | None = None, **elements: Any) -> Path:
    """Write one CT slice; ``elements`` replace or add header elements, None removes one.

    Without more it lies at z = 0, axial, 1 mm pixels, no rescaling, of the patient ``PATIENT``.
    """
    stored = np.arange(16 * 12, dtype=np.int16).reshape(12, 16) if values is None else values
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    dataset.file_meta.MediaStorageSOPClassUID = CT_STORAGE
    colour = stored.ndim == 3 and stored.shape[-1] == 3
    given: dict[str, Any] = {
        **PATIENT,
        "SOPClassUID": CT_STORAGE,
        "SOPInstanceUID": f"1.2.3.{zlib.crc32(str(path).encode())}",
        "StudyInstanceUID": "1.2.3.4",
        "SeriesInstanceUID": "1.2.3.4.5",
        "Modality": "CT",
        "Rows": stored.shape[-3] if colour else stored.shape[-2],
        "Columns": stored.shape[-2] if colour else stored.shape[-1],
        "SamplesPerPixel": 3 if colour else 1,
        "PhotometricInterpretation": "RGB" if colour else "MONOCHROME2",
        "BitsAllocated": stored.dtype.itemsize * 8,
        "BitsStored": stored.dtype.itemsize * 8,
        "HighBit": stored.dtype.itemsize * 8 - 1,
        "PixelRepresentation": int(stored.dtype.kind == "i"),
        "PixelSpacing": [1, 1],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "ImagePositionPatient": [0, 0, 0],
        "PixelData": stored.tobytes(),
        **({"PlanarConfiguration": 0} if colour else {}),
        **elements,
    }
    for keyword, value in given.items():
        if value is not None:
            setattr(dataset, keyword, value)
    if "PixelData" in dataset:
        dataset["PixelData"].VR = "OW" if stored.dtype.itemsize == 2 else "OB"
    dataset.file_meta.MediaStorageSOPInstanceUID = given["SOPInstanceUID"]
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def series(folder: Path, volume: np.ndarray, positions: Sequence[Sequence[float]] | None = None, **common: Any) -> Path:
    """Write a volume (frames, height, width) as one DICOM file per frame, 5 mm apart unless ``positions`` says else."""
    for frame, values in enumerate(volume):
        place = positions[frame] if positions is not None else (0, 0, 5 * frame)
        uid = f"1.2.3.{len(folder.name)}.{frame + 1}"
        elements = {"ImagePositionPatient": list(place), "SOPInstanceUID": uid, "SliceThickness": 5, **common}
        dicom(folder / f"{frame:03d}.dcm", values, **elements)
    return folder


def nifti(path: Path, array: np.ndarray, affine: np.ndarray | None = None, code: int = 1) -> Path:
    """Write a NIfTI-1 volume indexed (i, j, k); the affine is the identity (RAS+) unless given."""
    image = nibabel.Nifti1Image(array, np.eye(4) if affine is None else affine)
    image.set_sform(image.affine, code=code)
    image.set_qform(image.affine, code=code)
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(image, path)
    return path


def medmnist(path: Path, counts: Mapping[str, int] | None = None, shape: tuple[int, ...] = (28, 28)) -> Path:
    """Write an NPZ in MedMNIST's layout: labels 0 and 1 in turn, shape (N, 1)."""
    arrays: dict[str, np.ndarray] = {}
    for split, count in (counts or {"train": 6, "val": 2}).items():
        base = np.arange(count * int(np.prod(shape)), dtype=np.int64) % 251
        arrays[f"{split}_images"] = base.reshape(count, *shape).astype(np.uint8)
        arrays[f"{split}_labels"] = (np.arange(count) % 2).astype(np.uint8)[:, None]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)
    return path


def voc(
    path: Path, image: str, boxes: Sequence[tuple[str, Any, Any, Any, Any]], size: tuple[int, int] = (32, 24)
) -> Path:
    """Write a Pascal VOC file with boxes (name, xmin, ymin, xmax, ymax)."""
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax>"
        "</bndbox></object>"
        for name, x0, y0, x1, y1 in boxes
    )
    shape = f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>"
    return text(path, f"<annotation><filename>{image}</filename>{shape}{objects}</annotation>")


def coco(path: Path, images: Sequence[Mapping[str, Any]], annotations: Sequence[Mapping[str, Any]]) -> Path:
    """Write a COCO file with the categories 1 (lesion) and 2 (cyst); NaN is written as Python writes it."""
    categories = [{"id": 1, "name": "lesion"}, {"id": 2, "name": "cyst"}]
    content = {"images": list(images), "annotations": list(annotations), "categories": categories}
    return text(path, json.dumps(content))


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    """Write text; newlines stay as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def card(**fields: Any) -> dict[str, Any]:
    """The plain data of a small card; ``fields`` replace or add."""
    base = {
        "name": "made",
        "title": "Made for a test",
        "home": "https://example.org",
        "licence": "CC0-1.0",
        "modality": "X-ray",
        "department": "Pulmonary Medicine",
        "format": "coco",
        "files": ["**/*"],
    }
    return {**base, **fields}


def write_card(path: Path, **fields: Any) -> Path:
    """Write a small card as a YAML file."""
    return text(path, yaml.safe_dump(card(**fields), sort_keys=False))


def png_bytes(array: np.ndarray) -> bytes:
    """A picture as PNG bytes."""
    out = io.BytesIO()
    Image.fromarray(array).save(out, "PNG")
    return out.getvalue()
