"""Every option that a reply names, weighed: what a careful reader is left with, whatever the verb.

Each mention is set aside (denied, asked about, supposed, conceded, what was thought at first), merely named, observed,
or concluded. A later denial withdraws what was said before. The strongest that is left decides, if it is one option.
"""

import re
from dataclasses import dataclass

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.cleaning import plain
from gmai.evaluate.parsing.denials import denied_together
from gmai.evaluate.parsing.lettered import find_letters
from gmai.evaluate.parsing.mentions import find_spans, is_said
from gmai.evaluate.parsing.scope import DISAGREES, Found, Scope, found
from gmai.evaluate.parsing.stems import find_roots

DENIED, ASIDE, NAMED, OBSERVED, CONCLUDED = -2, -1, 0, 1, 2
_SENTENCE = re.compile(r"[!?;\n。；！？]|\.(?=\s|$)")
_BOUND = re.compile(
    r"[!?;\n。；！？]|\.(?=\s|$)|(?=\b(?:but|however|whereas|nevertheless|nonetheless|yet|instead)\b)|"
    r",(?=\s*(?:so|and (?:so|thus|therefore)|while|although|though)\s)|[,，](?=而|但|所以|因此|故)"
)
_IF = re.compile(r"\b(?:if|unless|had there|were there|were it|had it)\b|如果|若", re.IGNORECASE)
_FORCED = re.compile(r"\bif (?:i|we|you|forced|pressed)\b|\b(?:had|have) to\b", re.IGNORECASE)
_CONCEDED = re.compile(
    r"^\W*(?:(?:and|but|so)\s+)?(?:while|although|though|even though|even if|whereas|despite|in spite of|unlike|"
    r"if|had|were|unless|suppose|assuming|at first|initially|originally|first)\b[^,]*$"
    r"|^\W*(?:when|in|for|with)\s+(?:[\w'-]+\s+){0,2}[\W]*$"
    r"|^\W*(?:虽然|尽管|如果|若)",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:(?<!i )(?<!we )(?<!answer )would|could|might|may|can|cannot|can't|if|whether|unless|tempting|possib\w+|"
    r"plausible|initial(?:ly)?|at first|first (?:impression|guess|thought|answer|choice|pick|idea|instinct)|used to|usually|typical(?:ly)?|commonly|"
    r"often|generally|normally|alternative\w*|distractor|differential|mimic\w*|(?<!what you'd )(?<!what we )"
    r"(?<!what one would )(?<!what you would )expect\w*|asked|question|family|mother|father|history|screening|"
    r"previous\w*|versus|vs|compar\w+|between|neither|nor|some|others|textbooks?|people|students?|colleagues?|"
    r"(?:nobody)|no one|exclud\w+|rul(?:e|es|ed|ing) out|eliminat\w+|dismiss\w*|reject\w*|discard\w*|drop|skip|avoid\w*|consider|start with|better (?:seen|shown|visible|assessed))\b|\bsays?\W*[\"']$|可能|考虑|既往|如果|若|排除",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"\b(?:any|every|all)\w*(?:\s+of\s+\w+)?\s+(?:but|except)(?:\s+for)?\s+(?:the\s+)?$", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|no|never|without|nothing|neither|nor|\w+n't|dont|doesnt|least|wrong|incorrect|less|leave out|absent|missing|unlikely|doubt|(?:take|took|taking) back|retract|withdraw)\b|"
    r"不|未|无|非",
    re.IGNORECASE,
)
_NO_DENIAL = re.compile(r"\bnot only\b|\bno (?:doubt|question)\b|\bwithout (?:a )?doubt\b|\bnothing but\b", re.IGNORECASE)
_NEXT_DENIED = re.compile(
    r",?\s*(?:and |but )?(?:(?:it's |it is )?not|rather than|no|instead of|over|unlike)\s*(?:the\s|an?\s)?$", re.IGNORECASE
)
_CHOSEN = re.compile(
    r"\b(?:so|therefore|thus|hence|leav(?:es?|ing)|left with|remain(?:s|ing)|must be|has to be|diagnos[ie]s|answer|"
    r"most likely|likeliest|best|correct|right|final(?:ly)?|conclud\w+|mak(?:es?|ing)|go(?:ing)? with|choos\w+|pick|"
    r"select|settle\w*|in favou?r of|favou?r\w*|towards|speaks? for|argues? for|fits?|match(?:es)?|i'd say|i say|i would say|needs?|requires?|should|treat(?! \w+ as)\w*|means?|points? to|"
    r"due to|caused by|called for|indicat\w+|confirm\w*|definitely|clearly|obviously|certainly|in fact|actually|"
    r"first line|preferred|of choice|this is|these are|it's|it is|that is|in other words|what you'd expect|"
    r"chang\w+ (?:it |my answer )?to|switch\w* to|only(?=\s+(?:an?\s|the\s)?$))\b|[=→:]\s*(?:an?\s+|the\s+)?$|[=→]|所以|因此|故|应",
    re.IGNORECASE,
)
_CHOSEN_AFTER = re.compile(
    r"\b(?:(?:right|correct|best|better|likeliest|likely|preferred|indicated|needed|required|appropriate|warranted|"
    r"confirmed|diagnostic|first line|remains|left|fits?|match(?:es)?|explains?|works|wins|stands|it (?:is|must be|has to be)|"
    r"applies|apply|enough|sufficient|suffices|i (?:think|guess|believe|suppose|would say)|imo|for sure|present|characteristic|typical|classic(?:al)?|"
    r"is what|first|(?:should|must|has to|have to|needs to) be (?:given|offered|started|used|performed|done|chosen|"
    r"preferred|placed|added|stopped)|is (?:recommended|advised|given)(?= (?:here|now|first|in this|for this)))\b|(?:the|my|our)\s+(?:\w+\s+){0,2}(?:answer|choice|option|diagnosis|pick|one|cause|explanation)\b)"
    r"|正确|最|正しい",
    re.IGNORECASE,
)
_COPULA = re.compile(r"\b(?:is|are|was|be|it's|its)\s+(?:an?\s+|the\s+)?$", re.IGNORECASE)
_LEADS = re.compile(r"(?!A:)\W*[A-J]\s*(?:[.,):\]\n]|[-–—]\s|$)")
_ASIDE_AFTER = re.compile(
    r"^[\s,)–—-]*(?:(?:is|are|was|were|can be|seems?|looks?)\s+)?(?:\w+ly\s+)?(?:also\s+|less\s+|only\s+|too\s+)?"
    r"(?:tempting|possible|plausible|wrong|incorrect|out\b|excluded|eliminated|considered|rejected|attractive|"
    r"unlikely|less|rare|a\s+(?:distractor|common|possib)|would|could|might|may|can\b|usually|typically|often|"
    r"commonly|generally|should\s+(?:be\s+)?(?:not|exclu|avoid)|lacks?\b|does\s*n|do\s*n|never|no\b(?=\W*$)|not\b)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|does|do|did|will|would|can|could|may|might|must|should|i|we|you|he|she|"
    r"they|it|who|that|which|when|if|for|to|by|than|from|include\w*|patients?|history|measure\w*|order\w*)\b|"
    r"\b\w+(?:[^s]s|ed)\s+(?:the|an?|by|no|on)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s+(?!(?:or|and|than|before|vs|versus|nor|but|with|without|in|on|of|at)\b)\w+){0,2}[\s)]*(?:$|[,;:.(]|\b(?:with|without|in|on|of|at|due|as|after|following|\w+ing)\b)", re.IGNORECASE)
