"""Which letters of a text can be letters of options: those between words that can stand beside a letter.

Behind a noun a letter is a part of a term ("Weber B", "toxin type A", "group AB"), and so it is before one ("B cells",
"D dimer"); behind "is", "make", "either", "rule out" and before "is", "or", "because", "the right" it is a letter.
"""

import re

from gmai.bench import LETTERS
from gmai.evaluate.parsing.scope import Scope, pattern

_BE = r"is|are|was|were|be|it's|its|that's|isn't|wasn't|remains|seems|looks like|like"
_NOUN = r"options?|choices?|answers?|letters?|ans|pick|guess|vote|solution|conclusion|verdict|diagnosis"
_PICK = (
    r"choose|chose|chosen|choosing|pick|picked|picking|select|selected|selecting|say|said|go with|going with|go for|"
    r"think|believe|guess|prefer|favou?rs?|supports?|settle on|suggests?|means?|makes?|making|made|leaves?|leaving|"
    r"points? to|pointing to|fits|matches|call it|out|excludes?|excluded|excluding|eliminates?|eliminated|"
    r"eliminating|dismiss|reject|discard|drop|consider|considered|confirms?|indicates?|describes?|had|with|up|read"
)
_JOIN = (
    r"and|or|nor|but|not|so|then|thus|hence|therefore|either|neither|both|only|just|than|while|whereas|although|"
    r"though|if|because|since|as|versus|vs|unlike|for|to|of|from|between|over|against|that|maybe|perhaps|"
    r"probably|likely|definitely|clearly|initially|finally|actually|rather|instead|yes|no|ok|okay|well|sorry|"
    r"except|besides|also|towards?|on|review|all|by|hmm+|oops|after|me|us|now|still|again|first|was|in|doubt"
)
_BESIDE = re.compile(
    rf"(?:^|[^\w\s'-]|\n|\b(?:{_BE}|{_NOUN}|{_PICK}|{_JOIN})|[是选项为即故而非除排]|\b(?:i|we|i'd|i'll|"
    rf"we'd)\s+(?:\w+\s+)?\w+)\s*$",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"\b(?:hepatitis|vitamin|child[- ]pugh|figure|panel|image|stage|grade|type|class|group|phase|factor|protein|lead|"
    r"category|segment|zone|score|influenza)\s*(?:[:=→–—-]|->|=>)\s*$",
    re.IGNORECASE,
)
"""What a letter belongs to, with a sign between them."""
_A_LETTER = re.compile(r"\b(?:is|was|it's)\s+(?:an?|the)\s*$", re.IGNORECASE)
_ANSWERS = re.compile(r"\b(?:answer|option|choice)\s+(?:is\s+)?$", re.IGNORECASE)
_MAKES = re.compile(r"\b(?:makes?|making|made|leaves?|leaving)\s+$", re.IGNORECASE)
_VERBS = (
    r"is|are|was|were|isn't|wasn't|would|wouldn't|could|couldn't|might|may|can|cannot|can't|does|doesn't|did|didn't|"
    r"has|had|lacks?|seems?|looks?|appears?|fits?|match(?:es)?|describes?|explains?|remains?|stands?|shows?|sounds?|"
    r"makes?|works?|wins?|both|all|must|should|will|requires?|refers?|because|since|as|due|given|and|or|nor|but|not|"
    r"over|"
    r"rather|instead|than|through|here|too|it|which|while|though|although|if|unless|versus|vs|so|appl(?:y|ies)|after"
)
_FOLLOWS = re.compile(
    rf"\s*(?:$|[^\w\s'.-]|\n|-\s|[是选项正更最不错可较的])|(?-i:\.(?!\s+[a-z]))|\s+(?:{_VERBS})\b|\s+[a-z]+s\s+(?:it|this|all|"
    rf"best|out)\b|\s+(?:comes|goes)\s+(?:first(?!\s+(?:to\s+mind|alphabet))|closest)\b",
    re.IGNORECASE,
)
_LIKE = re.compile(
    r"\s+(?:the|my|our|for|in|on|more|most|best|better|right|correct|wrong|likely|only|out|with|has|to)\b"
)
_TOKEN = r"(?<![A-Za-z0-9'-])(?<![A-Za-z]{2}/)(?P<open>[(\[\"']?)(?P<letter>@)(?P<close>[)\]\"']?)(?![A-Za-z0-9'-])"
_SMALL = r"(?:\b(?:option|choice|answer|is|its|it's)\s+|(?P<open>[(\[]))(?P<letter>~)[)\]]"
_JOINED = re.compile(r"\s*(?:\band\b|\bor\b|,|/|&)\s*$")


def find_letters(scope: Scope, taken: str) -> list[tuple[int, int, int]]:
    """Start, end and option of every letter of an option; ``taken`` is blank where words were read already."""
    text, hits, refused = scope.text, [], -1
    if text == text.lower():
        return _find_small(text, taken, scope)
    for match in pattern(_TOKEN, scope.count).finditer(text):
        if taken[match.start("letter")] == "\0":
            continue
        before, after = text[max(0, match.start() - 60) : match.start()], text[match.end() : match.end() + 60]
        bracketed = match["open"] in {"(", "["} and match["close"] in {")", "]"}
        joined = refused >= 0 and _JOINED.fullmatch(text[refused : match.start()])
        own_words = re.match(r"\s*\0" if match["close"] else r"\s*[.):]\s*\0", taken[match.end() :])
        follows = own_words or _FOLLOWS.match(after) or match["letter"] not in "AI" and _LIKE.match(after)
        article = match["letter"] not in "AI" and _A_LETTER.search(before) and re.match(r"[.,]?\s*(?:$|[A-Z])", after)
        capital = _ANSWERS.search(before) or _MAKES.search(before) and _LIKE.match(after)
        if _TERM.search(before) and not bracketed:
            refused = match.end()
        elif bracketed or article or capital or not joined and follows and _BESIDE.search(before):
            hits.append((match.start(), match.end(), LETTERS.index(match["letter"])))
        else:
            refused = match.end()
    return sorted([*hits, *_find_marked(text, taken, scope)])


def _find_small(text: str, taken: str, scope: Scope) -> list[tuple[int, int, int]]:
    """Letters of a reply without any capital, of which "a" and "i" are words."""
    hits = _find_marked(text, taken, scope)
    for match in pattern(r"(?<![\w'/-])(?P<letter>~)(?![\w'-])", scope.count).finditer(text):
        free = taken[match.start()] != "\0" and not any(start <= match.start() < end for start, end, _ in hits)
        closed = re.match(rf"\s*(?:$|[.,:;)!\n]|-\s)|\s+(?:{_VERBS})\b", text[match.end() :])
        if match["letter"] not in "ai" and free and closed and _BESIDE.search(text[: match.start()]):
            hits.append((match.start(), match.end(), LETTERS.index(match["letter"].upper())))
    return sorted(hits)


def _find_marked(text: str, taken: str, scope: Scope) -> list[tuple[int, int, int]]:
    """Small letters in brackets, or after a word for an answer and before one: "(a)", "its d)"."""
    hits = []
    for match in pattern(_SMALL, scope.count, re.IGNORECASE).finditer(text):
        if match["letter"].islower() and taken[match.start("letter")] != "\0":
            begin = match.start("open" if match["open"] else "letter")
            hits.append((begin, match.end(), LETTERS.index(match["letter"].upper())))
    return hits
