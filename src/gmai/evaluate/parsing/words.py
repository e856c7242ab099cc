"""Yes or no, and answers in words of one's own, out of a reply."""

import re

from gmai.evaluate.parsing.refusals import declines
from gmai.evaluate.parsing.tags import iter_tagged

Read = tuple[str | None, str, int, int]
"""The answer or None, the rule or the reason, and the stretch of the text."""

_YES = (
    r"yes|yeah|yep|yup|correct|true|affirmative|certainly|definitely|absolutely|indeed|present|"
    r"是的?|有的?|对的?|正确|存在|包含|包括|可以|能|会"
)
_NO = (
    r"(?:absolutely|certainly|definitely) (?:not|no)|no|nope|nah|false|negative|incorrect|absent|not present|"
    r"否|不是的?|未见|没有|无|不对|"
    r"错误?|不存在|不包含|不包括|不可以|不能|不会|并非|不正确"
)
_WORD = re.compile(rf"(?P<no>(?:{_NO})(?![A-Za-z]))|(?P<yes>(?:{_YES})(?![A-Za-z]))", re.IGNORECASE)
_HEAD = re.compile(
    r"(?P<final>final\s+)?\b(?:answer|ans|response|conclusion|verdict)\b(?:\s+(?:here|to\s+\"[^\"\n]{1,200}\"|"
    r"to\s+(?:the|"
    r"this|your)\s+question(?:\s+(?:of\s+)?whether\s[^.\n]{1,80}?(?=\s+is\W+(?:yes|no)\b))?))*\s*"
    r"(?:(?:is|would be|should be|must be)\b\s*:?|[:=]|-+\s|–)\s*(?:an?\s+|clearly\s+|therefore\s+|"
    r"most likely\s+)*|(?:最终)?(?:答案|回答|结论)\s*(?:应该|应)?\s*(?:是|为)?\s*:?\s*"
    r"|\b(?:i think|i believe|most likely|probably|likely|definitely|clearly|(?:based on|according to|"
    r"looking at|in)\s[^,.\n]{1,40},)\s*:?\s*"
    r"|\b(?:i (?:would|will|must)?\s*(?:say|answer)|i'd say|so|therefore|thus|hence)\b[\s,:]+",
    re.IGNORECASE,
)
_OPEN_HEAD = re.compile(
    r"(?P<final>final\s+)?\b(?:(?:correct|short|best|final|likely)\s+)?(?:answer|ans)\b(?:\s+(?:here|"
    r"to\s+(?:the|this|your)\s+question))*\s*"
    r"(?:(?:is|would be|should be|must be)\b\s*:?|[:=])\s*|(?:最终)?答案\s*(?:应该|应)?\s*(?:是|为)?\s*:?\s*",
    re.IGNORECASE,
)
_BOTH = re.compile(r"\b(?:yes|no)\s*(?:and|or|/|,)\s*(?:yes|no)\b(?!\s+\w)|是或否|是/否|既是又不是", re.IGNORECASE)
_LEAD = re.compile(
    r"\A(?:(?:without (?:a|any) doubt|of course|clearly|well|so|ok|okay|in short|overall|in my opinion|in conclusion)"
    r"[\s,:]+)+(?=(?:yes|no)\b)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"(?:^|[.!?。，,:;\n—–-])\s*(?:(?:so|therefore|hence|thus|unfortunately|fortunately)\s*,?\s*)?(yes|no|是|否|是的|不是|没有|"
    r"有)[\s.!。]*$",
    re.IGNORECASE,
)


def read_yes_no(text: str, refused: bool) -> Read:
    """Read ``yes`` or ``no``: in a tag, after "answer", as the first word, or as a last sentence of its own."""
    hits = list(iter_tagged(text))
    if hits:
        read = [_word(hit.inner) for hit in hits]
        answer = read[0] if len(set(read)) == 1 else None
        return answer, "tagged" if answer else "disagrees", hits[0].start, hits[-1].end
    if _BOTH.search(text):
        return None, "several", 0, 0
    stated = [(head, word) for head in _HEAD.finditer(text) if (word := _word(text[head.end() :]))]
    final = [pair for pair in stated if pair[0]["final"]] or stated
    first, last = _word(text), _LAST.search(text)
    said = {word for _, word in final} or ({first} if first else set())
    if last and (ending := _word(last[1])):
        said = said | {ending} if not (final and final[0][0]["final"]) else said
    if first and final and not final[0][0]["final"]:
        said = said | {first}
    if len(said) > 1:
        return None, "several", 0, len(text)
    if said:
        (answer,) = said
        if final:
            return answer, "statement", final[0][0].start(), final[0][0].end()
        rule = "whole" if _WORD.fullmatch(text.strip(" .,!。\"'")) else "leading" if first else "closing"
        return (
            answer,
            rule,
            *(last.span(1) if rule == "closing" and last else (0, len(text) if rule == "whole" else len(answer))),
        )
    if refused:
        return None, "refusal", 0, 0
    return None, "nothing_named", 0, 0


def _word(text: str) -> str | None:
    """The yes or no that a text begins with; "no doubt" and "no evidence" are part of a sentence."""
    text = _LEAD.sub("", text.lstrip(" \n\"'([*-"))
    match = _WORD.match(text)
    if not match:
        return None
    rest = text[match.end() :]
    word = match[0].casefold()
    if word == "no" and re.match(
        r"\s+(?!doubt|idea|image|problem|question|way|one|information|answer|picture|clue|matter)[a-z]", rest, re.I
    ):
        return "no"
    if word in {"没有", "无"} and re.match(r"\s*(?!法|论|办法|足够|图|需|疑|关|从)[\u4e00-\u9fff]", rest):
        return "no"
    if re.fullmatch(rf"(?:[\s,.!]*\b{re.escape(word)}\b)*[\s,.!]*", rest, re.IGNORECASE):
        return "no" if match["no"] else "yes"
    if re.match(r"\s*[,，]?\s*(?:and|or|/|和|或)\s*(?:yes|no|是|否)\b", rest, re.IGNORECASE):
        return None
    closed = re.match(
        r"\s*(?:$|[,.;:!)\]\"'。，；、!\n—–-]|\s(?:there|it|the|this|because|since|as|i|that|they|we|these|in)\b)",
        rest,
        re.I,
    )
    if word in {"no", "yes"} or len(word) > 2 or re.match(r"[^\x00-\x7f]", word):
        strict = re.match(r"[a-z]", word) or word in {
            "有",
            "无",
            "没有",
            "能",
            "会",
            "是",
            "对",
            "可以",
            "存在",
            "包含",
            "包括",
        }
        if strict and not closed:
            return None
    return "no" if match["no"] else "yes"


def read_open(text: str, refused: bool) -> Read:
    """Read an open answer: in a tag, after "answer:", the whole of a one-line reply, else its first sentence."""
    hits = list(iter_tagged(text))
    if hits:
        answer = hits[-1].inner.strip(" .")
        read = (None, "refusal") if declines(answer) else (answer, "tagged")
        return *read, hits[-1].start, hits[-1].end
    heads = [head for head in _OPEN_HEAD.finditer(text) if _first(text[head.end() :])[0]]
    if heads:
        head = next((one for one in reversed(heads) if one["final"]), heads[-1])
        answer, length = _first(text[head.end() :])
        if declines(text[head.end() :]):
            return None, "refusal", head.end(), head.end() + length
        return answer, "statement", head.end(), head.end() + length
    if refused:
        return None, "refusal", 0, 0
    bare = re.sub(r"<[^<>]*>", " ", text).strip()
    if not bare or _OPEN_HEAD.fullmatch(bare):
        return None, "truncated" if bare else "empty", 0, 0
    answer, length = _first(text)
    if not answer:
        return None, "nothing_named", 0, 0
    return answer, "whole" if length >= len(text.rstrip(" .。!\n")) else "sentence", 0, length


def _first(text: str) -> tuple[str, int]:
    """The first sentence, without quotes and its final stop, and how far it reaches; points in numbers end nothing."""
    skip = len(text) - len(text.lstrip())
    body = text[skip:]
    stop = re.search(r"\n|。|[.!?](?=\s+[A-Z\"(]|\s*$)(?<!\b[A-Z]\.)(?<!e\.g\.)(?<!i\.e\.)", body)
    end = stop.start() if stop else len(body)
    return body[:end].strip(" \"'.。:,"), skip + end
