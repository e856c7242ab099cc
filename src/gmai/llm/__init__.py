"""Models behind any OpenAI-compatible address: questions, answers, journal, cost; and a fake server to try them on."""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door
from gmai.llm.client import Client, EndpointConfig, ask_once, open_client
from gmai.llm.journal import Journal
from gmai.llm.ledger import Ledger
from gmai.llm.messages import Answer, Failure, Message, Outcome, Picture, Request, Sampling, Usage
from gmai.llm.structured import Structured, ask_record, find_json, read_record, with_schema

if TYPE_CHECKING:
    from gmai.llm.fake import ANSWERS, FAULTS, FakeScript, FakeServer, Rule, last_words, serve

__all__ = [
    "ANSWERS",
    "Answer",
    "Client",
    "EndpointConfig",
    "FAULTS",
    "Failure",
    "FakeScript",
    "FakeServer",
    "Journal",
    "Ledger",
    "Message",
    "Outcome",
    "Picture",
    "Request",
    "Rule",
    "Sampling",
    "Structured",
    "Usage",
    "ask_once",
    "ask_record",
    "find_json",
    "last_words",
    "open_client",
    "read_record",
    "serve",
    "with_schema",
]

_FAKE = ("ANSWERS", "FAULTS", "FakeScript", "FakeServer", "Rule", "last_words", "serve")
__getattr__ = lazy_door(__name__, dict.fromkeys(_FAKE, "fake"))
