"""What terms are called in English and Chinese: vocabularies, labels, and answers that are no labels."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from gmai.errors import CardError
from gmai.lexicon.fold import fold
from gmai.lexicon.near import check_term, usual_words
from gmai.lexicon.terms import Language, Term, read_terms

LANGUAGES: tuple[Language, ...] = ("en", "zh")
What = Literal[
    "modality", "family", "task", "department", "granularity", "label", "location", "size", "grade", "reply", "kind"
]
_SECTIONS: dict[What, str] = {
    "modality": "modalities",
    "family": "families",
    "task": "tasks",
    "department": "departments",
    "granularity": "granularities",
    "location": "locations",
    "size": "sizes",
    "reply": "replies",
    "grade": "grades",
    "kind": "kinds",
}


def name_of(term: str, language: Language = "en", what: What | None = None, modality: str | None = None) -> str:
    """The name of a term in a language.

    Args:
        term: as the lexicon spells it: of a vocabulary, a label of the tree, a canonical name, a quadrant, a class of
            size, a grade, a reply such as ``yes``, or a whole number.
        language: ``en`` or ``zh``.
        what: which of them it is; if it is not said, all are tried, labels last.
        modality: of a label, where it may be two things.

    Raises:
        CardError: a term or language that the lexicon does not know, with near misses; a label that is two things.
    """
    check_term(language, LANGUAGES, "language")
    if what is None and term.isdecimal():
        return term
    if what is not None and what != "label":
        known = _names()[_SECTIONS[what]]
        check_term(term, known, what)
        return known[term].get(language, term)
    sections = () if what == "label" else _SECTIONS.values()
    names = next((known[term] for section in sections if term in (known := _names()[section])), None)
    return label_term(term, modality).called(language) if names is None else names.get(language, term)


def plural_of(term: str, language: Language = "en", modality: str | None = None) -> str:
    """The plural of a label or canonical name; the name itself where it is not counted, and in Chinese.

    Raises:
        CardError: the lexicon does not know it, or it is two things.
    """
    return label_term(term, modality).called(language, plural=True)


def label_term(label: str, modality: str | None = None) -> Term:
    """The term of a label of the tree, or of a canonical name, spelled exactly so.

    Args:
        label: a label as the tree spells it, or a canonical name.
        modality: needed for the few that are two things: ``fibrosis`` of the lung or the retina, ``edema`` of the lung
            (as a chest X-ray's label) or anywhere.

    Raises:
        CardError: the lexicon does not know it, or it is two things and the modality does not tell which.
    """
    terms = read_terms()
    known = _label_names()
    check_term(label, known, "label")
    meant = [terms[name] for name in known[label]]
    if modality and len(meant) > 1:
        meant = [term for term in meant if modality in term.modalities] or [t for t in meant if not t.modalities]
    if len(meant) != 1:
        said = " or ".join(known[label])
        raise CardError(f"the label {label!r} may be {said}", fix="say the modality", reason="lexicon.ambiguous")
    return meant[0]


@cache
def _label_names() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for term in read_terms().values():
        for label in {*term.labels, term.name}:
            found[label] = (*found.get(label, ()), term.name)
    return found


@cache
def _names() -> dict[str, dict[str, dict[str, str]]]:
    names: dict[str, dict[str, dict[str, Any]]]
    names = yaml.safe_load((files("gmai.lexicon") / "names.yaml").read_text(encoding="utf-8"))
    return names


def names_in(what: What) -> dict[str, dict[str, str]]:
    """The names of one vocabulary by term and language."""
    if what == "label":
        return {term.name: {"en": term.name, "zh": term.zh} for term in read_terms().values()}
    return {term: {"en": term, **names} for term, names in _names()[_SECTIONS[what]].items()}


def find_names(word: str, what: What) -> tuple[str, ...]:
    """The terms of a vocabulary that a word names: by their names in either language, else by usual other words.

    Case, plural and punctuation do not count. A word that is used for several terms (``T1``) gives them all.
    """
    folded = fold(word)
    return _folded_names(what).get(folded) or usual_words(what).get(folded, ())


@cache
def _folded_names(what: What) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for term, names in names_in(what).items():
        for folded in {fold(term), *map(fold, names.values())}:
            found[folded] = (*found.get(folded, ()), term)
    return found
