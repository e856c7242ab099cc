"""Rules that read options out of a reply, from the most to the least explicit; the first that finds something decides."""

import re
from collections.abc import Callable, Mapping

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.mentions import find_mentions, find_start, is_denied
from gmai.evaluate.parsing.scope import DISAGREES, Found, Scope, found, pattern, read_ordinal
from gmai.evaluate.parsing.statements import agree, agree_before, is_conditional, is_term, read_after, read_statement
from gmai.evaluate.parsing.tags import iter_tagged

Rule = Callable[[Scope], Found | None]

_BARE = r"(?:the\s+)?(?:option|choice|letter|answer|选项)?[\s\W_]*(~)[\s\W_]*(?:选项|项)?[\s\W_]*"
_LETTERS = (
    r"[\s(\[\"'•-]*(?:option[s]?\s+|both\s+|选)?[(\[\"']?@[)\]\"'.]?"
    r"(?:(?:\s*[,、/&;+|]\s*(?:and\s+|or\s+|also\s+)?|\s+(?:and|or)\s+|\s*[和或与及]\s*|\s*[-•]?\s+|(?<=[)\]]))(?:option\s+)?[(\[\"']?@[)\]\"'.]?)+[\s.。!]*"
)
_BUT_NOT = r"[\s,]*(?:(?:but|and|,)\s*)?not\s+[(\[]?@[)\]]?(?:\s*(?:,|and|or|nor)\s*[(\[]?@[)\]]?)*[\s.]*\Z"
_ALL = re.compile(
    r"(?:all|every one)(?: of)?(?: the)?(?: (?:above|options|listed|choices|four|five|three|of them|following))+(?: options| choices)?"
    r"|\ball of them\b|\ball (?:four|five|three)\b|以上(?:都|全部|皆|均)(?:是|对|正确|选)?(?!不|非)|全选|全部(?:都)?(?:选|是|对|正确)|都对",
    re.IGNORECASE,
)
_ALL_BUT = r"\b(?:all|every(?:thing)?(?: option)?)(?:\s+of)?(?:\s+(?:the\s+)?(?:above|options|them))?\s*,?\s*(?:except|but|other than|besides)(?:\s+for)?\s+(?:option\s+)?[(\[]?(@)(?![A-Za-z])"
_BOTH_ALL = re.compile(r"^\s*both(?: of them| are (?:right|correct)| options)?[.!\s]*$", re.IGNORECASE)
_DENY = "❌✗✘✖×🚫☒"
_AFFIRM = "✅✔✓☑👉➡🎯🏆⭐🟢"
_LEADING = r"(?:[^\w\s(\[\"'<{]+\s*)?(?:(?:option|choice|letter)\s+)?(?:[(\[<{\"']\s*(~)\s*[)\]>}\"']|(~)[).:!\]](?![A-Za-z])|(@)(?:,|\s*[-–—=]+>?\s|\s*\n|\s*\(|\s+(?=(?:because|since|due|as|given)\b)|(?=[^\x00-\x7f])(?!\s*[、，和或与及]\s*@)))"
_LISTED = r"(?:(?<=^)|(?<=\n)|(?<=¤)|(?<=¤\s)|(?<=[,;.(\[])|(?<=[,;.]\s)|(?<=\n[(\[])|(?<=\s[(\[]))(@)[).:\]](?=\s+\S)"
_CLOSING = (
    r"(?:\b(?:i|we) (?:think|believe|guess|say)(?: that)?(?: it is| it's| it must be)?|\b(?:it is|it's|its|must be|would be|so|thus|"
    r"hence|therefore|option|choice|choose|select|pick|go with|answer|conclusion|only|leaves(?: us with)?|leaving|left with)|"
    r"[=→>:]|所以|因此|故|选|选项|是)[\s,:>]*(?:(?:it's|it is|the|option|answer|letter|选|是|为)\s*)*[(\[\"']?(~)[)\]\"']?[\s.!。]*$"
    r"|[(\[](?:option\s+)?(~)[)\]][\s.!。]*$|(?<=\w\w\w[.!?。])\s+(@)[.!。]?\s*$"
)
_WEAK = re.compile(r"(?:\b(?:option|choice|only|answer)|选项|是|[:>])\s*[(\[\"']?$", re.IGNORECASE)
_TAKEN = re.compile(
    r"(?:\b(?:not|neither|nor|or|and|isn't|except|exclude|grade|stage|type|class|level|category|group|vitamin|hepatitis|so is|lines?|"
    r"eliminates?|eliminating|dismiss|reject|unlike|versus|vs|than|with|lobe|segment|zone|panel|figure|image|view|phase)\W*"
    r"(?:option\s*)?[(\[]?|(?:不|非|未|而不)(?:选择?|选项|是|考虑|属于|应选?|能选?|该选?)?\s*|[或和、/]\s*)$",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"\b(?:not|wrong|incorrect|excluded?|unlikely|ruled out|neither|eliminated?|less|absent)\b|错|不|排除",
    re.IGNORECASE,
)
_LAST_LINE = r"(?:^|\n)\s*(?:[^\w\s(\[\"'<]+\s*)?(?:option\s+)?[(\[\"'<]?(@)[)\]\"'>]?[\s.!。]*$"
_CORRECTION = re.compile(
    r"(?:(?:\bno\b|\boh\b|\bhmm+\b|\bsorry\b|\bbut\b|\boops\b|\bactually\b)[\s,.!—-]*)*"
    r"(?:\bwait\b(?:[\s,.!—-]*\b(?:no|actually|that's (?:wrong|not right)|sorry)\b)?|\bon second thoughts?\b|\bon reflection\b|"
    r"\bscratch that\b|\bcorrection\b|\bi mean\b|\bstrike that\b|\bi take that back\b|\blet me (?:correct|revise|change|reconsider|rethink|re-?examine|re-?evaluate|re-?think|think again|look again)\b[^.\n:]*[.:\n]|"
    r"\bi made (?:a mistake|an error)\b|\bmy mistake\b|\bchang(?:e|ing) my (?:answer|mind)\b(?: to)?|\brevis(?:ed|ing|e) (?:my )?answer\b(?: to)?|"
    r"\bthat (?:was|is) (?:wrong|incorrect|not right)\b|\bthat's (?:wrong|incorrect|not right)\b|\bi was wrong\b|\bhmm+[\s,.!—-]*no\b)"
    r"|(?<=[\w.!?…)—-])[\s,;—-]+actually,?\s+(?=(?:i think|i believe|it's|it is|this is|that's|the answer|the correct|my answer|[(]?[A-J][).]?(?:\s*$|[.,])))"
    r"|(?<=[.!?…—,;-])\s*no[,.:—-]+\s*(?=(?:it's|it is|that's|there|the|this|actually|rather|make that|i)\b)"
    r"|[,.;—…-]\s*(?:or rather|make that|no,? rather)\b|等等|等一下|更正|不对[,，。!]|重新考虑|我错了|说错了|应更正为",
    re.IGNORECASE,
)
_RANKED = re.compile(
    r"(?:rank(?:ed|ing|s)?|order(?:ed)?|most (?:to least )?likely (?:to least|first)|descending|from most|按可能性|可能性排序|排序)",
    re.IGNORECASE,
)


