"""Instruction: several questions about one view in one conversation, answered in sentences; questions people asked."""

from collections.abc import Iterator

from gmai.convert.percept import ask
from gmai.convert.scene import Scene
from gmai.convert.templates import Written, state
from gmai.types import Conversation


def make_instructs(scene: Scene) -> Iterator[Conversation]:
    """Make the conversation of several turns about a view, where two or more facts can be asked for."""
    config = scene.config
    facts = scene.chosen()[: config.turns]
    if len(facts) < 2:
        return
    said: list[Written] = []
    for fact in facts:
        said.append(ask(scene, fact, "instruct"))
        said.append(state(fact, config.phrasings, *scene.seed("instruct", fact.about), reply=True))
    yield scene.conversation("instruct", "turns", said, facts)
