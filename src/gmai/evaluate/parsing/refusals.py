"""Replies, and answers within replies, that decline."""

import re

REFUSAL = re.compile(
    r"\b(?:cannot|can't|can not|could not|couldn't|unable to|not able to|impossible to|not possible to|"
    r"not appropriate to|"
    r"not qualified to|difficult to|hard to|won't|will not|don't feel comfortable|not comfortable)\s+(?:\w+\s+){0,3}?"
    r"(?:determine|determining|answer|tell|say|identify|provid\w+|assist|help|diagnos\w+|view|"
    r"see|interpret\w*|analy[sz]\w+|judge|"
    r"(?:give|giving|offer|make)(?=[^.;\n]{0,50}?\b(?:answer|diagnos|advice|opinion|interpret|assess|determin|"
    r"conclu|recommend|judg|defin|certain|respon|choice|decision|call\b|out\b|statement|predict|selection|medical))|"
    r"access|process|confirm|choose|select|discern|conclude|know|be determined|"
    r"be certain|be answered)\b"
    r"|\bi(?:'m| am) sorry\b|\bas an ai\b|\bas a language model\b|\bnone of the (?:above|options|"
    r"given|listed|choices|provided)\b|"
    r"\b(?:do not|don't) (?:know|have (?:enough|sufficient|access|the ability))\b|\bnot sure\b|"
    r"\bunsure\b|\buncertain\b|"
    r"\binsufficient (?:information|data|evidence)\b|\bnot enough (?:information|data|context)\b|\bno image\b|"
    r"\bconsult (?:a|with a|your|an?)\b.{0,30}(?:doctor|professional|physician|radiologist|"
    r"specialist)\b|\bindeterminate\b"
    r"|无法|不能(?:确定|判断|提供|回答)|不知道|以上都不|以上均不|难以(?:确定|判断)|抱歉|对不起|不确定",
    re.IGNORECASE,
)
STILL = re.compile(
    r"\b(?:but|however|nevertheless|that said|still|if (?:forced|pressed|i had to|i must)|though|although|yet|"
    r"(?:my )?best guess)\b|但|不过|然而",
    re.IGNORECASE,
)
_DECLINED = re.compile(
    r"\W*(?:(?:i'm |i am )?sorry\b|unfortunately\b|unable to\b|not sure\b|unsure\b|not possible to\b|"
    r"insufficient (?:data|information)|"
    r"(?:i|we|it|this|that)\s+(?:really |simply |just )?(?:am |is |are )?(?:not |un)?(?:cannot|can't|can not|"
    r"could not|couldn't|"
    r"do not|don't|sure\b|able to|possible to)|(?:can't|cannot|can not)\b|无法|不能|不知道|抱歉|对不起|不确定)",
    re.IGNORECASE,
)


def refuses(text: str) -> bool:
    """True if a reply declines to answer and says nothing further."""
    refusal = REFUSAL.search(text)
    return bool(refusal and not STILL.search(text, refusal.end()))


def declines(answer: str) -> bool:
    """True of an answer that begins by declining: "I cannot tell"; "indeterminate" is an answer."""
    return bool(_DECLINED.match(answer)) and refuses(answer)