def read_whole(scope: Scope) -> Found | None:
    """The reply is a letter, an option's text, or a list of letters, and nothing else."""
    text, end = scope.text, len(scope.text)
    if any(sign in text for sign in _DENY):
        return None
    same = {LETTERS[i] for i, option in enumerate(scope.folded) if option == fold(text)}
    bare = pattern(_BARE, scope.count).fullmatch(text.strip()) or pattern(_BARE, scope.count, re.I).fullmatch(
        text.strip()
    )
    if bare:
        return found(same | {bare[1].upper()}, 0, end)
    if scope.several and (every := _read_all(scope)):
        return every
    text = re.sub(r"(?m)^\s*\d\s*[.)]\s+(?=[A-Z]\b)", lambda match: " " * len(match[0]), text)
    tail = pattern(_BUT_NOT, scope.count).search(text)
    listed = text[: tail.start()] if tail else text
    if pattern(_LETTERS, scope.count).fullmatch(listed) and not same:
        return found(set(pattern(r"(?<![A-Za-z])@(?![A-Za-z])", scope.count).findall(listed)), 0, end)
    if tail and (one := pattern(_BARE, scope.count).fullmatch(listed)):
        return found({one[1].upper()}, 0, end)
    if not same and (run := pattern(r"(@{2,})[\s.。!]*", scope.count).fullmatch(text)):
        return found(set(run[1]), 0, end)
    return found(same or _read_number(text, scope), 0, end)


