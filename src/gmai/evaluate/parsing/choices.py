"""Which option a reply names; a pure function that says how it knows and where it stood, or why it abstains.

Rules go from the most to the least explicit: the whole reply, a tagged answer, what follows a correction, a statement
("answer: C", "答案是B"), options marked one by one, a ranking, a leading or closing letter, the text of an option. The
first rule that finds something decides: one letter is the choice, several are an abstention unless several may be
right, and a letter that contradicts the words beside it is an abstention too. Where no rule decides, every option that
is named is weighed, and the one that is left is the choice. An article ("A polyp is visible") or a term ("vitamin D")
is no answer.
"""

import re
from collections.abc import Sequence

from gmai.bench import LETTERS
from gmai.evaluate.parsing.cleaning import Reply, clean
from gmai.evaluate.parsing.ends import read_closing, read_leading
from gmai.evaluate.parsing.lettered import find_letters
from gmai.evaluate.parsing.lines import concludes, marked
from gmai.evaluate.parsing.mentions import YES_NO, find_end, find_start
from gmai.evaluate.parsing.misspelt import correct
from gmai.evaluate.parsing.refusals import REFUSAL, STILL, refuses
from gmai.evaluate.parsing.rules import RULES, read_text
from gmai.evaluate.parsing.scope import DISAGREES, Found, Scope, found, name_by_letter, pattern
from gmai.evaluate.parsing.weighing import is_set_aside, read_weighed
from gmai.evaluate.parsing.words import read_open, read_yes_no
from gmai.types import Form, record

EXTRACTOR = "gmai-6"
"""Version of the rules: part of a score's identity, changed whenever a reply may be read otherwise."""
_MID_WORD = re.compile(
    r"\b(?:the|a|an|is|are|of|and|or|with|to|in|that|because|shows?|showing|on|for|from|by|"
    r"as|at|which|this|since|while|but|not|"
    r"be|it|i|we|has|have|was|will|would|could|may|might|can|"
    r"(?:is|are|be|the|a) (?:most |very |more )?(?:likely|most|very|more|so))$|[,:;(、，：—-]$|[是为的和与或]$",
    re.IGNORECASE,
)

_BARE = re.compile(r"\s*(?P<said>[(\[]?(?P<letter>[A-J])[)\]]?\.?)\s*")
"""A letter and nothing else, as most replies are: read without looking any further where no option is as short."""
_UNDECIDED = re.compile(
    r"\b(?:can'?t|cannot|can not|couldn'?t|unable to|impossible to|hard to|not possible to|no way to)\s+(?:\w+\s+)?"
    r"(?:settle|decide|choose|commit|make up my mind|pick|tell (?:which|them|these|the two|between|apart)|say which|"
    r"distinguish (?:between|them|these|the two)|differentiate (?:between|them|these|the two)|know which)\b|"
    r"\b(?:cannot|can'?t|could not|couldn'?t) be (?:told apart|distinguished|differentiated|separated)\b|"
    r"\b(?:not sure|unsure|don'?t know|do not know|uncertain) (?:which|whether)\b|"
    r"\b(?:so|but|hence|therefore)\s+(?:neither|none|both)\b(?=[^\w]*$)|"
    r"\b(?:yet|but|although|though|and)\s+(?:option\s+)?[(]?[B-J][)]?\s+(?:\w+\s+)?(?:fits|works|applies|"
    r"is (?:possible|plausible))\s+"
    r"(?:as well|too|also|equally)|"
    r"\bback and forth\b|\btoss up\b|\bcoin (?:flip|toss)\b|\bcould be either\b|\beither one\b|"
    r"\bequally (?:likely|possible|plausible|probable)\b|两者都有可能|"
    r"(?:无法|不能|难以)(?:决定|取舍|判断|确定|区分|鉴别)",
    re.IGNORECASE,
)
_DRAWN = re.compile(
    r"(?:(?<=[.;!?\n])|(?<=[.;!?] ))\s*(?:hence|therefore|thus|so|consequently|in (?:conclusion|summary)|to conclude|"
    r"(?:the )?(?:diagnosis|conclusion|answer)\s*(?:is|:))\b|综上|因此|所以",
    re.IGNORECASE,
)
_NO = re.compile(r"\b(?:no|not|exclu|wrong|incorrect|rul|eliminat|unlikely|reject|discard|dismiss)|n't\b|不|未|排除|错")
_WEIGHED = {"statement", "leading", "closing", "text"}
"""Rules that read a part of a reply: where they find too much or too little, all that it names is weighed."""


