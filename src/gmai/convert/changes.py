"""What changed between two pictures of a subject: facts computed from the annotations of both, and nothing else.

Where either picture leaves a doubt there is no fact: two regions of one label, a label that nobody looked for in one of
the two, a size between changed and unchanged. To add a kind of change, write one function here and name it in
``FINDERS`` and in the rules ``comparisons``.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gmai.annotations import NEGATIVES, NOT_ASKED, Look, find_facts
from gmai.base import hash_unit
from gmai.types import Fact, Sample

CHANGED, UNCHANGED = 20, 10
"""Per cent of the earlier diameter: at least so much is a change, less than so much is none."""
RESOLVED_PX = 2
"""A diameter changed only if by so many pixels at least, at the coarser spacing of the two pictures."""
SIZES = ("larger", "smaller", "unchanged")
COUNTS = ("more", "fewer", "as many")
GRADES = ("higher", "lower", "the same")
PRESENCES = ("new", "no longer present", "present in both", "absent in both")
PROGRESSION = "progression"
CHANGES = ("size_change", "count_change", "grade_change", "presence_change", PROGRESSION)
"""Kinds of fact about two pictures."""


class Pair(NamedTuple):
    """Two samples of one subject with a picture each, the earlier one first."""

    earlier: Look
    later: Look


def find_changes(earlier: Sample, later: Sample) -> tuple[Fact, ...]:
    """Every change between two samples, in a fixed order.

    Raises:
        FormatError: a mask whose run-length code does not fit its picture.
    """
    pair = Pair(Look(earlier), Look(later))
    return tuple(fact for find in FINDERS for fact in find(pair) if fact.task != NOT_ASKED)


def find_size_changes(pair: Pair) -> Iterator[Fact]:
    """How the longest diameter changed of a label that one region has in each picture."""
    first, second = pair.earlier.image, pair.later.image
    if first is None or second is None or first.axis != second.axis or not (first.spacing_mm and second.spacing_mm):
        return
    least = RESOLVED_PX * max(*first.spacing_mm, *second.spacing_mm)
    known = {label: (region, facts) for label, region, facts in pair.earlier.single()}
    for label, region, facts in pair.later.single():
        if label not in known or known[label][1].diameter_mm is None or facts.diameter_mm is None:
            continue
        values = _sizes(known[label][1].diameter_mm or 0.0, facts.diameter_mm)
        answer = None if values is None else _size_answer(values, least)
        if values is not None and answer is not None:
            yield Fact(
                kind="size_change",
                answer=answer,
                task=pair.later.task("size"),
                records=(known[label][0].record, region.record),
                about=label,
                pool=SIZES,
                values=values,
            )


def find_count_changes(pair: Pair) -> Iterator[Fact]:
    """How the number of regions changed of a label that is counted in both pictures."""
    known = _by_label(pair.earlier, "count")
    for label, fact in _by_label(pair.later, "count").items():
        if label not in known:
            continue
        before, after = known[label].values["count"], fact.values["count"]
        answer = COUNTS[0 if after > before else 1 if after < before else 2]
        yield Fact(
            kind="count_change",
            answer=answer,
            task=pair.later.task("count"),
            records=(*known[label].records, *fact.records),
            about=label,
            pool=COUNTS,
            values={"before": before, "after": after},
        )


def find_grade_changes(pair: Pair) -> Iterator[Fact]:
    """How the grade changed, by the order of grades in the card; both pictures have one, by the same card."""
    order = pair.later.sample.classes.get("grade", ())
    (before, *_), (after, *_) = (_by_label(look, "grade").values() or (None,) for look in pair)
    if not before or not after or pair.earlier.sample.classes.get("grade", ()) != order:
        return
    if before.answer not in order or after.answer not in order:
        return
    step = order.index(after.answer) - order.index(before.answer)
    answer = GRADES[0 if step > 0 else 1 if step < 0 else 2]
    yield Fact(
        kind="grade_change",
        answer=answer,
        task=pair.later.task("grade"),
        records=(*before.records, *after.records),
        pool=GRADES,
        values={"before": before.answer, "after": after.answer},
    )


def find_presence_changes(pair: Pair) -> Iterator[Fact]:
    """What came, went or stayed; and one of the card's findings that neither picture shows, drawn by hash."""
    known = dict.fromkeys((*pair.earlier.findings, *pair.later.findings, *_asked(pair.earlier)))
    absent: list[str] = []
    for name in (name for name in known if name.casefold() not in NEGATIVES):
        before, after = (_presence(look, name) for look in pair)
        if before is None or after is None:
            continue
        if before or after:
            yield _presence_change(pair, name, PRESENCES[2 if before and after else 0 if after else 1])
        else:
            absent.append(name)
    if absent:
        drawn = min(absent, key=lambda name: hash_unit("absent", pair.later.sample.id, name))
        yield _presence_change(pair, drawn, PRESENCES[3])


