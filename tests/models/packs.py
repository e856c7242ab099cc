"""Rows for tests of packing: as in training, and each conversation alone through transformers' own forward."""

from dataclasses import dataclass

import numpy as np
import torch

from gmai.models import Block, LoadedModel, autocast, hidden_states, picture_features, token_losses

TALK = [("Which finding does this picture show?", "nodule"), ("Where?", "upper-left effusion, none of the above")]
MORE = ("Which finding does this X-ray picture show? A: nodule B: effusion", "B: effusion")


@dataclass
class Case:
    """Pictures and the conversations about them; they share the pictures' place."""

    pictures: tuple[np.ndarray, ...] = ()
    talks: tuple[tuple[tuple[str, str], ...], ...] = ((TALK[0],),)


def draw(*sizes: tuple[int, int], seed: int = 0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    return tuple(rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes)


CASES = {
    "text": [Case(), Case(talks=((TALK[1], MORE),))],
    "one picture": [Case(draw((40, 32))), Case(draw((64, 64), seed=1))],
    "many pictures": [Case(draw((40, 32), (33, 70), (32, 32)), ((TALK[0], TALK[1]),)), Case(draw((30, 90), (64, 64)))],
    "several tiles": [Case(draw((64, 96))), Case(draw((128, 40), seed=4), ((MORE,),))],
    "shared picture": [
        Case(draw((50, 90)), ((TALK[0],), (TALK[1],), (MORE, TALK[0]))),
        Case(talks=((MORE,), (TALK[1],))),
    ],
    "all together": [
        Case(draw((40, 32)), ((TALK[0],), (MORE, TALK[1]))),
        Case(),
        Case(draw((64, 100), (30, 30)), ((TALK[1],), (TALK[0],))),
        Case(draw((120, 36), seed=7)),
    ],
}


def answer_block(loaded: LoadedModel, talk) -> Block:
    """A conversation; only answers and their end tokens count."""
    scaffold = loaded.scaffold
    tokens: list[int] = []
    weights: list[float] = []
    for question, answer in talk:
        read = (*(scaffold.next_user if tokens else ()), *scaffold.text(question), *scaffold.ask)
        said = (*scaffold.text(answer), scaffold.end)
        tokens += [*read, *said]
        weights += [0.0] * len(read) + [1.0] * len(said)
    return Block(tuple(tokens), tuple(weights), 0)


def build_row(loaded: LoadedModel, case: Case) -> list[Block]:
    prefix = loaded.prefix(loaded.layouts(case.pictures))
    return [prefix, *(answer_block(loaded, talk) for talk in case.talks)]


def fit_all(loaded: LoadedModel, cases: list[Case]):
    return [loaded.contract.fit(picture, len(case.pictures)) for case in cases for picture in case.pictures]


def packed_losses(loaded: LoadedModel, cases: list[Case], batch=None) -> torch.Tensor:
    batch = batch or loaded.pack([build_row(loaded, case) for case in cases])
    features = picture_features(loaded.model, loaded.contract.normalise(fit_all(loaded, cases)), "fp32")
    return token_losses(loaded.model, batch, features, "fp32")


def packed_logits(loaded: LoadedModel, cases: list[Case], batch=None) -> torch.Tensor:
    """Logits at every predicted place of packed rows."""
    batch = batch or loaded.pack([build_row(loaded, case) for case in cases])
    with torch.inference_mode(), autocast("cpu", "fp32"):
        features = picture_features(loaded.model, loaded.contract.normalise(fit_all(loaded, cases)), "fp32")
        states = hidden_states(loaded.model, batch, features, "fp32")
        return loaded.model.lm_head(states.reshape(-1, states.shape[-1])[batch.where_N])


def single_logits(loaded: LoadedModel, cases: list[Case]) -> tuple[torch.Tensor, torch.Tensor]:
    """The same by transformers' own forward, one conversation of one row at a time; and the tokens to predict."""
    logits, targets = [], []
    for case in cases:
        prefix, *blocks = build_row(loaded, case)
        for block in blocks:
            prompt = [*prefix.tokens, *block.tokens]
            fitted = fit_all(loaded, [case])
            inputs = loaded.inputs([prompt], fitted)
            found = loaded.model(**inputs, use_cache=False).logits[0, :-1]
            chosen = torch.tensor([False] * (len(prefix.tokens) - 1) + [weight > 0 for weight in block.weights])
            logits.append(found[chosen])
            targets.append(torch.tensor(prompt[1:])[chosen])
    return torch.cat(logits), torch.cat(targets)


def gradients(model) -> torch.Tensor:
    """All gradients as one vector; weights without one count as zero."""
    pieces = [torch.zeros_like(w) if w.grad is None else w.grad for w in model.parameters()]
    model.zero_grad(set_to_none=True)
    return torch.cat([piece.flatten() for piece in pieces]).double()
