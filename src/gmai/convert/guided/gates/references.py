"""Gates on references: each sentence names the facts it states, and states the facts it names."""

from collections.abc import Iterator, Sequence

from gmai.convert.checks import Problem, holds
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange, sentences_of
from gmai.convert.guided.wordlists import modality_names
from gmai.lexicon import read_lexicon
from gmai.types import Fact


def find_wrong_references(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """A sentence without a reference, a reference to no fact, or to one that the sentence does not state."""
    if ground.task == "text":
        return
    for sentence in sentences_of(exchanges):
        if not sentence.facts:
            yield Problem("reference.missing", f"no fact is given for {sentence.text!r}")
        for name in dict.fromkeys(sentence.facts):
            fact = ground.by_id.get(name)
            if fact is None:
                yield Problem("reference.unknown", f"{name!r} is no fact of the list")
            elif not states(sentence.text, fact, ground):
                what = f"{fact.kind} {fact.about} = {fact.answer}".replace("  ", " ")
                yield Problem("reference.unstated", f"{name} ({what}) is not stated in {sentence.text!r}")


def states(text: str, fact: Fact, ground: Ground) -> bool:
    """True if a text has a fact's answer in one of its forms and, where it is about a label, that label."""
    if fact.kind == "presence" and text.strip().rstrip(".!。！").casefold() in _REPLIES[ground.language][fact.answer]:
        return True
    if not any(holds(text, form) for form in ground.forms(fact)):
        return fact.kind == "modality" and _names_family(text, fact, ground)
    return not fact.about or any(holds(text, name) for name in ground.names(fact.about)) or fact.kind == "size"


_REPLIES = {"en": {"yes": {"yes"}, "no": {"no"}}, "zh": {"yes": {"是", "是的", "有"}, "no": {"否", "没有", "不是"}}}


def _names_family(text: str, fact: Fact, ground: Ground) -> bool:
    family = f"family: {read_lexicon().family(fact.answer)}"
    return fact.answer == read_lexicon().family(fact.answer) and any(
        named.what == family for named in modality_names().find(text)
    )


def find_gaps(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """A caption that keeps quiet about what is found; a fact not asked for; an answer that does not state its fact."""
    stated = {name for sentence in sentences_of(exchanges) for name in sentence.facts}
    if ground.task in ("caption", "region"):
        kinds = [fact.kind for fact in ground.facts]
        main = "finding" if "finding" in kinds else next((kind for kind in kinds if kind != "modality"), "modality")
        wanted = {name for name, fact in ground.by_id.items() if fact.kind == main}
        if wanted and not wanted & stated:
            yield Problem("gap", f"nothing is said of the {main}")
        return
    asked = {exchange.fact for exchange in exchanges}
    for name in ground.by_id if ground.task == "instruct" else ():
        if name not in asked:
            yield Problem("gap", f"nothing asks for {name}")
    for exchange in exchanges if ground.task != "text" else ():
        if exchange.fact in ground.by_id and not any(exchange.fact in s.facts for s in exchange.sentences):
            yield Problem("gap", f"the answer does not state {exchange.fact}, which is asked for")
