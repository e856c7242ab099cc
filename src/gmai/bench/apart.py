"""No question of a sample gives away the answer to another of its questions.

Whoever holds the public file can put the questions about one picture side by side: "Where does the cyst lie?" answers
"Which finding is present?", and every question but one for the modality names the modality. So of each such pair one
side is asked. Closed questions that people wrote are asked as they are.
"""

from collections.abc import Iterable, Sequence

from gmai.base import hash_unit
from gmai.bench.answers import QUESTION
from gmai.bench.candidate import Candidate
from gmai.bench.folding import fold
from gmai.types import Fact

MODALITY = "modality"
MODALITY_SHARE = 0.2
"""Share of the samples with other questions that are asked for their modality instead."""


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
    asked = {id(a) for a in others for b in others if _names(b.fact, a.fact)}
    naming = {id(a) for a in others for b in others if _names(a.fact, b.fact)}
    dropped = naming if hash_unit(seed, "named or asked", sample) < 0.5 else asked
    return [member for member in others if id(member) not in dropped] + people


def _names(naming: Fact, asked: Fact) -> bool:
    return bool(naming.about) and fold(naming.about) == fold(asked.answer)
