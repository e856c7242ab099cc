"""Controlled vocabularies, the lexical tree, and the wording of questions."""

from gmai.lexicon.lexicon import NONE, Lexicon, Node, TreeLabel, check_term, read_lexicon
from gmai.lexicon.questions import (
    LETTERS,
    format_multiple_choice,
    format_open_question,
    question_kinds,
    question_phrasings,
)

__all__ = [
    "LETTERS",
    "Lexicon",
    "NONE",
    "Node",
    "TreeLabel",
    "check_term",
    "format_multiple_choice",
    "format_open_question",
    "question_kinds",
    "question_phrasings",
    "read_lexicon",
]
