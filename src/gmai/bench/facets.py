"""Traits of subject and picture that a sample carries, for scores of subgroups: sex, age band, site, scanner."""

from gmai.lexicon import read_facet
from gmai.types import QA, Sample

_NAMES = {
    "sex": "sex",
    "gender": "sex",
    "age": "age",
    "site": "site",
    "scanner": "scanner",
    "manufacturer": "scanner",
}


def find_facets(sample: Sample) -> dict[str, str]:
    """What the card asked for, then what its steps and its questions tell of the subject; nothing that is not told."""
    found = dict(sample.facets)
    told = [step.parameters for step in sample.provenance.steps]
    told += [item.details for item in sample.annotations if isinstance(item, QA)]
    for parameters in told:
        for said, value in parameters.items():
            facet = _NAMES.get(str(said).casefold())
            text = "" if isinstance(value, dict | list | tuple) or value is None else str(value).strip()
            if facet and (read := read_facet(facet, text)):
                found.setdefault(facet, read)
    return found