def _read_number(text: str, scope: Scope) -> set[str]:
    """ "Option 2", "the second option", "II"; or what alone tells one option from the others."""
    after = read_after(scope)
    if after and not (DISAGREES in after.letters and text.startswith("A ")):
        words = re.sub(r"[\s\W_]+$", "", text)
        if after.end >= len(words) and not pattern(r"~", scope.count).fullmatch(words):
            return set(after.letters)
    low = fold(text)
    part = {
        LETTERS[i]
        for i, part in enumerate(scope.parts)
        if part and part == low and len(part) > 1 or part.isdigit() and part == low
    }
    if part:
        return part
    roman = re.fullmatch(r"\W*([IV]{2,4}|[iv]{2,4})\W*", text)
    letter = read_ordinal(roman[1], scope) if roman else None
    return {letter} if letter else set()


def _read_all(scope: Scope) -> Found | None:
    """ "All of the above", "all except B", "both", unless an option says so itself."""
    letters = set(LETTERS[: len(scope.options)])
    if any(_ALL.search(option) or "以上" in option for option in scope.options):
        return None
    if but := pattern(_ALL_BUT, scope.count, re.I).search(scope.text):
        return found(letters - {but[1].upper()}, *but.span())
    match = _ALL.search(scope.text)
    if match and not is_denied(scope.text, *match.span()):
        return found(letters, *match.span())
    both = _BOTH_ALL.match(scope.text) if len(scope.options) == 2 else None
    return found(letters, *both.span()) if both else None


def read_tagged(scope: Scope) -> Found | None:
    """Read ``<answer>C</answer>``, ``{"answer": "C"}`` or ``\\boxed{C}``; the last of a kind counts."""
    hits = [hit for hit in iter_tagged(scope.text) if hit.inner.strip()]
    if not hits:
        return None
    first, last = min(hit.start for hit in hits), max(hit.end for hit in hits)
    letters: set[str] = set()
    for hit in hits:
        letters |= _read_inner(hit.inner, scope)
    return found(
        {DISAGREES} if DISAGREES in letters or len(letters) > 1 and not scope.several and len(hits) > 1 else letters,
        first,
        last,
    )


def _read_inner(inner: str, scope: Scope) -> set[str]:
    within = Scope(inner.strip(), scope.options, scope.several)
    for rule in (read_whole, read_tagged, read_statement, read_leading, read_closing, read_text):
        if hit := rule(within):
            return set(hit.letters)
    return {DISAGREES}


def read_corrected(scope: Scope) -> Found | None:
    """What stands after the last "wait, no": read if it names something outright, else nothing before it counts."""
    marks = list(_CORRECTION.finditer(scope.text))
    if not marks:
        return None
    before = _last(scope.text[: marks[-1].start()], scope)
    lead = re.match(
        r"[\s,.:;!?—–…-]*(?:(?:that's|it's|it is|that is|to|the answer is|i meant|make it|sorry|no)\s+)*",
        scope.text[marks[-1].end() :],
        re.I,
    )
    begin = marks[-1].end() + (lead.end() if lead else 0)
    after = scope.at(begin)
    first = re.split(r"(?<=[.!。\n])\s*", after.text, maxsplit=1)[0]
    short = scope.at(begin, begin + len(first))
    for within in (after, short):
        for rule in (read_whole, read_statement, read_leading, read_closing, read_start):
            if rule is read_start and within is after:
                continue
            if hit := rule(within):
                return Found(hit.letters, begin + hit.start, begin + hit.end)
    if said := list(
        re.finditer(r"(?:it is|it's|this is|that's)\s+(?=(?:an?\s+|the\s+)?\w)", after.text, re.IGNORECASE)
    ):
        if hit := read_start(after.at(said[-1].end())):
            return Found(hit.letters, begin + said[-1].start(), begin + said[-1].end() + hit.end)
    return found({DISAGREES}, 0, len(scope.text)) if before else None


def _last(text: str, scope: Scope) -> bool:
    """True if the text names an answer that a correction takes back."""
    within = Scope(text.strip(), scope.options, scope.several)
    return any(rule(within) for rule in (read_whole, read_statement, read_leading, read_closing))


def read_start(scope: Scope) -> Found | None:
    """A short sentence that begins with an option's text, or says "it is" before it."""
    lead = re.match(
        r"(?:(?:it|this|that)(?:'s| is)\s+)?(?:(?:really|actually|probably|clearly|more likely)\s+)?(?:an?\s+|the\s+)?",
        scope.text,
        re.I,
    )
    begin = lead.end() if lead else 0
    start = find_start(scope.text[begin:], scope.options)
    if start is None or len(scope.text) > 80 or is_denied(scope.text, begin, begin + start[1]):
        return None
    others = find_mentions(scope.text, scope.options).affirmed
    return found({LETTERS[i] for i in {start[0], *others}}, 0, begin + start[1])


