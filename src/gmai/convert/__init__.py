"""Samples to conversations: templates filled from facts, or a model held to them; every fact from an annotation."""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door
from gmai.convert.checks import GroundingError
from gmai.convert.config import ConvertConfig
from gmai.convert.job import convert, make_conversations

if TYPE_CHECKING:
    from gmai.convert.guided import Ask, GuidedConfig, Verdict, convert_guided, judge_reply

__all__ = [
    "Ask",
    "ConvertConfig",
    "GroundingError",
    "GuidedConfig",
    "Verdict",
    "convert",
    "convert_guided",
    "judge_reply",
    "make_conversations",
]

__getattr__ = lazy_door(
    __name__, dict.fromkeys(["Ask", "GuidedConfig", "Verdict", "convert_guided", "judge_reply"], "guided")
)