@record
class Extraction:
    """What was read from a reply."""

    letter: str | None
    """The option named, or all in order (``AC``) where several may be right; None: an abstention, or an open answer."""
    reason: str
    """The rule that read it (``whole``, ``tagged``, ``corrected``, ``listed``, ``statement``, ``verdicts``, ``ranked``,
    ``leading``, ``closing``, ``text``, ``weighed``; of open answers also ``sentence``), or why none could (``empty``,
    ``refusal``, ``several``, ``no_such_option``, ``disagrees``, ``negated``, ``truncated``, ``nothing_named``)."""
    text: str | None = None
    """The answer in words, of open questions and of yes or no."""
    span: tuple[int, int] = (0, 0)
    """Which characters of the reply the rule read it from."""


def extract_choice(reply: str, options: Sequence[str], *, form: Form = "choice") -> Extraction:
    """Read what a reply answers.

    Args:
        reply: what the model generated, as it is.
        options: texts of the options A, B, C … in order, up to ten; none for an open question or yes and no in words.
        form: how the question is answered. Rules of every language apply to every reply.
    """
    if form == "choice" and (bare := _BARE.fullmatch(reply)) and LETTERS.index(bare["letter"]) < len(options):
        if all(len(option) > 3 for option in options):
            return Extraction(letter=bare["letter"], reason="whole", span=bare.span("said"))
    cleaned = correct(clean(reply), options)
    if not re.search(r"\w|[✅❌✓✗✔✘]", cleaned.text):
        return Extraction(letter=None, reason="truncated" if cleaned.cut_off else "empty")
    if form == "open" or form == "choice" and not options:
        return _words(cleaned, *read_open(cleaned.text, refuses(cleaned.text)))
    if form == "yes_no":
        return _read_yes_no(cleaned, options)
    return _read_choice(cleaned, options, several=form == "multiple")


def _words(cleaned: Reply, answer: str | None, reason: str, start: int = 0, end: int = 0) -> Extraction:
    return Extraction(letter=None, text=answer, reason=reason, span=cleaned.span(start, end))


def _read_yes_no(cleaned: Reply, options: Sequence[str]) -> Extraction:
    if options:
        by_option = _read_choice(cleaned, options, several=False)
        if by_option.letter is not None:
            word = options[LETTERS.index(by_option.letter)]
            return Extraction(letter=by_option.letter, reason=by_option.reason, text=word, span=by_option.span)
    answer, reason, start, end = read_yes_no(cleaned.text, refuses(cleaned.text))
    places = [i for i, option in enumerate(options) if answer and read_yes_no(option, False)[0] == answer]
    letter = LETTERS[places[0]] if len(places) == 1 else None
    return Extraction(letter=letter, text=answer, reason=reason, span=cleaned.span(start, end))


def _read_choice(cleaned: Reply, options: Sequence[str], *, several: bool) -> Extraction:
    text = cleaned.text if several else name_by_letter(cleaned.text, options)
    scope, echoed = _without_echo(Scope(text, options, several))
    if not re.search(r"\w|[✅❌✓✗✔✘]", scope.text):
        return Extraction(letter=None, reason="several" if echoed else "empty")
    for name, rule in RULES.items():
        hit = _confirm(name, rule(scope), scope)
        if hit and not (name in {"closing", "leading"} and _says_more(hit, scope)):
            if name not in {"whole", "tagged"} and _is_undecided(hit, scope):
                return Extraction(letter=None, reason="several", span=cleaned.span(hit.start, hit.end))
            if name in {"statement", "leading"} and _NO.search(scope.text) and is_set_aside(hit.letters, scope):
                continue
            left = _weigh(name, hit, scope)
            return _decide(cleaned, "weighed" if left else name, left or hit, scope)
    return _read_by_text(cleaned, scope)


def _is_undecided(hit: Found, scope: Scope) -> bool:
    """The reply says after its answer, and last of all, that it cannot choose."""
    doubt = _UNDECIDED.search(scope.text, hit.end)
    return bool(
        doubt and not re.search(r"[.!?]\s+\w", scope.text[doubt.end() :]) and not STILL.search(scope.text, doubt.end())
    )


