"""The controlled vocabularies: modalities with their families, clinical tasks, departments, granularities, labels."""

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from gmai.base import from_dict
from gmai.errors import CardError
from gmai.types import Granularity, SourceCard, record

NONE = "none"
"""The department of what belongs to none of the 18."""
Axis = Literal["modality", "task", "department", "granularity"]
_NOT_ASKED = ("Mixed", "Text")
"""Families that are no answer to "which modality?"."""


@record
class TreeLabel:
    """One label of the lexical tree under one modality."""

    modality: str
    label: str
    tasks: tuple[str, ...]
    departments: tuple[str, ...]
    granularities: tuple[Granularity, ...]


@record
class Node:
    """A node of a tree, with its count and the nodes below it."""

    name: str
    count: int
    children: tuple["Node", ...] = ()


@record
class Lexicon:
    """The vocabularies; use :func:`read_lexicon`."""

    families: tuple[str, ...]
    modalities: dict[str, str]
    """Name to family: the 38 of GMAI-MMBench."""
    other_modalities: dict[str, str]
    """Name to family: modalities that GMAI-MMBench lacks."""
    tasks: dict[str, str]
    """Name to abbreviation."""
    departments: dict[str, str]
    """Name to abbreviation, without ``none``."""
    granularities: dict[str, str]
    """Short name to the name GMAI-MMBench uses, such as ``box: Box Level``."""
    labels: tuple[TreeLabel, ...] = ()

    def family(self, modality: str) -> str:
        """The family of a modality, such as ``MR`` of ``T2 MRI``.

        Raises:
            CardError: unknown modality, with near misses.
        """
        families = {**self.modalities, **self.other_modalities}
        check_term(modality, families, "modality", "modality")
        return families[modality]

    def modality_pool(self, present: Iterable[str], at_least: int = 4) -> tuple[str, ...]:
        """Modalities to choose from when one is asked for: those present, then one of each further family.

        No two families are named twice by the filling, so that no filled-in option is right beside another. Present
        modalities of one family are all kept: whoever draws distractors leaves out those of the answer's family.
        """
        pool = [name for name in sorted(set(present)) if self.family(name) not in _NOT_ASKED]
        taken = {self.family(name) for name in pool}
        for family, name in _USUAL.items():
            if len(taken) >= at_least:
                break
            if family not in taken:
                pool.append(name)
                taken.add(family)
        return tuple(pool)

    def check_card(self, card: SourceCard) -> None:
        """Check that modality, department and tasks of a card are terms of the lexicon.

        Raises:
            CardError: an unknown term, where it stands, and near misses.
        """
        where = f"card {card.name}"
        check_term(card.modality, [*self.modalities, *self.other_modalities], "modality", f"{where}: modality")
        check_term(card.department, [*self.departments, NONE], "department", f"{where}: department")
        for kind, task in card.tasks.items():
            check_term(task, [*self.tasks, NONE], "task", f"{where}: tasks.{kind}")

    def tree(self, axis: Axis) -> Node:
        """The labels of the tree under the names of one axis; a node's count is its number of distinct labels."""
        by_name: dict[str, list[TreeLabel]] = {name: [] for name in self._names(axis)}
        for label in self.labels:
            for name in _axis_names(label, axis):
                by_name[name].append(label)
        children = tuple(_node(name, by_name[name]) for name in by_name)
        return Node(name=axis, count=len({label.label for label in self.labels}), children=children)

    def _names(self, axis: Axis) -> list[str]:
        names: Mapping[Axis, Iterable[str]] = {
            "modality": self.modalities,
            "task": self.tasks,
            "department": [*self.departments, NONE],
            "granularity": self.granularities,
        }
        return list(names[axis])


_USUAL = {
    "CT": "CT",
    "MR": "MRI",
    "X-Ray": "X-ray",
    "Ultrasound": "UltraSound",
    "Fundus": "Fundus Photography",
    "Pathology": "Histopathology",
    "Endoscopy": "Endoscopy",
    "Dermoscopy": "Dermoscopy",
    "OCT": "OCT",
    "Microscopy": "Microscopy",
}
"""The usual modality of each family, commonest family first: what fills up a pool of modalities."""


@cache
def read_lexicon() -> Lexicon:
    """Read the vocabularies and the tree that ship with the package."""
    folder = files("gmai.lexicon")
    vocabulary = yaml.safe_load((folder / "vocabulary.yaml").read_text(encoding="utf-8"))
    table = csv.DictReader(io.StringIO((folder / "tree.tsv").read_text(encoding="utf-8")), delimiter="\t")
    parted = ("tasks", "departments", "granularities")
    labels = [{**row, **{name: row[name].split("|") for name in parted}} for row in table]
    return from_dict(Lexicon, {**vocabulary, "labels": labels}, where="lexicon")


def check_term(term: str, known: Iterable[str], what: str, where: str = "") -> None:
    """Check that ``term`` is one of ``known``.

    Raises:
        CardError: it is not; near misses are given, or all that is known.
    """
    names = list(known)
    if term in names:
        return
    folded = {name.casefold(): name for name in names}
    near = [folded[name] for name in difflib.get_close_matches(term.casefold(), folded, n=3)]
    fix = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
    raise CardError(f"unknown {what} {term!r}", where=where, fix=fix, reason=f"lexicon.{what}")


def _axis_names(label: TreeLabel, axis: Axis) -> Iterable[str]:
    names: Mapping[Axis, Iterable[str]] = {
        "modality": (label.modality,),
        "task": label.tasks,
        "department": label.departments,
        "granularity": label.granularities,
    }
    return names[axis]


def _node(name: str, labels: list[TreeLabel]) -> Node:
    counts = Counter(label.label for label in labels)
    return Node(name=name, count=len(counts), children=tuple(Node(name=leaf, count=counts[leaf]) for leaf in counts))
