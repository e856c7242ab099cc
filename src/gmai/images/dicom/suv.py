"""Standardised uptake values of PET by body weight, as QIBA's vendor-neutral formula has them.

``SUV = activity [Bq/mL] * weight [g] / dose [Bq] left at the time to which the pictures were corrected``. Whatever of
it the header does not say is named; nothing is guessed. Dates, times and weight stay here: only the factor leaves.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydicom import Dataset
from pydicom.tag import Tag

from gmai.errors import ImageError
from gmai.images.dicom.header import read_number

_PHILIPS_SUV, _PHILIPS_ACTIVITY = Tag(0x7053, 0x1000), Tag(0x7053, 0x1009)
_DAY = timedelta(days=1)
_LONGEST = timedelta(hours=24)


def find_suv(headers: Sequence[Dataset]) -> tuple[float | None, str]:
    """The factor from the values of a series to uptake values, or None and what is missing.

    Args:
        headers: of all of its frames; the values are those after rescaling.
    """
    if str(headers[0].get("Modality") or "") not in {"PT", "PET"}:
        return None, "no PET picture"
    try:
        return _find_factor(headers), ""
    except ImageError as error:
        return None, error.message


def _find_factor(headers: Sequence[Dataset]) -> float:
    header = headers[0]
    units = str(header.get("Units") or "").strip().upper()
    if units == "GML":
        return 1.0
    scale = 1.0
    if units == "CNTS":
        direct, activity = _private(header, _PHILIPS_SUV), _private(header, _PHILIPS_ACTIVITY)
        if direct:
            return direct
        if not activity:
            raise _missing("the scale of counts (7053,1000) or (7053,1009)")
        scale = activity
    elif units != "BQML":
        raise _missing("Units of BQML, GML or CNTS" + (f", not {units}" if units else ""))
    return scale * _weight_g(header) / _dose_left(headers)


def _weight_g(header: Dataset) -> float:
    weight = read_number(header, "PatientWeight", 0)
    if weight <= 0:
        raise _missing("PatientWeight")
    return weight * 1000.0


def _dose_left(headers: Sequence[Dataset]) -> float:
    """Dose at the time to which the pictures were corrected for decay, in Bq."""
    header = headers[0]
    tracer = (header.get("RadiopharmaceuticalInformationSequence") or [None])[0]
    if tracer is None:
        raise _missing("RadiopharmaceuticalInformationSequence")
    dose = read_number(tracer, "RadionuclideTotalDose", 0)
    if dose <= 0:
        raise _missing("RadionuclideTotalDose")
    if dose < 1e5:  # a few files give MBq against the standard; no patient is given less than 0.1 MBq
        raise _missing("RadionuclideTotalDose in Bq")
    corrected = str(header.get("DecayCorrection") or "").strip().upper()
    if corrected == "ADMIN":
        return dose
    if corrected != "START" and not header.get("DecayCorrectionDateTime"):
        raise _missing("DecayCorrection of START or ADMIN" + (f", not {corrected}" if corrected else ""))
    half_life = read_number(tracer, "RadionuclideHalfLife", 0)
    if half_life <= 0:
        raise _missing("RadionuclideHalfLife")
    return float(dose * 2.0 ** (-_decay(headers, tracer).total_seconds() / half_life))


def _decay(headers: Sequence[Dataset], tracer: Dataset) -> timedelta:
    """Time from the injection to the start of the scan."""
    scan = _scan_start(headers)
    given = _date_time(str(tracer.get("RadiopharmaceuticalStartDateTime") or ""))
    if given is None:
        clock = str(tracer.get("RadiopharmaceuticalStartTime") or "")
        given = _date_time(f"{scan:%Y%m%d}{clock}") if clock else None
        if given is None:
            raise _missing("RadiopharmaceuticalStartDateTime or RadiopharmaceuticalStartTime")
        given = given - _DAY if given > scan else given  # injected before midnight
    if not timedelta(0) <= scan - given <= _LONGEST:
        raise _missing("an injection within a day before the scan")
    return scan - given


def _scan_start(headers: Sequence[Dataset]) -> datetime:
    """To which time the pictures were corrected: the series', unless it was made after the first picture was taken."""
    header = headers[0]
    fixed = _date_time(str(header.get("DecayCorrectionDateTime") or ""))
    if fixed is not None:
        return fixed
    series = _date_time(f"{header.get('SeriesDate') or ''}{header.get('SeriesTime') or ''}")
    taken = [found for each in headers if (found := _acquired(each)) is not None]
    if not taken:
        raise _missing("AcquisitionDate and AcquisitionTime")
    first = min(taken)
    return series if series is not None and series <= first else first


def _acquired(header: Dataset) -> datetime | None:
    whole = _date_time(str(header.get("AcquisitionDateTime") or ""))
    if whole is not None:
        return whole
    return _date_time(f"{header.get('AcquisitionDate') or ''}{header.get('AcquisitionTime') or ''}")


def _date_time(text: str) -> datetime | None:
    """``YYYYMMDDHHMMSS.FFFFFF`` with or without its fraction and zone; None if it is not whole."""
    text = text.strip().replace(":", "")
    for sign in "+-":
        text = text.partition(sign)[0]
    whole, _, fraction = text.partition(".")
    try:
        found = datetime.strptime(whole, "%Y%m%d%H%M%S")
        return found + timedelta(seconds=float(f"0.{fraction}") if fraction else 0.0)
    except ValueError:
        return None


def _private(header: Dataset, tag: Tag) -> float | None:
    value = header[tag].value if tag in header else None
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore").strip(" \0")
    try:
        number = float(value) if value not in (None, "") else 0.0
    except (TypeError, ValueError):
        return None
    return number if number > 0 else None


def _missing(what: str) -> ImageError:
    return ImageError(f"the header lacks {what}", reason="window.suv")
