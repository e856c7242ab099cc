"""A sentence in parts: its clauses, the labels of the facts that it names, and which of them it denies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gmai.convert.checks import whole
from gmai.convert.guided.ground import Ground

_FIRST_MARK = 0xE000
_MARK = re.compile("[\ue000-\uf8ff]")
_HARD = {
    "en": re.compile(r"\.(?!\d)|[;!?]|\b(?:but|while|whereas|however|although|though|yet)\b", re.IGNORECASE),
    "zh": re.compile(r"[。；！？，,;]|但是|但|而|同时|并且|另外"),
}
_SOFT = re.compile(r",\s+|\s+\band\b\s+|\s+\bwith\b\s+", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|shows?|lies?|measures?|appears?|can|located|present|seen|visible|there|contains?"
    r"|holds?|sits?|absent|marks?|covers?|surrounds?)\b",
    re.IGNORECASE,
)
DENIAL = {
    "en": re.compile(
        r"\b(?:no|not|without|absent|absence|lacks?|lacking|neither|nor|none|never|cannot|negative|excluded|excludes?"
        r"|ruled out|rules? out|free of|fail(?:s|ed)? to|unremarkable|normal|devoid|missing|nothing|instead of"
        r"|apart from|other than|far from)\b|n['’]t\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "没有|未见|未显示|未发现|未检出|未出现|不(?!同|仅|但|只)|并非|缺|阴性|排除|除外|正常|没|无|(?<!是)否|未"
    ),
}
"""Words that deny."""
LEADING = {
    "en": re.compile(r"\s*(yes|no)[,.:;!]\s*", re.IGNORECASE),
    "zh": re.compile(r"\s*(是的|是|有|对|不是|否|没有|不)[，。,]\s*"),
}
"""A reply in one word before what follows."""
_NO = frozenset({"no", "不是", "否", "没有", "不"})


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a sentence, with every name of a label as a mark of the private use area."""

    text: str
    labels: tuple[tuple[int, str], ...]
    """Where labels are named, in order."""
    denied: frozenset[str]
    """Labels that the clause says are not there."""
    denies: bool
    """True if it has a word that denies."""


def read_clauses(text: str, ground: Ground) -> Iterator[Clause]:
    """The clauses of a sentence; a leading yes or no is left out."""
    labels = list(ground.labels.items())
    masked = LEADING[ground.language].sub("", text, count=1)
    for number, (name, _) in enumerate(labels):
        if name.casefold() in masked.casefold():
            masked = whole(name).sub(chr(_FIRST_MARK + number), masked)
    if ground.modality:
        masked = whole(ground.tongue.modality(ground.modality)).sub(" ", whole(ground.modality).sub(" ", masked))
    for part in _split(masked, ground):
        found = tuple((match.start(), labels[ord(match[0]) - _FIRST_MARK][1]) for match in _MARK.finditer(part))
        cue = DENIAL[ground.language].search(part)
        after = frozenset(label for place, label in found if cue and place >= cue.start())
        denied = (after or frozenset(label for _, label in found)) if cue else frozenset()
        yield Clause(part, found, denied, cue is not None)


def leading_reply(text: str, ground: Ground) -> str:
    """``yes`` or ``no`` if the text begins with one; else empty."""
    found = LEADING[ground.language].match(text)
    if found is None:
        return "no" if text.strip().rstrip(".。").casefold() in _NO else ""
    return "no" if found[1].casefold() in _NO else "yes"


def _split(masked: str, ground: Ground) -> Iterator[str]:
    for part in _HARD[ground.language].split(masked):
        if ground.language == "zh":
            if part.strip():
                yield part
            continue
        start = 0
        for match in _SOFT.finditer(part):
            rest = part[match.end() :]
            following = _SOFT.split(rest, maxsplit=1)[0]
            if _VERB.search(following) or match.group().strip().lower() == "with":
                yield part[start : match.start()]
                start = match.end()
        if part[start:].strip():
            yield part[start:]