def read_verdicts(scope: Scope) -> Found | None:
    """Options marked one by one: "A: no, B: yes", "✅ B", "B ✓ C ✗"."""
    word = (
        r"(?P<yes>yes|true|correct|right|present|是|对|正确|[%s])|(?P<no>no|not\s+\w+|false|incorrect|wrong|absent|excluded|unlikely|否|错误?|不正确|不对|[%s])"
        % (_AFFIRM, _DENY)
    )
    after = rf"(?:(?<=^)|(?<=[\s(\[,;\"'{{\n]))(@)[\"')\].]*\s*(?:[:=–—-]+\s*|\s+)?(?:(?:is|was|seems|looks)\s+)?(?P<words>(?:[^\n:;,✅❌✓✗✔✘]{{0,60}}?(?:[:=–—-]+\s*|\s+))?)[(\[]?(?:{word})(?![A-Za-z])"
    text = re.sub(r"[\[(][xX✓✔][\])]", lambda match: " ✅ "[: len(match[0])], scope.text)
    yes, no, last = set[str](), set[str](), 0
    ends = rf"^\W*(?:option\s+)?(@)[).:\]](?P<words>[^\n]*?)[\s,:;(–—-](?:{word})[^\w\n]*$"
    for match in pattern(ends, scope.count, re.MULTILINE).finditer(text):
        denied = match["no"] or re.search(r"\b(?:not|in)\W*$", match["words"])
        (no if denied else yes).add(match[1])
        last = match.end()
    for match in pattern(after, scope.count, re.IGNORECASE).finditer(text if not yes | no else ""):
        if match[1].islower() or match["words"].strip() and find_start(match["words"], scope.options) is None:
            continue
        (yes if match["yes"] else no).add(match[1])
        last = match.end()
    if len(yes | no) >= 2:
        return found({DISAGREES}, 0, last) if yes & no else found(yes, 0, last)
    marked = set[str]()
    for line in re.finditer(rf"^.*[{_AFFIRM}].*$", text, re.MULTILINE):
        bare = re.sub(rf"[{_AFFIRM}]", " ", line[0])
        if hit := _read_line(Scope(bare.strip(" -•\t"), scope.options, scope.several)):
            marked |= hit.letters
            last = line.end()
    return found(marked, 0, last)


def _read_line(scope: Scope) -> Found | None:
    return next((hit for rule in (read_whole, read_statement, read_leading, read_start) if (hit := rule(scope))), None)


def read_ranked(scope: Scope) -> Found | None:
    """ "B > C > A", or a numbered list that is said to go from the most likely: the first."""
    chain = pattern(r"(?<![A-Za-z])(@)(?:\s*[.)]?\s*(?:>|≥|＞)+\s*@){1,9}(?![A-Za-z])", scope.count).search(scope.text)
    if chain and not scope.several:
        return found({chain[1]}, *chain.span())
    head = _RANKED.search(scope.text)
    if re.search(r"least (?:likely )?to (?:the )?most|ascending", scope.text, re.IGNORECASE):
        return None
    listed = rf"[\w\s]{{0,30}}[:：]\s*[(\[]?(@)[)\].]?(?:\s*[,;>、]\s*(?:then\s+)?[(\[]?@[)\].]?)+(?![A-Za-z])"
    if head and not scope.several and (row := pattern(listed, scope.count).match(scope.text, head.end())):
        return found({row[1]}, *row.span())
    items = (
        list(re.finditer(r"(?:^|\n|\s)(?:#\s*)?1\s*[.):、]\s*(.+?)(?=\s+(?:#\s*)?2\s*[.):、]|\n)", scope.text))
        if head
        else []
    )
    if not head or len(items) != 1 or scope.several or items[0].start() < head.start():
        return None
    hit = _read_line(Scope(items[0][1].strip(), scope.options))
    return Found(hit.letters, *items[0].span(1)) if hit else None


