"""Prompts: what is put to a model, word for word, and what of it is the run's identity."""

import pytest

from gmai.base import hash_bytes
from gmai.bench import PublicQuestion
from gmai.errors import ConfigError
from gmai.evaluate import find_prompt, prompt_names
from gmai.lexicon import choice_instruction, format_multiple_choice

QUESTION = PublicQuestion(index=1, question="Which {options} is shown?", options=("a {question}", "none", "NA"))
OPEN = PublicQuestion(index=2, question="What is this?", options=(), form="open")


def test_plain_is_the_wording_of_training():
    said = find_prompt("", "likelihood").word(QUESTION)
    assert said == format_multiple_choice(QUESTION.question, QUESTION.options)
    assert find_prompt("", "generate").word(OPEN) == "What is this?"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_letter_adds_the_line_that_asks_for_a_letter(language):
    said = find_prompt("letter" if language == "en" else "letter.zh", "openai").word(QUESTION)
    line = choice_instruction(language)
    assert said == format_multiple_choice(QUESTION.question, QUESTION.options, line, language)


def test_the_shape_of_vlmevalkit_has_its_hint_where_there_is_one():
    hinted = PublicQuestion(index=1, question="Which?", options=("one", "two"), extra={"Hint": "Look at {question}."})
    assert find_prompt("vlmevalkit", "openai").word(hinted).splitlines()[:5] == [
        "Hint: Look at {question}.",
        "Question: Which?",
        "Options:",
        "A. one",
        "B. two",
    ]
    assert find_prompt("vlmevalkit", "openai").word(QUESTION).startswith("Question: Which {options} is shown?\n")


@pytest.mark.parametrize("name", prompt_names())
def test_every_form_is_asked_with_its_question_and_all_options(name):
    prompt = find_prompt(name, "openai")
    assert prompt.name == name
    for form, options in [("choice", ("x1", "x2")), ("multiple", ("x1", "x2", "x3")), ("open", ()), ("yes_no", ())]:
        said = prompt.word(PublicQuestion(index=1, question="Q?", options=options, form=form))
        assert "Q?" in said and all(f"{'ABC'[i]}" in said and option in said for i, option in enumerate(options))
        assert "{" not in said and said == said.strip()
    several = prompt.word(PublicQuestion(index=1, question="Q?", options=("x1", "x2"), form="multiple"))
    assert name == "plain" or several != prompt.word(PublicQuestion(index=1, question="Q?", options=("x1", "x2")))


def test_a_prompt_of_ones_own_and_its_identity(tmp_path):
    text = "name: mine\nchoice: 'Q {question} O {options}'\nmultiple: '{question}{options}'\n"
    text += "yes_no: '{question}'\nopen: '{question}'\n"
    (tmp_path / "mine.yaml").write_text(text)
    (tmp_path / "told.yaml").write_text(text + "about: for a try\n")
    (tmp_path / "other.yaml").write_text(text + "system: You see.\n")
    mine, told, other = (find_prompt(str(tmp_path / f"{name}.yaml"), "") for name in ("mine", "told", "other"))
    assert mine.word(QUESTION) == "Q Which {options} is shown? O A. a {question}\nB. none\nC. NA"
    assert mine.key == told.key != other.key and len({find_prompt(n, "").key for n in prompt_names()}) >= 7


@pytest.mark.parametrize(
    "text, message",
    [
        ("name: x\nchoice: '{question}'\nmultiple: '{question}{options}'\nyes_no: ''\nopen: ''\n", "choice must have"),
        ("name: x\nchoise: ''\n", "choise"),
        ("- a\n", "expected a mapping"),
    ],
)
def test_a_prompt_that_cannot_be_used(tmp_path, text, message):
    path = tmp_path / f"{hash_bytes(text.encode())[:8]}.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        find_prompt(str(path), "openai")
    with pytest.raises(ConfigError, match="no prompt 'nothing'.*letter.zh"):
        find_prompt("nothing", "openai")
