"""Rules that read options out of a reply, from the most to the least explicit; the first that finds one decides."""

import re
from collections.abc import Callable, Mapping

from gmai.bench import LETTERS
from gmai.evaluate.parsing.denials import is_denied
from gmai.evaluate.parsing.ends import read_closing, read_leading
from gmai.evaluate.parsing.listed import read_listed
from gmai.evaluate.parsing.mentions import find_mentions, find_spans, find_start
from gmai.evaluate.parsing.scope import AFFIRM, DENY, DISAGREES, Found, Scope, found, pattern
from gmai.evaluate.parsing.statements import (
    read_statement,
)
from gmai.evaluate.parsing.tags import iter_every, iter_tagged, iter_values
from gmai.evaluate.parsing.weighing import read_weighed
from gmai.evaluate.parsing.whole import read_all, read_whole

Rule = Callable[[Scope], Found | None]
_CORRECTION = re.compile(
    r"(?:(?:\bno\b|\boh\b|\bhmm+\b|\bsorry\b|\bbut\b|\boops\b|\bactually\b)[\s,.!—-]*)*"
    r"(?:\b(?:wait|hold on)\b(?:[\s,.!—-]*\b(?:no|actually|that's (?:wrong|not right)|sorry)\b)?|"
    r"\bon second thoughts?\b|"
    r"\bon reflection\b|"
    r"\bscratch (?:that|this|what|my|the)\b(?:[^.,;:\n]*[.,;:\n])?|\bcorrection\b|\bi meant?\b|(?:^|"
    r"(?<=[\n.!?)]))\s*edit(?:ed)?\s*:|"
    r"\bstrike that\b|\bi take that back\b|\blet me (?:correct|"
    r"revise|change|reconsider|rethink|re-?examine|re-?evaluate|re-?think|re-?read|double check|double-check|"
    r"check again|think again|look again)"
    r"\b[^.\n:]*[.:\n]|"
    r"\bi made (?:a mistake|an error)\b|\bmy mistake\b|\bchang(?:e|ing) my (?:answer|mind)\b(?: to)"
    r"?|\brevis(?:ed|ing|e) (?:my )?answer\b(?: to)?|"
    r"\bthat (?:was|is) (?:wrong|incorrect|not right)\b|\bthat's (?:wrong|incorrect|not right)"
    r"\b|\bi was wrong\b|\bhmm+[\s,.!—-]*no\b)"
    r"|(?<=[\w.!?…)—-])[\s,;—-]+actually,?\s+(?=(?:i think|i believe|it's|it is|this is|that's|"
    r"the answer|the correct|my answer|[(]?[A-J][).]?(?:\s*$|[.,])))"
    r"|(?<=[.!?…—,;-])\s*no[,.:—-]+\s*(?=(?:it's|it is|that's|there|the|this|actually|rather|make that|i)\b)"
    r"|(?<=^[A-J]),\s*no,?\s+(?=[A-J]\b)|[,.;—…-]\s*(?:or rather|make that|no,? rather)\b|等等|等一下|"
    r"(?:后来|现在|最后|最终|应)?改(?:为|成|选)|"
    r"更正|不对[,，。!]|重新考虑|"
    r"我错了|说错了|应更正为",
    re.IGNORECASE,
)
_SECOND_LOOK = re.compile(
    r"\b(?:oops|whoops|hmm+)\b|(?:^|(?<=[.!?\n…]))\s*actually\b|\bon (?:closer|further|second|careful|"
    r"re-?)\s*"
    r"(?:inspection|look|review|reading|examination|consideration|thought)\b|\blooking (?:again|closer|"
    r"more closely)\b|"
    r"\bchang\w+ (?:it |this |things |my (?:answer|choice|pick|mind) )?(?:from \S+ )?(?=to\b)|"
    r"\bswitch\w* (?:my answer )?(?=to\b)|仔细(?:看|一看)|再(?:看|想)(?:一下|一遍)?",
    re.IGNORECASE,
)
"""A second look: what is said after it counts, if anything is."""
_RANKED = re.compile(
    r"(?:rank(?:ed|ing|s)?|order(?:ed)?|most (?:to least )?likely (?:to least|first)|descending|"
    r"from most|按可能性|可能性排序|排序)",
    re.IGNORECASE,
)


