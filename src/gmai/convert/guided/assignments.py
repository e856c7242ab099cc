"""What is to be written: for each view of a sample a caption, questions and a conversation, each with its facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from gmai.base import digest, hash_bytes, hash_unit
from gmai.convert.config import Subset
from gmai.convert.guided.config import GuidedConfig
from gmai.convert.guided.ground import Ask, Ground
from gmai.convert.guided.prompts import (
    Prompt,
    list_asked,
    list_facts,
    list_options,
    read_prompt,
    system_text,
    tell_view,
)
from gmai.convert.guided.replies import Exchange, TaskName
from gmai.convert.percept import ask, choose_options
from gmai.convert.rulebook import read_rules
from gmai.convert.scene import Scene, build_scenes, view_name
from gmai.convert.templates import draw
from gmai.convert.tongue import Tongue
from gmai.corpus import StoredSample
from gmai.errors import CardError
from gmai.images import draw_view
from gmai.lexicon import NONE, Language, format_multiple_choice, format_open_question
from gmai.llm import Message, Picture, Request
from gmai.types import QA, Conversation, Fact, Reject, Sample, Turn, View

_SUBSETS: Mapping[TaskName, Subset] = {
    "caption": "caption",
    "region": "caption",
    "percept": "percept",
    "instruct": "instruct",
    "text": "text",
}
_DRAWN = 1
"""Version of how views are drawn: part of the key of what is asked about them."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One text to be written."""

    id: str
    subset: Subset
    prompt: Prompt
    ground: Ground
    sample: Sample
    view: View = View()
    pictures: tuple[Picture, ...] = field(default=(), repr=False)
    asked: Mapping[str, str] = field(default_factory=dict)
    """Facts that are asked for, by number, each with one way to ask."""
    opening: str = ""
    """What the user says where the model writes no question."""
    options: tuple[str, ...] = ()
    """Options that a source gives."""

    @property
    def language(self) -> Language:
        """The language to write in."""
        return self.ground.language

    def messages(self) -> tuple[Message, ...]:
        """The question: the prompt, then the pictures and the facts."""
        view = tell_view(self.view.granularity, self.language)
        parts = (view, list_facts(self.ground), list_asked(self.ground, self.asked), list_options(self.ground))
        text = "\n\n".join(part for part in parts if part)
        system = system_text(self.prompt, self.view.granularity)
        return Message("system", (system,)), Message("user", (*self.pictures, text))

    def request(self, config: GuidedConfig) -> Request:
        """The first request."""
        return Request(messages=self.messages(), sampling=config.sampling, tag=f"write {self.prompt.name}")

    def conversation(self, exchanges: Sequence[Exchange]) -> tuple[Conversation, list[list[list[int]]]]:
        """The conversation that was written, and for each sentence of each answer the facts it states."""
        stated = [name for name in self.ground.by_id if any(name in s.facts for e in exchanges for s in e.sentences)]
        facts = tuple(self.ground.by_id[name] for name in stated)
        references = [[[stated.index(name) for name in s.facts] for s in e.sentences] for e in exchanges]
        single = len(facts) == 1 and self.subset != "caption"
        target = self.ground.by_id.get(self.ground.ask.fact) if self.subset in ("percept", "text") else None
        main = target or min(facts, key=lambda fact: (fact.kind != "finding", fact.kind == "modality"))
        made = Conversation(
            id=self.id,
            sample=self.sample.id,
            source=self.sample.source,
            subset=self.subset,
            kind=main.kind if target or single else self.subset,
            task=main.task,
            modality=self.sample.modality,
            department=self.sample.department,
            turns=tuple(turn for exchange in exchanges for turn in self._turns(exchange)),
            view=self.view,
            answer="" if target is None else self._answer(target),
            options=self.options or self.ground.ask.options,
            facts=facts,
            language=self.language,
        )
        return made, references

    def _turns(self, exchange: Exchange) -> tuple[Turn, Turn]:
        question = self.opening or exchange.question.strip()
        options = self.options or self.ground.ask.options
        if options:
            question = format_multiple_choice(question, options, language=self.language)
        elif not self.opening:
            question = format_open_question(question)
        return Turn(role="user", text=question), Turn(role="assistant", text=exchange.answer)

    def _answer(self, fact: Fact) -> str:
        return fact.answer if fact.kind == "qa" else self.ground.tongue.answer(fact, self.ground.modality)


def make_assignments(
    config: GuidedConfig, stored: StoredSample, modalities: Sequence[str], tongues: Sequence[Tongue]
) -> Iterator[Assignment | Reject]:
    """Everything that is to be written about one sample.

    Facts without a name in a language are left out of its lists, each a reject of unit ``fact``.

    Raises:
        FormatError: an annotation that cannot be measured.
    """
    known: tuple[Fact, ...] = ()
    chosen = config.choices()
    looked_at = replace(chosen, granularities=tuple(dict.fromkeys(("image", *chosen.granularities))))
    for scene in build_scenes(looked_at, stored.sample, modalities, tongues):
        known = scene.found or known
        if scene.view.granularity not in config.granularities:
            continue
        said, unsaid = _sayable(scene)
        yield from unsaid
        if said:
            scene = replace(scene, facts=said)
            pictures = _show(stored, scene.view)
            context = [fact for fact in known if fact.kind == "modality"] if scene.view.regions else []
            for made in _of_scene(config, scene, pictures, context):
                if made.subset in config.subsets:
                    yield made
    if "text" in config.subsets and not stored.sample.images:
        yield from _of_texts(config, stored.sample)


