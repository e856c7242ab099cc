"""What is denied, asked about, compared with or spoken of in general; a denial reaches over a whole list."""

import re
from collections.abc import Sequence

from gmai.evaluate.parsing.cleaning import plain

_NO = (
    r"\b(?:no|not|non|without|never|neither|nor|unlike|exclud(?:es?|ed|ing)|isn't|wasn't|doesn't|"
    r"don't|aren't|can't|cannot|"
    r"rather than|absence of|lacks?|lacking|rules? out|ruled out|ruling out|instead of|negative for|free of|"
    r"(?:argues? )?against|unlikely|less likely|as opposed to|avoid(?:s|ing)?|discard(?:s|ed)?|dismiss(?:es|ed)?|"
    r"reject(?:s|ed)?|eliminat(?:es?|ed|ing)|spar(?:es|ed|ing)|stop(?:ping)?|"
    r"withhold|discontinue|resistant to|"
    r"allergic to|moderately|mildly|nearly|almost|"
    r"borderline|opposed to|other than)"
)
_SPOKEN = (
    r"\b(?:compared (?:with|to)|in contrast to|versus|vs\.?|whether|mistaken for|confused with|"
    r"distinguish(?:ed|es|ing)?(?: it from)?|"
    r"different from|differs? from|history of|risk of|screening for|look(?:ing)? for|check(?:ing)? for|mimics?|"
    r"resembl(?:es|ing)|reminiscent of|tell a|known|differential (?:diagnos\w+ )?(?:includes?|comprises|"
    r"would include)|already (?:on|has|had|have|taking|received|given)|adjacent to|next to|between|near|behind|"
    r"beneath|below|above|anterior to|"
    r"posterior to|close to|beside|under|lateral to|medial to|surrounding|outside|treated for|given \w+ for|"
    r"(?:was|were|"
    r"been) (?:on|under|given)|"
    r"before (?:starting|giving|using|adding)|(?:tested|karyotyped|screened|evaluated|investigated|examined|assessed|"
    r"asked) for|"
    r"treatment of|to (?:confirm|exclude|"
    r"diagnose|detect|assess|evaluate|distinguish|differentiate)|differentiat\w+|recommend(?:ed|"
    r"s)?|advis\w+|consider|such as|e\.g\.|"
    r"causes of|signs of (?=\S+ include)|alternative to|prior|previous|past|beyond|over|(?<!less likely )than)"
)
_ZH_NO = (
    r"(?:不是|没有|并非|排除|未见|未发现|不支持|不考虑|不像|不符合|不属于|而非|并不|既往|曾|"
    r"非|无|不|除外|区别于|不同于)"
)
_FILL = (
    r"(?:[\s-]*,\s*(?:(?:or|nor)\s+)?(?:an?\s+|the\s+)?\0+|[\s-]+(?:a|an|the|any|evidence|signs?|"
    r"features?|of|for|show|see|seen|be|been|to|definite|clear|obvious|"
    r"consistent|compatible|with|typical|suggest|suggestive|suggesting|indicate|indicative|"
    r"represent|support|favou?r|look|call|label|describe|think|believe|say|it\s+is|this\s+is|it's|it|this|that|as|"
    r"looks|like|likely|or|nor|have|has|simple|true|acute|result|come|stem|arise|from|due|caused|by|need|"
    r"require|\0+(?:\s+(?:and|from))?))"
)
_HEADED = (
    r"(?:least likely|less likely|unlikely|ruled out|excluded|absent|not (?:present|seen|found|visible)|"
    r"negative(?: for)?|排除|未见)\s*:[-•\d.)\s]*$"
)
_BEFORE = re.compile(
    rf"(?:{_NO}|{_SPOKEN})(?:{_FILL})*(?:(?<=\0)\s*,)?[\s-]*$|\0\s*>\s*$|{_HEADED}|{_ZH_NO}(?:有|是|任何|明显|典型|"
    rf"的|看到|见到|看见|发现|显示|提示|观察到|出现|存在|证据|支持|表现|征象|\s|\0|、|或|和|"
    rf"为|像)*$"
)
_ASKS = re.compile(
    r"\b(?:whether|if|suppose|assuming|were it|had it|clinical question|request|indication|"
    r"(?<!what you'd )(?<!what one would )(?<!what you would )(?<!what we )expect\w*|question (?:is|was|asks)|"
    r"asked (?:about|for)|"
    r"vaccinated|supplements?|status post|s/p|family|mother|father|sister|brother|siblings?|"
    r"previously|\w+ criteria|(?<!by )definition)\b[^.;,\n]*$|\b(?:after|before) an?\s+(?:[\w-]+\s+){0,3}$"
    r"|\b(?:clinical (?:information|details|history)|indication|request)\s*:[^.;\n]*$"
    r"|(?:如果|若|是否)[^。,，\n]*$"
)
_AFTER = re.compile(
    r"[\s\"')\]]*(?:alone\s+)?(?:(?:is|was|are|were|can be|has been|have been|seems?|appears?|looks?|may be|"
    r"which is)\s+)?"
    r"(?:(?:very|highly|quite|rather|also|therefore|clearly|considered|much|most)\s+)*"
    r"(?:not\b|out\b(?! of)|absent\b|ineffective\b|spared\b|contraindicated\b|excluded\b|ruled out|unlikely\b|"
    r"less likely|"
    r"incorrect\b|wrong\b|insufficient\b|inadequate\b|inappropriate\b|unsuitable\b|unsafe\b|useless\b|cannot\b|"
    r"can't\b|isn't\b|doesn't\b|"
    r"don't\b|aren't\b|out of the question|improbable|surgery\b|vaccin|screening\b|prophylaxis|"
    r"vs\b|versus\b|must be (?:excluded|ruled)|should be (?:excluded|"
    r"ruled)|in size\b|range\b|limits\b)"
    r"|\s*(?:的)?(?:可能性(?:较|很|更)?(?:小|低)|(?:可以?|已|应)?(?:被)?排除|不支持|不考虑|"
    r"不符合|不像|不成立|是?错误|不正确|除外|病史|史|过敏|禁忌|中毒)"
    r"|\s*[:=–—-]+\s*(?:unlikely|excluded|absent|ruled out|less likely|wrong|incorrect|not (?:present|seen)|"
    r"no\b(?=\s*(?:[.,;\n]|$)))"
    r"|\s*(?:均|都|皆)(?:未见|不存在|没有|未发现|不明显|可排除)|\s*[❌✗✘✖×]"
)
_GENERAL = re.compile(
    r"\s+(?:would|should|usually|typically|generally|often|commonly|tends?|normally|can|could have|might have)\b"
    r"(?!\s+be\s+(?:the\s+|my\s+)?(?:\w+ (?:of choice|line)\b|best|most|correct|right|likely|first|seen|visible|"
    r"identified|"
    r"observed|noted|answer|given|offered|used|started|chosen|preferred|performed|done|placed|added))"
    r"|\s+(?:is|are)\s+(?:usually|normally|typically|generally|often|commonly)\b"
    r"|\s+(?:is|are)\s+(?:an?|the)\s+(?!\w*\s*(?:correct|right|best|most|likely|answer|probable|only|diagnosis|"
    r"main|\w+ of choice|next|appropriate|one (?:i|that)\b|\w+ (?:shown|used|seen|depicted|displayed|pictured|"
    r"demonstrated|in question)\b))"
    r"|\s+(?:was|were|had been)\s+(?:\w+ly\s+)?(?:suspected|considered|assumed|expected|queried)\b"
    r"|\s+(?:refers? to|means?|is defined|are defined)\b|\s*(?:通常|一般|多表现|常表现|是指|多见于)"
)
_INSERTED = re.compile(r"\s*(?:\([^()\n]{1,80}\)|,[^,.;\n]{1,80},)")
_FORBIDDEN = re.compile(
    r"\s*(?:must|should|can|could|may|might|is|are|was|were|will|would|does|do|has to|needs? to)\s*"
    r"(?:not\b|n't\b|never\b|be (?:avoided|excluded|withheld|stopped|ruled|rejected|dismissed)|excluded|avoided|"
    r"contraindicated|wrong|incorrect|unlikely|out\b|ruled)"
)
_UNLESS = re.compile(
    r"\s+would\b[^.;\n]{0,80}?\b(?:if(?! (?:i|we|forced|asked)\b)|had|were|unless|in most|in other|in another|"
    r"otherwise|"
    r"otherwise|but (?:not|here))\b|\s+(?:\w+\s+)?(?:is|are)\s+(?:usually\s+)?treated\b"
)
"""What would be in other circumstances, and what is said in general."""
_WORDS = (
    r"(?:(?!\b(?:but|however|though|although|yet|is|are|was|were|shows?|there|which|has|have|with|instead|"
    r"rather|consistent|suggests?|"
    r"indicates?|confirms?|means|leaves|leaving|doubt|and|only|just)\b)[\w\s\0'-])"
)
_LISTED = re.compile(
    rf"{_NO}(?:{_FILL})*\s+{_WORDS}{{1,50}}(?:,{_WORDS}{{1,50}}){{0,6}},?\s*\b(?:or|nor)\s+(?:an?\s+|the\s+|\w+\s+)?$"
    r"|(?:未见|未发现|没有|不支持|不考虑|"
    r"排除)[^,。;:但可示为是有均都而]{1,30}[、及或和与][^,。;:但可见示为是有均都而]{0,3}\s*$"
)
"""A denial before a list whose last word comes next."""
_JOINED = re.compile(
    r"\s*(?:(?P<loose>,|\band\b|,\s*and\b)|(?P<tight>,?\s*(?:\bor\b|\bnor\b|/|、|及|以及|或者?|和|与)|"
    r"\n\s*(?:[-–—•]|\d{1,2}[.)])))"
    r"\s*(?:(?:an?|the|any|of|for|other|focal|acute|definite|obvious|frank|evidence of|明显|典型|其他)\s*)*"
)
_ANEW = re.compile(
    r"[\s\w]{0,20}?\b(?:(?:is|are|was|were)\s+(?!(?:not|absent|excluded|ruled|seen\s+either|un)\b)|remains?\b|"
    r"fits?\b|explains?\b|wins?\b|stands?\b|matches\b|can be seen)|"
    r"\s*(?:可见|存在|明显可见)"
)
_TOGETHER = re.compile(
    r"\s*(?:are|were|have|both|all|can|could|may|should|也|均|都|皆)?\s*(?:both |all |been |be )*"
    r"(?:not|absent|excluded|ruled out|unlikely|negative|less likely|excluded|improbable|wrong|incorrect|"
    r"(?:被|可)?排除|未见|不存在|不支持|不考虑)"
)
_CAUSE = re.compile(
    r"(?<!not )\b(?:from|due to|caused by|because of|i\.e\.,?|means|reflects?|namely)\s+(?:an?\s+|"
    r"the\s+)?(?:(?:severe|chronic|dietary)\s+)?"
    r"(?:lack|deficiency|absence)\s+(?:of|in)\s+$"
)
_NUTRIENT = re.compile(
    r"vitamin|iron|iodine|zinc|copper|selenium|folate|folic|thiamine?|niacin|riboflavin|biotin|cobalamin|"
    r"calcium|magnesium|potassium|"
    r"protein|insulin|factor|surfactant|dystrophin|\w+ase\b"
)
"""What is missing is the cause itself: "due to a lack of vitamin C"."""


