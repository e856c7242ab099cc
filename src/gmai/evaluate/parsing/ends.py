"""Letters and options at the beginning or the end of a reply."""

import re

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.denials import is_denied
from gmai.evaluate.parsing.lines import bulleted, read_opened
from gmai.evaluate.parsing.mentions import find_mentions, find_start
from gmai.evaluate.parsing.scope import DENY, DISAGREES, Found, Scope, found, pattern
from gmai.evaluate.parsing.statements import (
    agree,
    agree_before,
    is_conditional,
    is_negated,
    is_term,
    read_after,
)
from gmai.evaluate.parsing.whole import read_whole

_LEADING = (
    r"(?:[{\[]\s*(?=[\"'][A-J][\"']\s*(?::\s*[\"']|\])))?(?:[^\w\s(\[\"'<{]+\s*)?(?:(?:option|"
    r"choice|letter)\s+)?(?:[(\[<{\"']\s*(~)\s*[)\]>}\"']|(~)[).:!\]](?![A-Za-z])|(@)(?:,|\s*[-–—=]+>?\s|"
    r"\s*\n|\s*\(|\s+(?=(?:because|since|due|as|given)\b)|(?=[^\x00-\x7f])(?!\s*[、，和或与及]\s*@)"
    r"))"
)
_LISTED = (
    r"(?:(?<=^)|(?<=\n)|(?<=¤)|(?<=¤\s)|(?<=[,;.(\[])|(?<=[,;.]\s)|(?<=\n[(\[])|(?<=\s[(\[])" r")(@)[).:\]](?=\s+\S)"
)
_RATHER = (
    r"(?:\s*,?\s*\(?(?:and |but )?(?:not|rather than|instead of|over)\s+(?:option\s+)?[(\[]?@[)\]]?"
    r"(?:(?:\s*,\s*|\s+)(?:and\s+|or\s+|nor\s+)?[(\[]?@[)\]]?)*\)?)?"
)
"""Letters that the last one is preferred to."""
_CLOSING = (
    r"(?:\b(?:i|we) (?:think|believe|guess|say)(?: that)?(?: it is| it's| it must be)?|\b(?:it is|"
    r"it's|its|must be|would be|so|thus|"
    r"hence|therefore|option|choice|choose|select|pick|go with|answer|conclusion|only|leaves(?: us with)"
    r"?|leaving|left with)|"
    r"\b(?:identif\w+|mark\w*|label\w*|classif\w+|qualif\w+|confirm\w*|establish\w*|diagnos\w+|recogni[sz]\w+|"
    r"characteri[sz]\w+|singles? out)\s+(?:(?:this|it|the \w+)\s+)?as|"
    r"[=→>:—–]|所以|因此|故|选|选项|是)[\s,:>—]*(?:(?:it's|it is|the|option|answer|letter|选|是|"
    rf"为)\s*)*[(\[\"']?(~)[)\]\"']?{_RATHER}[\s.!。]*$"
    r"|\A\W*(?:yes|sure|okay|ok|well|right|hm+)[,.!:]+\s*(@)[.!]*\s*$"
    r"|\A\W*(@)[\s,]+(?:rather than|over|instead of|more than|and not)\s+(?:option\s+)?@(?:(?:\s*,\s*|"
    r"\s+)(?:and\s+|or\s+)?@)*[\s.!]*$"
    r"|\b(?:but|so|then|ok|okay|fine)[,\s]+(@) it is[\s.!]*$|\bif i (?:had|have|were forced|"
    r"must)(?: to)? (?:guess|choose|pick|say|answer),?\s*(@)[\s.!]*$"
    r"|(?<=[.;!])\s+(?:after|on|upon) [^.,;\n]{1,40},\s*(@)[\s.!]*$"
    r"|[(\[](?:option\s+)?(~)[)\]][\s.!。]*$|(?<=\w\w\w[.!?。])\s+(@)[.!。]?\s*$"
    r"|(?:^|[.;!\n]\s*)(?:(?:it(?:'s| is) )?(?:not|neither)\s+[^.;!\n]{1,40}(?:[.;!]|,\s*(?=but|so|"
    r"rather))\s*)+(?:but\s+|so\s+|rather\s+)?(@)[.!]?\s*$"
)
_WEAK = re.compile(r"(?:\b(?:option|choice|only|answer)|选项|是|[:>])\s*[(\[\"']?$", re.IGNORECASE)
_TAKEN = re.compile(
    r"(?:\b(?:not|neither|nor|or|and|isn't|except|exclude|grade|stage|type|class|level|category|"
    r"group|vitamin|hepatitis|child-?pugh|factor|protein|influenza|so is|lines?(?!\W*:)|"
    r"eliminates?|eliminating|consider|doubt|dismiss|reject|unlike|versus|vs|than|with|lobe|segment|zone|panel|"
    r"figure|image|view|phase)\W*"
    r"(?:option\s*)?[(\[]?|(?:不|非|未|而不)(?:选择?|选项|是|考虑|属于|应选?|能选?|该选?)?\s*|(?:[或和、/]|还是)\s*)$",
    re.IGNORECASE,
)
_SET_ASIDE = re.compile(
    r"\b(?:no|without|avoid|instead of|rather than|contraindicated|stop|withhold|against|unlike|never)\b", re.IGNORECASE
)
_ASIDE = (
    r"(?:options?\s+)?@(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+)@)+\s*(?:[:–—-]\s*(?:no|wrong|out|excluded|"
    r"unlikely)\b|\s(?:are|were|is|can be|"
    r"can all be|may be)\s+(?:all\s+|both\s+)?"
    r"(?:out\b|excluded|wrong|ruled|not\b|incorrect|unlikely|eliminated|absent)|(?:do|does|would|can|"
    r"could)\s*(?:not|n't)|don't|lack\b|cannot|can't)"
)
_HEADED = r"(?:^|[.;\n])\s*(?:[-*•]\s*)?(?:[Oo]ption\s+)?[(]?(@)[)]?\s*[:–—-]\s"
"""One of the options that a reply goes through; where it does, the first is no answer."""
_AGAINST = re.compile(
    r"\b(?:not|wrong|incorrect|excluded?|unlikely|ruled out|neither|eliminated?|less|absent)\b|错|不|排除",
    re.IGNORECASE,
)
_LAST_LINE = r"(?:^|\n)\s*(?:[^\w\s(\[\"'<]+\s*)?(?:option\s+)?[(\[\"'<]?(@)[)\]\"'>]?[\s.!。]*$"


