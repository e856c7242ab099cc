"""DICOM files full of invented identifiers, and a search for them in whatever is written."""

import gzip
import io
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pyarrow.parquet
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.dataset import FileMetaDataset

TABLE = [line.split("\t") for line in (Path(__file__).parent / "ps315.tsv").read_text().splitlines()[1:]]
"""PS3.15 table E.1-1 (2026c), basic profile: tag, keyword, VR, action; what pydicom has no keyword for is ``?``."""
SECRETS = {
    "name": "Zebulon^Quixley",
    "family": "Zebulon",
    "given": "Quixley",
    "id": "MRQ-8837465",
    "birth": "19430217",
    "address": "47 Larkspurweg, Obermunkel",
    "phone": "0555-8837-2211",
    "accession": "ACCQ9917263",
    "hospital": "Sankt Walburga Klinikum",
    "operator": "Ottokarlin",
    "physician": "Dr. Brunhildsen",
    "serial": "SNX-55120077",
    "station": "WALBCT07",
    "uid": "1.2.826.0.1.3680043.99.4711",
    "note": "seen by Nurse Wigbertha",
}
WORDS = ["Zebulon", "Quixley", "8837465", "19430217", "Larkspurweg", "Obermunkel", "0555-8837", "ACCQ9917263",
         "Walburga", "Ottokarlin", "Brunhildsen", "55120077", "WALBCT07", "3680043.99.4711", "Wigbertha"]  # fmt: skip
STORAGE = {
    "CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4", "PT": "1.2.840.10008.5.1.4.1.1.128",
    "US": "1.2.840.10008.5.1.4.1.1.6.1", "CR": "1.2.840.10008.5.1.4.1.1.1", "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2", "NM": "1.2.840.10008.5.1.4.1.1.20", "XA": "1.2.840.10008.5.1.4.1.1.12.1",
    "SEG": "1.2.840.10008.5.1.4.1.1.66.4", "RTSTRUCT": "1.2.840.10008.5.1.4.1.1.481.3",
    "SR": "1.2.840.10008.5.1.4.1.1.88.33", "OP": "1.2.840.10008.5.1.4.1.1.77.1.5.1",
    "SM": "1.2.840.10008.5.1.4.1.1.77.1.6",
}  # fmt: skip
RESEARCH = {
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "PatientSex": "F", "PatientAge": "061Y", "PatientWeight": "71.5",
    "PatientSize": "1.68", "Manufacturer": "ACME Medical", "ManufacturerModelName": "Scan 3000",
    "SoftwareVersions": "syngo X1",
    "BodyPartExamined": "CHEST", "ScanningSequence": "SE", "SequenceVariant": "SK", "MRAcquisitionType": "2D",
    "SliceThickness": "2.5", "KVP": "120", "RepetitionTime": "512.3", "EchoTime": "12.1", "MagneticFieldStrength": "3",
    "SpacingBetweenSlices": "2.5", "FlipAngle": "90", "ConvolutionKernel": "B30f", "PatientPosition": "HFS",
    "ExposureTime": "500", "XRayTubeCurrent": "200", "SeriesNumber": "3", "AcquisitionNumber": "1",
    "InstanceNumber": "7",
    "ImagePositionPatient": ["-10", "-20", "30.5"], "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "SliceLocation": "30.5", "Laterality": "L", "ViewPosition": "PA", "PixelSpacing": ["0.7", "0.7"],
    "ImagerPixelSpacing": ["0.1", "0.1"], "WindowCenter": "40", "WindowWidth": "400", "RescaleIntercept": "-1024",
    "RescaleSlope": "1", "RescaleType": "HU", "LossyImageCompression": "00",
    "PresentationIntentType": "FOR PRESENTATION",
    "DiffusionBValue": 1000.0, "PixelPaddingValue": 0, "Units": "BQML", "DecayCorrection": "START",
    "GantryDetectorTilt": "0",
    "ReconstructionDiameter": "350", "SpiralPitchFactor": 1.2, "TemporalPositionIdentifier": "1", "DoseUnits": "GY",
    "NumberOfTemporalPositions": "1", "ImageLaterality": "L", "FieldOfViewShape": "RECTANGLE", "InversionTime": "150",
}  # fmt: skip
"""Elements research needs, and must find unchanged."""
MOVED = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
CHARACTERISTICS = {"PatientSex", "PatientAge", "PatientWeight", "PatientSize", "SmokingStatus", "PregnancyStatus",
                   "PatientSexNeutered", "EthnicGroup"}  # fmt: skip
