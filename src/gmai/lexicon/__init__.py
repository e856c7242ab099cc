"""Controlled vocabularies, the lexical tree, what its terms are called, and the wording of questions."""

from gmai.lexicon.advice import LabelAdvice, check_labels
from gmai.lexicon.cues import asked_nouns, find_missing_cues, task_phrasings
from gmai.lexicon.facets import NOTHING_SAID, age_band, read_facet
from gmai.lexicon.lexicon import NONE, Lexicon, read_lexicon
from gmai.lexicon.match import Candidate, TermMatch, find_terms
from gmai.lexicon.names import LANGUAGES, find_names, label_term, name_of, names_in, plural_of
from gmai.lexicon.near import check_term, count_words, near_terms
from gmai.lexicon.questions import (
    LETTERS,
    choice_instruction,
    format_multiple_choice,
    format_open_question,
    question_kinds,
    question_phrasings,
)
from gmai.lexicon.related import may_be_related, may_both_hold
from gmai.lexicon.terms import Language, Term, article, read_terms
from gmai.lexicon.tree import Axis, Node, TreeLabel

__all__ = [
    "Axis",
    "Candidate",
    "LANGUAGES",
    "LETTERS",
    "LabelAdvice",
    "Language",
    "Lexicon",
    "NONE",
    "NOTHING_SAID",
    "Node",
    "Term",
    "TermMatch",
    "TreeLabel",
    "age_band",
    "article",
    "asked_nouns",
    "check_labels",
    "check_term",
    "choice_instruction",
    "count_words",
    "find_missing_cues",
    "find_names",
    "find_terms",
    "format_multiple_choice",
    "format_open_question",
    "label_term",
    "may_be_related",
    "may_both_hold",
    "name_of",
    "names_in",
    "near_terms",
    "plural_of",
    "question_kinds",
    "question_phrasings",
    "read_facet",
    "read_lexicon",
    "read_terms",
    "task_phrasings",
]
