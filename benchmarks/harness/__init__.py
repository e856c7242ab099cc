"""What an evaluation harness costs beside the model: processor time, wall time and memory, with peers beside.

400 multiple-choice questions with a JPEG of 448 x 448 pixels each, a server in a process of its own that answers after
50 ms, 32 requests under way. A harness is run for one question and for all 400, several rounds in turn; of each number
the smallest is shown, for other work on the machine only ever adds.

``python -m benchmarks harness [--rounds 3] [--peer NAME=COMMAND …] [--overhead] [--journal]``: a peer is one of
``inspect=PYTHON`` (an environment with inspect-ai and openai) and ``vlmevalkit=PYTHON,FOLDER`` (and its checkout).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import contenders, journal
from benchmarks.harness.made import write_questions
from benchmarks.process_tree import Cost, run_measured

QUESTIONS, LATENCY_MS = 400, 50
Command = Callable[[Path, str, Path], tuple[list[str], dict[str, str]]]


class Row(NamedTuple):
    """One harness: the least of each over its rounds."""

    name: str
    first_cpu_s: float
    all_cpu_s: float
    wall_s: float
    peak_mb: float
    accuracy: float

    @property
    def each_ms(self) -> float:
        return 1000 * (self.all_cpu_s - self.first_cpu_s) / (QUESTIONS - 1)


def run(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks harness")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--overhead", action="store_true", help="our own time for 21,281 answers, without a server")
    parser.add_argument("--journal", action="store_true", help="our journal beside a pickle of everything each time")
    given = parser.parse_args(arguments)
    if given.overhead or given.journal:
        journal.run(whole=given.overhead, beside=given.journal)
        return
    with tempfile.TemporaryDirectory() as folder, serving() as url:
        for row in _contest(Path(folder), url, given.rounds, given.peer):
            print(
                f"| {row.name} | {row.first_cpu_s:.2f} | {row.all_cpu_s:.2f} | {row.each_ms:.1f} | "
                f"{row.wall_s:.1f} | {row.peak_mb / 1024:.2f} | {row.accuracy:.4f} |",
                flush=True,
            )


def _contest(folder: Path, url: str, rounds: int, peers: list[str]) -> list[Row]:
    one, many = (write_questions(folder / f"Harness{count}.tsv", count) for count in (1, QUESTIONS))
    commands = {"gmai": contenders.gmai} | dict(contenders.peer(text) for text in peers)
    costs: dict[str, list[tuple[Cost, Cost]]] = {name: [] for name in commands}
    reached: dict[str, float] = {}
    for number in range(rounds):
        for name, command in commands.items():
            outs = [folder / f"{name}-{number}-{count}" for count in (1, QUESTIONS)]
            costs[name].append((_measure(command, one, url, outs[0]), _measure(command, many, url, outs[1])))
            reached[name] = contenders.read_accuracy(name, outs[1])
    return [
        Row(
            name,
            min(first.cpu_s for first, _ in found),
            min(whole.cpu_s for _, whole in found),
            min(whole.seconds for _, whole in found),
            min(whole.peak_mb for _, whole in found),
            reached[name],
        )
        for name, found in costs.items()
    ]


def _measure(command: Command, tsv: Path, url: str, out: Path) -> Cost:
    line, environment = command(tsv, url, out)
    out.mkdir(parents=True)
    (out / "log").touch()
    given = ["env", *(f"{name}={value}" for name, value in environment.items()), *line]
    cost = run_measured([sys.executable, "-c", _QUIET, str(out / "log"), json.dumps(given)])
    if cost.status:
        raise SystemExit(f"{line[0]} failed:\n{(out / 'log').read_text()[-3000:]}")
    return cost


_QUIET = (
    "import json,os,sys; out=os.open(sys.argv[1],os.O_WRONLY); os.dup2(out,1); os.dup2(out,2);"
    "line=json.loads(sys.argv[2]); os.execvp(line[0],line)"
)


@contextmanager
def serving() -> Iterator[str]:
    """The server, in a process of its own; the script answers by the hash of the question's words."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.yaml")
        script.write_text(f"latency_ms: {LATENCY_MS}\nfunction: benchmarks.harness.made:answer\n")
        command = [sys.executable, "-u", "-m", "gmai", "llm", "fake", str(script), "--port", "8765"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None and "answers as" in server.stdout.readline()
            contenders.wait_for("http://127.0.0.1:8765/v1/models")
            yield "http://127.0.0.1:8765/v1"
        finally:
            server.terminate()
            server.wait()
