"""The questions of a benchmark, worded, lettered and numbered, before any picture is drawn."""

from collections import Counter
from collections.abc import Sequence

from gmai.base import hash_unit
from gmai.bench.answers import QUESTION
from gmai.bench.apart import keep_apart
from gmai.bench.balance import cap_labels, drop_foregone, place_answers, shuffle_rows
from gmai.bench.candidate import Candidate
from gmai.bench.config import BenchConfig
from gmai.bench.held import SPLITS, Held, find_candidates
from gmai.bench.layout import LETTERS
from gmai.bench.tsv import GRANULARITIES
from gmai.lexicon import question_phrasings
from gmai.types import Question


def plan_questions(held: Held, config: BenchConfig) -> list[Question]:
    """Choose, word, letter and number all questions: TEST from 0, then VAL; indices are unique over both."""
    questions: list[Question] = []
    found = [candidate for split in SPLITS.values() for candidate in find_candidates(held, split, config)]
    undecided = drop_foregone(found)
    held.left_out["always_the_same_answer"] += len(found) - len(undecided)
    apart = keep_apart(undecided, config.seed)
    held.left_out["named_by_another_question"] += len(undecided) - len(apart)
    for split in SPLITS.values():
        candidates = [candidate for candidate in apart if candidate.split == split]
        kept = cap_labels(candidates, config.per_label, config.seed)
        held.left_out["enough_of_this_answer"] += len(candidates) - len(kept)
        positions = place_answers(kept, config.seed)
        for candidate in shuffle_rows(kept, config.seed):
            questions.append(_write(candidate, positions[candidate.key], len(questions), config.seed))
    return questions


def count_axes(questions: Sequence[Question]) -> dict[str, dict[str, int]]:
    """Number of questions for each value of each axis, and for each letter that is right."""
    axes = ("split", "kind", "task", "department", "modality", "granularity", "source", "answer")
    return {axis: dict(sorted(Counter(getattr(q, axis) for q in questions).items())) for axis in axes}


def _write(candidate: Candidate, position: int, index: int, seed: int) -> Question:
    fact = candidate.fact
    options = (*candidate.wrong[:position], fact.answer, *candidate.wrong[position:])
    return Question(
        index=index,
        sample=candidate.sample,
        source=candidate.source,
        subject=candidate.subject,
        question=_word(candidate, seed),
        options=tuple(" ".join(option.split()) for option in options),
        answer=LETTERS[position],
        kind=fact.kind,
        task=fact.task,
        department=candidate.department,
        modality=candidate.modality,
        granularity=GRANULARITIES[fact.view.granularity],
        view=fact.view,
        split=candidate.split,
        records=fact.records,
    )


def _word(candidate: Candidate, seed: int) -> str:
    fact = candidate.fact
    if fact.kind == QUESTION:
        return " ".join(fact.about.split())
    phrasings = question_phrasings(fact.kind, fact.view.granularity)
    phrasing = phrasings[int(hash_unit(seed, "phrasing", *candidate.key) * len(phrasings))]
    filled = phrasing.replace("{modality}", candidate.modality).replace("{label}", fact.about)
    return " ".join(filled.split())
