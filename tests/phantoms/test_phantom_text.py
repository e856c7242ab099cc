"""Text questions: unique, answered, grouped by fact, in an order that a seed draws."""

from collections import Counter

from gmai.phantoms.classes import CT_FINDINGS, HISTOLOGY_CELLS, ULTRASOUND_FINDINGS, XRAY_FINDINGS
from gmai.phantoms.text import build_questions


def test_there_are_a_few_hundred_questions_none_twice():
    questions = build_questions(0, 10**6)
    assert len(questions) >= 300
    assert len({item.question for item in questions}) == len({item.id for item in questions}) == len(questions)
    for item in questions:
        assert item.question[0].isupper() and item.question[-1] in "?." and item.answer == item.answer.strip() != ""
        assert "{" not in item.question + item.answer and len(item.answer) < 120


def test_phrasings_of_a_fact_share_a_subject():
    questions = build_questions(0, 10**6)
    counts = Counter(item.subject for item in questions)
    assert min(counts.values()) >= 2
    assert {item.id.rpartition("-")[0] for item in questions} == set(counts)


def test_every_finding_that_is_drawn_is_explained():
    asked = {item.question for item in build_questions(0, 10**6)}
    for name in (*CT_FINDINGS, *XRAY_FINDINGS, *ULTRASOUND_FINDINGS, *HISTOLOGY_CELLS):
        assert not asked.isdisjoint({f"What is {article}{name}?" for article in ("", "a ", "an ")})


def test_articles_fit_and_terms_are_named_without_them():
    by_question = {item.question: item.answer for item in build_questions(0, 10**6)}
    assert by_question["What is an abscess?"] == "An abscess is a walled-off collection of pus."
    assert by_question["Which finding is this: a walled-off collection of pus?"] == "abscess"
    assert by_question["What does radiography mean in medicine?"].startswith("Radiography is ")


def test_the_seed_draws_which_are_kept():
    first, second = build_questions(0, 50), build_questions(1, 50)
    assert len(first) == len(second) == 50 and first != second
    assert first == build_questions(0, 10**6)[:50] and build_questions(0, 0) == []