_TAG_END = re.compile(r"\A(?:\s*/?\s*\w*\s*>)?")
_WITHDRAWN = re.compile(r"\bno\b|scratch|strike|take that back|wrong|mistake|error|not right|不对|错", re.IGNORECASE)
_DOUBT = re.compile(
    r"\b(?:not sure|unsure|which of (?:the|these) (?:two|three)|either (?:one|of them|could)|no way to|"
    r"can(?:not|'t) (?:decide|verify|choose)|"
    r"could be either|one of (?:the two|these|them)|don't know|do not know)\b|不确定|无法确定|二者之一",
    re.IGNORECASE,
)


def read_tagged(scope: Scope) -> Found | None:
    r"""Read ``<answer>C</answer>``, ``{"answer": "C"}`` or ``\boxed{C}``; the last of a kind counts."""
    hits = [hit for hit in iter_tagged(scope.text) if hit.inner.strip()]
    if not hits:
        return _read_values(scope)
    first, last = min(hit.start for hit in hits), max(hit.end for hit in hits)
    letters: set[str] = set()
    for hit in hits:
        letters |= _read_inner(hit.inner, scope)
    if taken := _taken_back(scope, last, letters):
        return taken
    if _is_open(scope, last):
        return found({DISAGREES}, first, last)
    return found(
        {DISAGREES} if DISAGREES in letters or len(letters) > 1 and not scope.several and len(hits) > 1 else letters,
        first,
        last,
    )


def _taken_back(scope: Scope, last: int, letters: set[str]) -> Found | None:
    """What is said instead after the last tag, or that it is withdrawn; None where it stands."""
    begin = last + len(_TAG_END.match(scope.text[last:])[0])  # type: ignore[index]
    mark = _CORRECTION.search(scope.text, begin)
    if mark and (taken := read_corrected(scope.at(mark.start()))) and DISAGREES not in taken.letters:
        return Found(taken.letters, mark.start() + taken.start, mark.start() + taken.end)
    if mark and _WITHDRAWN.search(mark[0]):
        return found({DISAGREES}, 0, len(scope.text))
    said = None if scope.several else read_statement(scope.at(begin))
    if (
        said
        and len(said.letters) == 1
        and len(letters) == 1
        and said.letters != letters
        and DISAGREES not in said.letters
    ):
        instead = re.match(r"\W*(?:actually|rather|now)\b", scope.text[begin:], re.IGNORECASE)
        return found(said.letters if instead else {DISAGREES}, begin + said.start, begin + said.end)
    return None


_SUSPECTED = re.compile(r"\b(?:suspect|possib|probab|rule|r/o|vs|versus|or|maybe|could|may|might)", re.IGNORECASE)


def _read_values(scope: Scope) -> Found | None:
    """What an object without any name for an answer says, if all that it names is one option."""
    plain = (hit for hit in iter_values(scope.text) if not _SUSPECTED.search(hit.inner))
    read = [(hit, _read_inner(hit.inner, scope)) for hit in plain]
    named = [(hit, letters) for hit, letters in read if DISAGREES not in letters]
    one = named and len(named[0][1]) == 1 and all(letters == named[0][1] for _, letters in named)
    return found(named[0][1], named[0][0].start, named[0][0].end) if one else None


def _is_open(scope: Scope, last: int) -> bool:
    """True if the reply asks about its last tag, or doubts between two that say different things."""
    rest = _TAG_END.sub("", scope.text[last:])
    if re.match(
        r"\W*\?|\s*(?:is|was) (?:just |only )?(?:my )?(?:first|initial|an? early)\b|\s*(?:is|was) (?:wrong|"
        r"not right)",
        rest,
    ):
        return True
    inner = [hit.inner.strip(" .").casefold() for hit in iter_every(scope.text)]
    return len(set(inner)) > 1 and bool(_DOUBT.search(rest))


