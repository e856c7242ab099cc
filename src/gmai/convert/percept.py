"""Perception: one question about one fact, with a short answer; put with lettered options, openly, or both ways."""

from collections.abc import Iterator

from gmai.base import hash_unit
from gmai.convert.scene import Scene
from gmai.convert.templates import Written, draw, fill
from gmai.lexicon import format_multiple_choice, format_open_question, question_phrasings
from gmai.types import Box, Conversation, Fact, Label, MaskRef, Polygon, Sample


def make_percepts(scene: Scene) -> Iterator[Conversation]:
    """Make the questions about the chosen facts of a view."""
    for number, fact in enumerate(scene.chosen()):
        name = f"{fact.kind}-{number}"
        answer = Written(text=fact.answer, template="answer", literal="")
        for form in scene.config.forms:
            if form == "open":
                yield scene.conversation("percept", f"{name}.open", [ask(scene, fact, form), answer], [fact])
                continue
            options = draw_options(scene, fact)
            if len(options) > 1:
                asked = ask(scene, fact, form)
                question = Written(
                    text=format_multiple_choice(asked.text, options),
                    template=f"{asked.template}+choice",
                    literal=asked.literal,
                )
                yield scene.conversation("percept", f"{name}.choice", [question, answer], [fact], options)


def ask(scene: Scene, fact: Fact, form: str) -> Written:
    """The question for a fact, in a drawn wording."""
    level = fact.view.granularity
    wordings = question_phrasings(fact.kind, level)
    drawn = draw(wordings, f"question.{fact.kind}.{level}", scene.config.phrasings, *scene.seed(form, fact.about))
    filled = fill(drawn, {"modality": scene.modality_word, "label": fact.about})
    return Written(text=format_open_question(filled.text), template=filled.template, literal=filled.literal)


def draw_options(scene: Scene, fact: Fact) -> tuple[str, ...]:
    """The right answer among drawn wrong ones from the fact's pool, in an order drawn by hash."""
    taken = {fact.answer.casefold(), *_also_right(scene.sample, fact)}
    wrong = list(dict.fromkeys(name for name in fact.pool if name.casefold() not in taken))
    seed = scene.seed("options", fact.kind, fact.about)
    wrong.sort(key=lambda name: hash_unit(*seed, name))
    shown = [fact.answer, *wrong[: scene.config.options - 1]]
    return tuple(sorted(shown, key=lambda name: hash_unit(*seed, "order", name)))


def _also_right(sample: Sample, fact: Fact) -> set[str]:
    """For a finding of the whole picture, whatever else is annotated in it."""
    if fact.kind != "finding" or fact.view.regions:
        return set()
    regions = {item.label.casefold() for item in sample.annotations if isinstance(item, Box | Polygon | MaskRef)}
    return regions | {item.name.casefold() for item in sample.annotations if isinstance(item, Label)}
