"""Conversations written by a model about the facts it is given, each held against those facts before it is kept."""

from gmai.convert.guided.config import GuidedConfig
from gmai.convert.guided.gates import GATES
from gmai.convert.guided.ground import Ask
from gmai.convert.guided.job import convert_guided
from gmai.convert.guided.judge import Verdict, judge_reply

__all__ = ["GATES", "Ask", "GuidedConfig", "Verdict", "convert_guided", "judge_reply"]
