"""What a reply may say: the numbered facts of one view, how they are called, and the names they allow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gmai.annotations import UNNAMED_MODALITIES
from gmai.convert.checks import whole
from gmai.convert.guided.replies import Sentence, TaskName
from gmai.convert.templates import state
from gmai.convert.tongue import HAN, Tongue, lexicon_tongue
from gmai.errors import CardError
from gmai.lexicon import NONE, Language, asked_nouns, name_of
from gmai.types import Fact, Sample

VALUES = ("location", "size", "count")
"""Kinds whose answer is a value of what they are about, not a name."""
NO_NAME = (*VALUES, "presence", "modality", "qa")
NUMBER_WORDS: Mapping[Language, Mapping[str, int]] = {
    "en": {
        **{word: number for number, word in enumerate("two three four five six seven eight nine ten".split(), 2)},
        **{word: number for number, word in enumerate("eleven twelve thirteen fourteen fifteen".split(), 11)},
        **{
            "single": 1,
            "solitary": 1,
            "sole": 1,
            "lone": 1,
            "pair": 2,
            "couple": 2,
            "both": 2,
            "twenty": 20,
            "dozen": 12,
        },
    },
    "zh": {"一": 1, "单": 1, "两": 2, **{word: number for number, word in enumerate("二三四五六七八九十", 2)}},
}


@dataclass(frozen=True, slots=True)
class Ask:
    """What a percept question is to ask for, and the options it is put with."""

    fact: str = "f1"
    """The fact's number in the list, such as ``f2``."""
    options: tuple[str, ...] = ()
    """In the order of their letters."""


