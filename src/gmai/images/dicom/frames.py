"""The frames of DICOM files, each with the header that holds for it, before a pixel is decoded.

An enhanced multi-frame file says most things once for all frames or once for each (PS3.3 C.7.6.16): both are laid over
the file's own header, so that a frame of such a file reads like a file of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.tag import Tag

from gmai.errors import ImageError
from gmai.images.deid import keyed_hash
from gmai.images.dicom.damage import UNREADABLE
from gmai.images.dicom.file import unpack
from gmai.images.dicom.header import convert_elements, read_dicom, read_number, read_numbers
from gmai.images.dicom.mosaic import CSA_TAGS, find_tiles, is_mosaic
from gmai.images.dicom.object import find_object

OVERLAYS = tuple(Tag(group, 0x0010) for group in range(0x6000, 0x6020, 2))
"""Number of rows of each overlay plane that a file may hold."""
HEADER = (
    "ImageType", "SOPClassUID", "SOPInstanceUID", "Modality", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel",
    "PhotometricInterpretation", "PlanarConfiguration", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
    "PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "ImageOrientationPatient",
    "ImagePositionPatient", "SliceThickness", "SpacingBetweenSlices",
    "WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence", "RescaleSlope", "RescaleIntercept",
    "ModalityLUTSequence", "PixelPaddingValue", "PixelPaddingRangeLimit", "BurnedInAnnotation",
    "ConversionType",
    "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData", "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData", "SegmentedBluePaletteColorLookupTableData",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "DetectorInformationSequence",
    "FrameTime", "FrameTimeVector", "CineRate", "RecommendedDisplayFrameRate",
    "InstanceNumber", "AcquisitionNumber", "AcquisitionDate", "AcquisitionTime", "AcquisitionDateTime", "ContentTime",
    "TemporalPositionIdentifier", "TemporalPositionIndex", "EchoTime", "EchoNumbers", "DiffusionBValue", "TriggerTime",
    "SeriesDate", "SeriesTime", "Units", "DecayCorrection", "CorrectedImage", "DecayCorrectionDateTime",
    "RadiopharmaceuticalInformationSequence", "PatientWeight",
    *CSA_TAGS, Tag(0x0019, 0x100C), Tag(0x0043, 0x1039), Tag(0x7053, 0x1000), Tag(0x7053, 0x1009), *OVERLAYS,
)  # fmt: skip
"""Everything that reading pixels, placing them and showing them may need; nothing of it leaves but what is told."""
FORMAT = (
    "SOPClassUID", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation",
    "PlanarConfiguration", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
)  # fmt: skip
"""What decoding needs."""
MAX_VALUES = 2**29
"""A file that claims more pixel values is refused before they are decoded."""
MAX_FRAMES = 2**17
_MACROS = (
    "PixelMeasuresSequence", "PlanePositionSequence", "PlaneOrientationSequence", "PixelValueTransformationSequence",
    "FrameVOILUTSequence", "FrameContentSequence", "MREchoSequence", "MRDiffusionSequence",
    "CardiacSynchronizationSequence",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A file of a series whose header was read."""

    path: Path
    shown: str
    header: Dataset

    @property
    def instance(self) -> str:
        """Keyed hash, as a look at the file tells it."""
        return keyed_hash("instance", str(self.header.get("SOPInstanceUID") or "").strip() or self.shown)

    @property
    def num_frames(self) -> int:
        """Number of frames the header claims, 1 at least."""
        return max(1, int(read_number(self.header, "NumberOfFrames", 1)))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame: which of its file, and what holds for it."""

    file: File
    number: int
    """From 0."""
    header: Dataset
    tile: tuple[int, int, int, int] | None = None
    """Part of the file's frame, xyxy in pixels, where several slices lie in one (Siemens mosaic)."""

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return int(read_number(self.header, "Rows", 0)), int(read_number(self.header, "Columns", 0))

    @property
    def position(self) -> np.ndarray | None:
        """Centre of the first pixel, in mm of the patient (left, back, up); None if unknown."""
        found = read_numbers(self.header, "ImagePositionPatient", 3)
        return None if found is None or self.cosines is None else np.array(found)

    @property
    def cosines(self) -> np.ndarray | None:
        """Directions of a row and of a column (2, 3); None if unknown."""
        found = read_numbers(self.header, "ImageOrientationPatient", 6)
        return None if found is None else np.array(found).reshape(2, 3)


