"""The order of a subject's studies: which sample of the visit before a sample is compared with."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from gmai.base import loads
from gmai.corpus import SAMPLE_SCHEMA, Place, Records
from gmai.types import Sample


class Visit(NamedTuple):
    """One picture of a subject, and when it was taken."""

    of: tuple[str, str, str]
    """Source, subject and modality."""
    time: float
    place: Place


def find_priors(places: Iterable[Place]) -> dict[Place, Place]:
    """The sample of the visit before, by the later one's place.

    Two samples are compared where the order of the visits is known, each visit has one picture of the modality (of
    several nobody says which goes with which), and no other visit lies between.
    """
    series: dict[tuple[str, str, str], dict[float, list[Place]]] = {}
    for visit in _find_visits(places):
        series.setdefault(visit.of, {}).setdefault(visit.time, []).append(visit.place)
    return {
        later[0]: earlier[0]
        for visits in series.values()
        for earlier, later in pairwise(visits[time] for time in sorted(visits))
        if len(earlier) == len(later) == 1
    }


def _find_visits(places: Iterable[Place]) -> Iterator[Visit]:
    records = Records(Sample, SAMPLE_SCHEMA)
    for place in places:
        text = records.text(place)
        if '"visit":' not in text or '"visit":null' in text:  # before a costly reading; quotes in texts are escaped
            continue
        record: dict[str, Any] = loads(text, where=place.name)
        if record["visit"] is not None and len(record["images"]) == 1:
            of = (record["source"], record["subject"], record["modality"])
            yield Visit(of, float(record["visit"]), place)