class Ground:
    """The facts that a text stands on.

    Args:
        facts: the facts, in the order in which they are numbered from ``f1``.
        task: what the text is for.
        tongue: the names in the text's language.
        sample: the sample the facts are of, whose labels may not be named where no fact does.
        ask: what is asked for, and with which options.
    """

    def __init__(
        self,
        facts: Sequence[Fact],
        task: TaskName,
        tongue: Tongue,
        sample: Sample | None = None,
        ask: Ask | None = None,
    ) -> None:
        self.facts = tuple(facts)
        self.task = task
        self.tongue = tongue
        self.sample = sample
        self.ask = ask or Ask()

    @property
    def language(self) -> Language:
        """The language of the text."""
        return self.tongue.language

    @cached_property
    def by_id(self) -> dict[str, Fact]:
        """The facts by their numbers."""
        return {f"f{number}": fact for number, fact in enumerate(self.facts, start=1)}

    def given(self, sentence: Sentence) -> list[Fact]:
        """The facts that a sentence names, as far as the list has them."""
        return [self.by_id[name] for name in dict.fromkeys(sentence.facts) if name in self.by_id]

    @cached_property
    def modality(self) -> str:
        """The picture's modality; empty if it is not known by name."""
        stated = next((fact.answer for fact in self.facts if fact.kind == "modality"), "")
        said = self.sample.modality if self.sample else stated
        return "" if said in UNNAMED_MODALITIES else said

    def label_of(self, fact: Fact) -> str:
        """The label that a fact is about: of a finding its answer, of a location what lies there."""
        return fact.about if fact.kind in (*VALUES, "presence") else "" if fact.kind in NO_NAME else fact.answer

    def names(self, label: str) -> tuple[str, ...]:
        """How a label is called: its name and its plural, a regular one where none is known."""
        name = self.tongue.label(label, self.modality)
        plural = "" if self.language == "zh" else self.tongue.plural(label, self.modality) or f"{name}s"
        return tuple(dict.fromkeys(each for each in (name, plural) if each))

    def forms(self, fact: Fact) -> tuple[str, ...]:
        """The ways in which a fact's answer may be written."""
        if fact.kind == "presence":
            return self.names(fact.about)
        said = self.tongue.said(fact, self.modality)
        found = [said, self.tongue.answer(fact, self.modality)]
        if fact.kind == "location" and self.language == "en":
            found.append(name_of(fact.answer, "en", "location"))
        if fact.kind == "finding":
            found += self.names(fact.answer)
        if fact.kind == "size" and "mm" in fact.values:
            found.append(f"{fact.values['mm']:g}")
        if fact.kind == "count":
            words = NUMBER_WORDS[self.language].items()
            found += [word for word, number in words if str(number) == fact.answer]
            found += [_chinese_number(int(fact.answer))] if self.language == "zh" and fact.answer.isdecimal() else []
            found += ["one", "a", "an"] if (self.language, fact.answer) == ("en", "1") else []
        return tuple(dict.fromkeys(name for name in found if name))

    @cached_property
    def labels(self) -> dict[str, str]:
        """Every spelling of every label of the facts, longest first, and the label it stands for."""
        found: dict[str, str] = {}
        for label in filter(None, map(self.label_of, self.facts)):
            found |= dict.fromkeys(self.names(label), label)
        return dict(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))

    @cached_property
    def absent(self) -> frozenset[str]:
        """The labels that a fact says are not there."""
        return frozenset(fact.about for fact in self.facts if fact.kind == "presence" and fact.answer == "no")

    @cached_property
    def known(self) -> str:
        """All that the facts say, and what they are called: what stands here may stand in the text."""
        texts = [*self.labels, *(form for fact in self.facts for form in self.forms(fact))]
        texts += [text for fact in self.facts if fact.kind == "qa" for text in (fact.about, fact.answer)]
        texts += [self.tongue.modality(self.modality), self.modality]
        for task in dict.fromkeys(fact.task for fact in self.facts):
            texts += [self.tongue.noun(task), *asked_nouns(task, self.language), *_task_names(task, self.language)]
        for kind in dict.fromkeys(fact.kind for fact in self.facts if fact.kind != "qa"):
            texts += _spelled(self.tongue.kind, kind)
        return "\n".join(text for text in texts if text)

    @cached_property
    def known_names(self) -> tuple[str, ...]:
        """What the facts say and are called, one by one and longest first; single letters and digits are left out."""
        names = {name for name in self.known.split("\n") if len(name) > 1 or HAN.search(name)}
        return tuple(sorted(names, key=lambda name: (-len(name), name)))

    def without_known(self, text: str) -> str:
        """A text with a mark in the place of everything that the facts say and are called."""
        for known in self.known_names:
            if known.casefold() in text.casefold():
                text = whole(known).sub("\ue000", text)
        return text

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The names of labels that the source knows and no fact says, as far as they have one."""
        pools = [name for fact in self.facts if fact.kind not in NO_NAME for name in fact.pool]
        pools += [name for names in (self.sample.classes.values() if self.sample else ()) for name in names]
        found = [name for label in dict.fromkeys(pools) for name in _spelled(self.names, label)]
        return tuple(dict.fromkeys(name for name in found if name and name not in self.known_names))

    def free_forms(self, fact: Fact) -> tuple[str, ...]:
        """Where numbers may come from that are no value of a label: other answers, and a source's own text."""
        return (fact.answer, fact.about) if fact.kind == "qa" else () if fact.kind in NO_NAME else self.forms(fact)

    def statement(self, fact: Fact) -> str:
        """One plain sentence that states a fact.

        Raises:
            CardError: ``convert.no_name``: something in it has no name in this language.
        """
        seed = (self.sample.id if self.sample else "", fact.kind, fact.about, fact.answer)
        return state(fact, self.tongue, self.modality, None, "guided", *seed).text


def _chinese_number(number: int) -> str:
    """A number from 11 to 99 in characters; empty for others."""
    tens, ones = divmod(number, 10)
    digits = " 一二三四五六七八九"
    return f"{digits[tens] if tens > 1 else ''}十{digits[ones].strip()}" if 10 < number < 100 else ""


def _spelled(called: Callable[[str], str | Sequence[str]], name: str) -> Sequence[str]:
    """What something is called; nothing where it has no name in the language."""
    try:
        found = called(name)
    except CardError:
        return ()
    return (found,) if isinstance(found, str) else found


def _task_names(task: str, language: Language) -> Sequence[str]:
    return _spelled(lambda name: name_of(name, language, "task"), task) if task != NONE else ()


def build_ground(
    facts: Sequence[Fact],
    task: TaskName,
    language: Language,
    sample: Sample | None = None,
    tongue: Tongue | None = None,
    ask: Ask | None = None,
) -> Ground:
    """A ground, with the lexicon's names where no others are given."""
    return Ground(facts, task, tongue or lexicon_tongue(language), sample, ask)
