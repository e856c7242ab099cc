"""The gate on parts of sentences: what follows a comma states something of the facts, or it is a claim from nowhere."""

import re
from collections.abc import Iterator, Sequence

from gmai.convert.checks import Problem, holds
from gmai.convert.guided.gates.values import number_words
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange, Sentence, sentences_of

_COMMA = re.compile(r"[,;]\s+|[，；]|\s[-–—]\s|[（(]")
_ARTICLES = frozenset({"a", "an", "one"})


def find_unfounded_parts(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Parts of an answer's sentence, behind its first comma, in which nothing of a fact stands.

    Words of plain prose can still claim what no annotation says (", known since childhood"); where such a claim has a
    part of its own, it is found here, whatever its words.
    """
    if ground.task == "text":
        return
    for sentence in sentences_of(exchanges):
        _, *rest = _COMMA.split(_whole_names(sentence.text, ground))
        for part in rest:
            if part.strip(" .。)）") and "\ue000" not in part and not _states_something(part, sentence, ground):
                yield Problem("unfounded", f"{part.strip()!r} states nothing of the facts: {sentence.text!r}")


def _whole_names(text: str, ground: Ground) -> str:
    """The text with a mark for each name of a fact that has a comma or a bracket of its own."""
    for name in ground.known_names:
        if _COMMA.search(name) and name in text:
            text = text.replace(name, "\ue000")
    return text


def _states_something(part: str, sentence: Sentence, ground: Ground) -> bool:
    forms = [form for fact in ground.given(sentence) for form in ground.forms(fact) if form not in _ARTICLES]
    if ground.language == "zh":
        forms = [form for form in forms if len(form) > 1 or form.isdecimal()]
    names = (*forms, *ground.labels, ground.modality, ground.tongue.modality(ground.modality))
    return any(holds(part, name) for name in names if name) or number_words(part, ground.language)
