"""A server that speaks the protocol and answers by script: for tests, and for trying a command without a model."""

from gmai.llm.fake.script import FAULTS, FakeScript, Rule
from gmai.llm.fake.server import FakeServer, serve

__all__ = ["FAULTS", "FakeScript", "FakeServer", "Rule", "serve"]
