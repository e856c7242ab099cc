"""Answers held against keys: replies are read at scoring, clusters and twins, turned options."""

import pytest
from answered import ask, chosen, reply

from gmai.errors import ScoreError
from gmai.evaluate import grade
from gmai.evaluate.clusters import count_ways, number_clusters
from gmai.evaluate.grading import plain, weigh
from gmai.evaluate.scoring import score_answers


def test_scoring_reads_the_reply_again_whatever_the_run_read():
    (answer,) = grade([reply(0, "The answer is B.", choice="A", reason="older rule")], [ask(0)])
    assert (answer.choice, answer.right, answer.reason) == ("B", True, "statement")
    (answer,) = grade([reply(0, "I am sorry, I cannot determine that.", choice="B")], [ask(0)])
    assert answer.choice is None and answer.is_refusal and not answer.right
    (answer,) = grade([reply(0, choice="B")], [ask(0)])
    assert answer.right  # a choice without text stands


def test_a_failed_request_is_an_error_and_wrong():
    (answer,) = grade([reply(0, "B", error="llm.timeout")], [ask(0)])
    assert answer.is_error and answer.is_invalid and not answer.right
    (score, *_) = score_answers([reply(0, "B", error="llm.timeout"), chosen(1)], [ask(0), ask(1)])
    assert (score.errors, score.invalid, score.correct, score.n) == (1, 1, 1, 2)


def test_several_letters_are_right_only_as_a_set():
    keys = [ask(n, form="multiple", answer="AC") for n in range(3)]
    given = [reply(0, "A, C"), chosen(1, "AC"), chosen(2, "A")]
    assert [answer.right for answer in grade(given, keys)] == [True, True, False]


def test_yes_or_no_and_open_answers_are_held_against_words():
    keys = [
        ask(0, form="yes_no", options=(), answer="Yes"),
        ask(1, form="yes_no", options=(), answer="no"),
        ask(2, form="open", options=(), answer="the left lung"),
        ask(3, form="open", options=(), answer="MRI", answers=("MRI", "magnetic resonance imaging")),
    ]
    given = [
        reply(0, "Yes, there is."),
        reply(1, "Yes."),
        reply(2, "Left lung."),
        reply(3, "Magnetic-resonance imaging"),
    ]
    assert [answer.right for answer in grade(given, keys)] == [True, False, True, True]
    assert plain("The Left  Lung.") == plain("left lung")


def test_turned_options_are_read_in_the_order_of_the_file():
    key = ask(0, options=("x", "y"), answer="B")
    turned = [chosen(0, "B"), chosen(0, "A", rotation=1)]
    (answer,) = grade(turned, [key])
    assert answer.right and answer.turned == (True, False)
    (answer,) = grade([reply(0, "B"), reply(0, "A", rotation=1)], [key])
    assert answer.turned == (True, True)  # A of the turned options is y
    (score, *_) = score_answers(turned, [key])
    assert (score.n, score.correct) == (1, 1)


def test_a_rotation_must_not_be_missing():
    with pytest.raises(ScoreError, match="rotation 2 is missing"):
        grade([chosen(0), chosen(0, rotation=1), chosen(0, rotation=3)], [ask(0)])
    with pytest.raises(ScoreError, match="turned 1 times is there 2 times"):
        grade([chosen(0), chosen(0, rotation=1), chosen(0, rotation=1)], [ask(0)])


def test_clusters_are_subjects_else_pictures_else_questions():
    keys = [
        ask(0, subject="p"),
        ask(1, subject="p"),
        ask(2, subject="p", source="t"),
        ask(3, subject="", assets=("a", "b")),
        ask(4, subject="", assets=("c",)),
        ask(5, subject="", assets=("b", "c")),
        ask(6, subject="", assets=()),
        ask(7, subject="", assets=()),
        ask(8, subject="", assets=("d",), twin="w"),
        ask(9, subject="", assets=("e",), twin="w"),
    ]
    assert number_clusters(keys) == [0, 0, 1, 2, 2, 2, 3, 4, 5, 5]
    assert count_ways(keys) == {"picture": 5, "question": 2, "subject": 3}


def test_twins_count_as_one_question():
    keys = [ask(0), ask(1, twin="t", subject="q"), ask(2, twin="t", subject="q"), ask(3, twin="t", subject="q")]
    given = [chosen(0, "A"), chosen(1), chosen(2), chosen(3, "A")]
    (whole, *_) = score_answers(given, keys)
    assert whole.accuracy == pytest.approx((2 / 3) / 2, abs=1e-6)
    assert (whole.n, whole.correct, whole.counted) == (4, 2, 2.0)
    assert weigh(grade(given, keys)[:2]) == [1.0, 1.0]  # among these it has no twin


def test_ties_take_the_earlier_option_and_are_counted():
    from gmai.evaluate.scoring import iter_measures

    answers = grade([chosen(0, tie=True), chosen(1)], [ask(0), ask(1)])
    (tie,) = [
        one for one in iter_measures(answers) if (one.metric, one.axis, one.node) == ("rate.tie", "overall", "all")
    ]
    assert tie.value == 0.5 and answers[0].right
