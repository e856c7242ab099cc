"""What the questions cost: requests, tokens, money, retries and failures, counted as they happen."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from gmai.llm.messages import Answer, Outcome


@dataclass
class Ledger:
    """Counts of one run; prices are for a million tokens."""

    price_prompt: float = 0.0
    price_completion: float = 0.0
    asked: int = 0
    answered: int = 0
    reused: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: int = 0
    """Answers whose tokens the server did not tell."""

    def count(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.asked += 1
        if not isinstance(outcome, Answer):
            self.failures[outcome.reason] += 1
            return
        self.answered += 1
        if outcome.reused:
            self.reused += 1
            return
        self.prompt_tokens += outcome.usage.prompt
        self.completion_tokens += outcome.usage.completion
        self.estimated += outcome.usage.estimated

    @property
    def cost(self) -> float:
        """Money spent, in the prices' currency; answers from the journal cost nothing."""
        return (self.prompt_tokens * self.price_prompt + self.completion_tokens * self.price_completion) / 1e6

    def summary(self) -> dict[str, Any]:
        """The counts as plain data, for a run's description."""
        return {
            "asked": self.asked,
            "answered": self.answered,
            "reused": self.reused,
            "retries": dict(sorted(self.retries.items())),
            "failures": dict(sorted(self.failures.items())),
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "tokens_estimated": self.estimated,
            "cost": round(self.cost, 6),
        }
