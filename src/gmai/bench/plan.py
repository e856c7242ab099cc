"""The questions of a benchmark, worded, lettered and numbered, before any picture is drawn."""

from collections import Counter
from collections.abc import Iterator, Sequence

from gmai.base import hash_unit
from gmai.bench.apart import keep_apart
from gmai.bench.balance import cap_labels, drop_foregone, even_replies, place_answers, place_several, shuffle_rows
from gmai.bench.candidate import FINDINGS, Candidate
from gmai.bench.config import BenchConfig
from gmai.bench.draw import draw_options
from gmai.bench.held import SPLITS, Held, find_candidates
from gmai.bench.layout import LETTERS
from gmai.bench.tsv import GRANULARITIES
from gmai.bench.wording import can_be_asked, word_options, word_question
from gmai.lexicon import Language
from gmai.types import Form, Question, View


def plan_questions(held: Held, config: BenchConfig) -> list[Question]:
    """Choose, word, letter and number all questions: TEST from 0, then VAL; indices are unique over both."""
    questions: list[Question] = []
    found = [candidate for split in SPLITS.values() for candidate in find_candidates(held, split, config)]
    undecided = drop_foregone(found)
    held.left_out["always_the_same_answer"] += len(found) - len(undecided)
    apart = keep_apart(undecided, config.seed)
    held.left_out["named_by_another_question"] += len(undecided) - len(apart)
    even = even_replies(apart, config.seed)
    held.left_out["reply_of_the_majority"] += len(apart) - len(even)
    for split in SPLITS.values():
        candidates = [candidate for candidate in even if candidate.split == split]
        capped = cap_labels(candidates, config.per_label, config.seed)
        held.left_out["enough_of_this_answer"] += len(candidates) - len(capped)
        drawn = draw_options(capped, config)
        held.left_out["fewer_options_than_others"] += drawn.short
        held.left_out["answer_of_the_majority"] += drawn.uneven
        questions += _write_all(drawn.kept, len(questions), config, held)
    return questions


def count_axes(questions: Sequence[Question]) -> dict[str, dict[str, int]]:
    """Number of questions for each value of each axis, and for each letter that is right."""
    axes = ("split", "kind", "form", "language", "task", "department", "modality", "granularity", "source", "answer")
    return {axis: dict(sorted(Counter(getattr(q, axis) for q in questions).items())) for axis in axes}


def _write_all(kept: Sequence[Candidate], first: int, config: BenchConfig, held: Held) -> Iterator[Question]:
    asked_in = {c.key: [language for language in config.languages if can_be_asked(c, language)] for c in kept}
    for language in config.languages:
        held.left_out[f"no_name_in_{language}"] += sum(language not in known for known in asked_in.values())
    kept = [c for c in kept if asked_in[c.key]]
    single = place_answers((c for c in kept if not c.right), config.seed)
    several = place_several((c for c in kept if c.right), config.seed)
    rows: list[tuple[float, Candidate, View, Language]] = []
    for candidate in shuffle_rows(kept, config.seed):
        for language in asked_in[candidate.key]:
            for view in candidate.views or (candidate.fact.view,):
                order = hash_unit(config.seed, "row", *candidate.key, view.granularity, language)
                rows.append((order, candidate, view, language))
    asked = Counter(candidate.key for _, candidate, _, _ in rows)
    for index, (_, candidate, view, language) in enumerate(sorted(rows, key=lambda row: row[0]), start=first):
        places = several[candidate.key] if candidate.right else (single[candidate.key],)
        twin = candidate.twin if asked[candidate.key] > 1 else ""
        yield _write(candidate, places, view, language, index=index, twin=twin, seed=config.seed)


def _write(
    candidate: Candidate, places: tuple[int, ...], view: View, language: Language, *, index: int, twin: str, seed: int
) -> Question:
    fact = candidate.fact
    options = list(candidate.wrong)
    for place, answer in zip(places, candidate.answers, strict=True):
        options.insert(place, answer)
    return Question(
        index=index,
        sample=candidate.sample,
        source=candidate.source,
        subject=candidate.subject,
        question=word_question(candidate, view, language, seed),
        options=word_options(options, candidate, language),
        answer="".join(LETTERS[place] for place in places),
        kind=fact.kind,
        task=fact.task,
        department=candidate.department,
        modality=candidate.modality,
        granularity=GRANULARITIES[view.granularity],
        view=view,
        split=candidate.split,
        records=fact.records,
        form=_form(candidate),
        twin=twin,
        assets=candidate.assets,
        language=language,
        facets=candidate.facets,
    )


def _form(candidate: Candidate) -> Form:
    return "multiple" if candidate.kind == FINDINGS else "choice"
