"""Tiny real DICOM files that mark regions: segmentations and structure sets of a series."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence as Items

import make

SEG, LABEL_MAP, RTSTRUCT = (f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("66.4", "66.7", "481.3"))
LPS = np.diag([-1.0, -1.0, 1.0])


def item(**elements: Any) -> Dataset:
    """A dataset of some elements; a list of datasets becomes a sequence."""
    found = Dataset()
    for keyword, value in elements.items():
        many = isinstance(value, list) and value and isinstance(value[0], Dataset)
        setattr(found, keyword, Items(value) if many else value)
    return found


def code(value: str, meaning: str, scheme: str = "SCT") -> Dataset:
    """A coded concept."""
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def series_at(folder: Path, voxels: np.ndarray, affine: np.ndarray, **common: Any) -> list[Path]:
    """Write voxels (i, j, k) with a RAS+ affine as a series of slices along k, rows along j, columns along i."""
    lps = LPS @ affine[:3]
    spacing = np.linalg.norm(lps[:, :3], axis=0)
    cosines = [*(lps[:, 0] / spacing[0]), *(lps[:, 1] / spacing[1])]
    paths = []
    for k in range(voxels.shape[2]):
        elements = {
            "ImagePositionPatient": [float(x) for x in lps[:, 3] + k * lps[:, 2]],
            "ImageOrientationPatient": [float(x) for x in cosines],
            "PixelSpacing": [float(spacing[1]), float(spacing[0])],
            "SliceThickness": float(spacing[2]),
            "SOPInstanceUID": f"1.2.3.4.{len(folder.name)}.{k + 1}",
            "FrameOfReferenceUID": "1.2.3.9",
            **common,
        }
        paths.append(make.dicom(folder / f"{k:03d}.dcm", np.ascontiguousarray(voxels[:, :, k].T), **elements))
    return paths


def _save(path: Path, found: Dataset, storage: str, transfer: str = "1.2.840.10008.1.2.1") -> Path:
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = transfer
    found.file_meta.MediaStorageSOPClassUID = storage
    found.SOPClassUID = storage
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.8.{zlib.crc32(path.name.encode())}"
    found.StudyInstanceUID, found.SeriesInstanceUID = "1.2.3.4", "1.2.3.4.7"
    for keyword, value in make.PATIENT.items():
        setattr(found, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    found.save_as(path, enforce_file_format=True)
    return path


def seg(
    path: Path,
    images: Sequence[Path],
    frames: Sequence[tuple[int, int, np.ndarray]],
    names: Sequence[str] = ("lesion",),
    **elements: Any,
) -> Path:
    """Write a segmentation.

    Args:
        path: where to.
        images: the files of the series.
        frames: (segment number, position in ``images``, pixels (rows, columns)) of each frame; a label map's segment
            number is not written.
        names: labels of the segments from 1.
        elements: replace or add; ``SegmentationType`` is BINARY unless given; ``places=False`` leaves positions out,
            ``references=False`` references.
    """
    places, references = elements.pop("places", True), elements.pop("references", True)
    kind = elements.get("SegmentationType", "BINARY")
    headers = [pydicom.dcmread(each, stop_before_pixels=True) for each in images]
    rows, columns = frames[0][2].shape
    groups = []
    for number, position, _ in frames:
        header = headers[position]
        group: dict[str, Any] = {}
        if places:
            group["PlanePositionSequence"] = [item(ImagePositionPatient=header.ImagePositionPatient)]
        if references:
            source = item(ReferencedSOPClassUID=header.SOPClassUID, ReferencedSOPInstanceUID=header.SOPInstanceUID)
            group["DerivationImageSequence"] = [item(SourceImageSequence=[source])]
        if kind != "LABELMAP":
            group["SegmentIdentificationSequence"] = [item(ReferencedSegmentNumber=number)]
        groups.append(item(**group))
    first = headers[0]
    shared: dict[str, Any] = {}
    if places:
        shared["PlaneOrientationSequence"] = [item(ImageOrientationPatient=first.ImageOrientationPatient)]
        shared["PixelMeasuresSequence"] = [item(PixelSpacing=first.PixelSpacing, SliceThickness=first.SliceThickness)]
    stack = np.stack([pixels for _, _, pixels in frames])
    data = np.packbits(stack.ravel() != 0, bitorder="little").tobytes() if kind == "BINARY" else stack.tobytes()
    bits = 1 if kind == "BINARY" else 8 * stack.dtype.itemsize
    segments = [
        item(
            SegmentNumber=number,
            SegmentLabel=name,
            SegmentedPropertyTypeCodeSequence=[code("52988006", "Lesion")],
        )
        for number, name in enumerate(names, 1)
    ]
    given: dict[str, Any] = {
        "Modality": "SEG",
        "Rows": rows,
        "Columns": columns,
        "NumberOfFrames": len(frames),
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PixelRepresentation": 0,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "SegmentationType": kind,
        "SegmentSequence": segments,
        "SharedFunctionalGroupsSequence": [item(**shared)],
        "PerFrameFunctionalGroupsSequence": groups,
        "FrameOfReferenceUID": first.get("FrameOfReferenceUID", "1.2.3.9"),
        "PixelData": data + b"\0" * (len(data) % 2),
        **elements,
    }
    found = item(**{keyword: value for keyword, value in given.items() if value is not None})
    found["PixelData"].VR = "OB" if bits <= 8 else "OW"
    return _save(path, found, LABEL_MAP if kind == "LABELMAP" else SEG)


def rtstruct(
    path: Path, images: Sequence[Path], contours: Sequence[tuple[str, str, np.ndarray, int]], **elements: Any
) -> Path:
    """Write a structure set.

    Args:
        path: where to.
        images: the files of the series.
        contours: (structure, geometric type, points (n, 3) in mm left, back, up, position in ``images``) of each.
        elements: replace or add.
    """
    headers = [pydicom.dcmread(each, stop_before_pixels=True) for each in images]
    names = list(dict.fromkeys(name for name, *_ in contours))
    rois, drawn = [], []
    for number, name in enumerate(names, 1):
        rois.append(item(ROINumber=number, ROIName=name, ReferencedFrameOfReferenceUID="1.2.3.9"))
        parts = []
        for _, kind, points, position in (each for each in contours if each[0] == name):
            source = item(ReferencedSOPInstanceUID=headers[position].SOPInstanceUID)
            parts.append(
                item(
                    ContourImageSequence=[source],
                    ContourGeometricType=kind,
                    NumberOfContourPoints=len(points),
                    ContourData=[f"{value:.6f}" for value in np.ravel(points)],
                )
            )
        drawn.append(item(ReferencedROINumber=number, **({"ContourSequence": parts} if len(parts) else {})))
    given = {"Modality": "RTSTRUCT", "StructureSetROISequence": rois, "ROIContourSequence": drawn, **elements}
    return _save(path, item(**{keyword: value for keyword, value in given.items() if value is not None}), RTSTRUCT)