def read_leading(scope: Scope) -> Found | None:
    """Read "B. polyp", "(b) polyp", "E because …" at the start; a list of several lettered options names none."""
    text = scope.text
    line = re.match(r"[^\n.。:]+(?=[\n.。]|$)", text)
    if line and fold(line[0]) in scope.folded and len(line[0]) < len(text) and not is_denied(text, *line.span()):
        return found({LETTERS[scope.folded.index(fold(line[0]))]}, *line.span())
    if opened := read_opened(scope):
        return opened
    match = pattern(_LEADING, scope.count, re.IGNORECASE).match(text)
    headed = set(pattern(_HEADED, scope.count).findall(text))
    if pattern(_ASIDE, scope.count).match(text) or len(headed) > 2 and not scope.several:
        return None
    if not match:
        return _read_letter_and_text(scope)
    letter = next(group for group in match.groups() if group)
    if match[3] and match[3].islower():
        return _read_letter_and_text(scope)
    rest = text[match.end() :]
    if match[0].endswith(".") and re.match(r"\s+[a-z]", rest) and is_term(rest, scope):
        return None
    if is_denied(text, match.start(), match.end()) or _denies(rest, scope):
        return None
    if scope.several and match[0].rstrip().endswith(","):
        hit = read_after(scope)
        return hit
    if re.match(r"\s*A:\s+\S", text) and (own := find_start(rest.lstrip(), scope.options)) != (0, own[1] if own else 0):
        return found({DISAGREES}, *match.span())
    named = {agree(letter.upper(), rest, scope), _agree_later(letter.upper(), rest, scope)}
    named = {DISAGREES} if DISAGREES in named else named
    return found(named | set(_listed(rest, scope)) | bulleted(scope), *match.span())


def _denies(rest: str, scope: Scope) -> bool:
    """Read "A. cyst: no", "B) wrong": an option that is gone through and set aside."""
    lead = rest.lstrip(" ).:-–—")
    start = find_start(lead, scope.options)
    tail = lead[start[1] :] if start else lead
    words = r"[\s:(,–—-]*(?:选项|项)?(?:(?:is|can be|this is|it is|would be)\s+)?"
    closed = (
        r"no\b(?=\s*(?:$|[.,;:!)\n–—-]|[A-J][).:]))|not\s+(?:correct|this|it|likely|present|seen|consistent|"
        r"supported|the)\b"
    )
    flat = rf"incorrect|wrong|false|unlikely|excluded|ruled out|[{DENY}]|错|不正确|不对|不是|不符"
    return bool(re.match(rf"{words}(?:{closed}|{flat})", tail, re.IGNORECASE))


