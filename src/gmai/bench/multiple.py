"""Questions of which several options may be right: what of a list is to be seen in the picture."""

from gmai.bench.candidate import FINDINGS
from gmai.lexicon import NONE
from gmai.types import Box, Fact, Label, MaskRef, Polygon, Sample

NEGATIVES = frozenset({"healthy", "negative", "no finding", "none", "normal"})
"""Labels that say nothing is there, which stand beside no other."""
_KIND = "finding"


def find_several(sample: Sample) -> Fact | None:
    """All findings of a picture as one fact, if it has two or more and nobody doubts that the others are absent.

    Where a card says that its annotations do not answer ``presence`` or ``finding``, they have gaps, and nothing is
    asked.
    """
    if len(sample.images) != 1 or NONE in (sample.tasks.get("presence"), sample.tasks.get(_KIND)):
        return None
    records: dict[str, list[str]] = {}
    for item in sample.annotations:
        if isinstance(item, Label) and item.task == _KIND:
            records.setdefault(item.name, []).append(item.record)
        elif isinstance(item, Box | Polygon | MaskRef):
            records.setdefault(item.label, []).append(item.record)
    if len(records) < 2 or any(name.casefold() in NEGATIVES for name in records):
        return None
    known = sample.classes.get(_KIND, ())
    names = tuple(sorted(records))
    return Fact(
        kind=FINDINGS,
        answer="; ".join(names),
        task=sample.tasks.get(FINDINGS) or sample.tasks.get(_KIND) or "Disease Diagnosis",
        records=tuple(record for name in names for record in records[name]),
        pool=tuple(name for name in known if name.casefold() not in NEGATIVES),
        values={"names": list(names)},
    )
