"""Sets of rules by which replies are read, each with the version that goes into a score's identity."""

from dataclasses import dataclass

from gmai.evaluate.grading import Extract
from gmai.evaluate.parsing import EXTRACTOR, extract_choice
from gmai.evaluate.vlmevalkit import VERSION, extract_vlmevalkit


@dataclass(frozen=True)
class Ruleset:
    """How replies are read."""

    version: str
    extract: Extract


GMAI = Ruleset(EXTRACTOR, extract_choice)
VLMEVALKIT = Ruleset(VERSION, extract_vlmevalkit)
