"""The section of answers: right and wrong ones of the last model, drawn by a seed, never picked by hand."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gmai.base import hash_unit
from gmai.bench import LETTERS, PublicQuestion, read_tsv
from gmai.report import Card, Option, Picture, Section, format_number, gallery, subheading
from gmai.story.evaluations import Evaluation
from gmai.story.pictures import show_plain
from gmai.types import Prediction, Question

SEED = "answers"


@dataclass(frozen=True)
class Answer:
    """A question with its key and what the model answered."""

    question: Question
    prediction: Prediction

    @property
    def right(self) -> bool:
        """True if the model chose the key."""
        return self.prediction.choice == self.question.answer


def read_answers(final: Evaluation) -> tuple[Answer, ...]:
    """Every answer of an evaluation, by index; empty if its benchmark or predictions are not among the runs."""
    if final.asked is None or final.bench is None:
        return ()
    said = {prediction.index: prediction for prediction in final.predictions()}
    questions = sorted(final.key(), key=lambda question: question.index)
    return tuple(Answer(question, said[question.index]) for question in questions if question.index in said)


def build_answers_section(final: Evaluation, answers: Sequence[Answer], each: int) -> Section | None:
    """Section of examples, up to ``each`` right and as many wrong; None if there are no answers to show."""
    if not answers:
        return None
    right, wrong = _draw(answers, True, each), _draw(answers, False, each)
    pictures = _pictures(final, {answer.question.index for answer in (*right, *wrong)})
    body = Markup("")
    for title, chosen in (("Right", right), ("Wrong", wrong)):
        if chosen:
            cards = [answer_card(answer, pictures[answer.question.index]) for answer in chosen]
            body += subheading(title) + gallery(cards, f"{title} answers")
    number = sum(answer.right for answer in answers)
    lead = (
        f"{number} of {len(answers)} answers of the last model are right. These were drawn by a fixed seed, one of "
        "each kind and modality in turn. A bar is an option's share of the likelihood among the options offered."
    )
    data = {"right": [a.question.index for a in right], "wrong": [a.question.index for a in wrong]}
    return Section("answers", "Right and wrong", body, lead, data)


def _draw(answers: Sequence[Answer], right: bool, count: int) -> list[Answer]:
    """One answer of each kind and modality, then a second of each, by a seeded coin."""
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        if answer.right == right:
            groups.setdefault((answer.question.kind, answer.question.modality), []).append(answer)
    ranked = []
    for group, members in groups.items():
        members.sort(key=lambda answer: hash_unit(SEED, answer.question.index))
        ranked += [(turn, hash_unit(SEED, *group), answer) for turn, answer in enumerate(members)]
    ranked.sort(key=lambda item: item[:2])
    return [answer for _, _, answer in ranked[:count]]


def _pictures(final: Evaluation, indexes: set[int]) -> Mapping[int, PublicQuestion]:
    assert final.tsv is not None
    return {question.index: question for question in read_tsv(final.tsv) if question.index in indexes}


def answer_card(answer: Answer, asked: PublicQuestion) -> Card:
    """A card of one answer with the picture the model was shown."""
    question, prediction = answer.question, answer.prediction
    alt = f"{question.modality} picture, {question.granularity}"
    picture: tuple[Picture, ...] = (show_plain(asked.picture(), alt),) if asked.places else ()
    reply = f" Reply: “{prediction.text}”" if prediction.text else ""
    tie = " The two best options were tied and the earlier was taken." if prediction.tie else ""
    return Card(
        title=question.question,
        pictures=picture,
        lines=(f"{question.modality} · {question.kind} · {question.granularity}",),
        options=tuple(_options(answer)),
        verdict="right" if answer.right else "wrong" if prediction.choice else "no answer",
        foot=f"question {question.index}, {question.source}, subject {question.subject}.{reply}{tie}",
    )


def _options(answer: Answer) -> Iterator[Option]:
    likelihoods = answer.prediction.likelihoods
    shares = softmax(likelihoods) if likelihoods else [None] * len(answer.question.options)
    for place, (letter, text) in enumerate(zip(LETTERS, answer.question.options, strict=False)):
        note = f"log-likelihood {format_number(likelihoods[place])}" if likelihoods else ""
        key, choice = letter == answer.question.answer, letter == answer.prediction.choice
        yield Option(letter, text, shares[place], note, key, choice)


def softmax(values: Sequence[float]) -> list[float]:
    """Likelihoods as shares of their sum, from their logarithms."""
    top = max(values)
    weights = [math.exp(value - top) for value in values]
    return [weight / sum(weights) for weight in weights]
