"""Text that grows with its tokens: only what can no longer change is told, and nothing of a stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_BROKEN = "\ufffd"
"""What stands for a sign of which only some bytes are there."""


class Unfolding:
    """The text of one answer, without blanks at its ends, up to the first of its stops."""

    def __init__(self, tokenizer: Any, stops: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._stops = tuple(stop for stop in stops if stop)
        self._tokens: list[int] = []
        self.told = ""
        """Everything that was told so far."""
        self.stopped = False
        """True once a stop has come."""

    def add(self, token: int) -> str:
        """Take a token; returns the text that is certain now and was not told yet."""
        self._tokens.append(token)
        text = self._decode()
        if any(stop in text for stop in self._stops):
            self.stopped = True
            return self._tell(cut_text(text, self._stops).strip())
        return self._tell(self._certain(text))

    def finish(self) -> str:
        """The rest, at the end."""
        text = cut_text(self._decode(), self._stops).strip()
        new, self.told = self._tell(text), text
        return new

    def _decode(self) -> str:
        text: str = self._tokenizer.decode(self._tokens, skip_special_tokens=True)
        return text

    def _certain(self, text: str) -> str:
        """Without signs whose bytes are not all there, without what may be the beginning of a stop, without blanks."""
        text = text.rstrip(_BROKEN)
        ends = (len(stop) - 1 for stop in self._stops)
        for length in range(min(max(ends, default=0), len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stops):
                text = text[:-length]
                break
        return text.strip()

    def _tell(self, text: str) -> str:
        if not text.startswith(self.told):
            return ""
        new = text[len(self.told) :]
        self.told = text
        return new


def cut_text(text: str, stops: Sequence[str]) -> str:
    """A text up to each stop in turn."""
    for stop in stops:
        text = text.partition(stop)[0]
    return text