FINDERS: tuple[Callable[[Pair], Iterator[Fact]], ...] = (
    find_size_changes,
    find_count_changes,
    find_grade_changes,
    find_presence_changes,
)


def find_progressions(sample: Sample) -> Iterator[Fact]:
    """What the source says of the course between the two pictures of a sample, the earlier of which comes first.

    Its card calls such labels ``progression``, or by the finding: ``consolidation progression``.
    """
    look = Look(sample)
    if len(sample.images) != 2:
        return
    for kind in sorted(kind for kind in look.labels if is_progression(kind)):
        labels = look.labels[kind]
        if len({label.name for label in labels}) == 1 and look.task(kind) != NOT_ASKED:
            yield Fact(
                kind=PROGRESSION,
                answer=labels[0].name,
                task=look.task(kind),
                records=tuple(label.record for label in labels),
                about=kind.replace("_", " ").removesuffix(PROGRESSION).strip(),
                pool=look.pool(kind, labels[0].name),
            )


def is_progression(kind: str) -> bool:
    """True if labels of this kind tell the course between two pictures."""
    return kind.replace("_", " ").endswith(PROGRESSION)


def _sizes(before: float, after: float) -> dict[str, Any] | None:
    """What is told of two diameters in mm: rounded first, so that the numbers told agree with one another."""
    first, second = round(before, 1), round(after, 1)
    if first <= 0 or second <= 0:
        return None
    difference, percent = round(second - first, 1), round(100 * (second - first) / first, 1)
    told = {"before": first, "after": second, "difference": difference, "percent": percent}
    return {**told, "changed": CHANGED, "unchanged": UNCHANGED}


def _size_answer(values: dict[str, Any], least: float) -> str | None:
    share, by = values["percent"], abs(values["difference"])
    if abs(share) >= CHANGED and by >= least:
        return SIZES[0 if share > 0 else 1]
    return SIZES[2] if abs(share) < UNCHANGED else None


def _by_label(look: Look, kind: str) -> dict[str, Fact]:
    return {fact.about: fact for fact in find_facts(look.sample) if fact.kind == kind and not fact.view.regions}


def _asked(look: Look) -> tuple[str, ...]:
    return look.sample.classes.get("finding", ())


def _presence(look: Look, name: str) -> bool | None:
    """Whether something is there; None where the annotations do not say, as the facts of one picture have it."""
    if name in look.findings:
        return True
    return False if look.findings and name in _asked(look) else None


def _pointers(look: Look, name: str) -> list[str]:
    return look.findings.get(name) or [pointer for pointers in look.findings.values() for pointer in pointers]


def _presence_change(pair: Pair, name: str, answer: str) -> Fact:
    return Fact(
        kind="presence_change",
        answer=answer,
        task=pair.later.task("presence"),
        records=tuple(pointer for look in pair for pointer in _pointers(look, name)),
        about=name,
        pool=PRESENCES,
    )
