"""The elements of a data set cleaned one by one, in place and as raw bytes, at every depth."""

import re
import struct
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag
from pydicom.uid import UID_dictionary

from gmai.images.deid.keep import Rule, read_rules
from gmai.images.deid.keys import keyed_days, keyed_hash, keyed_uid
from gmai.images.deid.text import WITHHELD, Identifiers, keep_meaning, keep_term, keep_words

_NUMBERS = re.compile(rb"[0-9+\-.eE \\]*\0?")
_CODES = re.compile(rb"[A-Z0-9_ \\.]*\0?")
_SIZES = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "SV": 8, "UV": 8, "AT": 4}
_ENUMERATED = frozenset(
    ("Modality PhotometricInterpretation PatientSex LossyImageCompression PixelIntensityRelationship SegmentationType "
     "SegmentAlgorithmType ValueType RelationshipType ContinuityOfContent ContourGeometricType PatientOrientation "
     "Laterality ImageLaterality PatientPosition ViewPosition SpecificCharacterSet DimensionOrganizationType "
     "MRAcquisitionType ScanningSequence SequenceVariant BurnedInAnnotation ImageType FrameType ConversionType "
     "DoseUnits DoseType DoseSummationType Units CorrectedImage SeriesType DecayCorrection").split()
)  # fmt: skip
"""Code strings with defined terms that a reader needs; a name that equals one of them names nobody."""
_CONTENT_KINDS = frozenset("CONTAINER CODE NUM UIDREF IMAGE COMPOSITE WAVEFORM SCOORD SCOORD3D TCOORD TABLE".split())
_DATE = re.compile(r"(\d{4})[.]?(\d{2})[.]?(\d{2})")
_TIME = re.compile(r"\d{2}(:?\d{2}(:?\d{2}(\.\d{1,6})?)?)?")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2,6}(?:\.\d{1,6})?)?(?:[+-]\d{4})?")
_AGE = re.compile(r"(\d{3})([DWMY])")
MOST_YEARS = 90
_SCHEME, _SHORT_TEXT = BaseTag(0x00080102), 1024


