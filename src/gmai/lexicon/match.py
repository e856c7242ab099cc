"""From the label of any data set to a term: what it means, how sure that is, and what else it may mean."""

import difflib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Literal

from gmai.lexicon.fold import Side, fold, split_absent, split_side
from gmai.lexicon.lexicon import read_lexicon
from gmai.lexicon.terms import Form, Language, Term, read_forms, read_terms
from gmai.types import record

How = Literal["exact", "folded", "synonym", "ambiguous", "near", "none"]

NEAR = 0.62
"""Names less alike than this are no near misses."""
_SHORTLIST = 16
_MOST_NEAR = 3
_SAID: dict[Language, dict[Side, str]] = {
    "en": {"left": "left ", "right": "right ", "both": "both "},
    "zh": {"left": "左侧", "right": "右侧", "both": "双侧"},
}


@record
class Candidate:
    """A term that a label may mean."""

    term: Term
    form: str
    """The spelling of the term that was nearest."""
    score: float
    """1 for the same spelling, less the less alike they are."""


@record
class TermMatch:
    """What a raw label means; ``term`` is there only where nothing had to be guessed."""

    raw: str
    how: How
    """``exact``: spelled as the name or the tree's label; ``folded``: but for case, plural, punctuation; ``synonym``:
    another name; ``ambiguous``: a name of several terms, or a short form without its modality; ``near``: only alike."""
    term: Term | None = None
    side: Side | None = None
    """The side the label names beside the term: ``left`` of ``Left Lung``."""
    absent: bool = False
    """True if the label says that the term is absent, as ``no_tumor`` does."""
    short: bool = False
    """True if a short form was taken, which means this only in the modality that was given."""
    candidates: tuple[Candidate, ...] = ()
    """Best first; what an ambiguous label or a near miss may mean."""

    def called(self, language: Language = "en") -> str:
        """The name of what the label says, side and absence included; the raw label where no term was found."""
        if self.term is None:
            return self.raw
        side = _SAID[language][self.side] if self.side else ""
        none = ({"en": "no ", "zh": "无"}[language]) if self.absent else ""
        return f"{none}{side}{self.term.called(language, plural=self.side == 'both')}"


def find_terms(raw: str, *, modality: str | None = None) -> TermMatch:
    """Find the term a raw label means.

    Case, punctuation, underscores, camel case, plural and British spelling do not count; a side (``Left Lung``) and a
    denial (``no_tumor``) are taken off and reported. A near miss is never taken for the term.

    Args:
        raw: the label as the data set spells it.
        modality: the data set's modality: short forms such as ``DR`` mean something only in their own, and of two terms
            that share a name that of this modality is meant.
    """
    group = modality_group(modality) if modality else None
    folded = fold(raw)
    found = _look_up(raw, folded, group)
    if found.how != "none" and found.term is not None:
        return found
    for rest, side, absent in _parts(folded):
        taken = _look_up(raw, rest, group, side=side, absent=absent)
        if taken.term is not None:
            return taken
        found = taken if found.how == "none" else found
    if found.how != "none":
        return found
    near = _near(folded, group)
    return TermMatch(raw=raw, how="near" if near else "none", candidates=near)


@cache
def modality_group(modality: str) -> str:
    """Where a short form keeps its meaning: within a family, but each kind of X-ray picture is its own."""
    lexicon = read_lexicon()
    known = {**lexicon.modalities, **lexicon.other_modalities}
    family = known.get(modality, modality)
    return modality if family in ("X-Ray", "Mixed") else family


def _parts(folded: str) -> list[tuple[str, Side | None, bool]]:
    """What is left of a folded label without its side, without its denial, and without both."""
    parts: list[tuple[str, Side | None, bool]] = []
    if sided := split_side(folded):
        parts.append((*sided, False))
    rest = split_absent(folded)
    if rest:
        parts.append((rest, None, True))
        if sided := split_side(rest):
            parts.append((*sided, True))
    return parts


