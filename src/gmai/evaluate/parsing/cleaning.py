"""A reply without thoughts, markup and the turns of others; every character knows where it stood."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

_THOUGHT = re.compile(
    r"<(think|thinking|thought|reasoning|scratchpad)>.*?(?:</\1>|\Z)|\A(?:(?!<think).)*</think(?:ing)?>"
    r"|◁think▷.*?(?:◁/think▷|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_CLOSED = re.compile(r"</\w+>\Z|◁/think▷\Z")
_GONE = re.compile(
    r"<\|[^|>\n]{0,40}\|>|</?s>|<(?:pad|eos|bos|unk|end_of_turn|start_of_turn|0x[0-9A-F]{2}|image|im_end)>|\[/?INST\]"
    r"|</?(?:br|em|strong|p|span|div|sub|sup|center|font)\s*/?>|<([biu])>(?=[^<]*</\1>)|(?<=[^<\s])</[biu]>"
    r"|\\(?:text(?:bf|it|rm)?|mathrm|mathbf|mathit|bf|rm)\s*(?=\{)|[*`$\u200b\ufeff\u200e\u2060]+|"
    r"__+|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|\ufe0f|\u20e3|^[ \t]*(?:#+|>)[ \t]+",
    re.MULTILINE | re.IGNORECASE,
)
_ROLE = re.compile(r"\A\s*(?:assistant|model|response|ai|bot)\s*(?::|\n)\s*", re.IGNORECASE)
_QUESTION = re.compile(r"\A\s*Q(?:uestion)?\s*:[^\n]{1,300}?\?\s*A(?:nswer)?\s*:\s*", re.IGNORECASE)
_NEXT_TURN = re.compile(
    r"\n\s*(?:###\s*)?(?:user|human|question|next question|q|instruction|用户|问题|题目)\s*(?:\d+\s*)?[:\n]",
    re.IGNORECASE,
)
_RUN = re.compile(r"(?<=\n\n)\s+|(?<=[ \t]{2})[ \t]+")
_FIRST, _LAST = 1500, 2500
"""Of longer replies these characters are read: an answer stands at one end."""
_QUOTES = str.maketrans("’‘“”＇「」『』【】《》", '\'\'""\'""""[]""')


@dataclass(frozen=True)
class Reply:
    """A cleaned reply."""

    text: str
    at: tuple[int, ...]
    """Where in the reply each character of ``text`` stood."""
    cut_off: bool
    """A thought was begun and never ended."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the text as a stretch of the reply as it came."""
        return (self.at[start], self.at[end - 1] + 1) if start < end else (0, 0)

    @cached_property
    def plain(self) -> str:
        """The text in one case with hyphens and underscores between words as spaces; as long as the text."""
        return plain(self.text)


def clean(reply: str) -> Reply:
    """Fold widths and quotes; take thoughts, markup, tokens of chat formats, and turns of others away."""
    if reply.isascii():
        pairs = [(char, i) for i, char in enumerate(reply)]
    else:
        pairs = [(char, i) for i, raw in enumerate(reply) for char in _fold(raw)]
    thoughts = [match[0] for match in _THOUGHT.finditer(_text(pairs))]
    for pattern in (_THOUGHT, _GONE, _ROLE, _QUESTION, _RUN):
        pairs = _drop(pairs, pattern)
    if (turn := _NEXT_TURN.search(_text(pairs))) and _text(pairs)[: turn.start()].strip():
        pairs = pairs[: turn.start()]
    if len(pairs) > _FIRST + _LAST:
        pairs = [*pairs[:_FIRST], ("\n", pairs[_FIRST][1]), *pairs[-_LAST:]]
    text = _text(pairs)
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    pairs = pairs[start : max(start, end)]
    cut_off = bool(thoughts) and not _CLOSED.search(thoughts[-1])
    return Reply(_text(pairs), tuple(i for _, i in pairs), cut_off)


def plain(text: str) -> str:
    """One case, hyphens and underscores between words as spaces; as long as the text."""
    folded = text.lower() if text.isascii() else "".join(low if len(low := c.casefold()) == 1 else c for c in text)
    return re.sub(r"(?<=\w)[-‐‑_]+(?=\w)|_", lambda match: " " * len(match[0]), folded)


def _fold(char: str) -> str:
    """A character without width, circle or square; letters of emoji are letters."""
    for first, last in ((0x1F150, 0x1F169), (0x1F170, 0x1F189), (0x1F1E6, 0x1F1FF)):
        if first <= ord(char) <= last:
            return chr(ord("A") + ord(char) - first)
    return unicodedata.normalize("NFKC", char.translate(_QUOTES)).translate(_QUOTES)


def _text(pairs: list[tuple[str, int]]) -> str:
    return "".join(char for char, _ in pairs)


def _drop(pairs: list[tuple[str, int]], pattern: re.Pattern[str]) -> list[tuple[str, int]]:
    """Without what the pattern matches; words that it stood between stay apart."""
    kept: list[tuple[str, int]] = []
    done, text = 0, _text(pairs)
    if not pattern.search(text):
        return pairs
    for match in pattern.finditer(text):
        kept += pairs[done : match.start()]
        done = match.end()
        if len(match[0]) > 3 and kept and done < len(pairs):
            kept.append(("\n", pairs[match.start()][1]))
    return kept + pairs[done:]
