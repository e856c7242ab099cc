"""Instruction: several questions about one view in one conversation, answered in sentences; one by one if asked for."""

from collections.abc import Iterator
from functools import partial

from gmai.convert.percept import ask
from gmai.convert.scene import Draft, Scene
from gmai.convert.templates import Written, state
from gmai.types import Conversation, Fact


def make_instructs(scene: Scene) -> Iterator[Draft]:
    """Make the conversation of several turns about a view, where two or more facts can be asked for."""
    facts = scene.chosen()
    first = facts[: scene.config.turns]
    if len(first) > 1:
        yield scene.draft("instruct", "turns", partial(_turns, scene, first, form="instruct"))
    if "questions" in scene.config.also:
        for number, fact in enumerate(facts):
            write = partial(_turns, scene, [fact], form="question")
            yield scene.draft("instruct", f"{fact.kind}-{number}", write)


def _turns(scene: Scene, facts: list[Fact], made: str, *, form: str) -> Conversation:
    said: list[Written] = []
    for fact in facts:
        said.append(ask(scene, fact, form))
        seed = scene.seed(form, fact.about)
        said.append(state(fact, scene.tongue, scene.modality, scene.config.phrasings, *seed, reply=True))
    return scene.conversation(made, "instruct", said, facts)
