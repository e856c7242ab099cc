"""A sample as the subsets see it: its views, the facts that each view shows, and the language they are told in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from gmai.annotations import UNNAMED_MODALITIES, find_facts
from gmai.base import hash_unit
from gmai.convert.changes import is_progression
from gmai.convert.checks import check_grounded
from gmai.convert.config import ConvertConfig, Subset
from gmai.convert.distractors import harden
from gmai.convert.templates import ENGINE, Written
from gmai.convert.tongue import Tongue
from gmai.lexicon import read_lexicon
from gmai.types import Conversation, Fact, Sample, Turn, View


class Draft(NamedTuple):
    """A conversation that can be written: its id, and how; None where it turns out that there is nothing to say."""

    subset: Subset
    id: str
    write: Callable[[], Conversation | None]


@dataclass(frozen=True, slots=True)
class Scene:
    """One view of one sample with its facts, and how conversations about it are to be made."""

    config: ConvertConfig
    sample: Sample
    view: View
    facts: tuple[Fact, ...]
    tongue: Tongue
    found: tuple[Fact, ...] = ()
    """Every fact of the sample, whatever kinds are asked about; of the clean picture's scene only."""
    prior: Sample | None = None
    """The sample of the visit before, whose pictures come first, where the two are compared."""

    def seed(self, *parts: object) -> tuple[object, ...]:
        """What draws about this view are seeded with; the same in every language."""
        return (self.config.seed, self.sample.id, view_name(self.view), *parts)

    @property
    def modality(self) -> str:
        """The picture's modality; empty if it is not known by name."""
        return "" if self.sample.modality in UNNAMED_MODALITIES else self.sample.modality

    def fact(self, kind: str) -> Fact | None:
        """The only fact of a kind, None if there are none or several."""
        found = [fact for fact in self.facts if fact.kind == kind]
        return found[0] if len(found) == 1 else None

    def chosen(self, facts: Sequence[Fact] | None = None) -> list[Fact]:
        """At most ``per_kind`` facts of each kind, drawn by hash, in the order of facts."""
        facts = self.facts if facts is None else facts
        drawn = {}
        for kind in dict.fromkeys(fact.kind for fact in facts):
            found = [fact for fact in facts if fact.kind == kind]
            if len(found) > self.config.per_kind:
                found.sort(key=lambda fact: hash_unit(*self.seed("fact"), fact.kind, fact.about, fact.answer))
            drawn[kind] = found[: self.config.per_kind]
        return [fact for fact in facts if fact in drawn[fact.kind]]

    def draft(self, subset: Subset, name: str, write: Callable[[str], Conversation | None]) -> Draft:
        """A conversation to be; in other languages than English its id ends in the language."""
        ending = "" if self.tongue.language == "en" else f".{self.tongue.language}"
        made = f"{self.sample.id}#{view_name(self.view)}.{subset}.{name}{ending}"
        return Draft(subset, made, lambda: write(made))

    def conversation(
        self, made: str, subset: Subset, said: Sequence[Written], facts: Sequence[Fact], options: Sequence[str] = ()
    ) -> Conversation:
        """Put turns together, user and assistant in turn, with the facts they state, and check the one by the other.

        Raises:
            GroundingError: the turns do not say what the facts say.
        """
        single = len({fact.kind for fact in facts}) == 1 and subset != "caption"
        alone = single and len(facts) == 1
        conversation = Conversation(
            id=made,
            sample=self.sample.id,
            source=self.sample.source,
            subset=subset,
            kind=facts[0].kind if single else subset,
            task=_main_task(facts),
            modality=self.sample.modality,
            department=self.sample.department,
            turns=tuple(
                Turn(role="assistant" if place % 2 else "user", text=text.text) for place, text in enumerate(said)
            ),
            view=self.view,
            prior="" if self.prior is None else self.prior.id,
            answer=self.tongue.answer(facts[0], self.modality) if alone else "",
            options=tuple(options),
            facts=tuple(facts),
            language=self.tongue.language,
            template=f"{ENGINE}:{'|'.join(text.template for text in said)}",
        )
        check_grounded(conversation, self._both(), " ".join(text.literal for text in said), self.tongue)
        return conversation

    def _both(self) -> Sample:
        """The sample with what is annotated in either of the two that are compared."""
        if self.prior is None:
            return self.sample
        return replace(self.sample, annotations=(*self.prior.annotations, *self.sample.annotations))


def build_scenes(
    config: ConvertConfig, sample: Sample, modalities: Sequence[str], tongues: Sequence[Tongue]
) -> Iterator[Scene]:
    """The views of a sample that conversations are made about, in each language: the clean image, then drawn regions.

    Args:
        config: how to choose.
        sample: the sample; one without pictures has no scene.
        modalities: every modality in the corpus, the pool of the question for the modality.
        tongues: the languages.

    Raises:
        FormatError: an annotation that cannot be measured.
    """
    by_view: dict[View, list[Fact]] = {}
    found = find_facts(sample)
    for fact in found:
        if len(sample.images) == 2 and "comparisons" in config.also and is_progression(fact.kind):
            continue
        if not config.kinds or fact.kind in config.kinds:
            by_view.setdefault(fact.view, []).append(_with_pool(fact, modalities))
    clean = by_view.pop(View(), [])
    if config.wrong == "hard":
        clean = harden(clean, sample)
    if (clean or config.also) and "image" in config.granularities and sample.images:
        for tongue in tongues:
            yield Scene(config, sample, View(), tuple(clean), tongue, found)
    if hash_unit(config.seed, sample.id, "overlay") >= config.overlay_share:
        return
    for view in _draw_views(config, sample, by_view):
        for tongue in tongues:
            yield Scene(config, sample, view, tuple(by_view[view]), tongue)


def view_name(view: View) -> str:
    """A name of a view within its sample that tells no label: ``image``, ``box-3``."""
    return "-".join([view.granularity, *(str(position) for position in view.regions)])


def _draw_views(config: ConvertConfig, sample: Sample, by_view: dict[View, list[Fact]]) -> list[View]:
    """Draw views level by level and label by label, so that frequent labels do not crowd out rare ones."""
    left = [view for view in by_view if view.granularity in config.granularities]
    drawn: list[View] = []
    while left and len(drawn) < config.overlays:
        seed = (config.seed, sample.id, len(drawn))
        level = _draw({view.granularity for view in left}, *seed, "level")
        label = _draw({by_view[view][0].answer for view in left if view.granularity == level}, *seed, "label")
        at = [view for view in left if view.granularity == level and by_view[view][0].answer == label]
        drawn.append(min(at, key=lambda view: hash_unit(*seed, *view.regions)))
        left = [view for view in left if view.regions != drawn[-1].regions]
    return drawn


def _draw(names: set[str], *seed: object) -> str:
    return min(sorted(names), key=lambda name: hash_unit(*seed, name))


def _with_pool(fact: Fact, modalities: Sequence[str]) -> Fact:
    """Give a modality fact its pool: the corpus' modalities, filled up, without others of the answer's family."""
    if fact.kind != "modality" or fact.pool:
        return fact
    lexicon = read_lexicon()
    family = lexicon.family(fact.answer)
    pool = [name for name in lexicon.modality_pool(modalities) if lexicon.family(name) != family]
    return replace(fact, pool=(fact.answer, *pool))


def _main_task(facts: Sequence[Fact]) -> str:
    """The task of the finding, else of the first fact that is not the modality."""
    first = min(facts, key=lambda fact: (fact.kind != "finding", fact.kind == "modality"))
    return first.task
