"""What holds of a finished benchmark, check by check, with numbers: ``validation.json`` beside its page."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from gmai.bench.answers import QUESTION
from gmai.bench.baselines import Baseline
from gmai.bench.folding import fold
from gmai.bench.held import Held
from gmai.bench.layout import LETTERS
from gmai.bench.options import LOST_BY_PANDAS, SPELLED
from gmai.bench.wording import missing_cues
from gmai.lexicon import may_both_hold
from gmai.types import Question, record

_EXAMPLES = 5


@record
class Check:
    """One thing that must hold of every question."""

    name: str
    n: int
    """Questions it was looked at in."""
    failed: int
    examples: tuple[int, ...] = ()
    """Indices of some that failed."""


@record
class OptionUse:
    """How often a text is shown as an option and how often it is right, within one kind."""

    kind: str
    text: str
    shown: int
    right: int


@record
class Validation:
    """All that is known of a finished benchmark."""

    checks: tuple[Check, ...]
    splits: dict[str, int]
    kinds: dict[str, int]
    forms: dict[str, int]
    levels: dict[str, int]
    sizes: dict[str, int]
    """Number of questions by number of options."""
    letters: dict[str, int]
    """How often each letter is right, of questions with one right option."""
    rights: dict[str, int]
    """Number of questions by number of right options, of those that may have several."""
    longest: float
    """Share of the questions whose right option is the longest, ties shared."""
    chance: float
    """What guessing gives where one option is right."""
    options: tuple[OptionUse, ...]
    """The options shown most often."""
    pools: tuple[dict[str, object], ...]
    """Labels of regions by modality, task and level."""
    left_out: dict[str, int]
    rejects: dict[str, int]
    baselines: tuple[Baseline, ...]


def validate(questions: Sequence[Question], held: Held, baselines: Sequence[Baseline]) -> Validation:
    """Look at every question once more, as it was written."""
    single = [question for question in questions if question.form == "choice"]
    several = [question for question in questions if question.form == "multiple"]
    return Validation(
        checks=tuple(_checks(questions, held)),
        splits=_count(q.split for q in questions),
        kinds=_count(q.kind for q in questions),
        forms=_count(q.form for q in questions),
        levels=_count(q.granularity for q in questions),
        sizes=_count(str(len(q.options)) for q in questions),
        letters=_count(q.answer for q in single),
        rights=_count(str(len(q.answer)) for q in several),
        longest=sum(_longest(q) for q in single) / max(1, len(single)),
        chance=sum(1 / len(q.options) for q in single) / max(1, len(single)),
        options=tuple(_uses(questions)),
        pools=tuple(held.pools.sizes()),
        left_out=dict(sorted((+held.left_out).items())),
        rejects=_count_rejects(held),
        baselines=tuple(baselines),
    )


def _checks(questions: Sequence[Question], held: Held) -> list[Check]:
    other = {split: {(q.source, q.subject) for q in questions if q.split != split} for split in ("TEST", "VAL")}
    people = [q for q in questions if q.kind == QUESTION]
    ours = [q for q in questions if q.kind != QUESTION]
    rows: list[tuple[str, Sequence[Question], Callable[[Question], bool]]] = [
        ("names modality, task and level", ours, lambda q: not missing_cues(q)),
        ("one right option, or several of more", questions, _has_answer),
        ("options differ in more than spelling", questions, lambda q: len(set(map(fold, q.options))) == len(q.options)),
        ("options exclude each other", ours, _excludes),
        ("no option is lost by readers", questions, lambda q: not set(q.options) & LOST_BY_PANDAS),
        ("subject is of no other split", questions, lambda q: (q.source, q.subject) not in other[q.split]),
        ("subject is not trained on", questions, lambda q: (q.source, q.subject) not in held.train_subjects),
        ("picture is not trained on", questions, lambda q: held.train_assets.isdisjoint(q.assets)),
        ("picture looks like none of another part", questions, lambda q: held.looks_like.keys().isdisjoint(q.assets)),
        ("leads back to an annotation", questions, lambda q: bool(q.records)),
        ("asked by people, in their words", people, lambda q: bool(q.question)),
    ]
    return [_check(name, of, holds) for name, of, holds in rows if of]


def _check(name: str, questions: Sequence[Question], holds: Callable[[Question], bool]) -> Check:
    failed = [question.index for question in questions if not holds(question)]
    return Check(name=name, n=len(questions), failed=len(failed), examples=tuple(failed[:_EXAMPLES]))


def _has_answer(q: Question) -> bool:
    number = len(q.answer)
    known = set(q.answer) <= set(LETTERS[: len(q.options)])
    return known and (number == 1 if q.form == "choice" else 1 <= number < len(q.options))


def _excludes(q: Question) -> bool:
    """No wrong option may be true beside a right one."""
    if q.kind in SPELLED:
        return True
    right = [q.options[LETTERS.index(letter)] for letter in q.answer]
    return not any(may_both_hold(text, one, q.modality) for text in q.options if text not in right for one in right)


def _longest(q: Question) -> float:
    most = max(map(len, q.options))
    places = [place for place, text in enumerate(q.options) if len(text) == most]
    return (LETTERS.index(q.answer) in places) / len(places)


def _uses(questions: Sequence[Question], most: int = 40) -> list[OptionUse]:
    shown: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for q in questions:
        shown.update((q.kind, text) for text in q.options)
        right.update((q.kind, q.options[LETTERS.index(letter)]) for letter in q.answer)
    ordered = sorted(shown, key=lambda key: (-shown[key], key))[:most]
    return [OptionUse(kind=key[0], text=key[1], shown=shown[key], right=right[key]) for key in ordered]


def _count_rejects(held: Held) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for reject in held.rejects:
        counts[reject.reason] += reject.count
    return dict(sorted(counts.items()))


def _count(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
