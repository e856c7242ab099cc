"""Where two sets of rules read a reply otherwise, and why: what a difference of two scores is made of."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from gmai.bench import LETTERS
from gmai.evaluate.grading import is_right, read
from gmai.evaluate.parsing import extract_choice
from gmai.evaluate.reading import IN_WORDS
from gmai.evaluate.vlmevalkit import extract_vlmevalkit, split_words
from gmai.types import Prediction, Question, record


@record
class Difference:
    """One reply that VLMEvalKit's rules read otherwise than ours."""

    index: int
    reply: str
    ours: str | None
    """What our rules read; None: an abstention."""
    theirs: str | None
    """What VLMEvalKit's rules read; None: nothing, which counts as wrong."""
    key: str
    ours_right: bool
    theirs_right: bool
    why: str
    """``letter_is_a_word`` (an article, "vitamin D"), ``denied``, ``refusal``, ``unsettled`` (several options, or a
    letter that contradicts its text), ``cut_off``; or what keeps VLMEvalKit's rules from reading: ``marked_up`` (tags,
    boxes, JSON), ``lower_case``, ``far_from_end``, ``several_letters``, ``not_english``, ``in_words``, ``form`` (of
    such questions they read none)."""
    ours_said: str
    """The rule by which ours read it, or why they abstained."""


@record
class Differences:
    """All differences of a run, counted: ``differences.json``."""

    questions: int
    same: int
    only_ours_right: int
    only_theirs_right: int
    why: dict[str, int]


def explain_differences(predictions: Iterable[Prediction], keys: Sequence[Question]) -> list[Difference]:
    """Every reply in words that the two read otherwise, by index; of turned questions the unturned reply."""
    questions = {question.index: question for question in keys}
    differences = []
    for given in sorted(predictions, key=lambda prediction: prediction.index):
        question = questions.get(given.index)
        if question is None or given.mode not in IN_WORDS or given.rotation or given.error:
            continue
        choice, said, reason = read(question, given, extract_choice)
        theirs = read(question, given, extract_vlmevalkit)[0]
        ours = choice if question.options else said
        if ours != theirs:
            differences.append(
                Difference(
                    index=given.index,
                    reply=given.text,
                    ours=ours,
                    theirs=theirs,
                    key=question.answer,
                    ours_right=is_right(question, choice, said),
                    theirs_right=is_right(question, theirs, None),
                    why=_why(question, given.text, ours, theirs, reason),
                    ours_said=reason,
                )
            )
    return differences


def count_differences(differences: Sequence[Difference], questions: int) -> Differences:
    """The differences by cause, and how many of them change what is right."""
    return Differences(
        questions=questions,
        same=questions - len(differences),
        only_ours_right=sum(one.ours_right and not one.theirs_right for one in differences),
        only_theirs_right=sum(one.theirs_right and not one.ours_right for one in differences),
        why=dict(sorted(Counter(one.why for one in differences).items())),
    )


def _why(question: Question, reply: str, ours: str | None, theirs: str | None, reason: str) -> str:
    if question.form != "choice" or not question.options:
        return "form"
    if theirs is not None:
        return _why_theirs(reply, theirs, reason, named=ours is not None)
    return _why_not_theirs(question, reply, reason)


def _why_theirs(reply: str, theirs: str, reason: str, *, named: bool) -> str:
    """They read a letter that ours did not, or another."""
    by_reason = {"negated": "denied", "refusal": "refusal", "truncated": "cut_off"}
    if not named and reason in by_reason:
        return by_reason[reason]
    if not named and reason in {"several", "disagrees", "no_such_option"}:
        return "unsettled"
    word = re.search(rf"(?<!\w){theirs}(?=\s+[a-z])|[a-z]{{3,}}\s+{theirs}(?!\w)", reply)
    if word and not named or word and not re.search(rf"[(\[]{theirs}[)\]]", reply):
        return "letter_is_a_word"
    return "denied" if re.search(r"\b(?:not|no|never|neither|wait|wrong)\b|不", reply, re.IGNORECASE) else "unsettled"


def _why_not_theirs(question: Question, reply: str, reason: str) -> str:
    """Ours read an option, they read nothing."""
    letters = LETTERS[: len(question.options)]
    words = split_words(reply)
    named = [letter for letter in letters if letter in words]
    if reason == "text":
        return "in_words"
    if len(named) > 1:
        return "several_letters"
    if len(named) == 1:
        return "far_from_end"
    if reason == "tagged" or re.search(r"[<>\"'`_$\\/]", reply):
        return "marked_up"
    if re.search(r"[^\x00-\x7f]", reply):
        return "not_english"
    if any(letter.lower() in words for letter in letters):
        return "lower_case"
    return "in_words"
