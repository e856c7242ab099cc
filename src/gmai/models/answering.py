"""Answers as they come: a batch of conversations generated together, each with its own length, stops and chance.

Every way of talking to a model in words (a chat in the terminal, the server) goes through here, and the prompt is made
of the same pieces as in training and evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gmai.models.fitting import Fitted, Picture
from gmai.models.loaded import LoadedModel
from gmai.models.unfolding import Unfolding

if TYPE_CHECKING:
    from torch import Tensor

    from gmai.models.forward import Precision


@dataclass(frozen=True, eq=False)
class Chat:
    """A conversation that waits for an answer; its pictures stand before its first text."""

    turns: tuple[str, ...]
    """Texts of user and assistant in turn; the last is the user's."""
    pictures: tuple[Picture, ...] = ()
    """(height, width, 3) uint8 each."""


@dataclass(frozen=True, eq=False)
class Prompt:
    """A conversation as the model is given it."""

    tokens: tuple[int, ...]
    fitted: tuple[Fitted, ...] = ()
    """Its pictures, fitted by the visual contract."""
    visual: int = 0
    """Tokens among ``tokens`` that stand for pictures."""


@dataclass(frozen=True)
class Wish:
    """How one answer is to be."""

    max_tokens: int = 256
    stops: tuple[str, ...] = ()
    """Texts before which the answer ends."""
    temperature: float = 0.0
    """0 takes the likeliest token; else tokens are drawn, the same for the same seed whatever else is in the batch."""
    top_p: float = 1.0
    """Tokens are drawn from the likeliest that make up this share."""
    seed: int = 0
    top: int | None = None
    """Log-probabilities wanted of each token, and of so many that might have stood there."""


@dataclass(frozen=True)
class TokenChance:
    """A token with its log-probability, and the likeliest at its place."""

    token: int
    logprob: float
    top: tuple[tuple[int, float], ...]


@dataclass
class Answered:
    """An answer as far as it has come."""

    text: str = ""
    tokens: list[int] = field(default_factory=list)
    finish: str = ""
    """``stop``: the model ended, or a stop came; ``length``; ``cancelled``; empty while it is under way."""
    chances: list[TokenChance] = field(default_factory=list)


Hear = Callable[[int, str, Answered], bool]
"""Takes the place in the batch, the text that is new, and the answer so far; False ends this answer."""


def prompt_chat(loaded: LoadedModel, chat: Chat) -> Prompt:
    """Spell a conversation and fit its pictures.

    Raises:
        ImageError: a picture that cannot be fitted.
        ValueError: the last turn is not the user's.
    """
    visual = [layout.tokens for layout in loaded.layouts(chat.pictures)]
    fitted = tuple(loaded.contract.fit(picture, len(chat.pictures)) for picture in chat.pictures)
    return Prompt(spell_chat(loaded, chat.turns, visual), fitted, sum(visual))


def spell_chat(loaded: LoadedModel, turns: Sequence[str], visual: Sequence[int]) -> tuple[int, ...]:
    """The tokens of a conversation up to where its answer begins.

    Args:
        loaded: the model.
        turns: see :class:`Chat`.
        visual: visual tokens of each picture.

    Raises:
        ValueError: the last turn is not the user's.
    """
    if len(turns) % 2 == 0:
        raise ValueError("the last turn must be the user's")
    scaffold = loaded.scaffold
    tokens = [*scaffold.prefix(visual), *scaffold.text(turns[0]), *scaffold.ask]
    for said, asked in zip(turns[1::2], turns[2::2], strict=True):
        tokens += [*scaffold.text(said), scaffold.end, *scaffold.next_user, *scaffold.text(asked), *scaffold.ask]
    return tuple(tokens)


def answer_prompts(
    loaded: LoadedModel,
    prompts: Sequence[Prompt],
    wishes: Sequence[Wish],
    hear: Hear | None = None,
    *,
    precision: Precision = "fp32",
) -> list[Answered]:
    """Answer a batch of prompts; greedy answers are those of :func:`gmai.models.generate`."""
    import torch
    from transformers import LogitsProcessorList, StoppingCriteriaList

    from gmai.models.forward import autocast

    fitted = [picture for prompt in prompts for picture in prompt.fitted]
    listener = _Listener(loaded, wishes, hear)
    with torch.inference_mode(), autocast(loaded.device, precision):
        loaded.model.generate(
            **loaded.inputs([prompt.tokens for prompt in prompts], fitted),
            max_new_tokens=max(wish.max_tokens for wish in wishes),
            do_sample=False,
            use_cache=True,
            eos_token_id=loaded.scaffold.end,
            pad_token_id=loaded.pad,
            logits_processor=LogitsProcessorList([listener.choose]),
            stopping_criteria=StoppingCriteriaList([listener.note]),
        )
    return listener.answers


class _Listener:
    """Chooses tokens by chance where that is wished, follows each answer and says when it is over."""

    def __init__(self, loaded: LoadedModel, wishes: Sequence[Wish], hear: Hear | None) -> None:
        import torch

        self.wishes, self.hear, self.end = wishes, hear, loaded.scaffold.end
        self.answers = [Answered() for _ in wishes]
        self.texts = [Unfolding(loaded.tokenizer, wish.stops) for wish in wishes]
        self.chances: list[Tensor | None] = [None] * len(wishes)
        self.draws = [torch.Generator().manual_seed(wish.seed) for wish in wishes]

    def choose(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Of rows that are drawn, leave one token; keep log-probabilities where they are wished."""
        for row, wish in enumerate(self.wishes):
            if self.answers[row].finish:
                continue
            if wish.top is not None:
                self.chances[row] = scores[row].float().log_softmax(-1).cpu()
            if wish.temperature > 0:
                token = _draw(scores[row], wish, self.draws[row])
                scores[row] = -float("inf")
                scores[row, token] = 0.0
        return scores

    def note(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        """Take the newest token of every row; True for rows that are over."""
        import torch

        for row, token in enumerate(input_ids[:, -1].tolist()):
            if not self.answers[row].finish:
                self._take(row, token)
        return torch.tensor([bool(answer.finish) for answer in self.answers], device=input_ids.device)

    def _take(self, row: int, token: int) -> None:
        answer, wish, text = self.answers[row], self.wishes[row], self.texts[row]
        answer.tokens.append(token)
        self._keep_chance(row, token)
        if token == self.end:
            new, answer.finish = text.finish(), "stop"
        else:
            new = text.add(token)
            if text.stopped:
                answer.finish = "stop"
            elif len(answer.tokens) >= wish.max_tokens:
                new, answer.finish = new + text.finish(), "length"
        answer.text = text.told
        if self.hear is not None and not self.hear(row, new, answer):
            answer.finish = answer.finish or "cancelled"

    def _keep_chance(self, row: int, token: int) -> None:
        logprobs, count = self.chances[row], self.wishes[row].top
        if logprobs is None or count is None:
            return
        best = logprobs.topk(min(count, len(logprobs)))
        top = tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True))
        self.answers[row].chances.append(TokenChance(token, float(logprobs[token]), top))


def _draw(scores: Tensor, wish: Wish, generator: Any) -> int:
    """Draw a token on the processor, so that a seed means the same on every device."""
    import torch

    shares = (scores.double().cpu() / wish.temperature).softmax(-1)
    ordered, places = shares.sort(descending=True, stable=True)
    kept = ordered.cumsum(-1) - ordered < wish.top_p
    kept[0] = True
    drawn = torch.multinomial(ordered * kept, 1, generator=generator)
    return int(places[drawn])
