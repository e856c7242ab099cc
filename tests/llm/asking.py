"""A run that may be killed in the middle: asks with a journal and writes the answers at the end."""

import sys
from pathlib import Path

from gmai.llm import EndpointConfig, Message, Request, open_client

url, journal, out, count, in_flight = sys.argv[1:]
config = EndpointConfig(model="fake", url=url, in_flight=int(in_flight))
with open_client(config, Path(journal)) as client:
    asked = (Request(messages=(Message("user", (f"question {i}",)),)) for i in range(int(count)))
    Path(out).write_text("".join(f"{answer.text}\n" for answer in client.ask_all(asked)))
