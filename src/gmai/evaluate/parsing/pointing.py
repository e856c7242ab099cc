"""Letters that a sentence points to: "the findings point to B", "makes it C", "i think its b", "metformin [A]"."""

import re
from collections.abc import Sequence

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.cleaning import plain
from gmai.evaluate.parsing.denials import is_denied
from gmai.evaluate.parsing.mentions import find_end, find_mentions, find_start
from gmai.evaluate.parsing.scope import DISAGREES, Found, Scope, pattern
from gmai.evaluate.parsing.telling import find_telling

_CLOSED = (
    r"(?=\s*(?:$|[,;:!)\n]|\.(?!\s*[a-z])|\s[-–—]\s|\s(?:because|since|due to|given|as (?:the|it|there|this)|"
    r"over (?:the other|@)|to me|here|rather than|instead|most|best|strongly|clearly|for (?:me|this))\b))"
)
_VERBS = (
    r"(?:points?|pointing|pointed|leads?|leading|leans?|leaning)(?:\s+(?:me|us|strongly|clearly|more|most|"
    r"directly|straight))*\s+(?:to|towards?|at)|"
    r"(?:makes?|making|made)\s+(?:it|this|that)|(?:favou?rs?|favou?ring|encloses?|outlines?|surrounds|"
    r"singles out|speaks? for|argues? for|fits|matches|suits|(?:answer|option|choice) to be|"
    r"tips (?:it|the balance) (?:to|towards?)|boils? down to|comes? down to|narrows? (?:it |"
    r"this )?(?:down )?to|settles? on|settling on)|"
    r"(?:looks?|seems?|sounds?|feels?)(?:\s+(?:most|more|a lot|very much))?\s+like|(?:am|we're|"
    r"i'm) (?:in favou?r of|for|on)|"
    r"(?:is|are)\s+(?:currently\s+|now\s+)?(?:in|at)\s+(?:phase|step)|(?:my|the) (?:vote|money|bet|"
    r"choice) (?:is on|goes to|is for)|"
    r"(?:leaves?|leaving)(?:\s+(?:us|me))?(?:\s+with)?(?:\s+only|\s+just)?|"
    r"(?:outlined|marked|highlighted|shown|depicted|indicated|circled|enclosed)(?:\s+here)?\s+is|"
    r"(?:is left|remains|left over),\s+(?:which|that|and that|and this|so that) (?:is|would be)"
)
_POINT = (
    rf"\b(?:{_VERBS})\s+(?:clearly\s+|strongly\s+|the\s+)?(?P<named>(?:option|choice|answer|letter)\s+)?"
    rf"(?P<open>[(\[\"']?)(?P<letter>~)[)\]\"']?(?![A-Za-z0-9]|['-][A-Za-z]|\s*\?){_CLOSED}"
)
_OPTION = (
    r"\b(?:i (?:would |will |'d )?|we |it's |its |it is |so |hence |therefore |like |^|"
    r"(?<=[.!,;:\n])\s*)(?:(?:choose|think|say|go with|go for|pick|believe)"
    r"\s+)?options?\s+(?P<open>[(\[\"']?)(?P<letter>~)[)\]\"']?(?:\s*(?:and|,|"
    r"&)\s*(?:option\s+)?[(\[]?(?P<more>@)[)\]]?)?"
    r"(?![A-Za-z0-9]|['-][A-Za-z]|\s*\?)(?=\s*(?:$|[,;!)\n]|\.(?:\s|$)|\s(?:because|since|due to|given|to me)\b))"
)
_HEDGE = (
    r"(?:,?\s*(?:i (?:guess|think|believe|suppose|reckon)|i'?d say|tbh|imo|imho|probably|for sure|definitely|lol))?"
)
_LOW = (
    r"(?:\b(?:i(?:'?d| would)? (?:think|guess|say|believe|reckon)(?: that)?(?: it's| its| it is| it must be|"
    r" it would be)?|its|it's|it is|it must be|must be|gotta be|has to be|so|hence|thus|therefore|"
    r"prob(?:ably)?|def(?:initely)?|maybe|thinking|looks like|(?:the )?ans(?:wer)?(?: is|:)?|i'?m going with|"
    r"going with|go with|say)"
    r"\s+(?:its |it's |it is |prob(?:ably)? |def(?:initely)? |maybe )?)(?P<letter>[a-j])"
    rf"(?P<stop>{_HEDGE}[.!]*)\s*$"
)
_LOW_FIRST = rf"\W*(?P<letter>[a-j])(?P<stop>{_HEDGE.removesuffix('?')}[.!]*)\s*$"
_LABELLED = r"\b(?:is|are|was|be)\s+(?:an?\s+|the\s+)?(?:option\s+)?[(\[]?(?P<letter>~)[).\]:]\s*(?:the\s+|an?\s+)?"
_MANY = (
    r"\b[Oo]ptions\s+[(\[]?@[)\]]?\s*(?:through|thru|to|[-–])\s*[(\[]?@[)\]]?(?![A-Za-z])",
    r"\b[Oo]nly\s+(?:option\s+)?[(\[]?@[)\]]?\s+(?:is|was|fits|applies|qualifies|holds|can be seen)\b",
    r"(?:[(\[]@[)\]]\s*(?:,\s*(?:and\s+)?|and\s+|&\s*)){1,9}[(\[]@[)\]]",
)
_SAYS_NO = re.compile(
    r"\b(?:not|no|never|out|wrong|contraindicated|avoided|unsafe|harmful|incorrect|false|absent|excluded?|cannot|"
    r"or)\b|n't\b",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"\b(?:not|never|no longer|dont|doesnt|cant|isnt|doubt|nobody|no one|hardly|doesn't|don't|does not|do not|"
    r"cannot|can't|neither|nor|nothing|would|"
    r"could|might|may|if|less|"
    r"unlike|whether|tempting|at first|initially|wrong(?:ly)?|incorrect(?:ly)?|students?|people|others?|some|"
    r"usually|typically|often|few|"
    r"had|were|colleague\w*)\b[^.;!?\n]{0,60}$",
    re.IGNORECASE,
)
_LIST_TO = re.compile(r"\b(?:from|between|or|and|versus|vs\.?|than)\W*$", re.IGNORECASE)
_MINE = re.compile(
    r"\b(?:i|we)(?:'d|'ll| would| will| recommend| suggest| choose| favou?r| prefer| advise)\b", re.IGNORECASE
)