_ADVERBS = re.compile(
    r"\W*(?:(?:but|rather|so|then|thus|therefore|hence|now|ok|okay|yes|well|maybe|probably|definitely|finally|just|"
    r"(?:after|on|upon)\s+(?:\w+\s+){1,4}|in the end),?\W*)*",
    re.IGNORECASE,
)
_SAME = re.compile(r"\W*(?:likewise|as well|too|also|similarly|either)\b")
_REASON = re.compile(r"[,;:(–—]|\b(?:because|since|as|given|due|although|while|when|with|without|if|provided|by)\b")
_CONTRAST = re.compile(
    r"^\W*(?:(?:in|by) contrast|conversely|on the other hand|unlike|compared|whereas|for comparison)\b", re.IGNORECASE
)
_OUT = re.compile(r"\b(?:exclud\w+|rul\w+ out|eliminat\w+|drop|avoid|dismiss|reject|discard)\b", re.IGNORECASE)
_ENDS = re.compile(r"[\s.,)]*(?:and|or|&)?\s*")
_REPLIED = re.compile(r"[\s)]*[?？]\W*(?:(?P<yes>yes|yep|exactly|correct|indeed|是|对)|(?P<no>no|nope|not|never|否|不))\b", re.I)
_REASON = re.compile(r"[,;:(–—]|\b(?:because|since|as|given|due|although|while|when|with|without|if|provided|by)\b")
_CONTRAST = re.compile(
    r"^\W*(?:(?:in|by) contrast|conversely|on the other hand|unlike|compared|whereas|for comparison)\b", re.IGNORECASE
)
_ARE_OUT = re.compile(r"\s*(?:are|is|can be|have been|were)\s+(?:all\s+)?(?:wrong|incorrect|excluded|ruled|eliminated|out)\b")
_LISTED = re.compile(r"[\s)]*(?:$|[,.;:!)\n]|and\b|or\b|are\b|[&/+\0])")
_MINE = re.compile(r"\b(?:i|we|i'd|i'll|i'm|we'd|my|let's)\b", re.IGNORECASE)
_INVERTED = re.compile(r"^\W*(?:so\s+)?(?:is|are|must|could|would|does|can|might)\s+(?:(?:it|this|that)\s+(?:be\s+)?)?$")
_WITH = re.compile(
    r"\s*,?\s*(?:\band\b|\bto\b|\bor\b|\bthen\b|\bas well as\b|\bfollowed by\b|&|/|\+|>|和|或|、|及|与|,)+\s*(?:then\s+)?"
    r"(?:an?\s+|the\s+|options?\s+)*"
)
_REJECTED = re.compile(
    r"^[^\n]*\b(?:not|others?|wrong|incorrect|exclu\w+|ruled out|rejected|eliminated|unlikely|less likely|against)\b"
    r"[^\n]*[:?]\W*\n(?P<items>(?:\s*(?:[-–—•*+]|\(?\d{1,2}[.)]|[(\[]?[A-Ja-j][).:\]])[^\n]*(?:\n|$))+)",
    re.MULTILINE | re.IGNORECASE,
)
"""A list under a line that says why not."""


