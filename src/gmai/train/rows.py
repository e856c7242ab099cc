"""Rows: all conversations about one view of one sample, as tokens, ready to share the picture's place in one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from gmai.errors import FormatError
from gmai.models import Block, Scaffold
from gmai.train.recipe import RowConfig
from gmai.types import Conversation, Reject, View


@dataclass(frozen=True, slots=True)
class Segment:
    """One conversation after the place of the picture."""

    block: Block
    names: tuple[str, str, str]
    """Question kind; ``choice`` or ``open``; subset. The first one a setting speaks of counts."""


@dataclass(frozen=True, slots=True)
class Row:
    """One view of one sample with its conversations."""

    sample: str
    source: str
    view: View
    captions: tuple[tuple[int, ...], ...]
    """What may stand in the picture's place: its captions, as tokens."""
    segments: tuple[Segment, ...]
    pictured: bool
    """False for a conversation about no picture."""

    @property
    def pool(self) -> str:
        """What is seen: the view's granularity, or ``text``."""
        return self.view.granularity if self.pictured else "text"


@dataclass(slots=True)
class RowReader:
    """Turns conversations into rows; keeps account of those it cannot use."""

    scaffold: Scaffold
    config: RowConfig
    context: int
    """Longest path through a row, in tokens."""
    visual: int = 0
    """Visual tokens of the largest picture."""
    rejects: list[Reject] = field(default_factory=list)

    def read(self, conversations: Iterable[Conversation]) -> list[Row]:
        """Group conversations by sample and view, in the order they first come; their records are not kept."""
        drafts: dict[tuple[str, View], _Draft] = {}
        for conversation in conversations:
            if conversation.prior:
                detail = f"pictures of two samples, {conversation.prior} before its own; the model sees one"
                self._reject(conversation, "row.two_pictures", detail)
                continue
            key = (conversation.sample, conversation.view)
            draft = drafts.setdefault(key, _Draft(conversation.source))
            draft.pictured = draft.pictured or conversation.subset != "text"
            if conversation.subset == "caption":
                draft.captions.append(self.scaffold.text(" " + conversation.turns[-1].text))
            draft.segments += self._segment(conversation)
        rows = []
        for (sample, view), draft in drafts.items():
            if draft.segments:
                captions = tuple(draft.captions)
                rows.append(Row(sample, draft.source, view, captions, tuple(draft.segments), draft.pictured))
        return rows

    def _segment(self, conversation: Conversation) -> Iterator[Segment]:
        names = (conversation.kind, "choice" if conversation.options else "open", conversation.subset)
        weight = next((self.config.weights[name] for name in names if name in self.config.weights), 1.0)
        block = conversation_block(self.scaffold, conversation, weight)
        length = len(self.scaffold.prefix([self.visual])) + self.config.max_gap + len(block.tokens)
        if length <= self.context:
            yield Segment(block, names)
        else:
            detail = f"{length} tokens with the picture's, the model takes {self.context}"
            self._reject(conversation, "row.too_long", detail)

    def _reject(self, conversation: Conversation, reason: str, detail: str) -> None:
        unit = "conversation"
        self.rejects.append(Reject(id=conversation.id, stage="train", reason=reason, detail=detail, unit=unit))


@dataclass(slots=True)
class _Draft:
    """A row in the making."""

    source: str
    pictured: bool = False
    captions: list[tuple[int, ...]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)


def conversation_block(scaffold: Scaffold, conversation: Conversation, weight: float) -> Block:
    """A conversation as a block of tokens; only the assistant's words and their end token count in the loss.

    Raises:
        FormatError: turns that are not user, assistant, user, assistant …
    """
    turns = conversation.turns
    roles = [turn.role for turn in turns]
    if not turns or roles != ["user", "assistant"] * (len(turns) // 2):
        what = f"turns are {', '.join(roles) or 'missing'}; expected user, assistant, and so on in pairs"
        raise FormatError(what, where=conversation.id, reason="conversation.turns")
    tokens: list[int] = []
    weights: list[float] = []
    for question, answer in zip(turns[::2], turns[1::2], strict=True):
        read = (*(scaffold.next_user if tokens else ()), *scaffold.text(question.text), *scaffold.ask)
        said = (*scaffold.text(answer.text), scaffold.end)
        tokens += [*read, *said]
        weights += [0.0] * len(read) + [weight] * len(said)
    return Block(tuple(tokens), tuple(weights), 0)


def draw_segments(row: Row, config: RowConfig, rng: np.random.Generator) -> list[Segment]:
    """Choose the conversations of one row for one step; at least one."""
    named: dict[str, list[Segment]] = {}
    common: list[Segment] = []
    for segment in row.segments:
        name = next((name for name in segment.names if name in config.chances), None)
        (common if name is None else named.setdefault(name, [])).append(segment)
    chosen = [common[index] for index in rng.permutation(len(common))[: config.questions]]
    for name, segments in named.items():
        if rng.random() < config.chances[name]:
            chosen.append(segments[rng.integers(len(segments))])
    return chosen or [row.segments[rng.integers(len(row.segments))]]


def count_rows(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """Rows and conversations by source."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row.source, Counter()).update({"rows": 1, "conversations": len(row.segments)})
    return {source: dict(counts[source]) for source in sorted(counts)}