def _listed(rest: str, scope: Scope) -> list[str]:
    others = rest
    for option in scope.options:
        others = re.sub(re.escape(option), "¤", others, flags=re.IGNORECASE) if _may_hold(others, option) else others
    return pattern(_LISTED, scope.count).findall(others)


def _may_hold(text: str, option: str) -> bool:
    """False of a text that cannot name the option: before a pattern of this question alone is compiled."""
    return len(option) > 1 and option.casefold() in text.casefold()


def _agree_later(letter: str, rest: str, scope: Scope) -> str:
    """The letter, unless the sentence after it says outright that the picture shows another option."""
    said = re.match(
        r"[^.\n;]{0,60}?\b(?:shows?|demonstrates?|depicts?|reveals?|displays?|this is|it is|it's|"
        r"consistent with|diagnosis is)\s+(?:an?\s+|the\s+)?",
        rest,
        re.IGNORECASE,
    )
    if not said or find_mentions(rest[: said.end()], scope.options).affirmed:
        return letter
    return agree(letter, rest[said.end() :], scope)


def _read_letter_and_text(scope: Scope) -> Found | None:
    """Read "B polyp": a letter before its own option's text, without anything between."""
    match = pattern(r"(?:option\s+)?(@)\s+(?:is\s+)?(?:the\s+)?", scope.count).match(scope.text)
    start = find_start(scope.text[match.end() :], scope.options) if match else None
    if (
        not match
        or not start
        or LETTERS[start[0]] != match[1]
        or is_denied(scope.text, match.end(), match.end() + start[1])
    ):
        return None
    return found({match[1], *_listed(scope.text[match.end() + start[1] :], scope)}, 0, match.end() + start[1])


def read_closing(scope: Scope) -> Found | None:
    """Read "I think it is B.", "… therefore C", "… a polyp (B)" at the end, or a last line of its own."""
    for form, flags in ((_LAST_LINE, 0), (_CLOSING, re.IGNORECASE)):
        if match := pattern(form, scope.count, flags).search(scope.text):
            place = next(i for i in range(1, len(match.groups()) + 1) if match[i])
            letter, before = match[place], scope.text[: match.start(place)]
            if form is _CLOSING and is_negated(scope.text, match.start()) or _is_weak(letter, before, scope):
                return None
            letters = {agree_before(letter.upper(), before, scope)}
            if scope.several and before.endswith(("(", "[")) and not _AGAINST.search(scope.text):
                letters |= set(pattern(r"[(\[](@)[)\]]", scope.count).findall(scope.text))
            return found(letters, match.start(place), match.end(place))
    last = scope.text.rstrip().rpartition("\n")[2]
    if _breaks_off(scope.text, last, scope.count):
        return None
    if last != scope.text.rstrip() and (hit := _last_line(Scope(last, scope.options, scope.several))):
        begin = len(scope.text.rstrip()) - len(last)
        return Found(hit.letters, begin + hit.start, begin + hit.end)
    return None


def _breaks_off(text: str, last: str, count: int) -> bool:
    """True if the last line goes on with a list of lettered options: "D. Constrictive peri" after A, B and C."""
    form = pattern(r"(?m)^\W*(?:[Oo]ption\s+)?(@)[).:\]][ \t]*\S", count)
    headed = form.findall(text)
    one = form.match(last)
    return bool(one and len(set(headed)) > 2 and headed.count(one[1]) == 1 and headed[-1] == max(headed))


def _is_weak(letter: str, before: str, scope: Scope) -> bool:
    """A last letter that belongs to a term or a list, or that the sentence may speak against."""
    if _TAKEN.search(before) and not scope.several:
        return True
    named = re.search(r"[(\[]$|(?:option|choice|answer|letter|choose|select|pick)\s*$", before, re.IGNORECASE)
    asked = re.search(r"[\u4e00-\u9fff]\s*:\s*$", before)
    if letter.islower() and not named and not asked:
        return True
    sentence = re.split(r"[.!?。\n]", before)[-1]
    bracket = before.endswith(("(", "[")) and _SET_ASIDE.search(sentence)
    return bool(bracket or _WEAK.search(before) and _AGAINST.search(sentence)) or is_conditional(sentence)


def _last_line(scope: Scope) -> Found | None:
    hit = read_whole(scope)
    if hit is None and (hit := read_leading(scope)) and len(scope.text) > 80:
        return None
    return hit
