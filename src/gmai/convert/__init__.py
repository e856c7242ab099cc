"""Samples to conversations: templates filled from facts, every fact from an annotation."""

from gmai.convert.checks import GroundingError
from gmai.convert.config import ConvertConfig
from gmai.convert.job import convert, make_conversations

__all__ = [
    "ConvertConfig",
    "GroundingError",
    "convert",
    "make_conversations",
]
