"""A caption cut into what it says of each panel: lead, parts with their labels, and what is said of all of them."""

import re
from dataclasses import replace

from gmai.pmc.marks import Form, Mark, find_marks, find_places, find_said
from gmai.types.article import SubCaption
from gmai.types.record import record

_FAMILIES: tuple[tuple[Form, ...], ...] = (("bracket",), ("half",), ("named",), ("stop", "bare"))
_ALPHABETS = ("upper", "lower", "roman-lower", "roman-upper", "digit", "circled")
_CERTAIN = {"bracket": 0.95, "half": 0.9, "named": 0.95, "stop": 0.9, "bare": 0.85, "place": 0.75}
_JOIN = re.compile(r"^(?:[\s,;，；、]|(?:and|y|e|et|und)\s)+")
_END = re.compile(r"(?:[\s,;，；、(（]|\s(?:and|y|e|et|und))+$")
_AFTER = re.compile(r"^[\s.,:;=：，．、–—-]+")
_CUT = re.compile(r"[,;，；]\s*(?:and\s+)?|\s(?:and|y|e|et|und)\s")
_SENTENCE = re.compile(
    r"(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bFig\.)(?<!\bal\.)(?<!\bapprox\.)(?<!\bca\.)"
    r"(?<=[.!?])\s+(?=[A-Z0-9(*\[←-⇿†‡©]|doi|n\.s|ns\b|n =|p ?[<=])|(?<=[。；])"
)
_TAIL = re.compile(
    r"(?:(?:the |white |black |red |yellow |green |blue |open |filled |solid |dashed |all )*"
    r"(?:(?:scale |error |size )?bars?\b(?=\s*[=:,(]|\s(?:are|is|in|represent|indicat|denot|show|\d))"
    r"|arrows?\b|arrowheads?\b|asterisks?\b|tick marks\b|abbreviations?\b|magnification|original magnification"
    r"|scales?\b(?= bars?|\s*[:=]))"
    r"|data (?:are|were|represent|in|shown|points)|values (?:are|were|represent)|each (?:dot|point|symbol|bar|circle)\b"
    r"|results (?:are|represent)|statistic|source data|see also|reprinted|adapted|reproduced|copyright|©|numbers? "
    r"(?:in|on|above|indicate)|colou?rs? (?:as|indicate|code)|pdb\b|the online version|doi:|significan|error bars"
    r"|n\s?=|n\.s\.|ns[,:=]|p\s?[<>=≤]|\*|†|‡|#\s?p|\([^()]*\)\.?$"
    r"|箭头|标尺|比例尺|注[:：]|setas?\b|barras?\b|(?:las? )?flechas?\b|pfeile?\b|flèches?\b"
    r"|abreviaturas|abreviações|fonte:|fuente:)",
    re.I,
)
_KEYS = re.compile(r"(?:[A-Z]|\w*[A-Z][\w-]*[A-Z][\w-]*)(?:, | = |: |=)[A-Za-z][^.;]{2,60}(?:;|\.?$)")


@record
class CaptionParts:
    """A caption in its parts; without ``subs`` everything is ``lead``."""

    lead: str
    """What stands before the parts."""
    subs: tuple[SubCaption, ...] = ()
    tail: str = ""
    """What is said of all of them after the parts: abbreviations, scale bars, arrows, statistics."""
    form: str = ""
    """How labels are written: ``bracket``, ``half``, ``named``, ``stop``, ``bare`` or ``place``."""
    why: str = ""
    """Without parts, why: ``empty``, ``no_labels`` or ``one_label`` (also one group inside a sentence)."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label once, in the order of the caption."""
        return tuple(dict.fromkeys(label for sub in self.subs for label in sub.labels))


def split_caption(text: str, language: str = "en") -> CaptionParts:
    """Cut a caption at its labels.

    Letters that are no labels ("vitamin A", "as in (A)") cut nothing: labels begin with the first of their
    alphabet, go on without gaps, and are at least two.

    Args:
        text: the caption, on one line, without the figure's own label.
        language: of the caption; the words of all languages known are looked for in each.
    """
    if not text.strip():
        return CaptionParts(lead=text, why="empty")
    best: list[Mark] = []
    one = False
    for family in _FAMILIES:
        said = find_said(text, family)
        for alphabet in _ALPHABETS if said else ():
            marks = find_marks(text, said, alphabet)
            chain = _chain(text, marks)
            mentioned = len(chain) == 1 and not chain[0].strict
            one = one or len(chain) == 1
            if (
                mentioned
                or _count(chain) < 2
                or (alphabet not in ("upper", "lower") and not _listed(text, chain, marks))
            ):
                continue
            if _better(chain, best) and not _initials(text, chain):
                best = chain
    if not best:
        best = _placed(text, find_places(text))
    if not best:
        return CaptionParts(lead=text.strip(), why="one_label" if one else "no_labels")
    if _before(best):
        return _prefixed(text, best)
    turn = next((n for n in range(1, len(best)) if all(mark.strict for mark in best[n:])), 0)
    if not turn or best[turn].form == "place":
        return _postfixed(text, best)
    first = _postfixed(text[: best[turn].start].rstrip(), best[:turn])
    rest = _prefixed(text, best[turn:])
    return replace(rest, lead=first.lead, subs=first.subs + rest.subs)


