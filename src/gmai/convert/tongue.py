"""How facts are called in one language: labels by the card or the lexicon, never guessed."""

import re
from collections.abc import Hashable, Mapping
from functools import cache

from gmai.convert.rulebook import read_rules
from gmai.errors import CardError
from gmai.lexicon import Language, article, find_terms, name_of, names_in
from gmai.types import Fact, LabelName

HAN = re.compile(r"[\u3400-\u9fff]")
_SAME_EVERYWHERE = re.compile(r"[\W\d_]*")
_PLAIN = ("count", "box", "diameter", "measurement", "report")
_ANATOMY = ("anatomy", "tissue")


class Tongue:
    """Names in one language of what the facts of one source say.

    Args:
        language: ``en`` or ``zh``.
        labels: what the source's card says of its labels, by canonical name.
    """

    def __init__(self, language: Language, labels: Mapping[str, LabelName] | None = None) -> None:
        self.language = language
        self._labels = labels or {}
        self._known: dict[tuple[str, str, str], str] = {}
        self.words = read_rules("words", language)
        self._changes: dict[str, dict[str, str]] = read_rules("comparisons", language)["answers"]
        self.patterns: dict[Hashable, re.Pattern[str] | None] = {}
        """Patterns of names that were compiled before; kept by whoever reads texts."""

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    def label(self, name: str, modality: str = "") -> str:
        """The name of a label: what the card calls it, else what the lexicon does.

        Raises:
            CardError: ``convert.no_name``: neither knows it in this language.
        """
        return self._once("label", name, modality)

    def with_article(self, name: str, modality: str = "") -> str:
        """The name as it stands in a sentence: ``a cyst``, ``the kidney``, ``edema``."""
        return self._once("article", name, modality)

    def plural(self, name: str, modality: str = "") -> str:
        """The English plural; empty where the name is not counted, and in Chinese."""
        return self._once("plural", name, modality) if self.language == "en" else ""

    def things(self, number: str, name: str, modality: str = "") -> str:
        """A number of things: ``1 cyst``, ``3 cysts``, ``3枚结节``."""
        if self.language == "zh":
            called = self.label(name, modality)
            measures: dict[str, str] = self.words["measures"]
            measure = next((word for end, word in measures.items() if called.endswith(end)), None)
            return f"{number}{measure or self.words['other_measure']}{called}"
        called = self.label(name, modality)
        plural = self.plural(name, modality)
        if number == "1" and plural:
            return f"1 {called}"
        return f"{number} {plural}" if plural else f"{number} instance{'' if number == '1' else 's'} of {called}"

    def modality(self, modality: str) -> str:
        """The name of a modality; the word for any where it is not known."""
        return self._once("modality", modality, "") if modality else str(self.words["medical"])

    def kind(self, kind: str) -> str:
        """The name of a kind of question.

        Raises:
            CardError: ``convert.no_name``: a kind of the card's own that has no Chinese name.
        """
        if self.language == "en":
            return names_in("kind").get(kind, {}).get("en", kind).replace("_", " ")
        name = names_in("kind").get(kind, {}).get("zh")
        if name is None:
            raise _unnamed(f"kind {kind!r}", self.language)
        return name

    def grade(self, name: str) -> str:
        """The name of a grade."""
        return self._once("grade", name, "")

    def noun(self, task: str) -> str:
        """What a clinical task looks for."""
        return str(self.words["nouns"].get(task, self.words["other_noun"]))

    def answer(self, fact: Fact, modality: str = "") -> str:
        """A fact's answer as it stands alone: in English the very words the benchmark shows."""
        return fact.answer if self.language == "en" and not HAN.search(fact.answer) else self.said(fact, modality)

    def option(self, fact: Fact, option: str, modality: str = "") -> str:
        """Another answer to the same question."""
        if self.language == "en" and not HAN.search(option):
            return option
        return self._value(fact.kind, option, modality)

    def said(self, fact: Fact, modality: str = "") -> str:
        """A fact's answer as it stands in a sentence."""
        return self._value(fact.kind, fact.answer, modality)

    def _value(self, kind: str, answer: str, modality: str) -> str:
        if kind in _PLAIN:
            return answer
        return self._once(kind, answer, modality)

    def _once(self, what: str, name: str, modality: str) -> str:
        key = (what, name, modality)
        if key not in self._known:
            self._known[key] = self._name(what, name, modality)
        return self._known[key]

    def _name(self, what: str, name: str, modality: str) -> str:
        if what == "article":
            return self._article(name, modality)
        if what == "plural":
            return self._plural(name, modality)
        if what in self._changes:
            return self._change(what, name, modality)
        if what in ("location", "modality") and self.language == "en":
            return name
        if what in ("location", "modality", "size"):
            return name_of(name, self.language, what)  # type: ignore[arg-type]
        return self._label(name, modality, what)

    def _change(self, kind: str, name: str, modality: str) -> str:
        """What changed, by its word; what a source calls the course in other words is a label."""
        return self._changes[kind].get(name) or self._label(name, modality, kind)

    def _label(self, name: str, modality: str, kind: str) -> str:
        chinese = bool(HAN.search(name))
        if chinese == (self.language == "zh") or _SAME_EVERYWHERE.fullmatch(name):
            return name
        card = self._labels.get(name)
        if self.language == "zh" and card is not None and card.zh:
            return card.zh
        for section in ("grade", "reply"):
            if kind != "finding" and self.language == "zh" and name in (known := names_in(section)):
                return known[name].get("zh", name)
        match = find_terms(name, modality=modality or None)
        if match.term is None:
            raise _unnamed(f"label {name!r}", self.language)
        return match.called(self.language)

    def _plural(self, name: str, modality: str) -> str:
        card = self._labels.get(name)
        if card is not None and card.plural:
            return card.plural
        match = find_terms(name, modality=modality or None)
        same = match.term is not None and match.term.name.casefold() == name.casefold()
        return match.term.plural if same and match.term is not None else ""

    def _article(self, name: str, modality: str) -> str:
        called = self.label(name, modality)
        if self.language == "zh":
            return called
        match = find_terms(name, modality=modality or None)
        term = match.term
        if match.absent or (term is not None and term.plural and called in (term.plural, f"both {term.plural}")):
            return called
        if term is not None and term.kind in _ANATOMY and term.plural:
            return f"the {called}"
        card = self._labels.get(name)
        counted = (term is not None and bool(term.plural)) or (card is not None and bool(card.plural))
        return f"{article(called)} {called}" if counted else called


@cache
def lexicon_tongue(language: Language) -> Tongue:
    """The names of the lexicon alone, where no card is at hand."""
    return Tongue(language)


def _unnamed(what: str, language: str) -> CardError:
    fix = "give it one in the card: labels.….zh" if language == "zh" else "give it one in the card: labels.….name"
    return CardError(f"the {what} has no name in {language}", fix=fix, reason="convert.no_name")
