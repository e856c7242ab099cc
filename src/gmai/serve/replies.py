"""Replies of the chat-completions protocol: whole answers, pieces of streamed ones, what they took."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from gmai.models import Answered, TokenChance

Spell = Callable[[int], str]
"""Number of a token to its text."""


@dataclass(frozen=True)
class Reply:
    """What all pieces of one reply share."""

    model: str
    fingerprint: str
    prompt_tokens: int
    image_tokens: int
    """Those of them that stand for pictures."""
    id: str
    created: int

    @classmethod
    def begin(cls, model: str, fingerprint: str, prompt_tokens: int, image_tokens: int) -> "Reply":
        """A reply of now."""
        return cls(model, fingerprint, prompt_tokens, image_tokens, f"chatcmpl-{uuid4().hex}", int(time.time()))

    def whole(self, answer: Answered, spell: Spell) -> dict[str, Any]:
        """The body of a whole answer."""
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": answer.text},
            "finish_reason": answer.finish,
            "logprobs": write_chances(answer.chances, spell),
        }
        return {**self._known("chat.completion"), "choices": [choice], "usage": self.usage(answer)}

    def piece(self, delta: dict[str, Any], finish: str | None, chances: dict[str, Any] | None) -> dict[str, Any]:
        """One piece of a streamed answer."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": chances}
        return {**self._known("chat.completion.chunk"), "choices": [choice]}

    def last(self, answer: Answered) -> dict[str, Any]:
        """The piece that tells what was used."""
        return {**self._known("chat.completion.chunk"), "choices": [], "usage": self.usage(answer)}

    def usage(self, answer: Answered) -> dict[str, Any]:
        """Tokens of the question, of text and pictures apart, and of the answer."""
        prompt, answered = self.prompt_tokens, len(answer.tokens)
        details = {"text_tokens": prompt - self.image_tokens, "image_tokens": self.image_tokens}
        return {
            "prompt_tokens": prompt,
            "completion_tokens": answered,
            "total_tokens": prompt + answered,
            "prompt_tokens_details": details,
        }

    def _known(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.fingerprint,
        }


def write_chances(chances: Sequence[TokenChance], spell: Spell) -> dict[str, Any] | None:
    """Log-probabilities as the protocol has them; None where none are wished."""
    if not chances:
        return None
    return {"content": [_chance(each, spell) for each in chances]}


def _chance(chance: TokenChance, spell: Spell) -> dict[str, Any]:
    def entry(token: int, logprob: float) -> dict[str, Any]:
        text = spell(token)
        return {"token": text, "logprob": max(logprob, -9999.0), "bytes": list(text.encode())}

    return {
        **entry(chance.token, chance.logprob),
        "top_logprobs": [entry(token, logprob) for token, logprob in chance.top],
    }
