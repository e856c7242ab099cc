"""Where a text mentions an option by its words, and whether it affirms it, denies it, or only speaks of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.cleaning import plain

Span = tuple[int, int]

_NO = (
    r"\b(?:no|not|non|without|never|neither|nor|unlike|exclud(?:es?|ed|ing)|isn't|wasn't|doesn't|don't|aren't|can't|cannot|"
    r"rather than|absence of|lacks?|lacking|rules? out|ruled out|ruling out|instead of|negative for|free of|"
    r"argues? against|unlikely|less likely|as opposed to|opposed to|other than)"
)
_SPOKEN = (
    r"\b(?:compared (?:with|to)|in contrast to|versus|vs\.?|whether|mistaken for|confused with|distinguish(?:ed)? (?:it )?from|"
    r"different from|differs? from|history of|risk of|screening for|look(?:ing)? for|check(?:ing)? for|mimics?|"
    r"resembl(?:es|ing)|reminiscent of|tell a|known)"
)
_ZH_NO = r"(?:不是|没有|并非|排除|未见|未发现|不支持|不考虑|不像|不符合|不属于|而非|并不|非|无|不|除外|区别于|不同于)"
_FILL = (
    r"(?:[\s-]*,\s*(?:(?:or|nor)\s+)?(?:an?\s+|the\s+)?\0+|[\s-]+(?:a|an|the|any|evidence|signs?|features?|of|for|show|see|seen|be|been|to|definite|clear|obvious|"
    r"consistent|compatible|with|typical|suggest|suggestive|suggesting|indicate|indicative|represent|support|favou?r|look|"
    r"looks|like|likely|or|nor|have|has|simple|true|acute|\0+(?:\s+and)?))"
)
_BEFORE = re.compile(
    rf"(?:{_NO}|{_SPOKEN})(?:{_FILL})*(?:(?<=\0)\s*,)?[\s-]*$|{_ZH_NO}(?:有|是|任何|明显|典型|的|看到|见到|看见|发现|显示|提示|观察到|出现|存在|证据|支持|表现|征象|\s|\0|、|或|和|为|像)*$"
)
_ASKS = re.compile(r"\b(?:whether|if|suppose|assuming|were it|had it)\b[^.;,\n]*$|(?:如果|若|是否)[^。,，\n]*$")
_AFTER = re.compile(
    r"[\s\"')\]]*(?:(?:is|was|are|were|can be|has been|have been|seems?|appears?|looks?|may be|which is)\s+)?"
    r"(?:(?:very|highly|quite|rather|also|therefore|clearly|considered|much|most)\s+)*"
    r"(?:not\b|absent\b|excluded\b|ruled out|unlikely\b|less likely|incorrect\b|wrong\b|cannot\b|can't\b|isn't\b|doesn't\b|"
    r"don't\b|aren't\b|out of the question|improbable|surgery\b|vaccin|screening\b|prophylaxis)"
    r"|\s*(?:的)?(?:可能性(?:较|很|更)?(?:小|低)|(?:可以?|已|应)?(?:被)?排除|不支持|不考虑|不符合|不像|不成立|是?错误|不正确|除外)"
    r"|\s*[❌✗✘✖×]"
)
_GENERAL = re.compile(
    r"\s+(?:would|should|usually|typically|generally|often|commonly|tends?|normally|can|could have|might have)\b"
    r"(?!\s+be\s+(?:the\s+|my\s+)?(?:best|most|correct|right|likely|first|seen|visible|identified|observed|noted|answer))"
    r"|\s+(?:is|are)\s+(?:an?|the)\s+(?!\w*\s*(?:correct|right|best|most|likely|answer|probable|only|diagnosis|main))"
    r"|\s+(?:refers? to|means?|is defined|are defined)\b|\s*(?:通常|一般|多表现|常表现|是指|多见于)"
)
_ONLY_AT_START = {"yes", "no", "none", "not", "是", "否", "有", "无", "没有", "对", "错"}
_NO_ANSWER_AFTER = {"right": r"(?!\s+(?:answer|option|choice|diagnosis|one\b))", "left": r"(?!\s+(?:with|over|to\b))"}


@dataclass
class Mentions:
    """Options by position, with the first place where each is affirmed."""

    affirmed: dict[int, Span] = field(default_factory=dict)
    denied: set[int] = field(default_factory=set)
    """Options that are denied, asked about, or spoken of in general, and affirmed nowhere."""


def find_start(text: str, options: Sequence[str]) -> tuple[int, int] | None:
    """Position of the longest option whose words begin ``text``, and where they end; or None."""
    folded = plain(text)
    for i in _longest_first(options):
        if fold(options[i]) and (match := re.match(r"[\s\"'(\[]*" + _pattern(fold(options[i])), folded)):
            return i, match.end()
    return None


def find_end(text: str, options: Sequence[str]) -> int | None:
    """Position of the longest option whose words end ``text``, or None."""
    folded = plain(text).rstrip(" .,:;-\"'([")
    for i in _longest_first(options):
        if fold(options[i]) and re.search(_pattern(fold(options[i])) + r"\Z", folded):
            return i
    return None


def find_mentions(text: str, options: Sequence[str]) -> Mentions:
    """The options that a text affirms, and those it only denies or speaks of.

    Longer options are found first, so "non glaucoma" is no mention of "glaucoma". Words such as "no" that are also part
    of speech count only where the text begins with them, and one-letter
    options only as a capital that is the letter of none.
    """
    folded = plain(text)
    spans: list[tuple[int, int, int]] = []
    for i in _longest_first(options):
        option = fold(options[i])
        if option in _ONLY_AT_START:
            match = re.match(_pattern(option) + r"(?!\s*(?:/|or\b|and\b|或|和))", folded)
            spans += [(match.start(), match.end(), i)] if match else []
        elif re.fullmatch(r"[a-z]", option):
            if LETTERS.index(option.upper()) >= len(options) if option.upper() in LETTERS else True:
                whole = rf"(?<![A-Za-z0-9'-]){option.upper()}(?![A-Za-z0-9'-])"
                spans += [(match.start(), match.end(), i) for match in re.finditer(whole, text)]
        elif option:
            pattern = _pattern(option) + _NO_ANSWER_AFTER.get(option, "")
            spans += [(match.start(), match.end(), i) for match in re.finditer(pattern, folded)]
            folded = re.sub(pattern, lambda match: "\0" * len(match[0]), folded)
    found = Mentions()
    for start, end, i in sorted(spans):
        if _is_denied(folded, start, end):
            found.denied.add(i)
        else:
            found.affirmed.setdefault(i, (start, end))
    found.denied -= set(found.affirmed)
    return found


def is_denied(text: str, start: int, end: int) -> bool:
    """True if what stands at a stretch of the text is denied, asked about or spoken of in general."""
    return _is_denied(plain(text), start, end)


def _is_denied(folded: str, start: int, end: int) -> bool:
    before = folded[max(0, start - 200) : start]
    asked = re.match(r"[^.;!\n。]{0,60}\?", folded[end:]) and not re.search(r"[.!?\n。]\s*$", before)
    return bool(
        _BEFORE.search(before)
        or _ASKS.search(before)
        or _AFTER.match(folded, end)
        or _GENERAL.match(folded, end)
        or asked
    )


def _longest_first(options: Sequence[str]) -> list[int]:
    return sorted(range(len(options)), key=lambda i: (-len(fold(options[i])), i))


@lru_cache(maxsize=4096)
def _pattern(option: str) -> str:
    """The option as whole words, plural allowed; a number only whole, not as part of a longer one."""
    before = r"(?<![a-z0-9])(?<!\d[.,])" if re.match(r"[a-z0-9]", option) else ""
    after = r"(?:e?s)?(?![a-z0-9])(?![.,]\d)" if re.search(r"[a-z0-9]$", option) else ""
    return before + r"\s+".join(re.escape(word) for word in option.split()) + after
