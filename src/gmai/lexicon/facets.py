"""Traits of subject and picture that scores are told apart by: how sex, age, site and scanner are written down."""

import re

MOST_LETTERS = 64
"""A longer text names no group."""
NOTHING_SAID = frozenset({"", "-", "?", "n/a", "na", "nan", "none", "null", "unknown", "unk", "不详", "未知"})
"""What stands in a cell that says nothing, in small letters."""
_SEX = {
    **dict.fromkeys(("f", "female", "w", "woman", "girl", "女", "女性"), "F"),
    **dict.fromkeys(("m", "male", "man", "boy", "男", "男性"), "M"),
    **dict.fromkeys(("o", "other", "diverse", "其他"), "O"),
}
_YEARS = re.compile(r"0*(\d{1,3})(?:\.\d+)?\s*(?:y|yrs?\.?|years?|years? old|岁)?", re.IGNORECASE)
_LESS = re.compile(r"(?:(\d{3})([MWD])|(\d{1,4})\s*(month|week|day)s?|(\d{1,4})\s*个?(月|周|天))", re.IGNORECASE)
_A_YEAR = {"m": 12, "月": 12, "w": 52, "周": 52, "d": 365, "天": 365}
_RANGE = re.compile(r"(\d{1,3})\s*(?:[-–]\s*\d{1,3}|\+)")
_BAND = 10
_OLDEST = 90


def read_facet(name: str, text: str) -> str:
    """A trait as scores name it: ``F``, ``M`` or ``O`` of a sex, a band of ten years of an age, else the text.

    Args:
        name: ``sex``, ``age`` or any other.
        text: as the source says it.

    Returns:
        Empty where nothing is said, and of what is no age or too long.
    """
    said = " ".join(text.split())
    if said.casefold() in NOTHING_SAID or len(said) > MOST_LETTERS:
        return ""
    if name == "age":
        return age_band(said)
    return _SEX.get(said.casefold(), said) if name == "sex" else said


def age_band(text: str) -> str:
    """``60-69`` of ``063Y``, ``63`` or ``63 years``; ``90+`` of all above; empty where it is no age.

    A range such as ``60-64`` stays as it is.
    """
    said = text.strip()
    if found := _LESS.fullmatch(said):
        number, unit = (part for part in found.groups() if part)
        return _band(int(number) // _A_YEAR[unit[0].lower()])
    if ranged := _RANGE.fullmatch(said):
        return said if int(ranged[1]) < _OLDEST else f"{_OLDEST}+"
    years = _YEARS.fullmatch(said)
    return _band(int(years[1])) if years else ""


def _band(years: int) -> str:
    first = years // _BAND * _BAND
    return f"{_OLDEST}+" if first >= _OLDEST else f"{first}-{first + _BAND - 1}"
