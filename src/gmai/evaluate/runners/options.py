"""What runners that choose one option hold against questions."""

from collections.abc import Sequence

from gmai.bench import PublicQuestion
from gmai.errors import ConfigError


def check_options(questions: Sequence[PublicQuestion], runner: str) -> None:
    """Refuse questions that leave nothing to choose from, or that have more than one right answer.

    Raises:
        ConfigError: with the first one.
    """
    for question in questions:
        if not question.options or question.form == "multiple":
            what = f"runner {runner!r} chooses one of several options"
            fix = "ask with --runner generate, a server or a function"
            raise ConfigError(what, where=f"index {question.index}", fix=fix, reason="eval.form")
