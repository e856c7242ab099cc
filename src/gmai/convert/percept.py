"""Perception: one question about one fact, with a short answer; put with lettered options, openly, or both ways."""

from collections.abc import Iterator, Sequence
from functools import partial

from gmai.convert.distractors import draw_options
from gmai.convert.scene import Draft, Scene
from gmai.convert.templates import Written, draw, fill, places
from gmai.errors import CardError
from gmai.lexicon import format_multiple_choice, format_open_question, task_phrasings
from gmai.types import Conversation, Fact


def make_percepts(scene: Scene) -> Iterator[Draft]:
    """Make the questions about the chosen facts of a view."""
    for number, fact in enumerate(scene.chosen()):
        for form in scene.config.forms:
            write = partial(put_choice if form == "choice" else _put_openly, scene, fact)
            yield scene.draft("percept", f"{fact.kind}-{number}.{form}", write)


def ask(scene: Scene, fact: Fact, form: str) -> Written:
    """The question for a fact, in a drawn wording."""
    level = fact.view.granularity
    if fact.kind not in ("modality", "finding", "location", "grade", "count", "presence", "size"):
        scene.tongue.kind(fact.kind)
    wordings = task_phrasings(fact.kind, level, fact.task, scene.tongue.language)
    drawn = draw(wordings, f"question.{fact.kind}.{level}", scene.config.phrasings, *scene.seed(form, fact.about))
    filled = fill(drawn, places(fact, scene.tongue, scene.modality))
    return Written(text=format_open_question(filled.text), template=filled.template, literal=filled.literal)


def put_choice(scene: Scene, fact: Fact, made: str, asked: Written | None = None) -> Conversation | None:
    """The question with lettered options; None where there are not two."""
    options = choose_options(scene, fact)
    if not options:
        return None
    asked = asked or ask(scene, fact, "choice")
    text = format_multiple_choice(asked.text, options, language=scene.tongue.language)
    question = Written(text=text, template=f"{asked.template}+choice", literal=asked.literal)
    return scene.conversation(made, "percept", [question, answer(scene, fact)], [fact], options)


def choose_options(scene: Scene, fact: Fact) -> list[str]:
    """The right answer among wrong ones as they are called, in an order drawn by hash; none where there are not two."""
    seed = scene.seed("options", fact.kind, fact.about)
    named = _named(scene, fact)
    hard = scene.config.wrong == "hard"
    drawn = draw_options(scene.sample, fact, list(named), scene.config.options, hard, seed)
    return [named[option] for option in drawn] if len(drawn) > 1 else []


def answer(scene: Scene, fact: Fact) -> Written:
    """The answer alone."""
    return Written(text=scene.tongue.answer(fact, scene.modality), template="answer", literal="")


def _put_openly(scene: Scene, fact: Fact, made: str) -> Conversation:
    return scene.conversation(made, "percept", [ask(scene, fact, "open"), answer(scene, fact)], [fact])


def _named(scene: Scene, fact: Fact) -> dict[str, str]:
    """The answers that can be put in this language, each under a name of its own; the right one among them."""
    right = scene.tongue.answer(fact, scene.modality)
    found = {fact.answer: right}
    for option in _others(fact.pool, fact.answer):
        try:
            name = scene.tongue.option(fact, option, scene.modality)
        except CardError:
            continue
        if name not in found.values():
            found[option] = name
    order = {name: place for place, name in enumerate(dict.fromkeys(fact.pool))}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _others(pool: Sequence[str], answer: str) -> Iterator[str]:
    return (option for option in dict.fromkeys(pool) if option != answer)
