"""The same questions as others put them, each in an environment of its own; nothing of gmai is imported.

All keep answers in memory or in files of their own, as they do by default; they yield them in the questions' order.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.llm import prompts


def openai(url: str, count: int, pictures: bool, in_flight: int, folder: Path) -> Iterator[str]:
    """OpenAI's own client: all questions gathered behind a semaphore, nothing kept on disk."""
    from openai import AsyncOpenAI

    async def everything() -> list[str]:
        gate = asyncio.Semaphore(in_flight)
        async with AsyncOpenAI(base_url=url, api_key="none") as client:

            async def one(number: int) -> str:
                async with gate:
                    asked: Any = prompts.messages(number, pictures)
                    answer = await client.chat.completions.create(model="fake", messages=asked, **SAMPLING)
                    return answer.choices[0].message.content or ""

            return await asyncio.gather(*map(one, range(count)))

    yield from asyncio.run(everything())


SAMPLING: dict[str, Any] = {"temperature": 0.0, "max_tokens": 1024, "seed": 0}


def litellm(url: str, count: int, pictures: bool, in_flight: int, folder: Path) -> Iterator[str]:
    """LiteLLM the same way."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm as library

    library.suppress_debug_info = True

    async def everything() -> list[str]:
        gate = asyncio.Semaphore(in_flight)

        async def one(number: int) -> str:
            async with gate:
                answer = await library.acompletion(
                    model="openai/fake",
                    messages=prompts.messages(number, pictures),
                    api_base=url,
                    api_key="none",
                    **SAMPLING,
                )
                return answer.choices[0].message.content or ""

        return await asyncio.gather(*map(one, range(count)))

    yield from asyncio.run(everything())


def aiohttp(url: str, count: int, pictures: bool, in_flight: int, folder: Path) -> Iterator[str]:
    """A plain script over aiohttp: no journal, no checks, no second try."""
    import aiohttp as library

    async def everything() -> list[str]:
        gate = asyncio.Semaphore(in_flight)
        async with library.ClientSession(connector=library.TCPConnector(limit=0)) as session:

            async def one(number: int) -> str:
                async with gate:
                    body = {"model": "fake", "messages": prompts.messages(number, pictures), **SAMPLING}
                    async with session.post(f"{url}/chat/completions", json=body) as reply:
                        return (await reply.json())["choices"][0]["message"]["content"]

            return await asyncio.gather(*map(one, range(count)))

    yield from asyncio.run(everything())


def datatrove(url: str, count: int, pictures: bool, in_flight: int, folder: Path) -> Iterator[str]:
    """Datatrove's inference step with a server elsewhere, its requests over plain HTTP; no checkpoints."""
    yield from _datatrove(url, count, pictures, in_flight, folder, None)


def datatrove_checkpoints(url: str, count: int, pictures: bool, in_flight: int, folder: Path) -> Iterator[str]:
    """The same with checkpoints, its way of going on after a kill."""
    yield from _datatrove(url, count, pictures, in_flight, folder, folder / "checkpoints")


def _datatrove(
    url: str, count: int, pictures: bool, in_flight: int, folder: Path, checkpoints: Path | None
) -> Iterator[str]:
    import gzip
    import json

    from datatrove.data import Document
    from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
    from datatrove.pipeline.writers import JsonlWriter

    async def rollout(document: Any, generate: Any) -> str:
        answer = await generate({"messages": prompts.messages(int(document.id), pictures), **SAMPLING})
        return answer.text

    config = InferenceConfig(
        server_type="endpoint", endpoint_url=url.removesuffix("/v1"), model_name_or_path="fake",
        max_concurrent_generations=in_flight,
    )  # fmt: skip
    name = "${rank}_chunk_${chunk_index}.jsonl.gz" if checkpoints else "${rank}.jsonl.gz"
    runner = InferenceRunner(
        rollout, config, JsonlWriter(str(folder / "out"), output_filename=name),
        checkpoints_local_dir=str(checkpoints) if checkpoints else None,
    )  # fmt: skip
    runner.run((Document(text=".", id=str(number)) for number in range(count)), 0, 1)
    found = {}
    for path in (folder / "out").rglob("*.gz"):
        for line in gzip.open(path, "rt"):
            row = json.loads(line)
            found[int(row["id"])] = row["metadata"]["rollout_results"][0]
    yield from (found[number] for number in range(count))


def curator(url: str, count: int, pictures: bool, in_flight: int, folder: Path) -> Iterator[str]:
    """Bespoke Labs' curator; tiktoken, whose tables it would load from the network, counts four bytes a token here."""
    os.environ.update(CURATOR_CACHE_DIR=str(folder), TELEMETRY_ENABLED="false", CURATOR_DISABLE_RICH_DISPLAY="1",
                      OPENAI_API_KEY="none", LITELLM_LOCAL_MODEL_COST_MAP="True", HF_HOME=str(folder))  # fmt: skip
    import tiktoken

    class Bytes:
        def encode(self, text: str, **_: Any) -> range:
            return range(len(text) // 4)

    tiktoken.get_encoding = lambda _: Bytes()
    from bespokelabs import curator as library

    class Asker(library.LLM):
        def prompt(self, row: dict[str, Any]) -> Any:
            return prompts.messages(row["number"], pictures)

        def parse(self, row: dict[str, Any], response: str) -> dict[str, Any]:
            return {"number": row["number"], "text": response}

    most = {"max_requests_per_minute": 10**7, "max_tokens_per_minute": 10**10, "max_concurrent_requests": in_flight}
    asker = Asker(
        model_name="fake", backend="openai", generation_params=SAMPLING, backend_params={"base_url": url, **most}
    )
    answers = asker([{"number": number} for number in range(count)])
    rows = sorted(getattr(answers, "dataset", answers), key=lambda row: row["number"])
    yield from (row["text"] for row in rows)
