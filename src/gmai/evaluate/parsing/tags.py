"""Answers in tags, in JSON and in boxes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAMES = (
    r"(?:final[_ ]?answer|correct[_ ]?(?:answer|option|choice)|selected[_ ]?(?:answer|option|"
    r"choice)|answer|choice|option|prediction|conclusion|verdict|response|output|solution|selection|ans|final|letter|"
    r"label|diagnosis|答案|选项)s?"
)
_TAG = re.compile(rf"<\s*{_NAMES}\b[^<>]*>(.*?)(?:<\s*/|(?=<\s*{_NAMES}\b[^<>]*>)|\Z)", re.DOTALL | re.IGNORECASE)
_BRACKET = re.compile(rf"\[\[?\s*({_NAMES})\s*\]\]?\s*:?\s*(.*?)(?:\[\[?\s*/|\[|\n|\Z)", re.DOTALL | re.IGNORECASE)
_KEY = re.compile(
    rf"(?:[\"']{_NAMES}[\"']|(?<=[{{,])\s*{_NAMES})\s*:\s*(?:\"([^\"]*)\"|'([^']*)'|\[([^\]]*)\]|([^\s,}}\"'\[{{]+))",
    re.IGNORECASE,
)
_BOX = re.compile(r"\\+[fb]?box(?:ed)?\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
_CLOSED = re.compile(rf"\A()\s*([^<>]{{1,80}}?)\s*<\s*/\s*{_NAMES}\s*>", re.IGNORECASE)
_LATEX = re.compile(r"\\[a-zA-Z]+\s*\{|\\[a-zA-Z,;!\s]|[{}]")


@dataclass(frozen=True)
class Tagged:
    """What stands in a tag, and where."""

    inner: str
    start: int
    end: int


def iter_tagged(text: str) -> Iterator[Tagged]:
    """Yield the last answer of each kind of tag that holds something; of JSON every key of its last object."""
    for pattern, group in ((_TAG, 1), (_BRACKET, 2), (_BOX, 1), (_CLOSED, 2)):
        hits = [match for match in pattern.finditer(text) if match[group].strip(" .…")]
        if hits:
            inner = hits[-1][group]
            if keys := list(_keys(inner)):
                inner = keys[-1].inner
            if pattern is _BOX:
                inner = _LATEX.sub(" ", inner)
            yield Tagged(inner.strip(), *hits[-1].span())
            return
    yield from _keys(text)


def iter_every(text: str) -> Iterator[Tagged]:
    """Yield every tag of the first kind that the text has."""
    for pattern, group in ((_TAG, 1), (_BRACKET, 2), (_BOX, 1), (_CLOSED, 2)):
        if hits := [match for match in pattern.finditer(text) if match[group].strip(" .…")]:
            yield from (Tagged(match[group].strip(), *match.span()) for match in hits)
            return


_OBJECT = re.compile(r"\W*(?:json\s*)?\{.*\}\W*", re.DOTALL | re.IGNORECASE)
_VALUE = re.compile(r"[\"']([\w -]{1,40})[\"']\s*:\s*[\"']([^\"'\n]{1,80})[\"']")
_OWN_NAME = re.compile(
    r"(?:(?:the|predicted|most likely|surgical|primary|main|final|best)[_ ])?(?:grade|stage|class|category|type|tool|"
    r"instrument|modality|sequence|organ|phase|step|disease|syndrome|condition|organism|pathogen|drug|treatment|"
    r"therapy|"
    r"test|structure|location|site|region|plane|view|score|level|result|lesion|species|stain|pick|guess|anatomy|"
    r"mechanism|cause|finding|management|next step)(?:[_ ](?:name|type|level))?",
    re.IGNORECASE,
)
"""Names for an answer of one kind of question."""


def iter_values(text: str) -> Iterator[Tagged]:
    """Yield what an object says under names of its own ("grade", "tool"), where it is the whole reply."""
    if _OBJECT.fullmatch(text):
        for match in _VALUE.finditer(text):
            if _OWN_NAME.fullmatch(match[1]):
                yield Tagged(match[2].strip(), *match.span())


def _keys(text: str) -> Iterator[Tagged]:
    """Keys of the last object that has any; a list is its items joined by commas."""
    begin = text.rfind("{", 0, max((match.start() for match in _KEY.finditer(text)), default=0) + 1)
    for match in _KEY.finditer(text, max(begin, 0)):
        value = next(group for group in match.groups() if group is not None)
        inner = re.sub(r"[\"']", "", value).strip() if match[3] is not None else value.strip()
        if inner and inner.casefold() not in {"null", "none", "..."}:
            yield Tagged(inner, *match.span())
