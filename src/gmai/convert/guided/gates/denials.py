"""Gates on denials: nothing is denied that no fact says is absent, and nothing absent is said to be there."""

from collections.abc import Iterator, Sequence

from gmai.convert.checks import Problem
from gmai.convert.guided.clauses import leading_reply, read_clauses
from gmai.convert.guided.ground import Ground
from gmai.convert.guided.replies import Exchange, Sentence, sentences_of


def find_denials(exchanges: Sequence[Exchange], ground: Ground) -> Iterator[Problem]:
    """Findings denied that are there, or that no fact speaks of; absent ones said to be there."""
    if ground.task == "text":
        return
    for sentence in sentences_of(exchanges):
        yield from _leading(sentence, ground)
        gone = {fact.about for fact in ground.given(sentence) if (fact.kind, fact.answer) == ("presence", "no")}
        for clause in read_clauses(sentence.text, ground):
            named = {label for _, label in clause.labels}
            for label in sorted(clause.denied - ground.absent):
                yield Problem("denial.present", f"{label!r} is denied, and no fact says so: {sentence.text!r}")
            for label in sorted((named - clause.denied) & ground.absent):
                yield Problem("denial.absent", f"{label!r} is absent, and said to be there: {sentence.text!r}")
            for label in sorted((clause.denied & ground.absent) - gone):
                yield Problem("reference.missing", f"the absence of {label!r} has no fact given: {sentence.text!r}")
            if clause.denies and not named:
                yield Problem("denial.unnamed", f"something is denied that no fact names: {sentence.text!r}")


def _leading(sentence: Sentence, ground: Ground) -> Iterator[Problem]:
    """A yes or no that begins a sentence must be the answer of a fact it states."""
    said = leading_reply(sentence.text, ground)
    if said and not any(fact.kind == "presence" and fact.answer == said for fact in ground.given(sentence)):
        yield Problem("denial.reply", f"{said!r} is the answer of no fact given: {sentence.text!r}")
