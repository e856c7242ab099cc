"""What a reply is held against before anybody pays for a second opinion: one function a gate, in this order."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from gmai.convert.checks import Problem
from gmai.convert.guided.gates.denials import find_denials
from gmai.convert.guided.gates.names import find_strange_names, find_strange_words, find_unforeseen_words
from gmai.convert.guided.gates.parts import find_unfounded_parts
from gmai.convert.guided.gates.prose import (
    find_echoes,
    find_lengths,
    find_markup,
    find_repetitions,
    find_wrong_language,
)
from gmai.convert.guided.gates.questions import find_leaks, find_wrong_letters, find_wrong_targets
from gmai.convert.guided.gates.references import find_gaps, find_wrong_references
from gmai.convert.guided.gates.source import find_departures
from gmai.convert.guided.gates.values import find_strange_numbers, find_strange_sides
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange

Gate = Callable[[Sequence[Exchange], Ground], Iterator[Problem]]
GATES: Mapping[str, Gate] = {
    "length": find_lengths,
    "markup": find_markup,
    "language": find_wrong_language,
    "echo": find_echoes,
    "repetition": find_repetitions,
    "reference": find_wrong_references,
    "target": find_wrong_targets,
    "name": find_strange_names,
    "description": find_strange_words,
    "word": find_unforeseen_words,
    "part": find_unfounded_parts,
    "denial": find_denials,
    "side": find_strange_sides,
    "number": find_strange_numbers,
    "leak": find_leaks,
    "letter": find_wrong_letters,
    "gap": find_gaps,
    "source": find_departures,
}
"""Every gate by its name; a reply passes all of them or is rejected with all that they found."""

__all__ = ["GATES", "Gate"]
