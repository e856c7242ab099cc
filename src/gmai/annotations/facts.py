"""Facts: every answer that a sample's annotations give, and nothing else. A pure function of the record.

Where the annotations leave a doubt (two labels, two regions of one label, a centroid on the midline, a size on the edge
of a class) there is no fact. To add a kind of fact, write one function here and name it in ``FINDERS``.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from gmai.annotations.geometry import overlap
from gmai.annotations.region_facts import RegionFacts, region_facts
from gmai.annotations.wording import DIAMETERS, count_pool, diameter_class, quadrant_pool
from gmai.base import hash_unit
from gmai.errors import FormatError
from gmai.types import Box, Fact, Granularity, ImageRef, Label, MaskRef, Polygon, Region, Sample, View

FINDING = "finding"
UNNAMED_MODALITIES = frozenset({"", "none", "Radiology", "Text"})
"""What stands for a modality where none is known of the single picture: no answer to "which modality?"."""
NEGATIVES = frozenset({"healthy", "negative", "no finding", "none", "normal"})
"""Names of classes that say nothing is there; nobody asks whether they are present."""
DEFAULT_TASKS = {
    "count": "Counting",
    FINDING: "Disease Diagnosis",
    "grade": "Severity Grading",
    "presence": "Disease Diagnosis",
}
"""Clinical task of a kind where the card names none; all others are attribute recognition."""
NOT_ASKED = "none"
"""The task by which a card says that its annotations do not answer a kind, such as presence where they have gaps."""
SAME_PLACE = 0.8
"""Two regions of different label whose boxes overlap more cannot be told apart by a drawing."""
MOST_COUNTED = 99


class Look:
    """A sample, and what several finders ask of it."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample

    @cached_property
    def image(self) -> ImageRef | None:
        """The picture that regions lie in: the only one, None if there are none or several."""
        return self.sample.images[0] if len(self.sample.images) == 1 else None

    @cached_property
    def labels(self) -> dict[str, list[Label]]:
        """Image-level labels by the kind of question they answer."""
        found: dict[str, list[Label]] = {}
        for item in self.sample.annotations:
            if isinstance(item, Label):
                found.setdefault(item.task, []).append(item)
        return found

    @cached_property
    def regions(self) -> dict[str, list[tuple[int, Region]]]:
        """Regions by label, with their positions in the annotations."""
        found: dict[str, list[tuple[int, Region]]] = {}
        for position, item in enumerate(self.sample.annotations):
            if isinstance(item, Box | Polygon | MaskRef):
                found.setdefault(item.label, []).append((position, item))
        return found

    @cached_property
    def measured(self) -> dict[int, RegionFacts]:
        """What is measured of each region that has an extent in the picture, by its position in the annotations."""
        found: dict[int, RegionFacts] = {}
        for position, region in (each for regions in self.regions.values() for each in regions):
            if self.image is None or (isinstance(region, MaskRef) and region.rle is None):
                continue
            try:
                facts = region_facts(region, self.image)
            except FormatError as error:
                if error.reason != "mask.empty":
                    raise
                continue
            if facts.area_px > 0:
                found[position] = facts
        return found

    @cached_property
    def findings(self) -> dict[str, list[str]]:
        """What is there, of the whole picture and of regions: names, with the records that say so."""
        found: dict[str, list[str]] = {}
        for label in self.labels.get(FINDING, []):
            found.setdefault(label.name, []).append(label.record)
        for name, regions in self.regions.items():
            found.setdefault(name, []).extend(region.record for _, region in regions)
        return found

    def single(self) -> Iterator[tuple[str, Region, RegionFacts]]:
        """The measured regions that are one thing: the only one of their label, and of a label map in one part."""
        for label, regions in self.regions.items():
            position, region = regions[0]
            facts = self.measured.get(position)
            if len(regions) == 1 and facts and (facts.parts == 1 or not _may_be_many(region)):
                yield label, region, facts

    def task(self, kind: str) -> str:
        """Clinical task of a kind of question."""
        tasks = self.sample.tasks
        if kind == "presence":
            return tasks.get(kind) or tasks.get(FINDING) or DEFAULT_TASKS[kind]
        return tasks.get(kind) or DEFAULT_TASKS.get(kind, "Attribute Recognition")

    def pool(self, kind: str, answer: str) -> tuple[str, ...]:
        """Every answer the source's card knows for a kind, with ``answer`` among them."""
        classes = self.sample.classes.get(kind, ())
        return classes if answer in classes else (*classes, answer)


def find_facts(sample: Sample) -> tuple[Fact, ...]:
    """Compute every fact of a sample, in a fixed order: image level first, then regions in the order annotated.

    A kind whose task the card gives as ``none`` has no facts.

    Raises:
        FormatError: a mask whose run-length code does not fit its picture.
    """
    look = Look(sample)
    return tuple(fact for find in FINDERS for fact in find(look) if fact.task != NOT_ASKED)


