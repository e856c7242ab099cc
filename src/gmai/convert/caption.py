"""Captions: every fact of one view in a short text of fixed order: modality and finding, then the rest."""

from collections.abc import Iterator

from gmai.convert.scene import Scene
from gmai.convert.templates import Written, draw, fill, join, read_rules, state
from gmai.types import Conversation, Fact


def make_captions(scene: Scene) -> Iterator[Conversation]:
    """Make the caption of a view."""
    rules = read_rules("captions")
    level = scene.view.granularity
    most = scene.config.phrasings
    prompt = fill(draw(rules["prompts"][level], f"prompt.{level}", most, *scene.seed("prompt")), {})
    opening, told = _opening(scene) if level == "image" else _region(scene)
    rest = [fact for fact in scene.facts if fact not in told and not _is_told(fact, scene)]
    sentences = [state(fact, most, *scene.seed("caption", fact.about)) for fact in rest]
    caption = join([*opening, *sentences])
    if caption.text:
        yield scene.conversation("caption", "0", [prompt, caption], scene.facts)


def _opening(scene: Scene) -> tuple[list[Written], list[Fact]]:
    found = {kind: fact for kind in ("modality", "finding") if (fact := scene.fact(kind)) is not None}
    if not found:
        return [], []
    name = "_".join(found)
    drawn = draw(
        read_rules("captions")["openings"][name], f"opening.{name}", scene.config.phrasings, *scene.seed("opening")
    )
    return [fill(drawn, {kind: fact.answer for kind, fact in found.items()})], list(found.values())


def _region(scene: Scene) -> tuple[list[Written], list[Fact]]:
    finding = scene.fact("finding")
    if finding is None:
        return [], []
    named = scene.names_modality
    name = scene.view.granularity + ("" if named else "_unnamed")
    drawn = draw(
        read_rules("captions")["regions"][name], f"region.{name}", scene.config.phrasings, *scene.seed("region")
    )
    return [fill(drawn, {"finding": finding.answer, "modality": scene.sample.modality})], [finding]


def _is_told(fact: Fact, scene: Scene) -> bool:
    """True for the presence of something that another sentence names."""
    others = [other for other in scene.facts if other is not fact and other.kind != "presence"]
    return fact.kind == "presence" and fact.answer == "yes" and any(fact.about in (o.answer, o.about) for o in others)
