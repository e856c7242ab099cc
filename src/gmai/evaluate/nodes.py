"""The nodes that answers are scored by: axes, and the subgroups of subjects and pictures."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from gmai.evaluate.grading import Graded
from gmai.types import Question

ALL = "all"
NO_MODALITY = "without modality"
"""Node of ``overall`` that leaves the questions for the modality out: those are easy and many."""
AXES: Mapping[str, Callable[[Question], str]] = {
    "kind": lambda question: question.kind,
    "task": lambda question: question.task,
    "department": lambda question: question.department,
    "modality": lambda question: question.modality,
    "granularity": lambda question: question.granularity,
    "kind x modality": lambda question: f"{question.kind} · {question.modality}",
}
UNKNOWN = "unknown"
"""Node of a subgroup axis for what does not say."""
Nodes = dict[tuple[str, str], list[Graded]]


def find_nodes(answers: Sequence[Graded]) -> Nodes:
    """Answers of every node of every axis: ``overall`` first, then as in :data:`AXES`."""
    nodes: Nodes = {("overall", ALL): list(answers)}
    other = [answer for answer in answers if answer.question.kind != "modality"]
    if 0 < len(other) < len(answers):
        nodes["overall", NO_MODALITY] = other
    for axis, node_of in AXES.items():
        nodes |= _split(axis, answers, node_of)
    return nodes


def find_subgroups(answers: Sequence[Graded]) -> Nodes:
    """Answers of every subgroup, of traits that differ: facets, source and language; unknown is a group of its own."""
    names = sorted({name for answer in answers for name in answer.question.facets})
    found: Nodes = {}
    for name in names:
        found |= _split(f"subgroup {name}", answers, partial(_facet, name))
    found |= _split("subgroup source", answers, lambda question: question.source)
    found |= _split("subgroup language", answers, lambda question: question.language or UNKNOWN)
    several = {axis for axis, _ in found if sum(other == axis for other, _ in found) > 1}
    return {place: group for place, group in found.items() if place[0] in several}


def _facet(name: str, question: Question) -> str:
    return question.facets.get(name) or UNKNOWN


def _split(axis: str, answers: Sequence[Graded], node_of: Callable[[Question], str]) -> Nodes:
    found: Nodes = {}
    for answer in answers:
        found.setdefault((axis, node_of(answer.question)), []).append(answer)
    return dict(sorted(found.items()))
