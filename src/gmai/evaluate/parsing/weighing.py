"""Every option that a reply names, weighed: what a careful reader is left with, whatever the verb.

Each mention is set aside (denied, asked about, supposed, conceded, what was thought at first), merely named, observed,
or concluded. A later denial withdraws what was said before. The strongest that is left decides, if it is one option.
"""

import re
from dataclasses import dataclass

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing import cues
from gmai.evaluate.parsing.chinese import find_chinese
from gmai.evaluate.parsing.cleaning import plain
from gmai.evaluate.parsing.compounds import find_compounds
from gmai.evaluate.parsing.denials import denied_together
from gmai.evaluate.parsing.lettered import find_letters
from gmai.evaluate.parsing.mentions import find_spans, is_said
from gmai.evaluate.parsing.scope import DISAGREES, Found, Scope, found
from gmai.evaluate.parsing.stems import find_roots
from gmai.evaluate.parsing.telling import find_telling

DENIED, ASIDE, NAMED, OBSERVED, CONCLUDED = -2, -1, 0, 1, 2
_MOST = 60
"""A reply that names options more often than this repeats itself, and is not weighed."""
_BRACKETED = re.compile(r"(?:\s+\w+){0,2}\s*\((?:option|choice|answer)\s+")


@dataclass(frozen=True)
class Mention:
    """One place where an option is named."""

    option: int
    start: int
    end: int
    lettered: bool = False
    both: bool = False
    """Its words, and its letter behind them in brackets: "the anterior artery (option C)"."""


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
    if hit is None and not scope.several:
        roots = find_roots(folded, scope.options)
        more = [Mention(i, start, end + 2 * folded.startswith("'s", end)) for start, end, i in roots]
        hit = _read_telling(folded, [*words, *more], letters, scope)
    return hit


def _read_telling(folded: str, words: list[Mention], letters: list[Mention], scope: Scope) -> Found | None:
    """The option whose telling words stand, where no other option is so much as named without being set aside."""
    named = [find(folded, scope.options) for find in (find_telling, find_chinese, find_compounds)]
    told = [Mention(i, start, end) for spans in named for start, end, i in spans]
    mentions = _merge([*words, *told], letters, scope.text) or []
    weights = _weigh_all(mentions, _blank(mentions, folded), scope)
    top = max(weights, default=NAMED)
    best = [one for one, weight in zip(mentions, weights, strict=True) if weight == top]
    least = CONCLUDED if top == CONCLUDED else NAMED
    rivals = {one.option for one, weight in zip(mentions, weights, strict=True) if weight >= least}
    if top <= NAMED or len(rivals) > 1:
        return None
    return found({LETTERS[best[0].option]}, best[0].start, best[-1].end)


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
    if len(texts) > _MOST:
        return folded, [], []
    letters = [Mention(i, start, end, True) for start, end, i in find_letters(scope, folded)]
    words = [Mention(i, start, end) for start, end, i in texts]
    return (folded, words, letters) if len(letters) <= _MOST else (folded, [], [])


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
    """What each mention weighs, alone and beside those it is joined to."""
    folded = re.sub(r"\([^()\0]*\)", lambda match: " " * len(match[0]), folded)
    out = denied_together(folded, [(one.start, one.end) for one in mentions], plain(scope.text))
    rejected = [range(block.start("items"), block.end()) for block in cues.REJECTED.finditer(scope.text)]
    weights = []
    for n, one in enumerate(mentions):
        told = _told(one, folded)
        denied = out[n] or any(one.start in block for block in rejected)
        weights.append(told if told is not None else DENIED if denied else _weigh(mentions, n, folded, scope))
    for places in (range(1, len(mentions)), range(len(mentions) - 1, 0, -1)):
        for n in places:
            if cues.SAME.match(folded, mentions[n].end):
                weights[n] = weights[n - 1]
            _join(mentions, weights, n, folded, scope)
    return weights


def _join(mentions: list[Mention], weights: list[int], n: int, folded: str, scope: Scope) -> None:
    """Weigh a mention and the one before it together, if they are joined by "and", "or" or a comma."""
    first, second = mentions[n - 1], mentions[n]
    gap, rest = folded[first.end : second.start], folded[second.end :]
    if (
        first.option == second.option
        or not cues.WITH.fullmatch(gap)
        or gap.strip() == ","
        and not cues.LISTED.match(rest)
    ):
        return
    low, high = sorted((weights[n - 1], weights[n]))
    bound = re.search(r"and|or|/|&|和|或|、", gap)
    if weights[n - 1] == DENIED:
        tight = bound and (second.lettered or "or" in bound[0])
        weights[n] = DENIED if tight and not cues.CHOSEN_AFTER.match(rest.lstrip()) else weights[n]
    elif weights[n] == DENIED:
        together = re.match(r"\s*(?:(?:are|were)\b|[:–—-]\s*(?:no|wrong|out)\b)", rest)
        weights[n - 1] = DENIED if together else ASIDE if weights[n - 1] < CONCLUDED else CONCLUDED
    elif low < NAMED or scope.several:
        weights[n - 1] = weights[n] = low if low < NAMED else high
    else:
        weights[n - 1] = weights[n] = NAMED