def join_caption(title: str, caption: str) -> str:
    """Title and caption of a figure as one text; either may hold the labels."""
    title, caption = title.strip(), caption.strip()
    if title and caption and title[-1] not in ".:;!?。；：":
        title += "."
    return f"{title} {caption}".strip()


def _count(chain: list[Mark]) -> int:
    return len({key for mark in chain for key in mark.keys})


def _better(chain: list[Mark], best: list[Mark]) -> bool:
    """Outer labels stand first; of two chains that begin together the longer one."""
    if not best:
        return True
    if _before(chain) and chain[0].strict and not best[0].strict and _count(chain) >= _count(best):
        return True
    if chain[0].start < best[0].start:
        return _count(chain) * 2 >= _count(best) and (chain[0].strict or not best[0].strict)
    return _count(chain) > 2 * _count(best)


def _chain(text: str, marks: list[Mark]) -> list[Mark]:
    """The marks that name new labels in their order; mentions are left out."""
    chain: list[Mark] = []
    seen: set[tuple[int, int]] = set()
    for place, mark in enumerate(marks):
        letter, number = mark.keys[0][1:]
        new = not any(key[1:] in seen for key in mark.keys)
        letters = {each for each, _ in seen}
        follows = letter == 0 or letter - 1 in letters or (mark.strict and letter - 2 in letters)
        if number and letter in letters:
            follows = (letter, number - 1) in seen
        if not new or not follows or (mark.weak and not _needed(text, mark, marks[place + 1 :])):
            continue
        if chain and chain[0].strict and not mark.opens and _shortens(text, mark):
            continue
        chain.append(mark)
        seen.update(key[1:] for key in mark.keys)
    inner = [mark for group in chain if len(group.keys) > 1 for mark in _parts(group, marks)]
    return sorted({*chain, *inner}, key=lambda mark: mark.start)


def _shortens(text: str, mark: Mark) -> bool:
    """Whether a letter in brackets begins the word before it: "a cyst (c)"."""
    before = re.findall(r"\w+", text[max(0, mark.start - 30) : mark.start])[-1:]
    return mark.form == "bracket" and bool(before) and before[0][0].lower() == mark.labels[0].lower()


def _needed(text: str, mark: Mark, later: list[Mark]) -> bool:
    """A mark that reads like a mention counts where text follows it and nothing else defines its label."""
    return not mark.closes and not any(set(mark.keys) & set(each.keys) and not each.weak for each in later)


def _parts(group: Mark, marks: list[Mark]) -> list[Mark]:
    """The marks after a group that tell its members apart, if they name all of them in order."""
    inner = [mark for mark in marks if mark.start > group.start and not mark.weak and set(mark.keys) < set(group.keys)]
    keys = [key for mark in inner for key in mark.keys]
    opening = 2 * sum(mark.opens and not mark.closes for mark in inner) > len(inner)
    return inner if opening and keys == list(group.keys) else []


def _listed(text: str, chain: list[Mark], marks: list[Mark]) -> bool:
    """Whether numbers cut the caption as a whole, not an enumeration somewhere in it or one in each of its parts."""
    if sum(mark.opens and mark.keys[0] == chain[0].keys[0] for mark in marks) > 1:
        return False
    first = chain[0]
    early = first.strict or (not first.weak and first.start < min(_sentence_ends(text, 0), default=len(text)))
    return early and _before(chain)


def _initials(text: str, chain: list[Mark]) -> bool:
    """Letters that shorten the words beside them ("aorta (A)", "A, aorta") are keys to a picture, not panels."""

    def beside(mark: Mark) -> list[str]:
        if mark.form == "bracket" and not mark.opens:
            return re.findall(r"\w+", text[max(0, mark.start - 30) : mark.start])[-1:]
        if mark.form == "stop" and text[mark.end - 1] in ",=":
            return re.findall(r"\w+", text[mark.end : mark.end + 30])[:1]
        return [""]

    return all(
        len(mark.labels) == 1 and any(word[:1].lower() == mark.labels[0].lower() for word in beside(mark))
        for mark in chain
    )