"""Kept under the option Retain Patient Characteristics."""
_SKIPPED = {"EncapsulatedDocument", "SpecificCharacterSet", "DataSetTrailingPadding", "ReferencedSOPInstanceUIDInFile",
            "MediaStorageSOPInstanceUID", "StorageMediaFileSetUID"}  # fmt: skip


def planted_value(vr: str, number: int):
    """An identifying value of a representation, different for each number."""
    texts = [
        SECRETS[name] for name in ("family", "id", "address", "phone", "hospital", "operator", "physician", "note")
    ]
    text = texts[number % len(texts)]
    if vr in {"LO", "LT", "ST", "UT", "UC", "UR"}:
        return f"{text} {number}" if vr != "UR" else f"http://{text.split()[0]}.example/{number}"
    if vr == "PN":
        return f"{SECRETS['name']}^{number}"
    if vr in {"SH", "AE", "CS"}:
        return f"ZEBULON {number}"[:16] if vr == "CS" else f"Zebulon {number}"[:16]
    if vr in {"OB", "OW", "UN", "OF"}:
        return (text * 2).encode().ljust(100)
    simple = {
        "UI": f"{SECRETS['uid']}.{number}",
        "DA": "19610704",
        "TM": "111213",
        "DT": "19610704111213",
        "AS": "047Y",
    }
    numbers = {"DS": "51.0203", "IS": "8837465", "US": 1, "UL": 8837465, "SS": 1, "FD": 51.0203, "FL": 51.5}
    return simple.get(vr, numbers.get(vr))


def plant_table(dataset: Dataset, depth: int = 0) -> list[tuple[str, str]]:
    """Put a value into every element of the profile's table that is not there yet; returns (keyword, VR) of each."""
    done = []
    for number, (tag, keyword, vr, _) in enumerate(TABLE):
        if keyword == "?" or keyword in _SKIPPED or int(tag[:4], 16) < 8 or keyword in dataset or vr == "UN":
            continue
        if vr == "SQ":
            if depth:
                continue
            item = Dataset()
            item.PatientName, item.PersonName, item.PatientID = SECRETS["name"], SECRETS["physician"], SECRETS["id"]
            item.TextValue, item.InstitutionName, item.ValueType = SECRETS["note"], SECRETS["hospital"], "TEXT"
            item.ReferencedSOPInstanceUID = f"{SECRETS['uid']}.77.{number}"
            value = [item]
        else:
            value = planted_value(vr, number)
        dataset.add(DataElement(int(tag, 16), vr, value))
        done.append((keyword, vr))
    return done


