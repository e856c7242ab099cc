"""No question of a sample gives away the answer to another of its questions.

Whoever holds the public file can put the questions about one picture side by side: "Where does the cyst lie?" answers
"Which finding is present?", and every question but one for the modality names the modality. So of each such pair one
side is asked. Closed questions that people wrote are asked as they are.
"""

from collections.abc import Iterable, Sequence

from gmai.base import hash_unit
from gmai.bench.answers import QUESTION
from gmai.bench.candidate import FINDINGS, Candidate
from gmai.bench.folding import fold

MODALITY = "modality"
MODALITY_SHARE = 0.2
"""Share of the samples with other questions that are asked for their modality instead."""
SEVERAL_SHARE = 0.5
"""Share of the samples with several findings that are asked for all of them, and for nothing else."""


def keep_apart(candidates: Iterable[Candidate], seed: int) -> list[Candidate]:
    """Drop one side of every pair that tells; which one is drawn by hash, the same for all pairs of a sample."""
    by_sample: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_sample.setdefault(candidate.sample, []).append(candidate)
    return [kept for sample, members in by_sample.items() for kept in _of_sample(members, sample, seed)]


def _of_sample(members: Sequence[Candidate], sample: str, seed: int) -> list[Candidate]:
    people = [member for member in members if member.fact.kind == QUESTION]
    modality = [member for member in members if member.fact.kind == MODALITY]
    others = [member for member in members if member.fact.kind not in {QUESTION, MODALITY}]
    if modality and (not others or hash_unit(seed, "modality alone", sample) < MODALITY_SHARE):
        return modality + people
    others = _one_of_each_answer(_several_alone(others, sample, seed), sample, seed)
    asked = {id(a) for a in others for b in others if _names(b, a)}
    naming = {id(a) for a in others for b in others if _names(a, b)}
    dropped = naming if hash_unit(seed, "named or asked", sample) < 0.5 else asked
    return [member for member in others if id(member) not in dropped] + people


def _several_alone(others: list[Candidate], sample: str, seed: int) -> list[Candidate]:
    """The question for all findings stands alone, for its options hold the answers to the others."""
    several = [member for member in others if member.kind == FINDINGS]
    rest = [member for member in others if member.kind != FINDINGS]
    if not several or not rest:
        return others
    return several if hash_unit(seed, "several alone", sample) < SEVERAL_SHARE else rest


def _one_of_each_answer(others: list[Candidate], sample: str, seed: int) -> list[Candidate]:
    """Of questions of one kind with one answer, at two levels, one: what the options of both hold is the answer."""
    kept: dict[tuple[str, str, str], Candidate] = {}
    for member in sorted(others, key=lambda c: hash_unit(seed, "level", *c.key)):
        kept.setdefault((member.kind, member.fact.about, fold(member.fact.answer)), member)
    chosen = {id(member) for member in kept.values()}
    return [member for member in others if id(member) in chosen]


def _names(naming: Candidate, asked: Candidate) -> bool:
    about = fold(naming.fact.about)
    return bool(about) and any(about == fold(answer) for answer in asked.answers)
