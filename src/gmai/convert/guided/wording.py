"""A text put in the words of its facts, so that gates need to know one way to write each thing.

Other names that mean the same as a label, British spellings and centimetres are true ways to state a fact. They are
turned into the label's own name and into millimetres for the gates alone; the text that is kept stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange
from gmai.convert.tongue import HAN
from gmai.errors import CardError
from gmai.lexicon import find_terms

_LENGTH = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:(cm|centimet(?:er|re)s?|厘米|公分)|mm|millimet(?:er|re)s?|毫米)(?![A-Za-z²])", re.IGNORECASE
)
_BRITISH = (("tumor", "tumour"), ("hem", "haem"), ("edem", "oedem"), ("esoph", "oesoph"), ("-", " "))
_SHORTEST = 3


def in_own_words(exchanges: Sequence[Exchange], ground: Ground) -> tuple[Exchange, ...]:
    """The exchanges as the gates read them."""
    if ground.task == "text":
        return tuple(exchanges)
    names = dict(_other_names(ground))
    bounds = ("", "") if ground.language == "zh" else (r"(?<![\w-])", r"(?![\w-])")
    parts = sorted(map(re.escape, names), key=lambda name: (-len(name), name))
    found = re.compile(f"{bounds[0]}(?:{'|'.join(parts)}){bounds[1]}", re.IGNORECASE) if parts else None

    lengths = {f"{fact.values['mm']:g}" for fact in ground.facts if fact.kind == "size" and "mm" in fact.values}

    def in_millimetres(match: re.Match[str]) -> str:
        number = f"{float(match[1]) * (10 if match[2] else 1):.6g}"
        return f"{number} mm" if number in lengths else match[0]

    def put(text: str) -> str:
        text = _LENGTH.sub(in_millimetres, text) if lengths else text
        return found.sub(lambda match: names[match[0].casefold()], text) if found else text

    return tuple(
        replace(
            exchange,
            question=put(exchange.question),
            sentences=tuple(replace(sentence, text=put(sentence.text)) for sentence in exchange.sentences),
        )
        for exchange in exchanges
    )


def _other_names(ground: Ground) -> Iterator[tuple[str, str]]:
    """Every way to write a label of the facts, and the name or plural it stands for."""
    own = {name.casefold(): name for name in (*ground.labels, *ground.others)}
    yield from own.items()
    for label in dict.fromkeys(ground.labels.values()):
        singular, *plurals = ground.names(label)
        for name, meant in _spelled(label, singular, plurals[0] if plurals else singular, ground):
            if name.casefold() not in own and len(name) >= (2 if HAN.search(name) else _SHORTEST):
                yield name.casefold(), meant


def _spelled(label: str, singular: str, plural: str, ground: Ground) -> Iterator[tuple[str, str]]:
    for meant in dict.fromkeys((singular, plural)):
        for american, british in _BRITISH:
            if american in meant.casefold():
                yield re.sub(american, british, meant, flags=re.IGNORECASE), meant
    try:
        term = find_terms(label, modality=ground.modality or None).term
    except CardError:
        return
    if term is None or term.name.casefold() != label.casefold():
        return
    for name in (*term.synonyms, *term.labels):
        if bool(HAN.search(name)) == (ground.language == "zh"):
            yield name, singular
            if ground.language == "en":
                yield f"{name}s", plural
