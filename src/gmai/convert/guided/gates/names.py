"""Gates on names and words: labels, findings, organs and modalities that no fact says, and words of description."""

import re
from collections.abc import Iterator, Sequence

from gmai.convert.checks import Problem, holds
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange, texts_of
from gmai.convert.guided.wordlists import Named, find_other_words, lexicon_names, modality_names, pattern
from gmai.lexicon import read_lexicon

WORD_LISTS = ("appearance", "course", "advice", "history")
"""Words that describe, explain or advise; no annotation says so unless it uses the word itself."""
IN_ANSWERS = ("hedge", "extent", "rest")
"""Words of doubt, of extent and comparison, and of all the rest; questions may have them."""
_MEDICAL = {
    "en": re.compile(
        r"\b[a-z-]*(?:itis|omas?|osis|oses|emia|pathy|pathies|ectasis|plasia|megaly|uria|algia|rrhages?|rrhagic|stenosis"
        r"|penia|cele|edema|sclerosis|trophy|omatous|thorax|infarct\w*|fracture\w*|effusion\w*|lesion\w*"
        r"|nodules?|mass(?:es)?|tumou?rs?|cancers?|ulcer\w*|cysts?|stones?|polyps?)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "[\u4e00-\u9fff]{0,3}(?:炎|瘤|癌|症|囊肿|结石|积液|积气|骨折|增生|梗死|坏死|水肿|钙化|萎缩|硬化|畸形|息肉|溃疡|脱位"
        "|穿孔|栓塞|出血|血肿|脓肿|结节|肿块|肿物|病灶|病变|阴影|损伤)"
    ),
}
"""How names of diseases are made: what is written so is one, whether or not the lexicon has it."""
_HOW = re.compile(r"(?<=\bhow )\w+|严重(?=程度)", re.IGNORECASE)
"""What is asked by: "how severe" says nothing of severity."""
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_PROSE_WORDS = frozenset(
    "diagnosis diagnoses photography hypothesis osmosis encloses discloses chooses purposes poses exposes does".split()
)


def find_strange_names(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Labels, findings, organs and modalities that no fact says."""
    for text in map(_without_how, texts_of(exchanges)):
        found: set[str] = set()
        rest = ground.without_known(text)
        for label in ground.others:
            if holds(rest, label):
                found.add(label.casefold())
                yield Problem("label", f"the label {label!r} is in no fact: {text!r}")
        for named in lexicon_names().find(text):
            name = named.name.casefold()
            if name not in found and not _is_known(name, ground) and not _crosses(named, text, ground):
                found.add(name)
                yield Problem("finding", f"the {named.what} {named.name!r} is in no fact: {text!r}")
        for match in _MEDICAL[ground.language].finditer(rest):
            name = match.group().casefold()
            if (
                name not in _PROSE_WORDS
                and not _is_known(name, ground)
                and not any(name in other or other in name for other in found)
            ):
                yield Problem("finding", f"{match.group()!r} is in no fact: {text!r}")
        yield from _strange_modalities(text, ground)


def _strange_modalities(text: str, ground: Ground) -> Iterator[Problem]:
    family = read_lexicon().family(ground.modality) if ground.modality else ""
    for named in modality_names().find(text):
        if named.what not in (ground.modality, f"family: {family}") and not holds(ground.known, named.name):
            yield Problem("modality", f"the modality {named.name!r} is in no fact: {text!r}")


def find_strange_words(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Words that describe appearance, course, history or treatment, or leave a doubt."""
    for exchange in exchanges:
        yield from _strange_words(_without_how(exchange.question), WORD_LISTS, ground)
        for sentence in exchange.sentences:
            yield from _strange_words(_without_how(sentence.text), (*WORD_LISTS, *IN_ANSWERS), ground)


def _strange_words(text: str, lists: Sequence[str], ground: Ground) -> Iterator[Problem]:
    rest = ground.without_known(text)
    for name in lists:
        for match in pattern(name, ground.language).finditer(rest):
            if not _is_known(match.group(), ground):
                yield Problem(name, f"{match.group()!r} is in no fact: {text!r}")


def find_unforeseen_words(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Words that are neither of plain prose nor of a fact; what no list foresees is found here."""
    known = {word.casefold() for word in _WORD.findall(ground.known)}
    for text in map(_without_how, texts_of(exchanges)) if ground.task != "text" else ():
        rest = re.sub("\ue000['’]s\\b", "\ue000", ground.without_known(text))
        for named in modality_names().find(rest):
            rest = rest.replace(named.name, " ")  # of another modality another reason tells
        for word in find_other_words(rest, ground.language):
            if word.casefold() not in known and not (ground.language == "zh" and word in ground.known):
                yield Problem("word", f"{word!r} is neither plain prose nor in a fact: {text!r}")


def _without_how(text: str) -> str:
    return _HOW.sub(lambda match: "much" if match[0].isascii() else "", text)


def _is_known(name: str, ground: Ground) -> bool:
    """True if the facts say it, of Chinese characters also inside a longer name."""
    return holds(ground.known, name) or (not name.isascii() and name in ground.known)


def _crosses(named: Named, text: str, ground: Ground) -> bool:
    """True for Chinese characters of which only some belong to a known name, as in 中 + 耳蜗."""
    if named.name.isascii():
        return False
    for known in ground.known_names:
        start = text.find(known, max(0, named.start - len(known) + 1), named.end + len(known) - 1)
        if start >= 0 and not (named.start <= start and start + len(known) <= named.end):
            return True
    return False