def read_leading(scope: Scope) -> Found | None:
    """Read "B. polyp", "(b) polyp", "E because …" at the start; a list of several lettered options names none."""
    text = scope.text
    line = re.match(r"[^\n.。:]+(?=[\n.。]|$)", text)
    if line and fold(line[0]) in scope.folded and len(line[0]) < len(text) and not is_denied(text, *line.span()):
        return found({LETTERS[scope.folded.index(fold(line[0]))]}, *line.span())
    match = pattern(_LEADING, scope.count, re.IGNORECASE).match(text)
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
    return found(named | set(_listed(rest, scope)), *match.span())


def _denies(rest: str, scope: Scope) -> bool:
    """ "A. cyst: no", "B) wrong": an option that is gone through and set aside."""
    lead = rest.lstrip(" ).:-–—")
    start = find_start(lead, scope.options)
    tail = lead[start[1] :] if start else lead
    words = r"[\s:(,–—-]*(?:(?:is|can be|this is|it is|would be)\s+)?"
    closed = r"no\b(?=\s*(?:$|[.,;:!)\n]|[A-J][).:]))|not\s+(?:correct|this|it|likely|present|seen|consistent|supported|the)\b"
    flat = rf"incorrect|wrong|false|unlikely|excluded|ruled out|[{_DENY}]|错|不正确|不对|不是|不符"
    return bool(re.match(rf"{words}(?:{closed}|{flat})", tail, re.IGNORECASE))


def _listed(rest: str, scope: Scope) -> list[str]:
    others = rest
    for option in scope.options:
        others = re.sub(re.escape(option), "¤", others, flags=re.IGNORECASE) if len(option) > 1 else others
    return pattern(_LISTED, scope.count).findall(others)


def _agree_later(letter: str, rest: str, scope: Scope) -> str:
    """The letter, unless the sentence after it says outright that the picture shows another option."""
    said = re.match(
        r"[^.\n;]{0,60}?\b(?:shows?|demonstrates?|depicts?|reveals?|displays?|this is|it is|it's|consistent with|diagnosis is)\s+(?:an?\s+|the\s+)?",
        rest,
        re.IGNORECASE,
    )
    if not said or find_mentions(rest[: said.end()], scope.options).affirmed:
        return letter
    return agree(letter, rest[said.end() :], scope)


def _read_letter_and_text(scope: Scope) -> Found | None:
    """ "B polyp": a letter before its own option's text, without anything between."""
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
            if _is_weak(letter, before, scope):
                return None
            return found({agree_before(letter.upper(), before, scope)}, match.start(place), match.end(place))
    last = scope.text.rstrip().rpartition("\n")[2]
    if last != scope.text.rstrip() and (hit := _last_line(Scope(last, scope.options, scope.several))):
        begin = len(scope.text.rstrip()) - len(last)
        return Found(hit.letters, begin + hit.start, begin + hit.end)
    return None


def _is_weak(letter: str, before: str, scope: Scope) -> bool:
    """A last letter that belongs to a term or a list, or that the sentence may speak against."""
    if _TAKEN.search(before) and not scope.several:
        return True
    named = re.search(r"[(\[]$|(?:option|choice|answer|letter|choose|select|pick)\s*$", before, re.IGNORECASE)
    if letter.islower() and not named:
        return True
    sentence = re.split(r"[.!?。\n]", before)[-1]
    return bool(_WEAK.search(before) and _AGAINST.search(sentence)) or is_conditional(sentence)


def _last_line(scope: Scope) -> Found | None:
    hit = read_whole(scope)
    if hit is None and (hit := read_leading(scope)) and len(scope.text) > 80:
        return None
    return hit


def read_text(scope: Scope) -> Found | None:
    """Options that the reply affirms by their words."""
    affirmed = scope.mentions.affirmed
    if scope.several and (every := _read_all(scope)):
        return every
    if not affirmed:
        return None
    spans = affirmed.values()
    letters = {LETTERS[i] for i in affirmed}
    if bracket := pattern(r"[(\[](?:option\s+)?(~)[)\]]", scope.count).findall(scope.text):
        if not scope.several and {letter.upper() for letter in bracket} != letters:
            letters = {DISAGREES}
    return found(letters, min(start for start, _ in spans), max(end for _, end in spans))


RULES: Mapping[str, Rule] = {
    "whole": read_whole,
    "tagged": read_tagged,
    "corrected": read_corrected,
    "statement": read_statement,
    "verdicts": read_verdicts,
    "ranked": read_ranked,
    "leading": read_leading,
    "closing": read_closing,
}
"""Rules by name, in the order they are tried; the texts of options are read last, once a refusal is ruled out."""