def find_modality(look: Look) -> Iterator[Fact]:
    """What kind of picture it is."""
    sample = look.sample
    if look.image and sample.modality not in UNNAMED_MODALITIES:
        pool = sample.classes.get("modality", ())
        records = (f"card:{sample.source}#modality",)
        yield Fact(kind="modality", answer=sample.modality, task=look.task("modality"), records=records, pool=pool)


def find_labels(look: Look) -> Iterator[Fact]:
    """The image-level label of each kind (finding, grade, or one of the card's own), where there is exactly one."""
    for kind in sorted(look.labels):
        labels = look.labels[kind]
        if len({label.name for label in labels}) == 1:
            yield _label_fact(look, kind, labels[0].name, [label.record for label in labels])
    if FINDING not in look.labels and len(look.regions) == 1:
        (name, regions), *_ = look.regions.items()
        yield _label_fact(look, FINDING, name, [region.record for _, region in regions])


def find_locations(look: Look) -> Iterator[Fact]:
    """The quadrant in which the only region of a label lies: of the patient if sides are known, else of the picture."""
    for label, region, facts in look.single():
        answer = facts.patient_quadrant or facts.quadrant
        if answer is None or look.image is None:
            continue
        x, y = facts.centroid
        yield Fact(
            kind="location",
            answer=answer,
            task=look.task("location"),
            records=(region.record,),
            about=label,
            pool=quadrant_pool(look.image.sides),
            values={"x": round(x / look.image.width, 4), "y": round(y / look.image.height, 4)},
        )


def find_counts(look: Look) -> Iterator[Fact]:
    """How many regions a label has, where a region is one thing.

    A value of a label map, or a segment, may stand for many things or for the same as another; these are not counted.
    """
    for label, regions in look.regions.items():
        number = len(regions)
        if any(_may_be_many(region) for _, region in regions) or number > MOST_COUNTED or not look.image:
            continue
        yield Fact(
            kind="count",
            answer=str(number),
            task=look.task("count"),
            records=tuple(region.record for _, region in regions),
            about=label,
            pool=count_pool(number),
            values={"count": number},
        )


def find_presences(look: Look) -> Iterator[Fact]:
    """Yes for every finding that is there; no for as many (at least one) of the card's findings that are not.

    Which absent ones are told is drawn by the hash of the sample's id, so that yes and no stay in balance. Where the
    card knows one name alone the answer could only be yes, and is no fact worth asking for.
    """
    records = look.findings
    present = [name for name in records if name.casefold() not in NEGATIVES]
    absent = [name for name in look.sample.classes.get(FINDING, ()) if name not in records]
    drawn = sorted(
        (name for name in absent if name.casefold() not in NEGATIVES),
        key=lambda name: hash_unit("presence", look.sample.id, name),
    )
    if not records or len({*records, *look.sample.classes.get(FINDING, ())}) < 2:
        return
    everything = [pointer for pointers in records.values() for pointer in pointers]
    for name in present:
        yield _presence_fact(look, name, "yes", records[name])
    for name in drawn[: max(1, len(present))]:
        yield _presence_fact(look, name, "no", everything)


def find_sizes(look: Look) -> Iterator[Fact]:
    """The class of the longest diameter of the only region of a label, where the spacing is known."""
    for label, region, facts in look.single():
        diameter = facts.diameter_mm
        answer = None if diameter is None else diameter_class(diameter)
        if diameter is not None and answer is not None:
            yield Fact(
                kind="size",
                answer=answer,
                task=look.task("size"),
                records=(region.record,),
                about=label,
                pool=DIAMETERS,
                values={"mm": round(diameter, 1)},
            )


def find_region_findings(look: Look) -> Iterator[Fact]:
    """What a drawn region is: at box level for every region, at mask and contour level where its outline is known."""
    measured = [
        (position, region, look.measured[position].box)
        for regions in look.regions.values()
        for position, region in regions
        if position in look.measured
    ]
    for position, region, box in sorted(measured, key=lambda item: item[0]):
        if any(other.label != region.label and overlap(box, place) > SAME_PLACE for _, other, place in measured):
            continue
        levels: tuple[Granularity, ...] = ("box",) if isinstance(region, Box) else ("box", "mask", "contour")
        for level in levels:
            view = View(granularity=level, regions=(position,))
            yield _label_fact(look, FINDING, region.label, [region.record], view)


FINDERS: tuple[Callable[[Look], Iterator[Fact]], ...] = (
    find_modality,
    find_labels,
    find_locations,
    find_sizes,
    find_counts,
    find_presences,
    find_region_findings,
)


def _may_be_many(region: Region) -> bool:
    """True for a value of a label map, which may stand for many things."""
    return isinstance(region, MaskRef) and region.value is not None


def _label_fact(look: Look, kind: str, answer: str, records: Sequence[str], view: View | None = None) -> Fact:
    return Fact(
        kind=kind,
        answer=answer,
        task=look.task(kind),
        records=tuple(records),
        view=view or View(),
        pool=look.pool(kind, answer),
    )


def _presence_fact(look: Look, name: str, answer: str, records: Sequence[str]) -> Fact:
    return Fact(
        kind="presence",
        answer=answer,
        task=look.task("presence"),
        records=tuple(records),
        about=name,
        pool=("yes", "no"),
    )