def _weigh(name: str, hit: Found, scope: Scope) -> Found | None:
    """What weighing every mention leaves, where a rule read several of one right option, or a part of several."""
    clear = len(hit.letters) == 1 and DISAGREES not in hit.letters
    if clear and name == "text" and not scope.several and find_letters(scope, scope.text):
        left = read_weighed(scope, strict=True)
        return left if left and len(left.letters) == 1 and DISAGREES not in left.letters else None
    small = re.search(r"\s[a-j]\W*$", scope.text)
    if name not in _WEIGHED or YES_NO & set(scope.folded) or clear and not scope.several or small:
        return None
    left = read_weighed(scope, strict=name != "text" and not scope.several)
    if left is None or DISAGREES in left.letters:
        return None
    if scope.several:
        return left if left.letters > hit.letters else None
    return left if len(left.letters) == 1 else None


def _says_more(hit: Found, scope: Scope) -> bool:
    """Where several may be right, the last letter is not all that a reply says that affirms further options."""
    if not scope.several:
        return False
    bracketed = set(pattern(r"[(\[](@)[)\]]", scope.count).findall(scope.text))
    return bool(({LETTERS[i] for i in scope.mentions.affirmed} | bracketed) - hit.letters)


def _confirm(name: str, hit: Found | None, scope: Scope) -> Found | None:
    """A statement or a leading letter that another letter at the other end contradicts names several."""
    if hit is None or scope.several or name not in {"statement", "leading"}:
        return hit
    if name == "statement" and (against := marked(hit, scope)):
        return found(hit.letters | against, hit.start, hit.end)
    others = [read_closing(scope)] + ([read_leading(scope)] if name == "statement" else [])
    for other in others:
        if other and other is not others[0] and concludes(hit, scope):
            continue
        plain = other and len(other.letters) == 1 and DISAGREES not in other.letters
        if (
            other
            and plain
            and other.letters != hit.letters
            and not re.search(r"final|最终", scope.text[hit.start : hit.end], re.I)
        ):
            return found(hit.letters | other.letters, hit.start, hit.end)
    return hit


def _decide(cleaned: Reply, rule: str, hit: Found, scope: Scope) -> Extraction:
    span = cleaned.span(hit.start, hit.end)
    if DISAGREES in hit.letters:
        return Extraction(letter=None, reason="disagrees" if len(hit.letters) == 1 else "several", span=span)
    if len(hit.letters) > 1 and not scope.several:
        return Extraction(letter=None, reason="several", span=span)
    if any(LETTERS.index(letter) >= len(scope.options) for letter in hit.letters):
        return Extraction(letter=None, reason="no_such_option", span=span)
    return Extraction(letter="".join(sorted(hit.letters)), reason=rule, span=span)


def _read_by_text(cleaned: Reply, scope: Scope) -> Extraction:
    begin = 0
    refusal = REFUSAL.search(scope.text)
    if refusal and (own := find_start(scope.text[refusal.start() :], scope.options)):
        named = Found(frozenset({LETTERS[own[0]]}), refusal.start(), refusal.start() + own[1])
        return _decide(cleaned, "text", named, scope)
    if refusal:
        still = STILL.search(scope.text, refusal.end())
        if still is None or REFUSAL.search(scope.text, still.end()):
            return Extraction(letter=None, reason="refusal", span=cleaned.span(*refusal.span()))
        begin = still.end()
    within = scope.at(begin)
    if hit := read_text(within):
        if _is_cut(within, hit):
            return Extraction(letter=None, reason="truncated", span=cleaned.span(begin + hit.start, begin + hit.end))
        left = _weigh("text", hit, within)
        said = left or hit
        span = Found(said.letters, begin + said.start, begin + said.end)
        return _settle(cleaned, "weighed" if left else "text", span, scope)
    return _read_weighed(cleaned, scope, begin)


def _read_weighed(cleaned: Reply, scope: Scope, begin: int) -> Extraction:
    """What weighing leaves of the text from ``begin`` on, where it declines before; else why nothing is read."""
    hit = read_weighed(scope.at(begin), strict=bool(begin))
    left = Found(hit.letters, begin + hit.start, begin + hit.end) if hit else None
    if left and _MID_WORD.search(scope.text.rstrip()):
        return Extraction(letter=None, reason="truncated", span=cleaned.span(left.start, left.end))
    if left and DISAGREES not in left.letters and (scope.several or len(left.letters) == 1):
        return _settle(cleaned, "weighed", left, scope)
    if begin:
        return Extraction(letter=None, reason="refusal")
    if scope.mentions.denied:
        return Extraction(letter=None, reason="negated")
    return Extraction(letter=None, reason="truncated" if _is_cut(scope, None) or cleaned.cut_off else "nothing_named")