def iter_pointed(scope: Scope) -> list[Found]:
    """Every letter that is pointed to, and not denied or only supposed."""
    many = _read_many(scope) if scope.several else []
    return [*_read_verbs(scope), *_read_low(scope), *_read_own(scope), *_read_labelled(scope), *many]


def _read_labelled(scope: Scope) -> list[Found]:
    """Read "The modality is C) B-scan ultrasound": a letter before its own text, behind "is"."""
    hits = []
    for match in pattern(_LABELLED, scope.count, re.IGNORECASE).finditer(scope.text):
        own = find_start(scope.text[match.end() :], scope.options)
        letter, before = match["letter"].upper(), scope.text[: match.start()]
        told = own and LETTERS[own[0]] == letter and not _AGAINST.search(_clause(before))
        if told and own and not is_denied(scope.text, match.end(), match.end() + own[1]):
            hits.append(Found(frozenset({letter}), match.start("letter"), match.end() + own[1]))
    return hits


def _read_many(scope: Scope) -> list[Found]:
    """Read "options A through D", "only B is a risk factor", "by (A), (B), and (C)"."""
    hits = []
    for form in _MANY:
        for match in pattern(form, scope.count).finditer(scope.text):
            letters: Sequence[str] = pattern(r"(?<![A-Za-z])@(?![A-Za-z])", scope.count).findall(match[0])
            if form is _MANY[0]:
                letters = LETTERS[LETTERS.index(letters[0]) : LETTERS.index(letters[1]) + 1]
            sentence = re.split(r"[.;!?\n]", scope.text[match.end() :])[0]
            if not _AGAINST.search(_clause(scope.text[: match.start()])) and not _SAYS_NO.search(sentence):
                hits.append(Found(frozenset(letters), *match.span()))
    return hits


def _read_verbs(scope: Scope) -> list[Found]:
    hits = []
    for form in (_POINT, _OPTION):
        for match in pattern(form, scope.count, re.IGNORECASE).finditer(scope.text):
            letter, before = match["letter"], scope.text[: match.start()]
            named = form is _OPTION or bool(match["named"])
            if letter.islower() and not named or _AGAINST.search(_clause(before)) or _LIST_TO.search(before):
                continue
            letters = {letter.upper()} | (
                {match["more"].upper()} if "more" in match.groupdict() and match["more"] else set()
            )
            hits.append(Found(frozenset(letters), *match.span()))
    return hits


def _clause(before: str) -> str:
    """What stands after the last "but": "I'm no doctor, but it looks like"."""
    return re.split(r"\b(?:but|however|still|nevertheless|so|therefore|hence)\b", before, flags=re.IGNORECASE)[-1]


def _read_low(scope: Scope) -> list[Found]:
    """A small letter at the very end; a small "a" only where it is closed or its own option stands before it."""
    first = pattern(_LOW_FIRST, scope.count, re.IGNORECASE).match(scope.text)
    match = first or pattern(_LOW, scope.count, re.IGNORECASE).search(scope.text)
    if not match or match["letter"].isupper() or match["letter"] in "ai" and scope.text[: match.start()].endswith("as"):
        return []
    letter, before = match["letter"].upper(), scope.text[: match.start()]
    if letter not in LETTERS[: scope.count] or _AGAINST.search(_clause(before)):
        return []
    mentions = find_mentions(before, scope.options)
    own = {LETTERS[i] for i in mentions.affirmed}
    if own and own != {letter}:
        return [Found(frozenset({DISAGREES}), *match.span("letter"))]
    named = find_start(before, scope.options)
    own |= {LETTERS[named[0]]} if named and not own | mentions.denied else set()
    told = find_telling(plain(before), scope.options)
    own |= {LETTERS[told[-1][2]]} if told and not own else set()
    if letter in "AI" and not (own == {letter} or match["stop"]):
        return []
    return [Found(frozenset({letter}), match.start("letter"), match.end("letter"))]


def _read_own(scope: Scope) -> list[Found]:
    """Read "I would start with metformin [A]": the one option that is named with its own letter."""
    brackets = list(pattern(r"[(\[](?:option\s+)?(@)[)\]]", scope.count).finditer(scope.text))
    if len({match[1] for match in brackets}) != 1:
        return []
    match = brackets[0]
    before = scope.text[: match.start()].rstrip()
    named = find_end(before, scope.options)
    if named is None or LETTERS[named] != match[1]:
        return []
    begin = len(before) - len(fold(scope.options[named]))
    sentence = re.split(r"[.!?\n]\s", before[:begin])[-1]
    if (
        not _MINE.search(sentence)
        or _AGAINST.search(_MINE.sub("", sentence))
        or is_denied(_MINE.sub(lambda hit: "." * len(hit[0]), scope.text), begin, len(before))
    ):
        return []
    return [Found(frozenset({match[1]}), begin, match.end())]