def _look_up(raw: str, folded: str, group: str | None, *, side: Side | None = None, absent: bool = False) -> TermMatch:
    forms = _by_fold().get(folded, ())
    here = [form for form in forms if not form.short or (group is not None and group in _groups(form.modalities))]
    at_home = [form for form in here if group is not None and group in _groups(form.modalities)]
    meant = at_home if len({form.term for form in here}) > 1 and at_home else here
    if len({form.term for form in meant}) != 1:
        candidates = _candidates((form, 1.0) for form in meant or forms)
        return TermMatch(raw=raw, how="ambiguous" if candidates else "none", candidates=candidates)
    form = max(meant, key=lambda one: (one.text == raw, not one.short, one.canonical))
    exact = form.text == raw and side is None and not absent
    how: How = "exact" if exact and form.canonical else "folded" if form.canonical else "synonym"
    return TermMatch(
        raw=raw,
        how=how,
        term=read_terms()[form.term],
        side=side or form.side,
        absent=absent,
        short=all(one.short for one in meant),
    )


def _near(folded: str, group: str | None) -> tuple[Candidate, ...]:
    """The terms whose spellings are most alike, by shared letter triples first and then letter by letter."""
    if len(folded) < 3 and folded.isascii():
        return ()
    shared: Counter[str] = Counter()
    for triple in _triples(folded):
        shared.update(_index().get(triple, ()))
    own = len(_triples(folded))
    ranked = sorted(shared, key=lambda form: (-2 * shared[form] / (own + _sizes()[form]), form))[:_SHORTLIST]
    alike = _Likeness(folded)
    scored = [(form, score) for form in ranked if (score := alike.score(form)) >= NEAR]
    best = [(form, score) for text, score in scored for form in _by_fold()[text]]
    best.sort(key=lambda one: (-one[1], not (group and group in _groups(one[0].modalities)), one[0].term))
    return _candidates(best)


class _Likeness:
    """How alike folded names are to one: letter by letter, in their own order of words or in alphabetical order."""

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self.words = set(folded.split())
        self.straight = difflib.SequenceMatcher(None, "", folded, autojunk=False)
        self.turned = difflib.SequenceMatcher(None, "", _turned(folded), autojunk=False)

    def score(self, other: str) -> float:
        self.straight.set_seq1(other)
        score = _ratio(self.straight)
        if " " in other:
            self.turned.set_seq1(_turned(other))
            score = max(score, 0.97 * _ratio(self.turned))
        if len(other) > 3 and set(other.split()) < self.words:
            score = max(score, NEAR + 0.3 * len(other) / len(self.folded))
        return round(min(score, 0.99), 3)


def _ratio(matcher: "difflib.SequenceMatcher[str]") -> float:
    """The ratio, or 0 where a bound that is quickly found is below what counts."""
    return float(matcher.ratio()) if min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= NEAR else 0.0


def _turned(folded: str) -> str:
    return " ".join(sorted(folded.split()))


def _candidates(forms: Iterable[tuple[Form, float]]) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    for form, score in forms:
        if form.term not in best:
            best[form.term] = Candidate(term=read_terms()[form.term], form=form.text, score=score)
    return tuple(best.values())[:_MOST_NEAR]


def _groups(modalities: tuple[str, ...]) -> frozenset[str]:
    return frozenset(modality_group(name) for name in modalities)


@cache
def _by_fold() -> dict[str, tuple[Form, ...]]:
    found: dict[str, tuple[Form, ...]] = {}
    for form in read_forms():
        folded = fold(form.text)
        found[folded] = (*found.get(folded, ()), form)
    return found


@cache
def _index() -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for folded in _by_fold():
        for triple in _triples(folded):
            index.setdefault(triple, []).append(folded)
    return {triple: tuple(forms) for triple, forms in index.items()}


@cache
def _sizes() -> dict[str, int]:
    return {folded: len(_triples(folded)) for folded in _by_fold()}


def _triples(folded: str) -> frozenset[str]:
    padded = f"  {folded} "
    size = 2 if not folded.isascii() else 3
    return frozenset(padded[n : n + size] for n in range(len(padded) - size + 1))