@dataclass(frozen=True)
class Mention:
    """One place where an option is named."""

    option: int
    start: int
    end: int
    lettered: bool = False


@dataclass(frozen=True)
class Setting:
    """What stands around a mention in its clause, every mention blanked."""

    clause: str
    """From the beginning of the clause."""
    before: str
    """From the last mention, comma or beginning of the clause."""
    after: str
    """To the next mention or the end of the clause."""
    sentence: str
    """The whole sentence."""
    lead: str
    """The sentence up to the mention."""
    asked: bool


def read_weighed(scope: Scope, *, strict: bool = False) -> Found | None:
    """The one option that is left once every mention is weighed; several where the strongest are of several.

    Args:
        scope: what is read.
        strict: what is concluded does not win over what is observed.
    """
    folded, words, letters = _find(scope)
    mentions = _merge(words, letters, scope.text)
    if mentions is None:
        return found({DISAGREES}, 0, len(scope.text))
    hit = _strongest(mentions, folded, scope, strict)
    if hit is None and not scope.several and (loose := find_roots(folded, scope.options)):
        more = [Mention(i, start, end) for start, end, i in loose]
        hit = _strongest(_merge([*words, *more], letters, scope.text) or [], folded, scope, strict)
    return hit


def is_set_aside(letters: frozenset[str], scope: Scope) -> bool:
    """True if every mention of these options is denied."""
    folded, words, named = _find(scope)
    mentions = _merge(words, named, scope.text) or []
    weights = _weigh_all(mentions, _blank(mentions, folded), scope)
    own = [weight for one, weight in zip(mentions, weights, strict=True) if LETTERS[one.option] in letters]
    return bool(own) and all(weight == DENIED for weight in own)


