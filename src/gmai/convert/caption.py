"""Captions: every fact of one view in a short text of fixed order: modality and finding, then the rest."""

from collections.abc import Iterator

from gmai.convert.rulebook import read_rules
from gmai.convert.scene import Draft, Scene
from gmai.convert.templates import Written, draw, fill, join, places, state
from gmai.types import Conversation, Fact


def make_captions(scene: Scene) -> Iterator[Draft]:
    """Make the caption of a view."""
    if scene.facts:
        yield scene.draft("caption", "0", lambda made: _caption(scene, made))


def _caption(scene: Scene, made: str) -> Conversation | None:
    rules = read_rules("captions", scene.tongue.language)
    level = scene.view.granularity
    most = scene.config.phrasings
    prompt = fill(draw(rules["prompts"][level], f"prompt.{level}", most, *scene.seed("prompt")), {})
    opening, told = _opening(scene) if level == "image" else _region(scene)
    rest = [fact for fact in scene.facts if fact not in told and not _is_told(fact, scene)]
    sentences = [state(fact, scene.tongue, scene.modality, most, *scene.seed("caption", fact.about)) for fact in rest]
    caption = join([*opening, *sentences], scene.tongue.gap)
    return scene.conversation(made, "caption", [prompt, caption], scene.facts) if caption.text else None


def _opening(scene: Scene) -> tuple[list[Written], list[Fact]]:
    found = {kind: fact for kind in ("modality", "finding") if (fact := scene.fact(kind)) is not None}
    if not found:
        return [], []
    name = "_".join(found)
    wordings = read_rules("captions", scene.tongue.language)["openings"][name]
    drawn = draw(wordings, f"opening.{name}", scene.config.phrasings, *scene.seed("opening"))
    return [_fill(scene, drawn, next(reversed(found.values())))], list(found.values())


def _region(scene: Scene) -> tuple[list[Written], list[Fact]]:
    finding = scene.fact("finding")
    if finding is None:
        return [], []
    name = scene.view.granularity + ("" if scene.modality else "_unnamed")
    wordings = read_rules("captions", scene.tongue.language)["regions"][name]
    drawn = draw(wordings, f"region.{name}", scene.config.phrasings, *scene.seed("region"))
    return [_fill(scene, drawn, finding)], [finding]


def _fill(scene: Scene, drawn: tuple[str, str], fact: Fact) -> Written:
    return fill(drawn, places(fact, scene.tongue, scene.modality))


def _is_told(fact: Fact, scene: Scene) -> bool:
    """True for the presence of something that another sentence names."""
    others = [other for other in scene.facts if other is not fact and other.kind != "presence"]
    return fact.kind == "presence" and fact.answer == "yes" and any(fact.about in (o.answer, o.about) for o in others)
