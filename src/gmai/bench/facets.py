"""Traits of subject and picture that a sample carries, for scores of subgroups: sex, age band, site, scanner."""

import re

from gmai.types import QA, Sample

_NAMES = {
    "sex": "sex",
    "gender": "sex",
    "age": "age",
    "site": "site",
    "scanner": "scanner",
    "manufacturer": "scanner",
}
_BAND = 10
_OLDEST = 90


def find_facets(sample: Sample) -> dict[str, str]:
    """What its steps and its questions tell of the subject; ages as bands of ten years, nothing that is not told."""
    found: dict[str, str] = {}
    told = [step.parameters for step in sample.provenance.steps]
    told += [item.details for item in sample.annotations if isinstance(item, QA)]
    for parameters in told:
        for said, value in parameters.items():
            facet = _NAMES.get(str(said).casefold())
            text = "" if isinstance(value, dict | list | tuple) or value is None else str(value).strip()
            read = age_band(text) if facet == "age" else text
            if facet and read:
                found.setdefault(facet, read)
    return found


def age_band(text: str) -> str:
    """``60-69`` of ``063Y``, ``63`` or ``63 years``; ``90+`` of all above; empty where it is no age in years."""
    years = re.fullmatch(r"0*(\d{1,3})(?:\.\d+)?\s*(?:y|yrs?|years?)?", text.strip(), re.IGNORECASE)
    if not years:
        return ""
    first = int(years[1]) // _BAND * _BAND
    return f"{_OLDEST}+" if first >= _OLDEST else f"{first}-{first + _BAND - 1}"
