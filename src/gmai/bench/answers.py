"""Which answers of a sample are asked for: facts and closed questions, one for each kind and level, never twins."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from gmai.annotations import find_facts
from gmai.base import hash_unit
from gmai.bench.folding import fold
from gmai.lexicon import NONE
from gmai.types import QA, Fact, Granularity, Reject, Sample

QUESTION = "qa"
"""Kind of a question that people asked; :attr:`Fact.about` holds its wording."""
STAGE = "bench build"


def find_answers(sample: Sample) -> Iterator[Fact | Reject]:
    """Every answer a sample gives: its facts, and its closed questions; an open question is a counted reject."""
    yield from find_facts(sample)
    for item in sample.annotations:
        if isinstance(item, QA):
            yield _closed_question(sample, item)


def choose_answers(
    sample_id: str,
    facts: Iterable[Fact],
    seed: int,
    granularities: Sequence[Granularity] = ("image", "box", "mask", "contour"),
) -> list[Fact]:
    """Choose by hash what is asked: one level for each region, then one fact for each kind and level.

    A drawn region is never asked about at two levels, for box, mask and contour of it are twins. Among several facts
    of one kind and level, answers are drawn with equal chance whatever their number. People's questions are all kept.
    """
    asked = [fact for fact in facts if fact.view.granularity in granularities]
    single = _one_each(asked, lambda f: (f.kind, f.about, f.view.regions, fold(f.answer)), sample_id, seed)
    by_view = [fact for fact in single if fact.kind != QUESTION]
    drawn = _one_each(by_view, lambda f: (f.kind, f.view.granularity), sample_id, seed)
    return drawn + [fact for fact in single if fact.kind == QUESTION]


def fact_key(fact: Fact) -> tuple[object, ...]:
    """What tells a fact from the others of its sample."""
    return fact.kind, fact.about, fact.view.granularity, fact.view.regions, fact.answer


def _one_each(facts: Iterable[Fact], group: Callable[[Fact], Hashable], sample_id: str, seed: int) -> list[Fact]:
    groups: dict[Hashable, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(group(fact), []).append(fact)
    return [_draw(members, sample_id, seed) for members in groups.values()]


def _draw(facts: Sequence[Fact], sample_id: str, seed: int) -> Fact:
    """The fact with the lowest hash, of the answer with the lowest hash."""
    return min(
        facts,
        key=lambda fact: (
            hash_unit(seed, "answer", sample_id, fact.kind, fact.answer),
            hash_unit(seed, "fact", sample_id, *fact_key(fact)),
        ),
    )


def _closed_question(sample: Sample, item: QA) -> Fact | Reject:
    options = item.options or (("yes", "no") if fold(item.answer) in {"yes", "no"} else ())
    answer = next((option for option in options if fold(option) == fold(item.answer)), None)
    if answer is None:
        detail = "its answer is no yes or no, nor one of given options" if not options else "answer is no option"
        reason = "bench.open_question" if not options else "bench.answer_no_option"
        return Reject(id=item.record, stage=STAGE, reason=reason, detail=detail, unit="question")
    task = sample.tasks.get(QUESTION) or sample.tasks.get("finding") or NONE
    return Fact(kind=QUESTION, answer=answer, task=task, records=(item.record,), about=item.question, pool=options)