def is_denied(text: str, start: int, end: int) -> bool:
    """True if what stands at a stretch of the text is denied, asked about or spoken of in general."""
    return is_denied_plain(plain(text), start, end)


def is_denied_plain(folded: str, start: int, end: int, named: str = "") -> bool:
    """:func:`is_denied` of a text that is plain already; ``named`` is what stands at the stretch."""
    before = folded[max(0, start - 200) : start]
    if (inserted := _INSERTED.match(folded, end)) and _FORBIDDEN.match(folded, inserted.end()):
        return True
    if (closed := re.match(r"[^().;\n]{0,80}\)", folded[end:])) and before.rfind("(") > before.rfind(")"):
        end += closed.end()
    asked = re.match(r"[^.;!\n。]{0,60}\?", folded[end:])
    return bool(
        (_BEFORE.search(before) or _LISTED.search(before))
        and not is_missing_cause(before, named or folded[start:end])
        or _ASKS.search(before)
        or _AFTER.match(folded, end)
        or _UNLESS.match(folded, end)
        or _GENERAL.match(folded, end)
        or asked
    )


def is_missing_cause(before: str, named: str) -> bool:
    """True of "due to a lack of" before a vitamin: what is missing is the answer."""
    return bool(_CAUSE.search(before) and _NUTRIENT.match(named))


