"""Answers that were given elsewhere or before: matched by index, nothing taken for what it is not."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gmai.bench import PublicQuestion, open_table
from gmai.errors import ConfigError
from gmai.evaluate.config import RunConfig
from gmai.evaluate.runners import Keep
from gmai.evaluate.runners.replay_files import CELL, read_replies
from gmai.types import Prediction

logger = logging.getLogger(__name__)


@dataclass
class Replay:
    """Gives the replies of a file again."""

    replies: Mapping[int, str]
    counted: dict[str, Any]

    def answer_each(self, questions: Iterable[PublicQuestion], keep: Keep) -> None:
        """Answer each question that the file has a reply to; the others are counted as unanswered."""
        for place, question in enumerate(questions):
            keep(place, self._answer(question.index))

    def told(self) -> Mapping[str, Any]:
        """How many replies there were, and how many of them belong to no question."""
        return {"replay": self.counted}

    def _answer(self, index: int) -> Prediction:
        reply = self.replies.get(index)
        if reply is None:
            what = "the file has no reply to it"
            return Prediction(index=index, mode="replay", choice=None, reason="replay.missing", error=what)
        return Prediction(index=index, mode="replay", choice=None, text=reply)


def open_replay(config: RunConfig) -> Replay:
    """Read the file whole.

    Raises:
        ConfigError: no file is given, or the options are to be turned.
        FormatError: see :func:`read_replies`.
    """
    if config.replies is None:
        raise ConfigError("no replies to replay", where="replies", fix="give --model replay:FILE")
    if config.circular or config.blind:
        what = "answers that were given before cannot be asked for otherwise"
        raise ConfigError(what, where="circular, blind", fix="leave --circular and --blind out")
    replies = read_replies(config.replies)
    extra = len(set(replies) - set(open_table(config.tsv).indices))
    cut = sum(len(reply) >= CELL for reply in replies.values())
    if extra:
        logger.warning("%d replies belong to no question of the file", extra)
    if cut:
        logger.warning("%d replies are as long as a cell of Excel can be: their ends may be lost", cut)
    return Replay(replies, {"replies": len(replies), "extra": extra, "as_long_as_a_cell": cut})