def _settle(cleaned: Reply, rule: str, hit: Found, scope: Scope) -> Extraction:
    """What is read by words, unless the reply cannot choose in the end, or concludes with something else."""
    if not scope.several and (_is_undecided(hit, scope) or _ends_otherwise(hit, scope) or _breaks_off(scope)):
        return Extraction(letter=None, reason="several", span=cleaned.span(hit.start, hit.end))
    return _decide(cleaned, rule, hit, scope)


def _breaks_off(scope: Scope) -> bool:
    """The reply goes through the options one by one and ends in the middle of one."""
    text = scope.text.rstrip()
    heads = list(pattern(r"(?:^|\n|(?<=[.;!?])\s)\W*(?:[Oo]ption\s+)?(@)\s*[).:\]]\s*\S", scope.count).finditer(text))
    letters = [head[1] for head in heads]
    listed = len(letters) > 2 and letters == sorted(set(letters))
    return listed and "\n" not in text[heads[-1].end() :] and not re.search(r"[.!?。)\]\"'}]$", text)


def _ends_otherwise(hit: Found, scope: Scope) -> bool:
    """The reply draws a conclusion after what is read, and names what is read no more."""
    drawn = _DRAWN.search(scope.text, hit.end)
    if not drawn:
        return False
    rest = scope.at(drawn.start())
    left = read_weighed(rest)
    return not (left.letters == hit.letters if left else {LETTERS[i] for i in rest.mentions.affirmed} == hit.letters)


def _is_cut(scope: Scope, hit: Found | None) -> bool:
    """The reply ends in the middle of a thought: what it says is not yet what it would have said."""
    text = scope.text.rstrip()
    if re.search(r"[.!?。!?…)\]\"'}]$", text) and not text.endswith("..."):
        return False
    if hit is not None and (len(text) - hit.end <= 1 or find_end(text, scope.options) is not None):
        return False
    if hit is not None and not _MID_WORD.search(text) and _is_lettered(text, hit, scope.count):
        return False
    return bool(_MID_WORD.search(text)) or len(text.split()) >= 12 or text.endswith("...")


def _is_lettered(text: str, hit: Found, count: int) -> bool:
    """True of "option d, drainage": the letter and the words of the one option that was read."""
    form = r"(?:\b(?:option|choice|answer)\s+[(]?(?P<letter>~)[)]?|\s(?P<closed>~)[)])[\s,.:–—-]*(?:an?\s+|the\s+)?$"
    before = pattern(form, count, re.I).search(text[: hit.start])
    letter = before and (before["letter"] or before["closed"])
    return bool(letter and hit.letters == {letter.upper()}) and not text.endswith("...")


def _without_echo(scope: Scope) -> tuple[Scope, bool]:
    """The reply without the list of all options that it repeats before it answers."""
    letters = LETTERS[: len(scope.options)]
    if not all(re.search(rf"{letter}[)\].:、,]", scope.text, re.IGNORECASE) for letter in letters):
        return scope, False  # before a pattern of this question alone is compiled
    lines = (
        rf"[(\[]?{letter}[)\].:、,]\s*" + r"\s+".join(re.escape(word) for word in option.split())
        for letter, option in zip(LETTERS, scope.options, strict=False)
    )
    echo = re.search(r"[\s,;.]*".join(lines), scope.text, re.IGNORECASE) if len(scope.options) > 1 else None
    if not echo:
        return scope, False
    text = scope.text[: echo.start()] + " " * (echo.end() - echo.start()) + scope.text[echo.end() :]
    text = re.sub(
        r"(?:the\s+)?(?:answer\s+)?(?:options|choices|选项)\s*(?:are|is|是|为)?\s*:?\s*(?=\s{9}|$)",
        lambda m: " " * len(m[0]),
        text,
        flags=re.I,
    )
    return _trim(Scope(text, scope.options, scope.several)), True


def _trim(scope: Scope) -> Scope:
    """Without the blank that is left at the end; the beginning keeps its place."""
    return scope.at(0, len(scope.text.rstrip()))
