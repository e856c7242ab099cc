"""Invented people for the headers, so that de-identification has something to remove; and unique identifiers."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from gmai.base import hash_unit

HOSPITAL = "Phantom General Hospital"
_FAMILIES = (
    "Abelard", "Brackwater", "Castellane", "Dunmarrow", "Eskildane", "Farthingwell", "Grimaldine", "Hollowmere",
    "Ishikura", "Jessamund", "Kirkwhistle", "Lindenbrook", "Mbalunga", "Northolt", "Okonjare", "Pemberwick",
)  # fmt: skip
_GIVEN = {
    "F": ("Ada", "Beatrix", "Chiyo", "Dalia", "Esther", "Freya", "Grace", "Hana"),
    "M": ("Adam", "Bruno", "Cyril", "Dmitri", "Elias", "Felix", "George", "Haruto"),
}
_FIRST_BIRTH, _BIRTH_DAYS = date(1935, 1, 1), 25_000
_FIRST_STUDY, _STUDY_DAYS = date(2021, 1, 1), 1_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One invented person and one examination of theirs; dates as in DICOM (YYYYMMDD)."""

    name: str
    """Family and given name, as in DICOM's value representation PN."""
    number: str
    sex: str
    birth_date: str
    study_date: str
    study_time: str
    physician: str
    accession: str


def build_patient(seed: int, subject: str) -> Patient:
    """Invent the person behind a subject; the same seed and subject give the same person."""

    def pick(what: str, count: int) -> int:
        return int(hash_unit(seed, subject, what) * count)

    sex = "FM"[pick("sex", 2)]
    minute = pick("time", 600)
    return Patient(
        name=f"{_FAMILIES[pick('family', len(_FAMILIES))]}^{_GIVEN[sex][pick('given', len(_GIVEN[sex]))]}",
        number=f"PGH{pick('number', 10**8):08d}",
        sex=sex,
        birth_date=f"{_FIRST_BIRTH + timedelta(days=pick('birth', _BIRTH_DAYS)):%Y%m%d}",
        study_date=f"{_FIRST_STUDY + timedelta(days=pick('study', _STUDY_DAYS)):%Y%m%d}",
        study_time=f"{8 + minute // 60:02d}{minute % 60:02d}00",
        physician=f"{_FAMILIES[pick('physician', len(_FAMILIES))]}^Dr",
        accession=f"A{pick('accession', 10**7):07d}",
    )


def build_uid(*parts: object) -> str:
    """A DICOM unique identifier below the root 2.25 (PS3.5 B.2), the same for the same parts."""
    text = "\x1f".join(str(part) for part in parts)
    return f"2.25.{uuid.UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest(), version=5).int}"
