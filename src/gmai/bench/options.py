"""Wrong answers that are wrong: from the same data set, not also true of the picture, and not another spelling."""

from collections.abc import Iterable, Sequence

from gmai.annotations import region_box
from gmai.bench.answers import QUESTION
from gmai.bench.candidate import FINDINGS
from gmai.bench.folding import fold
from gmai.errors import CardError
from gmai.lexicon import may_both_hold, read_lexicon
from gmai.types import Box, Fact, Label, MaskRef, Polygon, Region, Sample

SPELLED = frozenset({QUESTION, "count", "grade", "location", "modality", "presence", "size"})
"""Kinds whose answers are wrong if they are spelled apart; of labels it must be looked at what they mean."""
INSIDE = 0.5
"""A region is also what a drawn region shows if more of the smaller of the two boxes than this is common to both."""
LOST_BY_PANDAS = frozenset(
    ["#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"]
    + ["NULL", "NaN", "None", "n/a", "nan", "null"]
)
"""Texts that readers of benchmark files who use pandas take for an empty field, so that the option is lost."""


def find_wrong(sample: Sample, fact: Fact, modalities: Iterable[str]) -> tuple[str, ...]:
    """Every answer that may stand beside the right one, in the order of the pool it comes from.

    Args:
        sample: the sample asked about.
        fact: the right answer and its pool (the answers known to the sample's data set).
        modalities: the pool where the modality is asked for.
    """
    pool = fact.pool or (tuple(modalities) if fact.kind == "modality" else ())
    true = (fact.answer, *find_true(sample, fact, pool))
    taken = {fold(answer) for answer in true}
    by_name = fact.kind not in SPELLED
    wrong = []
    for answer in pool:
        if fold(answer) in taken or answer in LOST_BY_PANDAS:
            continue
        if not (by_name and any(may_both_hold(answer, other, sample.modality) for other in true)):
            taken.add(fold(answer))
            wrong.append(answer)
    return tuple(wrong)


def find_true(sample: Sample, fact: Fact, pool: Sequence[str] = ()) -> set[str]:
    """Every answer that is also true of what is asked about, as far as the annotations tell."""
    if fact.kind == FINDINGS:
        return set(fact.values["names"])
    return _also_true(sample, fact, pool)


def _also_true(sample: Sample, fact: Fact, pool: Sequence[str]) -> set[str]:
    if fact.kind == "modality":
        return {name for name in pool if _family(name) == _family(fact.answer)}
    labels = {item.name for item in sample.annotations if isinstance(item, Label)}
    if fact.kind != "finding":
        return labels if fact.kind not in {"count", "location", "presence", "size", "qa"} else set()
    regions = [item for item in sample.annotations if isinstance(item, Box | Polygon | MaskRef)]
    if not fact.view.regions:
        return labels | {region.label for region in regions}
    drawn = [sample.annotations[position] for position in fact.view.regions]
    return labels | {
        region.label
        for region in regions
        for mark in drawn
        if _shares(sample, region, mark)  # type: ignore[arg-type]
    }


def _family(modality: str) -> str:
    try:
        return read_lexicon().family(modality)
    except CardError:  # a modality of somebody's own is a family of its own
        return modality


def _shares(sample: Sample, region: Region, mark: Region) -> bool:
    image = sample.images[0]
    if isinstance(region, MaskRef) and region.rle is None:
        return True
    first, second = (region_box(item, image.height, image.width) for item in (region, mark))
    wide = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return max(0.0, wide) * max(0.0, high) > INSIDE * smaller