@dataclass(slots=True)
class Cleaner:
    """Cleans data sets of one file."""

    subject: str
    known: Identifiers
    more_words: frozenset[str] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)
    _days: int = 0

    def clean(self, found: Dataset) -> None:
        """Clean a data set and all that is nested in it."""
        rules = read_rules()
        scheme = _text(found.get_item(_SCHEME)) if _SCHEME in found else ""
        for tag in list(found.keys()):
            rule = rules.get(tag)
            if rule is None:
                self.counts["removed"] += 1
                self.counts["private"] += tag.is_private
                del found[tag]
            elif rule.action in {"items", "content"}:
                self._clean_items(found, tag, rule)
            elif rule.action == "pixels":
                self.counts["kept"] += 1
            else:
                self._clean_value(found, tag, rule, scheme)

    def _clean_items(self, found: Dataset, tag: BaseTag, rule: Rule) -> None:
        element = found[tag]
        if element.VR != "SQ":
            self._remove(found, tag)
            return
        if rule.action == "content":
            kept = [item for item in element.value if str(item.get("ValueType") or "").strip() in _CONTENT_KINDS]
            self.counts["removed"] += len(element.value) - len(kept)
            element.value = kept
        for item in element.value:
            self.clean(item)
        self.counts["kept"] += 1

    def _clean_value(self, found: Dataset, tag: BaseTag, rule: Rule, scheme: str) -> None:
        raw = found.get_item(tag)
        if isinstance(raw, DataElement):
            raw = _as_raw(raw)
        old = bytes(raw.value or b"") if raw is not None else b""
        if raw is None or not self._fits(raw, rule, old):
            self._remove(found, tag)
            return
        new = old if not old else self._replace(rule, old, scheme)
        if new is None:
            self._remove(found, tag)
        elif new == old:
            self.counts["kept"] += 1
        else:
            self.counts["replaced"] += 1
            new += b" " * (len(new) % 2) if rule.action != "uid" else b"\0" * (len(new) % 2)
            found[tag] = raw._replace(value=new, length=len(new))

    def _remove(self, found: Dataset, tag: BaseTag) -> None:
        self.counts["removed"] += 1
        del found[tag]

    def _fits(self, raw: RawDataElement, rule: Rule, value: bytes) -> bool:
        """True if an element is of its standard representation, and holds what that may hold."""
        if raw.VR is not None and raw.VR not in rule.vrs and raw.VR != "UN":
            return False
        vr = next(iter(rule.vrs))
        if vr in {"DS", "IS"}:
            return bool(_NUMBERS.fullmatch(value)) and not self._is_number(value)
        return len(rule.vrs) > 1 or len(value) % _SIZES.get(vr, 1) == 0

    def _is_number(self, value: bytes) -> bool:
        """True if a short number is one of the patient's."""
        return len(value) < 20 and value.strip(b" \0").decode("ascii") in self.known.wholes

    def _replace(self, rule: Rule, value: bytes, scheme: str) -> bytes | None:
        """The value to write; None removes the element."""
        action = rule.action
        if action == "bulk" or action == "keep" and "CS" not in rule.vrs:
            return value
        if action == "empty":
            return b""
        text = value.decode("latin-1").rstrip(" \0")
        if action == "uid":
            return b"\\".join(_new_uid(each.strip()).encode() for each in text.split("\\"))
        if action == "keep":
            return self._code(rule, value, text)
        new = self._new_text(rule, text, scheme)
        return value if new == text else None if new is None else new.encode("ascii", "replace")

    def _code(self, rule: Rule, value: bytes, text: str) -> bytes | None:
        if rule.keyword in _ENUMERATED and _CODES.fullmatch(value):
            return value
        if _CODES.fullmatch(value):
            return None if self.known.inside(text) else value
        words = keep_words(text, self.known, self.more_words)
        return words.upper()[:16].strip().encode() or None

    def _new_text(self, rule: Rule, text: str, scheme: str) -> str | None:
        known, more = self.known, self.more_words
        match rule.action:
            case "hash":
                return keyed_hash(
                    "patient" if rule.keyword.startswith("Patient") else rule.keyword, self._own(rule, text)
                )
            case "date":
                return self._move(text)
            case "time":
                return text if _TIME.fullmatch(text) else None
            case "age":
                return _cap(text)
            case "term":
                return keep_term(text, known)
            case "words":
                return keep_words(text, known, more) or None if len(text) <= _SHORT_TEXT else None
            case "label":
                return keep_words(text, known, more)[:64].strip() or WITHHELD
            case "meaning":
                return keep_meaning(text, scheme, known, more)
            case _:
                raise ValueError(rule.action)

    def _own(self, rule: Rule, text: str) -> str:
        return self.subject if rule.keyword in {"PatientID", "PatientName"} else text

    def _move(self, text: str) -> str | None:
        """A date or time stamp moved back by the subject's days; the zone of a stamp goes."""
        self._days = self._days or keyed_days(self.subject)
        self.counts["dates"] += 1
        moved = [_moved(each.strip(), self._days) for each in text.split("\\")]
        return None if None in moved else "\\".join(each for each in moved if each is not None)


def _moved(text: str, days: int) -> str | None:
    if not text:
        return ""
    found = _DATE.fullmatch(text) or _STAMP.fullmatch(text)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])) - timedelta(days)
    except (ValueError, OverflowError):
        return None
    return f"{day:%Y%m%d}" if found.re is _DATE else f"{day:%Y%m%d}{found[4] or ''}"


def _cap(text: str) -> str | None:
    found = _AGE.fullmatch(text.strip())
    if found is None:
        return None
    years = int(found[1]) / {"D": 365.25, "W": 52.18, "M": 12, "Y": 1}[found[2]]
    return f"{MOST_YEARS:03d}Y" if years >= MOST_YEARS else text


def _new_uid(uid: str) -> str:
    """A UID of the standard as it is, any other replaced."""
    return uid if not uid or uid in UID_dictionary else keyed_uid(uid)


def _text(element: Any) -> str:
    value = getattr(element, "value", None) or b""
    return value.decode("latin-1").strip(" \0") if isinstance(value, bytes) else str(value).strip()


def _as_raw(element: DataElement) -> RawDataElement | None:
    """An element that was read before, as bytes again; None of kinds that only stand at fixed places."""
    value = element.value
    values = [value] if isinstance(value, str | bytes | int | float) else list(value or [])
    if element.VR in {"US", "SS", "UL", "SL"}:
        code = {"US": "H", "SS": "h", "UL": "I", "SL": "i"}[element.VR]
        data = struct.pack(f"<{len(values)}{code}", *values)
    elif isinstance(value, bytes):
        data = value
    else:
        data = "\\".join(str(each) for each in values).encode("latin-1", "replace")
    return RawDataElement(element.tag, element.VR, len(data), data, 0, False, True)