def _find(scope: Scope) -> tuple[str, list[Mention], list[Mention]]:
    """The plain text, the options named in words, and those named by letters."""
    folded, texts = find_spans(scope.text, scope.options)
    letters = [Mention(i, start, end, True) for start, end, i in find_letters(scope, folded)]
    return folded, [Mention(i, start, end) for start, end, i in texts], letters


def _blank(mentions: list[Mention], folded: str) -> str:
    for one in mentions:
        folded = folded[: one.start] + "\0" * (one.end - one.start) + folded[one.end :]
    return folded


def _strongest(mentions: list[Mention], folded: str, scope: Scope, strict: bool) -> Found | None:
    """The options whose mentions weigh most; a later denial withdraws what was said before."""
    weights = _weigh_all(mentions, _blank(mentions, folded), scope)
    last: dict[int, int] = {}
    for one, weight in zip(mentions, weights, strict=True):
        if weight == DENIED or weight > max(last.get(one.option, NAMED), NAMED):
            last[one.option] = weight
    top = max(last.values(), default=NAMED)
    if top <= NAMED:
        return None
    lettered = any(one.lettered and last.get(one.option) == CONCLUDED for one in mentions)
    least = OBSERVED if strict or scope.several and not lettered else top
    best = [one for one in mentions if last.get(one.option, NAMED) >= least]
    return found({LETTERS[one.option] for one in best}, best[0].start, best[-1].end)


def _weigh_all(mentions: list[Mention], folded: str, scope: Scope) -> list[int]:
    """What each mention weighs; those of one list weigh the same."""
    folded = re.sub(r"\([^()\0]*\)", lambda match: " " * len(match[0]), folded)
    denied = denied_together(folded, [(one.start, one.end) for one in mentions], plain(scope.text))
    for block in _REJECTED.finditer(scope.text):
        denied = [out or block.start("items") <= one.start < block.end() for out, one in zip(denied, mentions, strict=True)]
    weights = [
        told if (told := _told(one, folded)) is not None else DENIED if denied[n] else _weigh(mentions, n, folded, scope)
        for n, one in enumerate(mentions)
    ]
    for places in (range(1, len(mentions)), range(len(mentions) - 1, 0, -1)):
        for n in places:
            if _SAME.match(folded, mentions[n].end):
                weights[n] = weights[n - 1]
            pair = weights[n - 1], weights[n]
            gap = folded[mentions[n - 1].end : mentions[n].start]
            if not _WITH.fullmatch(gap) or gap.strip() == "," and not _LISTED.match(folded, mentions[n].end):
                continue
            bound = re.search(r"and|or|/|&|和|或|、", gap)
            if pair[0] == DENIED and bound and (mentions[n].lettered or "or" in bound[0]) and not _CHOSEN_AFTER.match(folded, mentions[n].end):
                weights[n] = DENIED
            elif pair[1] == DENIED and pair[0] in (NAMED, OBSERVED):
                weights[n - 1] = ASIDE
            elif DENIED not in pair:
                both = mentions[n - 1].option != mentions[n].option and not scope.several
                joint = min(max(pair), NAMED) if both else max(pair)
                weights[n - 1] = weights[n] = min(pair) if min(pair) < NAMED else joint
    return weights


def _merge(texts: list[Mention], letters: list[Mention], text: str) -> list[Mention] | None:
    """The mentions in order, a letter beside its own text as one; None if a letter stands beside another's text."""
    merged: list[Mention] = []
    for one in sorted([*texts, *letters], key=lambda mention: mention.start):
        last = merged[-1] if merged else None
        gap = text[last.end : one.start] if last else ""
        if last and one.start < last.end:
            continue
        if last and last.lettered != one.lettered and re.fullmatch(r"[\s.:()\]–—-]*(?:an?\s|the\s)?", gap):
            if last.option == one.option:
                closes = "(" in gap and text[one.end : one.end + 1] == ")"
                merged[-1] = Mention(one.option, last.start, one.end + closes)
                continue
            labelled = last.lettered and (gap.strip() or text[last.end - 1] in ")]")
            if text[one.start] in "([" or labelled and re.match(r"\s*(?:$|[.,;:\n)])", text[one.end :]):
                return None
        merged.append(one)
    return merged


