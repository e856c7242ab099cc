"""A candidate in words: its question and options in a language; and whether a question says what it must."""

from collections.abc import Sequence

from gmai.base import hash_unit
from gmai.bench.answers import QUESTION
from gmai.bench.candidate import Candidate
from gmai.errors import CardError
from gmai.lexicon import Language, find_missing_cues, find_terms, name_of, names_in, task_phrasings
from gmai.types import Question, View


def can_be_asked(candidate: Candidate, language: Language) -> bool:
    """True if all that the question says has a name in a language; questions of people are asked as they are."""
    if language == "en":
        return True
    if candidate.kind == QUESTION:
        return False
    try:
        word_question(candidate, candidate.fact.view, language, 0)
        word_options((*candidate.answers, *candidate.wrong), candidate, language)
    except CardError:
        return False
    return True


def word_question(candidate: Candidate, view: View, language: Language, seed: int) -> str:
    """The question, in a wording drawn by hash.

    Raises:
        CardError: something has no name in this language.
    """
    fact = candidate.fact
    if fact.kind == QUESTION:
        return " ".join(fact.about.split())
    phrasings = task_phrasings(fact.kind, view.granularity, fact.task, language)
    phrasing = phrasings[int(hash_unit(seed, "phrasing", *candidate.key) * len(phrasings))]
    modality = candidate.modality if language == "en" else name_of(candidate.modality, language, "modality")
    label = _named(fact.about, candidate, language) if fact.about else ""
    return " ".join(phrasing.replace("{modality}", modality).replace("{label}", label).split())


def word_options(options: Sequence[str], candidate: Candidate, language: Language) -> tuple[str, ...]:
    """The options as a language calls them.

    Raises:
        CardError: one has no name in this language.
    """
    return tuple(" ".join(_named(option, candidate, language).split()) for option in options)


def missing_cues(question: Question) -> tuple[str, ...]:
    """The cues that a question as it is put lacks; see :func:`gmai.lexicon.find_missing_cues`."""
    return find_missing_cues(
        question.question,
        kind=question.kind,
        task=question.task,
        granularity=question.view.granularity,
        modality=question.modality,
        language="zh" if question.language == "zh" else "en",
    )


def _named(text: str, candidate: Candidate, language: Language) -> str:
    if language == "en" or text.isdecimal():
        return text
    for what in ("modality", "location", "size", "grade", "reply"):
        names = names_in(what)
        if text in names and language in names[text]:
            return names[text][language]
    match = find_terms(text, modality=candidate.modality)
    if match.term is None:
        raise CardError(f"{text!r} has no name in language {language!r}", reason="bench.no_name")
    return match.called(language)
