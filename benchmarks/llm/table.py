"""The table of ``python -m benchmarks llm``: ours and the peers in turn, the fake server answering after 100 ms.

    python -m benchmarks llm [--rounds 3] [--count 4000] [--only NAME …] [--rows 100000] [--peers .venv-peers-llm]

The server has a core of its own, those who are measured share the other; each has a process of its own, and peers an
environment of their own (``make bench-peers``). With ``--rows`` the memory of ours for so many questions is measured
too, the server answering at once. All must give the same answers.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PORT = 8763
IN_FLIGHT = 64
LATENCY_MS = 100


@dataclass(frozen=True)
class Contestant:
    """One who is measured: its function, its environment, and what it imports beforehand."""

    name: str
    environment: str = ""
    libraries: str = ""


OURS = Contestant("ours.gmai", "", "gmai.llm.client,aiohttp")
PEERS = (
    Contestant("peers.aiohttp", "aiohttp", "aiohttp"),
    Contestant("peers.datatrove", "datatrove", "datatrove.pipeline.inference.run_inference,httpx"),
    Contestant("peers.openai", "openai", "openai"),
    Contestant("peers.litellm", "litellm", "litellm"),
    Contestant("peers.curator", "curator", ""),
)


@dataclass
class Result:
    """Rounds of one contestant."""

    rounds: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""


@contextmanager
def server(latency_ms: float, core: int) -> Iterator[str]:
    """The fake server in a process of its own."""
    command = [sys.executable, "-m", "gmai", "llm", "fake", "--port", str(PORT), "--set", f"latency_ms={latency_ms}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, {core})
    url = f"http://127.0.0.1:{PORT}/v1"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/models").read()
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()


def measure(one: Contestant, peers: Path, url: str, count: int, kind: str, core: int) -> dict[str, Any]:
    """One round.

    Raises:
        RuntimeError: it failed or took more than five minutes.
    """
    python = peers / one.environment / "bin/python" if one.environment else sys.executable
    command = [str(python), "-m", "benchmarks.llm.contest", one.name, url, str(count), kind, str(IN_FLIGHT)]
    environment = {**os.environ, "CORE": str(core), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [*command, one.libraries], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
        )
        return dict(json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError, FileNotFoundError) as error:
        raise RuntimeError(type(error).__name__) from None


def compete(contestants: list[Contestant], peers: Path, count: int, kind: str, rounds: int) -> dict[str, Result]:
    """All in turn, so many rounds."""
    first, *_, last = sorted(os.sched_getaffinity(0))
    results = {one.name: Result() for one in contestants}
    with server(LATENCY_MS, first) as url:
        for _ in range(rounds):
            for one in contestants:
                if not results[one.name].error:
                    try:
                        results[one.name].rounds.append(measure(one, peers, url, count, kind, last))
                    except RuntimeError as error:
                        results[one.name].error = str(error)
    hashes = {each["hash"] for result in results.values() for each in result.rounds}
    assert len(hashes) == 1, "contestants gave different answers"
    return results


def show(results: dict[str, Result], count: int, kind: str) -> None:
    """The lines of one kind of question."""
    for name, result in results.items():
        called = name.partition(".")[2]
        if result.error:
            print(f"| {kind} | `{called}` | failed: {result.error} | | |")
            continue
        rates = [count / each["wall"] for each in result.rounds]
        cpu = min(each["cpu"] for each in result.rounds) / count * 1000
        memory = max(each["memory_mb"] for each in result.rounds)
        spread = f"{max(rates):,.0f} ({min(rates):,.0f})"
        print(f"| {kind} | `{called}` | {spread} | {cpu:.2f} | {memory:.0f} |", flush=True)


def machine() -> str:
    """Processor and load."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, load {load} (1, 5, 15 minutes), Python {platform.python_version()}"


def main(arguments: list[str]) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks llm")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--only", nargs="+", choices=[one.environment for one in PEERS])
    parser.add_argument("--rows", type=int, default=0, help="measure memory and rate of ours for so many questions")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-peers-llm", help="folder of their environments")
    given = parser.parse_args(arguments)
    chosen = [one for one in PEERS if given.only is None or one.environment in given.only]
    there = [one for one in chosen if (given.peers / one.environment).exists()]
    if len(there) < len(chosen):
        print("some peers are not installed: make bench-peers", file=sys.stderr)
    print(machine() + "\n")
    print("| questions | | best round, requests/s (worst) | processor, ms a request | peak MB |\n|---|---|---|---|---|")
    for kind, count in (("text", given.count), ("pictures", given.count // 2)):
        show(compete([OURS, *there], given.peers, count, kind, given.rounds), count, kind)
    if given.rows:
        first, *_, last = sorted(os.sched_getaffinity(0))
        with server(0, first) as url:
            for kind in ("text", "pictures"):
                result = Result([measure(OURS, given.peers, url, given.rows, kind, last)])
                show({"ours.gmai": result}, given.rows, f"{kind}, {given.rows:,}, no latency")
    print("\n" + machine())


if __name__ == "__main__":
    main(sys.argv[1:])
