"""The controlled vocabularies: modalities with their families, clinical tasks, departments, granularities, labels."""

import csv
import io
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import yaml

from gmai.base import from_dict
from gmai.lexicon.names import What, name_of, plural_of
from gmai.lexicon.near import check_term
from gmai.lexicon.terms import Language
from gmai.lexicon.tree import Axis, Node, TreeLabel, build_node
from gmai.types import SourceCard, record

NONE = "none"
"""The department of what belongs to none of the 18."""
_NOT_ASKED = ("Mixed", "Text")
"""Families that are no answer to "which modality?"."""


@record
class Lexicon:
    """The vocabularies; use :func:`read_lexicon`."""

    families: tuple[str, ...]
    """The 13 of GMAI-VL."""
    other_families: tuple[str, ...]
    """Families of what GMAI-VL lacks."""
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
        modalities = [*self.modalities, *self.other_modalities]
        check_term(card.modality, modalities, "modality", f"{where}: modality")
        for said, modality in card.modalities.items():
            check_term(modality, modalities, "modality", f"{where}: modalities.{said}")
        check_term(card.department, [*self.departments, NONE], "department", f"{where}: department")
        for kind, task in card.tasks.items():
            check_term(task, [*self.tasks, NONE], "task", f"{where}: tasks.{kind}")

    def name(self, term: str, language: Language = "en", what: What | None = None, modality: str | None = None) -> str:
        """The name of a term in English or Chinese; see :func:`name_of`."""
        return name_of(term, language, what, modality)

    def plural(self, term: str, language: Language = "en", modality: str | None = None) -> str:
        """The plural of a label's name; see :func:`plural_of`."""
        return plural_of(term, language, modality)

    def tree(self, axis: Axis, *below: Axis) -> Node:
        """The labels of the tree under the names of one axis, or of several one below the other.

        A node's count is its number of distinct labels. ``tree("task", "modality")`` is the published page's order.
        """
        axes = [(one, self._names(one)) for one in (axis, *below)]
        return build_node(axis, self.labels, axes)

    def labels_of(
        self,
        *,
        modality: str | None = None,
        task: str | None = None,
        department: str | None = None,
        granularity: str | None = None,
    ) -> tuple[str, ...]:
        """The distinct labels of the tree that stand at every place given, in the tree's order.

        Raises:
            CardError: a name that its axis does not have.
        """
        wanted: dict[Axis, str | None] = {
            "modality": modality,
            "task": task,
            "department": department,
            "granularity": granularity,
        }
        places = {axis: place for axis, place in wanted.items() if place is not None}
        for axis, place in places.items():
            check_term(place, self._names(axis), axis, axis)
        found = (label for label in self.labels if all(place in label.on(axis) for axis, place in places.items()))
        return tuple(dict.fromkeys(label.label for label in found))

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