def _merge(texts: list[Mention], letters: list[Mention], text: str) -> list[Mention] | None:
    """The mentions in order, a letter beside its own text as one; None if a letter stands beside another's text."""
    merged: list[Mention] = []
    for one in sorted([*texts, *letters], key=lambda mention: mention.start):
        last = merged[-1] if merged else None
        gap = text[last.end : one.start] if last else ""
        if last and one.start < last.end:
            continue
        if last and one.lettered and not last.lettered and _BRACKETED.fullmatch(gap):
            if last.option != one.option:
                return None
            merged[-1] = Mention(one.option, last.start, one.end + (text[one.end : one.end + 1] == ")"), both=True)
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
    bounds = (match.end() for match in cues.BOUND.finditer(folded, 0, one.start))
    begin = max((end for end in bounds if not cues.EXCEPT.search(folded[:end] + " ")), default=0)
    first = max((match.end() for match in cues.SENTENCE.finditer(folded, 0, one.start)), default=0)
    stop, full = cues.BOUND.search(folded, one.end), cues.SENTENCE.search(folded, one.end)
    before = folded[max(begin, last) : one.start]
    lead, comma, rest = before.rpartition(" and " if before.endswith(" and ") else ",")
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
    if told := cues.REPLIED.match(folded, one.end):
        return CONCLUDED if told["yes"] else DENIED
    if one.lettered and cues.OVER.match(folded, one.end) and (verb := cues.PREFERRED.search(folded[: one.start])):
        sentence = cues.SENTENCE.split(folded[: verb.start()])[-1]
        asked = re.match(r"[^.;!\n。]*[?？]", folded[one.end :])
        if not asked and not cues.IF.search(sentence) and not cues.UNSAID.search(sentence):
            return CONCLUDED
    excepted = cues.EXCEPT.search(folded[: one.start]) and cues.ARE_OUT.match(folded, one.end)
    return CONCLUDED if excepted else None


def _own(after: str) -> str:
    """What follows a mention without what leads to the next."""
    after = re.sub(r"\([^)]*$", "", after)
    return re.split(r"[(:,–—](?=[^(:,–—]*$)", cues.NEXT_DENIED.sub(" ", after), maxsplit=1)[0]


def _weigh(mentions: list[Mention], n: int, folded: str, scope: Scope) -> int:
    """How strongly a mention is meant."""
    one, around = mentions[n], _set(mentions, n, folded)
    forced = bool(cues.FORCED.search(around.sentence))
    before, after = cues.NO_DENIAL.sub(" ", around.before), cues.NO_DENIAL.sub(" ", around.after)
    own = cues.REASON.split(after)[0]
    if (
        cues.EXCEPT.search(folded[: one.start])
        or cues.NOT.search(before)
        or cues.NOT.search(own)
        or cues.ASIDE_AFTER.match(after)
    ):
        return DENIED if cues.NOT.search(before) or cues.EXCEPT.search(folded[: one.start]) else ASIDE
    if (
        around.asked
        or cues.INVERTED.match(around.clause)
        or not forced
        and (
            cues.CONCEDED.search(around.lead) or cues.CONTRAST.match(around.sentence) or cues.IF.search(around.sentence)
        )
    ):
        return ASIDE
    if cues.SUPPOSED.search(cues.FORCED.sub(" ", before)) or forced and cues.OUT.search(around.clause):
        return ASIDE
    mine = one.lettered and cues.MINE.search(around.clause)
    leads = one.lettered and not folded[: one.start].strip(" (") and bool(cues.LEADS.match(scope.text, one.start))
    if (
        leads
        or mine
        or cues.CHOSEN_AFTER.search(after)
        or cues.CHOSEN.search(before)
        or one.lettered
        and cues.COPULA.search(before)
    ):
        return CONCLUDED
    if cues.SUPPOSED.search(own):
        return ASIDE
    return _observe(one, around, folded, scope)


def _observe(one: Mention, around: Setting, folded: str, scope: Scope) -> int:
    """Observed, or merely named: a letter alone in its clause, words in a phrase or in a sentence that says so."""
    if one.lettered:
        return OBSERVED if cues.ADVERBS.fullmatch(around.before) and cues.ENDS.fullmatch(around.after) else NAMED
    if one.both:
        return OBSERVED
    lead, rest = re.split(r"[,;:(]", around.before)[-1], re.split(r"[,;:(]", around.after)[0]
    compound = scope.text[one.end : one.end + 1] == "-"
    if not compound and not cues.VERB.search(lead) and not cues.VERB.search(rest) and cues.TAIL.match(around.after):
        return OBSERVED
    begin, length = len(around.before), one.end - one.start
    alone = around.before + folded[one.start :]
    return OBSERVED if is_said(alone, begin, begin + length, fold(scope.options[one.option])) else NAMED
