"""A server that speaks the protocol and answers by script: for tests, and for trying a command without a model."""

from gmai.llm.fake.script import ANSWERS, FAULTS, FakeScript, Rule, last_words
from gmai.llm.fake.server import FakeServer, serve

__all__ = ["ANSWERS", "FAULTS", "FakeScript", "FakeServer", "Rule", "last_words", "serve"]