def _sayable(scene: Scene) -> tuple[tuple[Fact, ...], list[Reject]]:
    """The facts that can be said in the scene's language, and a reject for each of the others."""
    said, unsaid = [], []
    for fact in scene.facts:
        try:
            list_facts(Ground([fact], "caption", scene.tongue, scene.sample))
        except CardError as error:
            name = f"{scene.sample.id}#{view_name(scene.view)}.{fact.kind}.{scene.tongue.language}"
            unsaid.append(Reject(id=name, stage="convert", reason=error.reason, detail=str(error), unit="fact"))
        else:
            said.append(fact)
    return tuple(said), unsaid


def _show(stored: StoredSample, view: View) -> tuple[Picture, ...]:
    """The pictures as the view shows them; drawn only when they are sent."""
    sample = stored.sample
    if not view.regions:
        pairs = zip(sample.images, stored.pictures, strict=True)
        return tuple(Picture(image.asset or hash_bytes(data), lambda data=data: data) for image, data in pairs)  # type: ignore[misc]
    image, data = sample.images[0], stored.pictures[0]
    regions = [sample.annotations[position] for position in view.regions]
    asset = digest({"picture": image.asset or hash_bytes(data), "view": view, "regions": regions, "drawn": _DRAWN})
    return (Picture(asset, lambda: draw_view(data, view, sample.annotations)),)


def _of_scene(
    config: GuidedConfig, scene: Scene, pictures: tuple[Picture, ...], context: list[Fact]
) -> Iterator[Assignment]:
    new = partial(_new, config, scene, pictures)
    if told := _taken(config, scene, "region" if scene.view.regions else "caption", [*context, *_untold(scene)]):
        yield replace(new("region" if scene.view.regions else "caption", "0", told), opening=_opening(scene))
    chosen = scene.chosen()
    modality = context or [fact for fact in scene.facts if fact.kind == "modality"]
    for number, fact in enumerate(chosen):
        facts = _taken(config, scene, "percept", [*(other for other in modality if other is not fact), fact])
        if fact not in facts:
            continue
        form = config.forms[int(hash_unit(*scene.seed("form"), fact.kind, number) * len(config.forms))]
        options = tuple(choose_options(scene, fact)) if form == "choice" else ()
        target = Ask(f"f{len(facts)}", options)
        asked = {target.fact: ask(scene, fact, "guided").text}
        yield replace(new("percept", f"{fact.kind}-{number}", facts, target), asked=asked)
    first = _taken(config, scene, "instruct", chosen)[: config.turns]
    if len(first) > 1:
        asked = {f"f{n}": ask(scene, fact, "guided").text for n, fact in enumerate(first, start=1)}
        yield replace(new("instruct", "turns", first), asked=asked)


def _untold(scene: Scene) -> list[Fact]:
    """The facts of a caption: all but the presence of what another fact names."""
    told = {name for fact in scene.facts if fact.kind != "presence" for name in (fact.about, fact.answer)}
    return [fact for fact in scene.facts if (fact.kind, fact.answer) != ("presence", "yes") or fact.about not in told]


def _opening(scene: Scene) -> str:
    level = scene.view.granularity
    prompts = read_rules("captions", scene.tongue.language)["prompts"][level]
    return draw(prompts, f"prompt.{level}", None, *scene.seed("prompt"))[1]


def _taken(config: GuidedConfig, scene: Scene, task: TaskName, facts: Sequence[Fact]) -> list[Fact]:
    """The facts that the prompt of a task can do with."""
    prompt = read_prompt(task, scene.tongue.language, config.prompts)
    return [fact for fact in facts if prompt.takes(fact)]


def _new(
    config: GuidedConfig,
    scene: Scene,
    pictures: tuple[Picture, ...],
    task: TaskName,
    name: str,
    facts: Sequence[Fact],
    target: Ask = Ask(),  # noqa: B008 - a frozen record
) -> Assignment:
    language = scene.tongue.language
    subset = _SUBSETS[task]
    ending = "" if language == "en" else f".{language}"
    return Assignment(
        id=f"{scene.sample.id}#{view_name(scene.view)}.{subset}.guided-{name}{ending}",
        subset=subset,
        prompt=read_prompt(task, language, config.prompts),
        ground=Ground(facts, task, scene.tongue, scene.sample, target),
        sample=scene.sample,
        view=scene.view,
        pictures=pictures,
    )


def _of_texts(config: GuidedConfig, sample: Sample) -> Iterator[Assignment]:
    """Questions without a picture, each to be put in other words in its own language."""
    pairs = [item for item in sample.annotations if isinstance(item, QA)]
    for number, pair in enumerate(pairs):
        language: Language = "zh" if (pair.language or sample.language) == "zh" else "en"
        task = sample.tasks.get("qa", NONE)
        fact = Fact(kind="qa", answer=pair.answer, about=pair.question, task=task, records=(pair.record,))
        yield Assignment(
            id=f"{sample.id}#text.guided-{number}",
            subset="text",
            prompt=read_prompt("text", language, config.prompts),
            ground=Ground([fact], "text", Tongue(language), sample, Ask()),
            sample=sample,
            options=pair.options,
        )
