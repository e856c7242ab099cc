"""Balance: at most so many questions for one answer, right options evenly over the positions, rows in no order."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gmai.base import hash_unit
from gmai.bench.answers import QUESTION
from gmai.bench.candidate import Candidate
from gmai.bench.folding import fold


def drop_foregone(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out the kinds of question to which all held-out pictures of a data set have the same answer.

    They can be answered without looking; so can those that name a label, if it always lies in one place. The modality,
    of which most data sets have one, is asked across data sets.
    """
    answers: dict[tuple[str, str, str], set[str]] = {}
    for candidate in candidates:
        answers.setdefault(_family(candidate), set()).add(fold(candidate.fact.answer))
    return [candidate for candidate in candidates if len(answers[_family(candidate)]) > 1]


def _family(candidate: Candidate) -> tuple[str, str, str]:
    about = "" if candidate.kind == QUESTION else candidate.fact.about
    return candidate.kind, "" if candidate.kind == "modality" else candidate.source, about


def even_replies(candidates: Iterable[Candidate], seed: int) -> list[Candidate]:
    """Keep as many questions answered yes as no: of each data set and, where they name a label, of each label."""
    kept: list[Candidate] = []
    for block in group_by(candidates, lambda c: (c.split, *_family(c), _is_reply(c))):
        if not _is_reply(block[0]):
            kept += block
            continue
        answers = group_by(block, lambda c: fold(c.fact.answer))
        least = min(map(len, answers)) if len(answers) > 1 else 0
        for answer in answers:
            kept += sorted(answer, key=lambda c: hash_unit(seed, "even", *c.key))[:least]
    return kept


def _is_reply(candidate: Candidate) -> bool:
    return {fold(option) for option in (candidate.fact.answer, *candidate.wrong)} == {"yes", "no"}


def cap_labels(candidates: Iterable[Candidate], most: int, seed: int) -> list[Candidate]:
    """Keep at most ``most`` questions of each answer, kind and modality, from as many subjects as there are.

    Subjects take turns: everybody's first question by hash, then everybody's second.
    """
    kept: list[Candidate] = []
    for label in group_by(candidates, lambda c: (c.kind, c.modality, fold(c.fact.answer))):
        turns = [
            (turn, hash_unit(seed, "subject", *subject[0].owner), candidate)
            for subject in group_by(label, lambda c: c.owner)
            for turn, candidate in enumerate(sorted(subject, key=lambda c: hash_unit(seed, "turn", *c.key)))
        ]
        kept += [candidate for *_, candidate in sorted(turns, key=lambda turn: turn[:2])[:most]]
    return kept


def place_answers(candidates: Iterable[Candidate], seed: int) -> dict[tuple[object, ...], int]:
    """Position of the right option for each candidate's key, where one is right.

    In each block of one kind, modality and number of options, positions are dealt out in turn, along the levels and
    the answers: over the block, over each level and over each answer they differ in number by at most one.
    """
    positions = {}
    for block in group_by(candidates, lambda c: (c.kind, c.modality, len(c.wrong) + 1)):
        size = len(block[0].wrong) + 1
        start = int(hash_unit(seed, "start", block[0].kind, block[0].modality, size) * size)
        order = sorted(block, key=lambda c: (c.granularity, fold(c.fact.answer), hash_unit(seed, "place", *c.key)))
        positions.update({c.key: (start + rank) % size for rank, c in enumerate(order)})
    return positions


def place_several(candidates: Iterable[Candidate], seed: int) -> dict[tuple[object, ...], tuple[int, ...]]:
    """Positions of the right options where several may be; no two positions of a block differ by more than one."""
    positions = {}
    for block in group_by(candidates, lambda c: (c.kind, c.modality, len(c.wrong) + len(c.right))):
        used = [0] * (len(block[0].wrong) + len(block[0].right))
        for c in sorted(block, key=lambda c: hash_unit(seed, "place", *c.key)):
            order = sorted(range(len(used)), key=lambda n: (used[n], hash_unit(seed, "letter", *c.key, n)))
            positions[c.key] = tuple(sorted(order[: len(c.right)]))
            for place in positions[c.key]:
                used[place] += 1
    return positions


def shuffle_rows(candidates: Iterable[Candidate], seed: int) -> list[Candidate]:
    """The order of rows: by hash, so that it tells nothing."""
    return sorted(candidates, key=lambda c: (hash_unit(seed, "row", *c.key), c.sample))


def group_by(items: Iterable[Candidate], key: Callable[[Candidate], Any]) -> Sequence[list[Candidate]]:
    """Candidates with the same key together, in order of the keys."""
    groups: dict[Any, list[Candidate]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return [groups[name] for name in sorted(groups)]