def _placed(text: str, marks: list[Mark]) -> list[Mark]:
    """Places that name each other's counterparts, each once."""
    first: dict[str, Mark] = {}
    strict = [mark for mark in marks if mark.strict]
    stop = min(_sentence_ends(text, 0), default=len(text))
    for mark in strict if len(strict) > 1 else (mark for mark in marks if mark.end <= stop):
        first.setdefault(mark.labels[0], mark)
    names = set(first)
    pairs = ({"left", "right"}, {"top", "bottom"}, {"left", "middle"}, {"top", "middle"})
    if any(pair <= names for pair in pairs) or sum("-" in name for name in names) > 1:
        return sorted(first.values(), key=lambda mark: mark.start)
    return []


def _before(chain: list[Mark]) -> bool:
    """Whether labels stand before what they name, not after it."""
    if chain[0].strict:
        return True
    if chain[0].form in ("stop", "bare", "named", "half"):
        return True
    rest = chain[1:]
    if not rest:
        return chain[0].opens and not chain[0].closes
    return 2 * sum(mark.opens for mark in rest) > len(rest) and not chain[0].closes


def _prefixed(text: str, chain: list[Mark]) -> CaptionParts:
    inside = text[: chain[0].start].rstrip()[-1:] in ("(", "（")
    stop, tail = len(text), ""
    if inside:
        stop = _closing(text, chain[-1].end)
    else:
        stop = _tail_start(text, chain[-1].end)
    tail = text[stop:].lstrip(")） ,").strip() if inside else text[stop:].strip()
    subs = []
    for place, mark in enumerate(chain):
        until = chain[place + 1].start if place + 1 < len(chain) else stop
        said = _END.sub("", text[mark.start : until])
        subs.append(_sub(mark, mark.start, mark.start + len(said), _AFTER.sub("", said[mark.end - mark.start :])))
    lead = _END.sub("", text[: chain[0].start]).strip()
    return CaptionParts(lead=lead, subs=tuple(subs), tail=tail, form=chain[0].form)


def _closing(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] in "(（") - (text[place] in ")）")
        if depth < 0:
            return place
    return len(text)


def _sentence_ends(text: str, start: int) -> list[int]:
    return [found.end() for found in _SENTENCE.finditer(text, start)]


def _tail_start(text: str, start: int) -> int:
    """Where the first sentence after the last part begins that speaks of all."""
    for place in _sentence_ends(text, start):
        if place < start + 3:
            continue
        if _TAIL.match(text, place) or _KEYS.match(text, place):
            return place
    return len(text)


def _postfixed(text: str, chain: list[Mark]) -> CaptionParts:
    """Parts that end with their label: from the sentence's start, or the label before, to the label."""
    starts = [0, *_sentence_ends(text, 0), *(found.end() for found in re.finditer(r"[:：]\s", text))]
    subs: list[SubCaption] = []
    begin = max(place for place in starts if place <= chain[0].start)
    lead = text[:begin].strip()
    own = False
    tail = len(text)
    for place, mark in enumerate(chain):
        until = chain[place + 1].start if place + 1 < len(chain) else len(text)
        between = text[mark.end : until]
        end = mark.end
        breaks = [each - mark.end for each in starts if mark.end < each <= until]
        if place + 1 < len(chain):
            following = 0
            if breaks:
                own = own or len(between[: breaks[0]].split()) > 2
                following = breaks[-1]
                end = mark.end + following
            elif not mark.closes and (cuts := list(_CUT.finditer(between))):
                following = cuts[-1].end()
                end = mark.end + cuts[-1].start()
                own = True
            next_begin = mark.end + following
        else:
            first = mark.end + breaks[0] if breaks else len(text)
            end = first if own or not between[: first - mark.end].strip(" .;") else mark.end
            tail, next_begin = end, end
        begin += len(text[begin:end]) - len(_JOIN.sub("", text[begin:end]))
        said = _END.sub("", text[begin:end])
        bare = (text[begin : mark.start] + text[mark.end : begin + len(said)]).strip(" .,;")
        subs.append(_sub(mark, begin, begin + len(said), bare))
        begin = next_begin
    return CaptionParts(lead=lead, subs=tuple(subs), tail=text[tail:].strip(" ,"), form=chain[0].form)


def _sub(mark: Mark, start: int, end: int, said: str) -> SubCaption:
    certain = _CERTAIN[mark.form] * (1 if mark.strict else 0.9) * (0.7 if mark.weak else 1)
    if mark.keys[0][0] in ("digit", "circled"):
        certain *= 0.7
    if not said.strip():
        certain *= 0.5
    return SubCaption(
        labels=mark.labels,
        text=" ".join(said.split()),
        start=start,
        end=end,
        confidence=round(certain, 3),
        shared=len(mark.labels) > 1,
    )