def _read_inner(inner: str, scope: Scope) -> set[str]:
    within = Scope(inner.strip(), scope.options, scope.several)
    for rule in (read_whole, read_tagged, read_statement, read_leading, read_closing, read_text, read_weighed):
        if hit := rule(within):
            return set(hit.letters)
    return {DISAGREES}


def read_corrected(scope: Scope) -> Found | None:
    """What stands after the last "wait, no": read if it names something outright, else nothing before it counts."""
    looks = list(_SECOND_LOOK.finditer(scope.text))
    marks = list(_CORRECTION.finditer(scope.text))
    if looks and (not marks or looks[-1].start() > marks[-1].start()):
        after = scope.at(looks[-1].end())
        for rule in (read_statement, read_weighed):
            if (hit := rule(after)) and DISAGREES not in hit.letters:
                return Found(hit.letters, looks[-1].end() + hit.start, looks[-1].end() + hit.end)
    if not marks:
        return None
    before = _last(scope.text[: marks[-1].start()], scope)
    lead = re.match(
        r"[\s,.:;!?—–…-]*(?:(?:on|after|upon|looking)\s[^.,;:\n]{1,40},\s*)?(?:(?:that's|it's|it is|that is|to|"
        r"the answer is|i meant|make it|actually|rather|"
        r"i think|sorry|no)[\s,]+)*",
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
    if (hit := read_weighed(after)) and DISAGREES not in hit.letters:
        return Found(hit.letters, begin + hit.start, begin + hit.end)
    if re.fullmatch(r"\s*edit(?:ed)?\s*:", marks[-1][0], re.IGNORECASE) and not _speaks(after):
        return None
    return found({DISAGREES}, 0, len(scope.text)) if before else None


def _speaks(scope: Scope) -> bool:
    """True if a text names any option at all, whatever it says of it."""
    letter = pattern(r"(?<![A-Za-z])@(?![A-Za-z])", scope.count).search(scope.text)
    return bool(letter or scope.mentions.affirmed or scope.mentions.denied)


def _last(text: str, scope: Scope) -> bool:
    """True if the text names an answer that a correction takes back."""
    within = Scope(text.strip(), scope.options, scope.several)
    return any(rule(within) for rule in (read_whole, read_statement, read_leading, read_closing))


def read_start(scope: Scope) -> Found | None:
    """A short sentence that begins with an option's text, or says "it is" before it."""
    lead = re.match(
        r"(?:(?:it|this|that)(?:'s| is)\s+)?(?:(?:really|actually|probably|clearly|more likely)"
        r"\s+)?(?:an?\s+|the\s+)?",
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
    affirms = rf"yes|true|correct|right|present|是|对|正确|[{AFFIRM}]"
    denies = rf"no|not\s+\w+|false|incorrect|wrong|absent|excluded|unlikely|否|错误?|不正确|不对|[{DENY}]"
    word = rf"(?P<yes>{affirms})|(?P<no>{denies})"
    words = r"(?P<words>(?:[^\n:;,✅❌✓✗✔✘]{0,60}?(?:[:=–—-]+\s*|\s+))?)"
    after = (
        r"(?:(?<=^)|(?<=[\s(\[,;\"'{\n]))(@)[\"')\].]*\s*(?:[:=–—-]+\s*|\s+)?(?:(?:is|was|seems|looks)\s+)?"
        rf"{words}[(\[]?(?:{word})(?![A-Za-z])"
    )
    text = re.sub(r"[\[(][xX✓✔][\])]", lambda match: " ✅ "[: len(match[0])], scope.text)
    if marks := _read_marks(scope):
        return marks
    yes, no, last = set[str](), set[str](), 0
    ends = rf"^\W*(?:option\s+)?(@)[).:\]](?P<words>[^\n]*?)[\s,:;(–—-](?:{word})[^\w\n]*$"
    for match in pattern(ends, scope.count, re.MULTILINE).finditer(text):
        denied = match["no"] or re.search(r"\b(?:not|in)\W*$", match["words"])
        (no if denied else yes).add(match[1])
        last = match.end()
    for match in pattern(after, scope.count, re.IGNORECASE).finditer(text if len(yes | no) < 2 else ""):
        if match[1].islower() or match["words"].strip() and find_start(match["words"], scope.options) is None:
            continue
        (yes if match["yes"] else no).add(match[1])
        last = match.end()
    if len(yes | no) >= 2:
        return found({DISAGREES}, 0, last) if yes & no else found(yes, 0, last)
    if named := _read_named_verdicts(word, scope):
        return named
    marked = set[str]()
    for line in re.finditer(rf"^.*[{AFFIRM}].*$", text, re.MULTILINE):
        bare = re.sub(rf"[{AFFIRM}]", " ", line[0])
        if hit := _read_line(Scope(bare.strip(" -•\t"), scope.options, scope.several)):
            marked |= hit.letters
            last = line.end()
    return found(marked, 0, last)


def _read_named_verdicts(word: str, scope: Scope) -> Found | None:
    """Read "Asymmetry: yes", "Blue veil - no": two options at least, each with a word of its own."""
    folded, spans = find_spans(scope.text, scope.options)
    said = re.compile(rf"[\s\"')\]]*[:=–—-]+\s*(?:{word})(?![A-Za-z])", re.IGNORECASE)
    told = [(i, start, match) for start, end, i in spans if (match := said.match(folded, end))]
    if len({i for i, _, _ in told}) < 2:
        return None
    return found({LETTERS[i] for i, _, match in told if match["yes"]}, told[0][1], told[-1][2].end())


def _read_marks(scope: Scope) -> Found | None:
    """Lines that each begin with a mark and a letter: "✔ A", "✘ B"."""
    form = rf"^\s*(?:(?P<yes>[{AFFIRM}])|[{DENY}])\s*(?:option\s+)?[(\[]?(?P<letter>@)(?![A-Za-z])[^{AFFIRM}{DENY}\n]*$"
    lines = list(pattern(form, scope.count, re.MULTILINE).finditer(scope.text))
    letters = {line["letter"] for line in lines if line["yes"]}
    return found(letters, lines[0].start(), lines[-1].end()) if len(lines) >= 2 else None


def _read_line(scope: Scope) -> Found | None:
    return next((hit for rule in (read_whole, read_statement, read_leading, read_start) if (hit := rule(scope))), None)


def read_ranked(scope: Scope) -> Found | None:
    """Read "B > C > A", or a numbered list that is said to go from the most likely: the first."""
    chain = pattern(r"(?<![A-Za-z])(@)(?:\s*[.)]?\s*(?:>|≥|＞)+\s*@){1,9}(?![A-Za-z])", scope.count).search(scope.text)
    if chain and not scope.several:
        return found({chain[1]}, *chain.span())
    head = _RANKED.search(scope.text)
    if re.search(r"least (?:likely )?to (?:the )?most|ascending", scope.text, re.IGNORECASE):
        return None
    listed = r"[\w\s]{0,30}[:：]\s*[(\[]?(@)[)\].]?(?:\s*[,;>、]\s*(?:then\s+)?[(\[]?@[)\].]?)+(?![A-Za-z])"
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


def read_text(scope: Scope) -> Found | None:
    """Options that the reply affirms by their words."""
    affirmed = scope.mentions.affirmed
    if scope.several and (every := read_all(scope)):
        return every
    if not affirmed:
        return None
    spans = affirmed.values()
    letters = {LETTERS[i] for i in affirmed}
    if bracket := [
        a or b for a, b in pattern(r"[(\[](?:option\s+)?(~)[)\]]|[,.;:]\s*(@)\W*$", scope.count).findall(scope.text)
    ]:
        said = {letter.upper() for letter in bracket}
        if said - letters if scope.several else said != letters:
            letters = {DISAGREES}
    return found(letters, min(start for start, _ in spans), max(end for _, end in spans))


RULES: Mapping[str, Rule] = {
    "whole": read_whole,
    "tagged": read_tagged,
    "corrected": read_corrected,
    "listed": read_listed,
    "statement": read_statement,
    "verdicts": read_verdicts,
    "ranked": read_ranked,
    "leading": read_leading,
    "closing": read_closing,
}
"""Rules by name, in the order they are tried; the texts of options are read last, once a refusal is ruled out."""
