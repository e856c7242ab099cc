"""One reply held against its facts: a pure function of the two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gmai.convert.checks import Problem
from gmai.convert.guided.gates import GATES
from gmai.convert.guided.ground import Ask, Ground, build_ground
from gmai.convert.guided.replies import Exchange, TaskName, read_reply
from gmai.convert.guided.wording import in_own_words
from gmai.convert.guided.wordlists import pattern
from gmai.convert.tongue import Tongue
from gmai.errors import FormatError
from gmai.lexicon import Language
from gmai.types import Fact, Sample

MOST_TOLD = 6
"""Problems that a model is told of at once."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a reply may be used, and everything that speaks against it."""

    problems: tuple[Problem, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    """The reply as it was read; empty where it could not be."""

    @property
    def accepted(self) -> bool:
        """True if no gate found anything."""
        return not self.problems

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons, each once, in the order of the gates, such as ``guided.number``."""
        return tuple(dict.fromkeys(f"guided.{problem.reason}" for problem in self.problems))

    @property
    def told(self) -> str:
        """What is wrong, in words."""
        return "; ".join(problem.detail for problem in self.problems[:MOST_TOLD])


def judge_reply(
    reply: dict[str, Any] | str,
    facts: Sequence[Fact],
    task: TaskName,
    language: Language,
    *,
    sample: Sample | None = None,
    tongue: Tongue | None = None,
    ask: Ask | None = None,
) -> Verdict:
    """Hold a reply against the facts it was to stand on.

    Args:
        reply: what the model answered, as text or as the JSON value in it.
        facts: the facts it was given, in their order: the first is ``f1``.
        task: what it was asked for.
        language: the language it was asked to write.
        sample: the sample the facts are of; its labels may not be named where no fact does.
        tongue: the names in that language; by default the lexicon's.
        ask: of a percept question, the fact that it must ask for and the options it is put with.
    """
    return judge(reply, build_ground(facts, task, language, sample, tongue, ask))


def judge(reply: dict[str, Any] | str, ground: Ground) -> Verdict:
    """Hold a reply against a ground; see :func:`judge_reply`."""
    target = ground.ask.fact if ground.task == "percept" else ""
    try:
        exchanges = read_reply(reply, ground.task, target)
    except FormatError as error:
        refused = isinstance(reply, str) and any(pattern("refusal", one).search(reply) for one in ("en", "zh"))
        return Verdict((Problem("refusal" if refused else "schema", error.message),))
    problems = list(GATES["length"](exchanges, ground))  # what is far too long is not read any further
    read = in_own_words(exchanges, ground)
    problems = problems or [problem for gate in GATES.values() for problem in gate(read, ground)]
    return Verdict(tuple(dict.fromkeys(problems)), exchanges)