def _set(mentions: list[Mention], n: int, folded: str) -> Setting:
    one = mentions[n]
    last = mentions[n - 1].end if n else 0
    following = mentions[n + 1].start if n + 1 < len(mentions) else len(folded)
    bounds = (match.end() for match in _BOUND.finditer(folded, 0, one.start))
    begin = max((end for end in bounds if not _EXCEPT.search(folded[:end] + " ")), default=0)
    first = max((match.end() for match in _SENTENCE.finditer(folded, 0, one.start)), default=0)
    stop, full = _BOUND.search(folded, one.end), _SENTENCE.search(folded, one.end)
    before = folded[max(begin, last) : one.start]
    lead, comma, rest = before.rpartition(",")
    after = folded[one.end : min(stop.start() if stop else len(folded), following)]
    return Setting(
        folded[begin : one.start],
        rest if comma and (len(lead.split()) > 1 or not lead.isascii()) else before,
        _own(after) if following < len(folded) else after,
        folded[first : full.start() if full else len(folded)],
        folded[first : one.start],
        bool(full and full[0] in "?？"),
    )


def _told(one: Mention, folded: str) -> int | None:
    """Read "C? Yes." and "all but C are wrong"."""
    if told := _REPLIED.match(folded, one.end):
        return CONCLUDED if told["yes"] else DENIED
    excepted = _EXCEPT.search(folded[: one.start]) and _ARE_OUT.match(folded, one.end)
    return CONCLUDED if excepted else None


def _own(after: str) -> str:
    """What follows a mention without what leads to the next."""
    after = re.sub(r"\([^)]*$", "", after)
    return re.split(r"[(:,–—](?=[^(:,–—]*$)", _NEXT_DENIED.sub(" ", after), maxsplit=1)[0]


def _weigh(mentions: list[Mention], n: int, folded: str, scope: Scope) -> int:
    """How strongly a mention is meant."""
    one, around = mentions[n], _set(mentions, n, folded)
    forced = bool(_FORCED.search(around.sentence))
    before, after = _NO_DENIAL.sub(" ", around.before), _NO_DENIAL.sub(" ", around.after)
    own = _REASON.split(after)[0]
    if _EXCEPT.search(folded[: one.start]) or _NOT.search(before) or _NOT.search(own) or _ASIDE_AFTER.match(after):
        return DENIED if _NOT.search(before) or _EXCEPT.search(folded[: one.start]) else ASIDE
    if around.asked or _INVERTED.match(around.clause) or not forced and (_CONCEDED.search(around.lead) or _CONTRAST.match(around.sentence) or _IF.search(around.sentence)):
        return ASIDE
    if _SUPPOSED.search(_FORCED.sub(" ", before)) or forced and _OUT.search(around.clause):
        return ASIDE
    mine = one.lettered and _MINE.search(around.clause)
    leads = one.lettered and not folded[: one.start].strip(" (") and bool(_LEADS.match(scope.text, one.start))
    if leads or mine or _CHOSEN_AFTER.search(after) or _CHOSEN.search(before) or one.lettered and _COPULA.search(before):
        return CONCLUDED
    if _SUPPOSED.search(after):
        return ASIDE
    return _observe(one, around, folded, scope)


def _observe(one: Mention, around: Setting, folded: str, scope: Scope) -> int:
    """Observed, or merely named: a letter alone in its clause, words in a phrase or in a sentence that says so."""
    if one.lettered:
        return OBSERVED if _ADVERBS.fullmatch(around.clause) and _ENDS.fullmatch(around.after) else NAMED
    lead, rest = re.split(r"[,;:(]", around.before)[-1], re.split(r"[,;:(]", around.after)[0]
    compound = scope.text[one.end : one.end + 1] == "-"
    if not compound and not _VERB.search(lead) and not _VERB.search(rest) and _TAIL.match(around.after):
        return OBSERVED
    begin, length = len(around.before), one.end - one.start
    alone = around.before + folded[one.start :]
    return OBSERVED if is_said(alone, begin, begin + length, fold(scope.options[one.option])) else NAMED
