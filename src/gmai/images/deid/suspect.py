"""Which DICOM pictures may hold text in their pixels, told from their header."""

from pydicom import Dataset

_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"
_MODALITIES = frozenset({"US", "IVUS", "ES", "XC", "OT", "SC", "ECG", "DOC", "SR"})
_IMAGE_TYPES = frozenset({"SCREEN SAVE", "SCREENSAVE", "SCREEN", "SCREEN CAPTURE", "REPORT", "DOSE_INFO", "PROTOCOL"})


def says_burned_in(header: Dataset) -> str:
    """Why the header says that the pixels hold text; empty if it does not."""
    burned = str(header.get("BurnedInAnnotation") or "").strip().upper() == "YES"
    return "BurnedInAnnotation is YES" if burned else ""


def carries_text(header: Dataset) -> bool:
    """True of kinds of picture into which machines and people write: ultrasound, photographs, captured screens."""
    kind, modality = str(header.get("SOPClassUID") or ""), str(header.get("Modality") or "")
    value = header.get("ImageType") or ()
    image_type = {value} if isinstance(value, str) else {str(each) for each in value}
    capture = kind == _CAPTURES or kind.startswith(f"{_CAPTURES}.") or "ConversionType" in header
    return capture or modality in _MODALITIES or bool({each.upper() for each in image_type} & _IMAGE_TYPES)
