"""gmai's client with its journal on disk, as guided conversion uses it."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.llm import prompts
from gmai.llm import Answer, EndpointConfig, Message, Picture, Request, open_client


def gmai(url: str, count: int, pictures: bool, in_flight: int, folder: Path) -> Iterator[str]:
    """Answers in the questions' order; nothing is held but what is under way."""
    with open_client(EndpointConfig(model="fake", url=url, in_flight=in_flight), folder / "journal.jsonl") as client:
        for outcome in client.ask_all(_request(number, pictures) for number in range(count)):
            assert isinstance(outcome, Answer), outcome
            yield outcome.text


def _request(number: int, pictures: bool) -> Request:
    if not pictures:
        return Request(messages=(Message("user", (prompts.text(number),)),))
    shown = number // prompts.PER_PICTURE
    picture = Picture(f"{shown:064x}", lambda: prompts.picture(shown))
    return Request(messages=(Message("user", (picture, prompts.text(number, 200))),))