def planted_dicom(modality: str, patient: int, number: int) -> tuple[Dataset, list[tuple[str, str]]]:
    """A file of a modality with research elements, and identifiers wherever the profile knows of them."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1" if number % 3 else "1.2.840.10008.1.2"
    dataset.file_meta.SourceApplicationEntityTitle = "WALBCT07"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = STORAGE[modality]
    instance = f"{SECRETS['uid']}.{patient}.{modality.__hash__() % 97}.{number}"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = instance
    dataset.StudyInstanceUID = f"{SECRETS['uid']}.{patient}.1"
    dataset.SeriesInstanceUID = f"{SECRETS['uid']}.{patient}.2"
    dataset.FrameOfReferenceUID = f"{SECRETS['uid']}.{patient}.3"
    dataset.Modality = modality
    dataset.PatientName, dataset.PatientID = f"{SECRETS['name']}", f"{SECRETS['id']}-{patient}"
    dataset.PatientBirthDate = SECRETS["birth"]
    dataset.StudyDate, dataset.SeriesDate = "20180307", "20180307"
    dataset.AcquisitionDate, dataset.ContentDate = "20180307", f"201803{8 + number % 20:02d}"
    for keyword, value in RESEARCH.items():
        setattr(dataset, keyword, value)
    if modality not in {"RTSTRUCT", "SR"}:
        add_pixels(dataset)
    MAKERS.get(modality, lambda _: None)(dataset)
    done = plant_table(dataset)
    block = dataset.private_block(0x0029, "WALBURGA HEADER", create=True)
    block.add_new(1, "LO", SECRETS["name"])
    block.add_new(2, "OB", SECRETS["note"].encode().ljust(24))
    dataset.add(DataElement(0x60000010, "US", 8))
    dataset.add(DataElement(0x60000022, "LO", SECRETS["note"]))
    dataset.add(DataElement(0x60003000, "OW", SECRETS["name"].encode().ljust(16)))
    return dataset, done


def add_pixels(dataset: Dataset) -> None:
    dataset.Rows = dataset.Columns = 16
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    pixels = np.arange(256, dtype="<u2").tobytes()
    dataset.add(DataElement(0x7FE00010, "OW", pixels + SECRETS["note"].encode().ljust(30)))


def code(value: str, meaning: str, scheme: str = "SCT") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def make_seg(dataset: Dataset) -> None:
    segment = Dataset()
    segment.SegmentNumber, segment.SegmentLabel = 1, f"Liver {SECRETS['family']}"
    segment.SegmentDescription, segment.SegmentAlgorithmType = SECRETS["note"], "MANUAL"
    segment.SegmentedPropertyTypeCodeSequence = [code("10200004", "Liver")]
    dataset.SegmentSequence = [segment]
    instance = Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = STORAGE["CT"], f"{SECRETS['uid']}.0.1"
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedInstanceSequence = dataset.SeriesInstanceUID, [instance]
    dataset.ReferencedSeriesSequence = [series]


def make_rtstruct(dataset: Dataset) -> None:
    roi, contours, contour = Dataset(), Dataset(), Dataset()
    roi.ROINumber, roi.ROIName, roi.ROIDescription = 1, f"GTV {SECRETS['given']}", SECRETS["note"]
    roi.ReferencedFrameOfReferenceUID = dataset.FrameOfReferenceUID
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 3
    contour.ContourData = ["0", "0", "1", "1", "0", "1", "1", "1", "1"]
    contours.ReferencedROINumber, contours.ContourSequence = 1, [contour]
    dataset.StructureSetROISequence, dataset.ROIContourSequence = [roi], [contours]
    dataset.StructureSetLabel = f"{SECRETS['operator']} plan"


def make_sr(dataset: Dataset) -> None:
    text, person, number, unit = Dataset(), Dataset(), Dataset(), Dataset()
    text.ValueType, text.TextValue, text.RelationshipType = "TEXT", SECRETS["note"], "CONTAINS"
    person.ValueType, person.PersonName, person.RelationshipType = "PNAME", SECRETS["name"], "HAS OBS CONTEXT"
    number.ValueType, number.RelationshipType = "NUM", "CONTAINS"
    number.ConceptNameCodeSequence = [code("410668003", "Length")]
    unit.NumericValue, unit.MeasurementUnitsCodeSequence = "12.5", [code("mm", "mm", "UCUM")]
    number.MeasuredValueSequence = [unit]
    dataset.ValueType, dataset.ContentSequence = "CONTAINER", [text, person, number]


MAKERS = {"SEG": make_seg, "RTSTRUCT": make_rtstruct, "SR": make_sr}


def write(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.preamble = SECRETS["note"].encode().ljust(128, b"\0")
    dataset.save_as(path, enforce_file_format=True)
    return path


_FORMS = re.compile(
    b"|".join(re.escape(word.encode(code)) for word in WORDS for code in ("utf-8", "utf-16-le", "utf-16-be")),
    re.IGNORECASE,
)


def leaks(folder: Path, skip: tuple[str, ...] = ()) -> dict[str, set[bytes]]:
    """Planted words in names or bytes of files below a folder, unpacked where packed: file to what was found."""
    found: dict[str, set[bytes]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        pieces = [name.encode()]
        if path.is_file() and path.name not in skip:
            pieces += unpacked(path.read_bytes())
        hits = {hit for piece in pieces for hit in _FORMS.findall(piece)}
        if hits:
            found[name] = hits
    return found


def unpacked(data: bytes) -> list[bytes]:
    """The bytes of a file, and what is packed in them."""
    pieces = [data]
    if data[:2] == b"\x1f\x8b":
        pieces.append(gzip.decompress(data))
        pieces.append(data[:64])
    if data[:4] == b"PAR1":
        for column in pyarrow.parquet.read_table(io.BytesIO(data)).columns:
            for value in column.to_pylist():
                texts = value if isinstance(value, list) else [value]
                for each in texts:
                    raw = each.get("bytes") if isinstance(each, dict) else each
                    pieces += unpacked(raw) if isinstance(raw, bytes) else [repr(each).encode()]
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        place = 8
        while place + 8 <= len(data):
            (length,) = struct.unpack_from(">I", data, place)
            body = data[place + 8 : place + 8 + length]
            if data[place + 4 : place + 8] in {b"zTXt", b"iTXt", b"iCCP"}:
                pieces += [_inflated(body[start:]) for start in range(len(body))]
            place += 12 + length
    return pieces


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data)
    except zlib.error:
        return b""
