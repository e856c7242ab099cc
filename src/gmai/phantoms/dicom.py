"""A CT series as DICOM files, one slice each, with the headers a reader needs to put them back together."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from gmai.phantoms.grid import Grid
from gmai.phantoms.patient import HOSPITAL, Patient, build_uid

if TYPE_CHECKING:
    from pydicom import Dataset

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
INTERCEPT = -1024
"""RescaleIntercept: Hounsfield units are stored value - 1024."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A CT volume and all its headers say."""

    volume_DHW: np.ndarray
    """int16 Hounsfield units, frames from bottom to top."""
    grid: Grid
    patient: Patient
    uid: str
    """Seed of every unique identifier of the study."""
    order: tuple[int, ...]
    """Frame shown by InstanceNumber 1, 2 …: a permutation of the frames, since no standard says it is sorted."""
    description: str = "Phantom abdomen"


def encode_series(series: Series) -> list[bytes]:
    """Encode the slices as DICOM files (PS3.10), in the order of their InstanceNumber."""
    dataset = _build_header(series)
    return [_encode_slice(dataset, series, number, frame) for number, frame in enumerate(series.order, start=1)]


def drop_pixels(data: bytes) -> bytes:
    """The same DICOM file without its pixel data."""
    from pydicom import dcmread

    dataset = dcmread(BytesIO(data))
    del dataset.PixelData
    return _save(dataset)


def _build_header(series: Series) -> "Dataset":
    from pydicom.dataset import Dataset, FileMetaDataset

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = EXPLICIT_LITTLE_ENDIAN
    dataset.file_meta.MediaStorageSOPClassUID = CT_IMAGE_STORAGE
    dataset.file_meta.ImplementationClassUID = build_uid("implementation")
    dataset.file_meta.ImplementationVersionName = "PHANTOMS"
    for values in (_patient_values(series.patient), _series_values(series), _pixel_values(series)):
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
    return dataset


def _patient_values(patient: Patient) -> dict[str, object]:
    return {
        "PatientName": patient.name,
        "PatientID": patient.number,
        "PatientSex": patient.sex,
        "PatientBirthDate": patient.birth_date,
        "StudyDate": patient.study_date,
        "StudyTime": patient.study_time,
        "AccessionNumber": patient.accession,
        "ReferringPhysicianName": patient.physician,
        "InstitutionName": HOSPITAL,
    }


def _series_values(series: Series) -> dict[str, object]:
    return {
        "SpecificCharacterSet": "ISO_IR 192",
        "ImageType": ["DERIVED", "SECONDARY", "AXIAL"],
        "SOPClassUID": CT_IMAGE_STORAGE,
        "StudyInstanceUID": build_uid(series.uid, "study"),
        "SeriesInstanceUID": build_uid(series.uid, "series"),
        "FrameOfReferenceUID": build_uid(series.uid, "frame of reference"),
        "PositionReferenceIndicator": "",
        "StudyID": "1",
        "SeriesNumber": 1,
        "Modality": "CT",
        "Manufacturer": "Procedural phantom",
        "SeriesDescription": series.description,
        "BodyPartExamined": "ABDOMEN",
        "PatientPosition": "HFS",
        "KVP": 120,
    }


def _pixel_values(series: Series) -> dict[str, object]:
    dz, dy, dx = series.grid.spacing_mm
    _, height, width = series.volume_DHW.shape
    return {
        "SliceThickness": dz,
        "PixelSpacing": [dy, dx],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "Rows": height,
        "Columns": width,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 1,
        "RescaleIntercept": INTERCEPT,
        "RescaleSlope": 1,
        "RescaleType": "HU",
        "WindowCenter": 40,
        "WindowWidth": 400,
    }


def _encode_slice(dataset: "Dataset", series: Series, number: int, frame: int) -> bytes:
    uid = build_uid(series.uid, "slice", frame)
    dataset.file_meta.MediaStorageSOPInstanceUID = uid
    dataset.SOPInstanceUID = uid
    dataset.InstanceNumber = number
    dataset.ImagePositionPatient = list(series.grid.position(frame))
    dataset.SliceLocation = series.grid.position(frame)[2]
    dataset.PixelData = (series.volume_DHW[frame] - INTERCEPT).astype("<i2").tobytes()
    dataset["PixelData"].VR = "OW"
    return _save(dataset)


def _save(dataset: "Dataset") -> bytes:
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def build_order(num_frames: int, shuffle: Sequence[float] | None) -> tuple[int, ...]:
    """Frames in order of InstanceNumber: bottom to top, or sorted by the numbers of ``shuffle``."""
    return tuple(sorted(range(num_frames), key=shuffle.__getitem__) if shuffle else range(num_frames))
