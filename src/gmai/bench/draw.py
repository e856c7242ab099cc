"""Which options stand beside each other, drawn so that no option is likelier to be right for being there.

An option that is right r times among questions with k options is drawn (k - 1) r times as a wrong one, as far as there
are pictures it is wrong of. So neither how often a text is shown, nor its length, nor its name tells anything.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from gmai.base import hash_unit
from gmai.bench.answers import QUESTION
from gmai.bench.balance import cap_labels, group_by
from gmai.bench.candidate import Candidate
from gmai.bench.config import BenchConfig
from gmai.bench.folding import fold
from gmai.bench.options import SPELLED
from gmai.lexicon import may_be_related, may_both_hold

MOST_SHORT = 0.2
"""If no more than this share of the questions of a block has fewer options than the others, they are not asked."""
LEAST_KEPT = 0.5
"""A larger number of options is worth it if this share of the questions is kept."""
LEAST_SEVERAL = 3
"""A question with several right options has this many or more."""


@dataclass
class Drawn:
    """Candidates with the options they are asked with, and how many were left out."""

    kept: list[Candidate] = field(default_factory=list)
    short: int = 0
    """They have fewer options than the others of their block."""
    uneven: int = 0
    """Their answer is right so often that its name alone would tell."""


def draw_options(candidates: Iterable[Candidate], config: BenchConfig) -> Drawn:
    """Draw the options of all candidates, block by block: split, kind, data set, label that is asked about."""
    drawn = Drawn()
    for block in group_by(candidates, _block):
        if block[0].kind == QUESTION:
            drawn.kept += [
                replace(c, wrong=_shuffled(c.wrong, c, config.seed, "wrong")[: config.options - 1]) for c in block
            ]
            continue
        sizes = {c.key: min(len(c.answers) + len(c.wrong), config.options) for c in block}
        size = _usual_size(sizes.values())
        asked = [c for c in block if sizes[c.key] >= size]
        if block[0].right:
            made = _draw_several(asked, size, config.seed) if size >= LEAST_SEVERAL else []
            even = asked
        else:
            even, size = even_answers(asked, size, config.seed)
            spare = _usual_size(len(c.spare) for c in even) if even else 0
            made = _draw_one(even, size, min(spare, config.options - size), config.seed)
            size += min(spare, config.options - size)
        full = [c for c in made if len(c.wrong) + len(c.answers) == size]
        drawn.short += len(block) - len(asked) + len(even) - len(full)
        drawn.uneven += len(asked) - len(even)
        drawn.kept += full
    return drawn


def even_answers(block: Sequence[Candidate], most: int, seed: int) -> tuple[list[Candidate], int]:
    """Cap the frequent answers of a block so that, with k options, none is right in more than one of k questions.

    The number of options is the largest that keeps half as many questions as the best number does.

    Returns:
        The questions kept, and the number of options.
    """
    counts = Counter(fold(c.fact.answer) for c in block)
    levels = {size: _level(list(counts.values()), size) for size in range(2, most + 1)}
    kept = {size: sum(min(n, level) for n in counts.values()) for size, level in levels.items()}
    enough = max(kept.values(), default=0) * LEAST_KEPT
    size = max((size for size in kept if kept[size] >= enough), default=most)
    level = levels.get(size, 0)
    return cap_labels(block, level, seed) if level else [], size


def _level(counts: Sequence[int], size: int) -> int:
    """The largest cap at which no answer is more than one in ``size`` of what is left."""
    level = max(counts, default=0)
    while level and level * size > sum(min(count, level) for count in counts):
        level -= 1
    return level


def _block(c: Candidate) -> tuple[Any, ...]:
    source = "" if c.kind == "modality" else c.source
    return c.split, c.kind, c.modality if source else "", source, c.fact.about, c.granularity != "image"


def _usual_size(sizes: Iterable[int]) -> int:
    """The largest number of options that nearly all candidates of a block can have."""
    ordered = sorted(sizes)
    return ordered[int(MOST_SHORT * len(ordered))]


def _draw_one(block: Sequence[Candidate], size: int, more: int, seed: int) -> list[Candidate]:
    """Options of which one is right: ``size`` of the data set's own, and ``more`` of others."""
    right = Counter(fold(c.fact.answer) for c in block)
    shown: Counter[str] = Counter()
    drawn = []
    for c in sorted(block, key=lambda c: hash_unit(seed, "draw", *c.key)):
        order = sorted(
            _shuffled(c.wrong, c, seed, "wrong"), key=lambda text: shown[fold(text)] - right[fold(text)] * (size - 1)
        )
        own = _compatible(c, order, size - 1)
        shown.update(map(fold, own))
        wrong = _compatible(c, (*own, *_shuffled(c.spare, c, seed, "spare")), size - 1 + more)
        drawn.append(replace(c, wrong=_shuffled(wrong, c, seed, "shown"), spare=()))
    return drawn


def _draw_several(block: Sequence[Candidate], size: int, seed: int) -> list[Candidate]:
    """Options with one or more right ones: as many questions with each number, each text right as often as wrong."""
    numbers: Counter[int] = Counter()
    lead: Counter[str] = Counter()
    drawn = []
    for c in sorted(block, key=lambda c: (len(c.right), hash_unit(seed, "draw", *c.key))):
        most = min(len(c.right), size - 1)
        least = max(1, size - len(c.wrong))
        if least > most:
            continue
        number = min(range(least, most + 1), key=lambda n: (numbers[n], hash_unit(seed, "number", *c.key, n)))
        right = sorted(_shuffled(c.right, c, seed, "right"), key=lambda text: lead[fold(text)])[:number]
        order = sorted(_shuffled(c.wrong, c, seed, "wrong"), key=lambda text: -lead[fold(text)])
        wrong = _compatible(c, order, size - number)
        if len(wrong) < size - number:
            continue
        numbers[number] += 1
        lead.update(map(fold, right))
        lead.subtract(map(fold, wrong))
        drawn.append(replace(c, wrong=_shuffled(wrong, c, seed, "shown"), right=tuple(right)))
    return drawn


def _compatible(c: Candidate, order: Iterable[str], most: int) -> list[str]:
    """The first of an order that exclude each other: of two that mean the same, both are known to be wrong."""
    chosen: list[str] = []
    spare = set(c.spare)
    for text in order:
        if len(chosen) == most:
            break
        clash = may_be_related if text in spare else may_both_hold
        if c.kind in SPELLED or not any(clash(text, other, c.modality) for other in chosen):
            chosen.append(text)
    return chosen


def _shuffled(texts: Iterable[str], c: Candidate, seed: int, use: str) -> tuple[str, ...]:
    """Texts in an order that seed, question and use decide, wherever they came from."""
    order = sorted(texts)
    Random(f"{seed}|{use}|{c.key}").shuffle(order)
    return tuple(order)
