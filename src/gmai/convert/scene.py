"""A sample as the subsets see it: its views, and the facts that each view shows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gmai.annotations import UNNAMED_MODALITIES, find_facts
from gmai.base import hash_unit
from gmai.convert.checks import check_grounded
from gmai.convert.config import ConvertConfig, Subset
from gmai.convert.templates import ENGINE, Written
from gmai.lexicon import read_lexicon
from gmai.types import Conversation, Fact, Sample, Turn, View, record


@record
class Scene:
    """One view of one sample with its facts, and how conversations about it are to be made."""

    config: ConvertConfig
    sample: Sample
    view: View
    facts: tuple[Fact, ...]

    def seed(self, *parts: object) -> tuple[object, ...]:
        """What draws about this view are seeded with."""
        return (self.config.seed, self.sample.id, view_name(self.view), *parts)

    @property
    def names_modality(self) -> bool:
        """True if the picture's modality is known by name."""
        return self.sample.modality not in UNNAMED_MODALITIES

    @property
    def modality_word(self) -> str:
        """What stands before "image" in a question: the modality, or ``medical`` where it is not known."""
        return self.sample.modality if self.names_modality else "medical"

    def fact(self, kind: str) -> Fact | None:
        """The only fact of a kind, None if there are none or several."""
        found = [fact for fact in self.facts if fact.kind == kind]
        return found[0] if len(found) == 1 else None

    def chosen(self) -> list[Fact]:
        """At most ``per_kind`` facts of each kind, drawn by hash, in the order of facts."""
        drawn = {}
        for kind in dict.fromkeys(fact.kind for fact in self.facts):
            facts = [fact for fact in self.facts if fact.kind == kind]
            facts.sort(key=lambda fact: hash_unit(*self.seed("fact"), fact.kind, fact.about, fact.answer))
            drawn[kind] = facts[: self.config.per_kind]
        return [fact for fact in self.facts if fact in drawn[fact.kind]]

    def conversation(
        self, subset: Subset, name: str, said: Sequence[Written], facts: Sequence[Fact], options: Sequence[str] = ()
    ) -> Conversation:
        """Put turns together, user and assistant in turn, with the facts they state, and check the one by the other."""
        single = len({fact.kind for fact in facts}) == 1 and subset != "caption"
        conversation = Conversation(
            id=f"{self.sample.id}#{view_name(self.view)}.{subset}.{name}",
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
            answer=facts[0].answer if single and len(facts) == 1 else "",
            options=tuple(options),
            facts=tuple(facts),
            template=f"{ENGINE}:{'|'.join(text.template for text in said)}",
        )
        check_grounded(conversation, self.sample, " ".join(text.literal for text in said))
        return conversation


def build_scenes(config: ConvertConfig, sample: Sample, modalities: Sequence[str]) -> Iterator[Scene]:
    """The views of a sample that conversations are made about: the clean image, then drawn regions.

    Args:
        config: how to choose.
        sample: the sample; one without pictures has no scene.
        modalities: every modality in the corpus, the pool of the question for the modality.

    Raises:
        FormatError: an annotation that cannot be measured.
    """
    by_view: dict[View, list[Fact]] = {}
    for fact in find_facts(sample):
        if not config.kinds or fact.kind in config.kinds:
            by_view.setdefault(fact.view, []).append(_with_pool(fact, modalities))
    clean = by_view.pop(View(), [])
    if clean and "image" in config.granularities:
        yield Scene(config=config, sample=sample, view=View(), facts=tuple(clean))
    if hash_unit(config.seed, sample.id, "overlay") >= config.overlay_share:
        return
    for view in _draw_views(config, sample, by_view):
        yield Scene(config=config, sample=sample, view=view, facts=tuple(by_view[view]))


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
