"""Where a text mentions an option by its words, and whether it affirms it, denies it, or only speaks of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from gmai.bench import LETTERS, fold
from gmai.evaluate.parsing.cleaning import plain

Span = tuple[int, int]

_NO = (
    r"\b(?:no|not|non|without|never|neither|nor|unlike|exclud(?:es?|ed|ing)|isn't|wasn't|doesn't|"
    r"don't|aren't|can't|cannot|"
    r"rather than|absence of|lacks?|lacking|rules? out|ruled out|ruling out|instead of|negative for|free of|"
    r"argues? against|unlikely|less likely|as opposed to|opposed to|other than)"
)
_SPOKEN = (
    r"\b(?:compared (?:with|to)|in contrast to|versus|vs\.?|whether|mistaken for|confused with|"
    r"distinguish(?:ed|es|ing)?(?: it from)?|"
    r"different from|differs? from|history of|risk of|screening for|look(?:ing)? for|check(?:ing)? for|mimics?|"
    r"resembl(?:es|ing)|reminiscent of|tell a|known|adjacent to|next to|between|near|behind|"
    r"beneath|below|above|anterior to|"
    r"posterior to|close to|beside|under|lateral to|medial to|surrounding|outside|treated for|"
    r"treatment of|to (?:confirm|exclude|"
    r"diagnose|detect|assess|evaluate|distinguish|differentiate)|differentiat\w+|recommend(?:ed|"
    r"s)?|advis\w+|consider|such as|e\.g\.|"
    r"causes of|signs of (?=\S+ include)|alternative to|prior|previous|past|over|(?<!less likely )than)"
)
_ZH_NO = (
    r"(?:不是|没有|并非|排除|未见|未发现|不支持|不考虑|不像|不符合|不属于|而非|并不|既往|曾|"
    r"非|无|不|除外|区别于|不同于)"
)
_FILL = (
    r"(?:[\s-]*,\s*(?:(?:or|nor)\s+)?(?:an?\s+|the\s+)?\0+|[\s-]+(?:a|an|the|any|evidence|signs?|"
    r"features?|of|for|show|see|seen|be|been|to|definite|clear|obvious|"
    r"consistent|compatible|with|typical|suggest|suggestive|suggesting|indicate|indicative|"
    r"represent|support|favou?r|look|"
    r"looks|like|likely|or|nor|have|has|simple|true|acute|\0+(?:\s+(?:and|from))?))"
)
_BEFORE = re.compile(
    rf"(?:{_NO}|{_SPOKEN})(?:{_FILL})*(?:(?<=\0)\s*,)?[\s-]*$|{_ZH_NO}(?:有|是|任何|明显|典型|"
    rf"的|看到|见到|看见|发现|显示|提示|观察到|出现|存在|证据|支持|表现|征象|\s|\0|、|或|和|"
    rf"为|像)*$"
)
_ASKS = re.compile(
    r"\b(?:whether|if|suppose|assuming|were it|had it|clinical question|request|indication|"
    r"expect\w*|question (?:is|was|asks)|asked (?:about|for)|"
    r"vaccinated|supplements?|status post|s/p|family|after an?|before an?|previously|\w+ criteria|"
    r"definition)\b[^.;,\n]*$|(?:如果|若|是否)[^。,，\n]*$"
)
_AFTER = re.compile(
    r"[\s\"')\]]*(?:(?:is|was|are|were|can be|has been|have been|seems?|appears?|looks?|may be|which is)\s+)?"
    r"(?:(?:very|highly|quite|rather|also|therefore|clearly|considered|much|most)\s+)*"
    r"(?:not\b|absent\b|excluded\b|ruled out|unlikely\b|less likely|incorrect\b|wrong\b|cannot\b|"
    r"can't\b|isn't\b|doesn't\b|"
    r"don't\b|aren't\b|out of the question|improbable|surgery\b|vaccin|screening\b|prophylaxis|"
    r"vs\b|versus\b|must be (?:excluded|ruled)|should be (?:excluded|"
    r"ruled)|in size\b|range\b|limits\b)"
    r"|\s*(?:的)?(?:可能性(?:较|很|更)?(?:小|低)|(?:可以?|已|应)?(?:被)?排除|不支持|不考虑|"
    r"不符合|不像|不成立|是?错误|不正确|除外|病史|史)"
    r"|\s*[❌✗✘✖×]"
)
_GENERAL = re.compile(
    r"\s+(?:would|should|usually|typically|generally|often|commonly|tends?|normally|can|could have|might have)\b"
    r"(?!\s+be\s+(?:the\s+|my\s+)?(?:best|most|correct|right|likely|first|seen|visible|identified|"
    r"observed|noted|answer))"
    r"|\s+(?:is|are)\s+(?:usually|normally|typically|generally|often|commonly)\b"
    r"|\s+(?:is|are)\s+(?:an?|the)\s+(?!\w*\s*(?:correct|right|best|most|likely|answer|probable|only|diagnosis|main))"
    r"|\s+(?:refers? to|means?|is defined|are defined)\b|\s*(?:通常|一般|多表现|常表现|是指|多见于)"
)
_SAYS = re.compile(
    r"\b(?:show|demonstrat|depict|reveal|display|indicat|suggest|consistent|compatible|diagnos|"
    r"there (?:is|are)|there's|seen?\b|"
    r"visib|present|favou?r|represent|look|appear|likely|probabl|suffer|due to|caused by|confirm|"
    r"identif|evidence of|impression|"
    r"finding|answer|correspond|fits?\b|match|grew|lies\b|located|has\b|have\b|having|point|"
    r"support|characteristic|typical|"
    r"in keeping|classif|labell?ed|stain|observ|detect|note|evident|think|believe|suspect|conclude|"
    r"contain|highlight|name|arises?|"
    r"compris|develop|leads? to|means|made|regard|mark|featur|focus|captur|(?:view|image|picture|"
    r"photo\w*|scan|slice|case) of)"
    r"|(?:\b(?:is|are|was|be|am|were)|'s|\bit|\bto be)\s+(?:[\w'\0,-]+\s+){0,5}$|[:→=>]\s*(?:[\w'\0,-]+\s+){0,3}$"
)
_SAID = re.compile(
    r"[\s\"')\]]*(?:\([^)]*\)\s*)?(?:(?:is|are|was|were|can be|could be|seems?|appears?|looks?|"
    r"remains?|would be|may be)\s+(?:\w+ly\s+)?"
    r"(?:the\s+|my\s+|to be\s+|also\s+|well\s+|more\s+)*(?:seen|visible|present|noted|identified|"
    r"evident|found|confirmed|likely|depicted|shown|observed|"
    r"detected|highlighted|outlined|marked|labell?ed|circled|affected|involved|correct|right|"
    r"best|most|answer|probable|demonstrated|suspected|favou?red|here|displayed|apparent|suggested|"
    r"indicated)"
    r"|most likely|(?:causes?|explains?|fits?|matches|accounts for)\s+(?:this|the|best)\b|\s*[✅✓✔])"
)
_PHRASE = re.compile(
    r"[\s\"')\]]*(?:$|[.!\n,;:(。]|-\s|–|—|(?:with|in|on|of|at|because|since|due|as|extending|"
    r"involving|measuring|image|scan|lesion|"
    r"seen|visible|noted|right|left|rather|but|not|instead|unlike|infection|disease|on|most likely|only|alone)\b)"
)
_NO_PHRASE = re.compile(r"\b(?:i|we|you|to|for|by|if|when|they|patients?|that|count|from|with|than)\b")
_HEDGED = re.compile(r"\b(?:could|might|may|possibly|perhaps|maybe|at first)\b[^.;,\n]{0,40}$")
_TURN = re.compile(r"\b(?:but|however|though|although|yet|more likely|rather)\b")
_ADJECTIVES = {
    "normal",
    "abnormal",
    "benign",
    "malignant",
    "positive",
    "negative",
    "left",
    "right",
    "present",
    "absent",
}
_WHOLE_PICTURE = re.compile(
    r"(?:image|picture|chest|x ray|radiograph|scan|fundus|study|film|everything|findings?|lungs?|"
    r"appearance|exam\w*|slide|tissue|"
    r"brain|eye|lesion|tumou?r|mass|result|test|it|this|that|side|kidney|lobe|mucosa|case)\s+(?:is|"
    r"are|appears?|looks?|seems?|was)\s+"
    r"(?:\w+ly\s+)?(?:to be\s+)?(?:an?\s+)?$|(?:shows?|demonstrates?|of|is|as|with|:|depicts?|"
    r"are|to be)\s+(?:an?\s+|the\s+|\w+ly\s+)*$"
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
    spans.sort()
    said = [_is_said(folded, start, end, fold(options[i])) for start, end, i in spans]
    for j in (*range(1, len(spans)), *range(len(spans) - 1, 0, -1)):
        if re.fullmatch(
            r"\s*(?:,|/|\bor\b|\band\b|、|或|和|\s)+(?:an?\s+|the\s+)?", folded[spans[j - 1][1] : spans[j][0]]
        ):
            said[j] = said[j - 1] = said[j] or said[j - 1]
    for (start, end, i), is_said in zip(spans, said, strict=True):
        if not is_said and not _is_denied(folded, start, end):
            continue
        if _is_denied(folded, start, end):
            found.denied.add(i)
        else:
            found.affirmed.setdefault(i, (start, end))
    _prefer_unhedged(folded, found)
    found.denied -= set(found.affirmed)
    return found


def is_denied(text: str, start: int, end: int) -> bool:
    """True if what stands at a stretch of the text is denied, asked about or spoken of in general."""
    return _is_denied(plain(text), start, end)


def _is_denied(folded: str, start: int, end: int) -> bool:
    before = folded[max(0, start - 200) : start]
    asked = re.match(r"[^.;!\n。]{0,60}\?", folded[end:])
    return bool(
        _BEFORE.search(before)
        or _ASKS.search(before)
        or _AFTER.match(folded, end)
        or _GENERAL.match(folded, end)
        or asked
    )


def _prefer_unhedged(folded: str, found: Mentions) -> None:
    """Read "It could be a cyst, but the wall argues for a tumour": what is said after the turn counts."""
    hedged = {i: span for i, span in found.affirmed.items() if _HEDGED.search(folded[: span[0]])}
    plain_ones = {i: span for i, span in found.affirmed.items() if i not in hedged}
    for i, (_, end) in hedged.items():
        if plain_ones and all(start > end and _TURN.search(folded[end:start]) for start, _ in plain_ones.values()):
            del found.affirmed[i]
            found.denied.add(i)


def _is_said(folded: str, start: int, end: int, option: str) -> bool:
    """True if the sentence says that the option is there, or is no more than the option with what describes it."""
    if re.search(r"[\u4e00-\u9fff]", option + folded[max(0, start - 1) : end + 1]):
        return True
    before = re.split(r"[.!?;\n。](?:\s|$)", folded[:start])[-1]
    if option in _ADJECTIVES and before.strip():
        return bool(_WHOLE_PICTURE.search(before))
    if option in _ADJECTIVES and re.match(r"(?:\s+[\w-]+){0,3}\s*(?:$|[.,;:!\n])", folded[end:]):
        return True
    if option.isdigit() and (noun := re.match(r"\s+[a-z]+(?=\s+(?:is|are|can|were)\b|[.,]|$)", folded[end:])):
        end += noun.end()
    if _SAYS.search(before) or _SAID.match(folded, end):
        return True
    clause = re.split(r"[,;]|\bbut\b", before)[-1]
    return len(clause.split()) <= 4 and not _NO_PHRASE.search(clause) and bool(_PHRASE.match(folded, end))


def _longest_first(options: Sequence[str]) -> list[int]:
    return sorted(range(len(options)), key=lambda i: (-len(fold(options[i])), i))


@lru_cache(maxsize=4096)
def _pattern(option: str) -> str:
    """The option as whole words, plural allowed; a number only whole, not as part of a longer one."""
    before = r"(?<![a-z0-9])(?<!\d[.,])" if re.match(r"[a-z0-9]", option) else ""
    after = r"(?:e?s)?(?![a-z0-9])(?![.,]\d)" if re.search(r"[a-z0-9]$", option) else ""
    return before + r"\s+".join(re.escape(word) for word in option.split()) + after
