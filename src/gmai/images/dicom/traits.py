"""What a DICOM header says of the subject and the device, for scores of subgroups: read only where a card asks."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from pydicom import Dataset

from gmai.images.deid import has_key, keyed_hash
from gmai.images.dicom.header import convert_elements, read_dicom

_ELEMENTS = (
    *("PatientSex", "PatientAge", "PatientBirthDate", "StudyDate", "Manufacturer", "ManufacturerModelName"),
    *("InstitutionName", "SOPClassUID", "Rows"),
)


def read_header_traits(path: Path, names: Iterable[str]) -> dict[str, str]:
    """See :func:`gmai.images.read_traits`."""
    hidden = f"hidden/{keyed_hash('path', path.name)}"  # the path may be an identifier
    found = read_dicom(path, _ELEMENTS, where=hidden)
    convert_elements(found, hidden)
    told = {name: _TRAITS[name](found) for name in names}
    return {name: text for name, text in told.items() if text}


def _text(found: Dataset, name: str) -> str:
    return " ".join(str(found.get(name) or "").split())


def _age(found: Dataset) -> str:
    """The stated age, or whole years from birth to study."""
    if stated := _text(found, "PatientAge"):
        return stated
    try:
        born, seen = (datetime.strptime(_text(found, n), "%Y%m%d") for n in ("PatientBirthDate", "StudyDate"))
    except ValueError:
        return ""
    years = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
    return str(years) if years >= 0 else ""


def _scanner(found: Dataset) -> str:
    maker, model = _text(found, "Manufacturer"), _text(found, "ManufacturerModelName")
    return model if model.casefold().startswith(maker.casefold()) else f"{maker} {model}".strip()


def _site(found: Dataset) -> str:
    name = _text(found, "InstitutionName")
    return keyed_hash("site", name.casefold()) if name and has_key() else ""


_TRAITS: dict[str, Callable[[Dataset], str]] = {
    "age": _age,
    "scanner": _scanner,
    "sex": lambda found: _text(found, "PatientSex"),
    "site": _site,
}