def read_file(path: Path, shown: str) -> File:
    """Read a file's header.

    Raises:
        ImageError: as :func:`read_dicom`; ``dicom.no_pixels``; ``dicom.too_large``.
    """
    header = read_dicom(path, HEADER, where=shown)
    convert_elements(header, shown)
    if not header.get("Rows") or not header.get("Columns") or find_object(header) == "rtstruct":
        raise ImageError("the DICOM file holds no pixels", where=shown, reason="dicom.no_pixels")
    check_size(header, shown)
    return File(path, shown, header)


def check_size(header: Dataset, where: str) -> None:
    """Refuse what a header claims before anything of that size is made.

    Raises:
        ImageError: ``dicom.too_large``.
    """
    names = ("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel")
    sizes = [int(read_number(header, name, 1)) for name in names]
    if np.prod(sizes, dtype=object) > MAX_VALUES or sizes[2] > MAX_FRAMES:
        claim = " x ".join(map(str, sizes))
        raise ImageError(f"the header claims {claim} values", where=where, reason="dicom.too_large")


def iter_frames(file: File) -> Iterator[Frame]:
    """Every frame of a file, in its order.

    Raises:
        ImageError: ``dicom.header``: the functional groups are damaged.
    """
    if file.num_frames == 1 and not is_mosaic(file.header) and "PerFrameFunctionalGroupsSequence" not in file.header:
        yield Frame(file, 0, file.header)
        return
    try:
        tiles = find_tiles(file.header)
        groups = file.header.get("PerFrameFunctionalGroupsSequence") or ()
        shared = file.header.get("SharedFunctionalGroupsSequence") or ()
        common = _lay(_plain(file.header), *shared)
        own = [_lay(_copy(common), group) for group in groups]
    except UNREADABLE as error:
        what = f"a damaged header: {type(error).__name__}"
        raise ImageError(what, where=file.shown, reason="dicom.header") from None
    if tiles:
        yield from (Frame(file, 0, _lay_values(common, values), tile) for tile, values in tiles)
    elif len(own) == file.num_frames:
        yield from (Frame(file, number, header) for number, header in enumerate(own))
    elif file.num_frames == 1:
        yield Frame(file, 0, common)
    else:
        yield from _stack_frames(file, common)


def _stack_frames(file: File, common: Dataset) -> Iterator[Frame]:
    """Frames without functional groups: those of a nuclear reconstruction are evenly stacked, others nowhere."""
    detector = (file.header.get("DetectorInformationSequence") or [Dataset()])[0]
    place = read_numbers(detector, "ImagePositionPatient", 3)
    cosines = read_numbers(detector, "ImageOrientationPatient", 6)
    step = read_number(common, "SpacingBetweenSlices", 0)
    kinds = {str(each).upper() for each in file.header.get("ImageType") or ()}
    if place is None or cosines is None or not step or not any("RECON" in kind for kind in kinds):
        nowhere = _copy(common)
        for name in ("ImagePositionPatient", "ImageOrientationPatient"):
            nowhere.pop(name, None)
        yield from (Frame(file, number, nowhere) for number in range(file.num_frames))
        return
    normal = np.cross(cosines[:3], cosines[3:])
    for number in range(file.num_frames):
        there = np.array(place) + number * step * normal
        values = {"ImagePositionPatient": there.tolist(), "ImageOrientationPatient": list(cosines)}
        yield Frame(file, number, _lay_values(common, values))


def _plain(header: Dataset) -> Dataset:
    kept = _copy(header)
    for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", *CSA_TAGS):
        kept.pop(name, None)
    return kept


def _copy(header: Dataset) -> Dataset:
    return Dataset({tag: header.get_item(tag) for tag in header.keys()})


def _lay(below: Dataset, *groups: Dataset) -> Dataset:
    """Lay the macros of functional groups over a header."""
    for group in groups:
        for name in _MACROS:
            for item in (group.get(name) or ())[:1]:
                below.update({element.tag: element for element in item})
    return below


def _lay_values(below: Dataset, values: dict[str, object]) -> Dataset:
    found = _copy(below)
    for name, value in values.items():
        found.pop(name, None)  # the element is shared between frames
        setattr(found, name, value)
    return found


def read_bytes(file: File) -> tuple[bytes, bytes]:
    """A file's bytes as they lie on disk, to be hashed, and as DICOM.

    Raises:
        ImageError: ``dicom.unreadable``, ``dicom.truncated``, ``dicom.too_large``.
    """
    try:
        data = file.path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise ImageError(what, where=file.shown, reason="dicom.unreadable") from None
    return data, unpack(data, file.shown)
