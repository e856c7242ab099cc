"""A real model of random weights answers by likelihood and by generation, with pictures and blind."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gmai.base import iter_jsonl
from gmai.bench import LETTERS, find_question, read_tsv, write_tsv
from gmai.errors import ConfigError, ModelError
from gmai.evaluate import RunConfig, extract_choice, run_model
from gmai.images import decode_picture
from gmai.lexicon import choice_instruction, format_multiple_choice
from gmai.models import (
    FAMILIES,
    OptionItem,
    load_model,
    pick_option,
    save_model,
    score_letters,
    score_options,
)
from gmai.types import Prediction
from tiny_model import SHAPE, make_model


def run(bench: Path, model: Path, out: Path, **settings: object) -> list[Prediction]:
    stats = run_model(RunConfig(tsv=bench / "public/TEST.tsv", model=model, out=out, limit=24, **settings))
    assert (stats.name, stats.questions) == ("tiny", 24) and set(stats.inputs) == {"tsv", "prompt", "model"}
    return list(iter_jsonl(out / "predictions.jsonl", Prediction))


def test_likelihood_is_the_models_own(bench, model, tmp_path):
    predictions = run(bench, model, tmp_path / "p", batch=8)
    loaded = load_model(model)
    for prediction in predictions[:5]:
        question = find_question(bench / "public/TEST.tsv", prediction.index)
        prompt = format_multiple_choice(question.question, question.options)
        (alone,) = score_options(loaded, [OptionItem((decode_picture(question.picture()),), prompt, question.options)])
        assert prediction.likelihoods == pytest.approx(alone, abs=1e-4)
        best, tie = pick_option(prediction.likelihoods)
        assert (prediction.choice, prediction.tie) == (LETTERS[best], tie)


@pytest.mark.parametrize("normalise", ["mean", "pmi"])
def test_a_run_says_how_likelihoods_compare(bench, model, tmp_path, normalise):
    predictions = run(bench, model, tmp_path / "p", batch=8, normalise=normalise)
    loaded = load_model(model)
    for prediction in predictions[:2]:
        question = find_question(bench / "public/TEST.tsv", prediction.index)
        prompt = format_multiple_choice(question.question, question.options)
        item = OptionItem((decode_picture(question.picture()),), prompt, question.options)
        (alone,) = score_options(loaded, [item], normalise=normalise)
        assert prediction.likelihoods == pytest.approx(alone, abs=1e-4)
        assert prediction.choice == LETTERS[pick_option(alone)[0]]
    with pytest.raises(ConfigError, match="another run"):
        run(bench, model, tmp_path / "p", batch=8)


def test_a_blind_model_sees_no_picture(bench, model, tmp_path):
    seeing = run(bench, model, tmp_path / "p", batch=8)
    blind = run(bench, model, tmp_path / "b", batch=8, blind=True)
    assert all(a.likelihoods != b.likelihoods for a, b in zip(seeing, blind, strict=True))
    rows = [find_question(bench / "public/TEST.tsv", p.index) for p in blind]
    by_text = {}
    for row, prediction in zip(rows, blind, strict=True):
        known = by_text.setdefault((row.question, row.options), prediction.likelihoods)
        assert prediction.likelihoods == pytest.approx(known, abs=1e-4)


def test_generation_keeps_replies_and_reads_them(bench, model, tmp_path):
    predictions = run(bench, model, tmp_path / "p", runner="generate", batch=8, max_new_tokens=6)
    for prediction in predictions:
        options = find_question(bench / "public/TEST.tsv", prediction.index).options
        assert prediction.choice == extract_choice(prediction.text, options).letter
        assert prediction.likelihoods == ()
    assert any(prediction.text for prediction in predictions)


def test_a_run_is_named_after_the_folder_of_its_model(bench, model, tmp_path):
    shutil.copytree(model, tmp_path / "model/model")
    for given, name in [(tmp_path / "model", "model"), (tmp_path / "model/model", "model"), (model.parent, "tiny")]:
        config = RunConfig(tsv=bench / "public/TEST.tsv", model=given, out=tmp_path / "p", limit=1, resume=False)
        assert run_model(config).name == name


def test_no_model_there(bench, tmp_path):
    with pytest.raises(ModelError, match="no model here"):
        run_model(RunConfig(tsv=bench / "public/TEST.tsv", model=tmp_path, out=tmp_path / "p"))


def test_letters_are_compared_after_the_line_that_asks_for_them(bench, model, tmp_path):
    predictions = run(bench, model, tmp_path / "p", batch=8, runner="letters")
    loaded = load_model(model)
    for prediction in predictions[:5]:
        question = find_question(bench / "public/TEST.tsv", prediction.index)
        prompt = format_multiple_choice(question.question, question.options, choice_instruction())
        letters = tuple(LETTERS[: len(question.options)])
        (alone,) = score_letters(loaded, [OptionItem((decode_picture(question.picture()),), prompt, letters)])
        assert prediction.mode == "letters" and prediction.likelihoods == pytest.approx(alone, abs=1e-4)
        assert prediction.choice == LETTERS[pick_option(alone)[0]]


def test_turned_options_are_the_models_own_in_the_order_of_the_file(bench, model, tmp_path):
    turned = {(p.index, p.rotation): p for p in run(bench, model, tmp_path / "c", batch=8, circular=True)}
    loaded = load_model(model)
    question = find_question(bench / "public/TEST.tsv", min(index for index, _ in turned))
    picture = decode_picture(question.picture())
    for rotation in range(len(question.options)):
        shown = (*question.options[rotation:], *question.options[:rotation])
        prompt = format_multiple_choice(question.question, shown)
        (alone,) = score_options(loaded, [OptionItem((picture,), prompt, question.options)])
        assert turned[question.index, rotation].likelihoods == pytest.approx(alone, abs=1e-4)


ROWS = [
    {"index": 0, "question": "What is it?"},
    {"index": 1, "question": "Select all that apply.", "A": "a", "B": "b"},
    {"index": 2, "question": "Which?", "A": "a", "B": "b"},
]


@pytest.mark.parametrize("runner", ["likelihood", "letters", "random"])
def test_questions_that_leave_no_single_option_to_choose_are_abstentions(model, tmp_path, runner):
    write_tsv(tmp_path / "q.tsv", ROWS, ("index", "question", "A", "B"))
    given = None if runner == "random" else model
    stats = run_model(RunConfig(tsv=tmp_path / "q.tsv", model=given, runner=runner, out=tmp_path / "p"))
    found = list(iter_jsonl(tmp_path / "p/predictions.jsonl", Prediction))
    several = "" if runner == "random" else "not_one_option"
    assert [answer.reason for answer in found] == ["not_one_option", several, ""]
    assert found[2].choice in {"A", "B"} and stats.invalid == (1 if runner == "random" else 2)
    assert runner != "random" or found[1].choice in {"A", "B", "AB"}


def test_a_local_model_sees_every_picture_of_a_question(bench, model, tmp_path):
    shown = list(read_tsv(bench / "public/TEST.tsv"))[:2]
    for number, question in enumerate(shown):
        (tmp_path / f"{number}.png").write_bytes(question.picture())
    rows = [
        {**ROWS[2], "index": index, "image_path": repr(names)}
        for index, names in enumerate([["0.png", "1.png"], ["1.png", "0.png"], ["0.png"]])
    ]
    write_tsv(tmp_path / "q.tsv", rows, (*ROWS[2], "image_path"))
    run_model(RunConfig(tsv=tmp_path / "q.tsv", model=model, out=tmp_path / "p"))
    found = list(iter_jsonl(tmp_path / "p/predictions.jsonl", Prediction))
    both = tuple(decode_picture(question.picture()) for question in shown)
    prompt = format_multiple_choice("Which?", ("a", "b"))
    items = [OptionItem(pictures, prompt, ("a", "b")) for pictures in (both, both[::-1], both[:1])]
    for prediction, expected in zip(found, score_options(load_model(model), items), strict=True):
        assert prediction.likelihoods == pytest.approx(expected, abs=1e-4)
    assert len({prediction.likelihoods for prediction in found}) == 3


@pytest.mark.parametrize("family", FAMILIES.names())
def test_a_model_of_any_family_is_asked_for_likelihoods_and_replies(bench, tmp_path, family):
    texts = [question.question for question in read_tsv(bench / "public/TEST.tsv")][:40]
    save_model(make_model(texts, replace(SHAPE, max_tiles=3, context=512), family=family), tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    for runner in ("likelihood", "generate"):
        out = tmp_path / runner
        config = RunConfig(tsv=bench / "public/TEST.tsv", model=tmp_path / "model", out=out, limit=4, runner=runner)
        assert run_model(config).questions == 4
        predictions = list(iter_jsonl(out / "predictions.jsonl", Prediction))
        assert len(predictions) == 4 and all(p.text if runner == "generate" else p.likelihoods for p in predictions)
        question = find_question(bench / "public/TEST.tsv", predictions[0].index)
        if runner == "likelihood":
            prompt = format_multiple_choice(question.question, question.options)
            item = OptionItem((decode_picture(question.picture()),), prompt, question.options)
            assert predictions[0].likelihoods == pytest.approx(score_options(loaded, [item])[0], abs=1e-4)