def denied_together(folded: str, spans: Sequence[tuple[int, int]], whole: str) -> list[bool]:
    """Which of the mentions, in order, are denied: each for itself, or with those it is joined to.

    ``whole`` is the text before the mentions were blanked in it.
    """
    denied = [is_denied_plain(folded, start, end, whole[start:end]) for start, end in spans]
    before = [
        bool(_BEFORE.search(folded[max(0, s - 200) : s]) or _LISTED.search(folded[max(0, s - 200) : s]))
        for s, _ in spans
    ]
    for j in range(1, len(spans)):
        join = _JOINED.fullmatch(folded[spans[j - 1][1] : spans[j][0]])
        comma = join and join["loose"] == "," and "\u4e00" <= whole[spans[j][0]] <= "\u9fff"
        if before[j - 1] and join and not comma and not (join["loose"] and _ANEW.match(folded, spans[j][1])):
            denied[j] = before[j] = True
    for j in range(len(spans) - 1, 0, -1):
        gap = folded[spans[j - 1][1] : spans[j][0]]
        join = _JOINED.fullmatch(gap)
        if denied[j] and join and _TOGETHER.match(folded, _chain_end(folded, spans, j)):
            denied[j - 1] = True
    return denied


def _chain_end(folded: str, spans: Sequence[tuple[int, int]], j: int) -> int:
    """Where the list that a mention is part of ends, if its last word is joined by "and" or "or"."""
    while j + 1 < len(spans) and _JOINED.fullmatch(folded[spans[j][1] : spans[j + 1][0]]):
        j += 1
    gap = folded[spans[j - 1][1] : spans[j][0]]
    return spans[j][1] if re.search(r"and|or|、|及|和|与|或|/", gap) else len(folded)
