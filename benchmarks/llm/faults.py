"""What becomes of faults: of servers, met by the client, and of texts, met by the gates of guided conversion.

    python -m benchmarks.llm.faults [RAW …] [--count 1000] [--seed 0] [--only gates|server] [--show 3]

Clean answers are written in two languages about drawn phantoms and the samples of RAW folders (``gmai source ingest``)
by the sentences of ``tests/llm/spoken``, which knows nothing of the gates; known mistakes are put into those that the
gates accept. Of the faults of a server, every question meets one before it is answered.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/llm"))

from spoken.cases import ingest_phantoms, read_cases, write_answers  # noqa: E402
from spoken.contents import ended  # noqa: E402
from spoken.faults import FAULTS, Reply  # noqa: E402
from spoken.writer import MORE, WORDS, Written  # noqa: E402

import gmai.llm.client as client_module  # noqa: E402
from gmai.convert.guided import Ask, Verdict, judge_reply  # noqa: E402
from gmai.llm import Answer, Client, EndpointConfig, FakeScript, FakeServer, Message, Request  # noqa: E402

PATIENTS = {"ct": 8, "xray": 12, "histology": 12, "fundus": 12, "ultrasound": 12}
SERVER = ("rate_limited", "server", "unavailable", "hang", "drip", "disconnect", "not_json", "half_body")
WORDINGS = {"first": WORDS, "other": MORE}
NAMES = {"en": "English", "zh": "Chinese"}


def judge(written: Written, reply: Reply) -> Verdict:
    """What the gates say of a reply to the same question."""
    case = written.case
    ask = Ask(case.target or "f1", case.options)
    more: dict[str, Any] = {"sample": case.sample, "tongue": case.tongue, "ask": ask}
    return judge_reply(reply, case.facts, case.task, case.language, **more)  # type: ignore[arg-type]


def spoil(cases: Sequence[Any], fault: str, count: int, seed: int) -> Iterator[tuple[Written, Reply]]:
    """So many clean answers that the gates accept, each with a mistake put in."""
    draw, made = Random(f"{fault} {seed}"), 0
    for written in write_answers(cases, 100 * count, seed):
        if made == count:
            return
        reply = FAULTS[fault](written, draw)
        if reply is not None and judge(written, written.reply).accepted:
            made += 1
            yield written, reply


def show_clean(cases: Sequence[Any], language: str, count: int, seed: int, shown: int, wording: str) -> None:
    """How many clean answers are refused, in all and by what is in them."""
    refused: Counter[str] = Counter()
    met: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    told = []
    for written in write_answers(cases, count, seed, WORDINGS[wording]):
        verdict = judge(written, written.reply)
        traits = ("all", *written.traits, *(() if "synonym" in written.traits else ("no synonym",)))
        met.update(traits)
        if not verdict.accepted:
            refused.update(traits)
            reasons.update(verdict.reasons[:1])
            told.append(verdict.told)
    shares = ", ".join(f"{name} {refused[name]}/{met[name]}" for name in sorted(met) if name != "all")
    line = f"{NAMES[language]}, {wording} sentences: {refused['all']} of {met['all']} clean answers refused"
    print(f"{line} ({refused['all'] / met['all']:.1%}); {_told(reasons)}\n  with {shares}", flush=True)
    print("".join(f"  refused: {each}\n" for each in told[:shown]), end="")


def show_gates(cases: dict[str, Sequence[Any]], count: int, seed: int, shown: int, chosen: Sequence[str] = ()) -> None:
    """The table of mistakes in texts."""
    print(
        "| mistake | English: n | caught | passed | Chinese: n | caught | passed | first reason |\n|---|" + "---|" * 7
    )
    for fault in chosen or FAULTS:
        cells, reasons, passed = [], Counter[str](), []
        for language in cases:
            caught, n = 0, 0
            for written, reply in spoil(cases[language], fault, count, seed):
                verdict = judge(written, reply)
                n += 1
                caught += not verdict.accepted
                reasons.update(verdict.reasons[:1])
                if verdict.accepted:
                    passed.append(reply)
            cells.append(f"{n:,} | {caught:,} | {n - caught}")
        print(f"| {fault} | {' | '.join(cells)} | {_told(reasons)} |", flush=True)
        print("".join(f"  passed: {each}\n" for each in passed[:shown]), end="")


def show_unseen(cases: dict[str, Sequence[Any]], count: int, seed: int) -> None:
    """Claims of a list that was made after the gates: how many of them pass."""
    print(
        "\n| claims of another list | English: n | caught | passed | Chinese: n | caught | passed |\n|---|" + "---|" * 6
    )
    for name, joint in (("behind a comma", ""), ("without a comma", " ")):
        cells = []
        for language, found in cases.items():
            draw, n, passed = Random(seed), 0, 0
            for written in write_answers(found, 10 * count, seed):
                if n < count and judge(written, written.reply).accepted:
                    n += 1
                    number, place, said = draw.choice(list(written.sentences()))
                    claim = draw.choice(MORE[language].CLAIMS)
                    claim = claim.replace(", ", joint).replace("，", "") if joint else claim
                    spoilt = written.with_said(number, place, ended(said, claim))
                    passed += judge(spoilt, spoilt.reply).accepted
            cells.append(f"{n:,} | {n - passed:,} | {passed}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _told(reasons: Counter[str]) -> str:
    return ", ".join(f"{name.removeprefix('guided.')} {number:,}" for name, number in reasons.most_common(4))


def show_server(count: int) -> None:
    """The table of faults of servers: every question meets the fault once."""
    client_module.FIRST_WAIT_S = 0.01
    print(
        "| fault of the server | questions | met | tried again as | answered rightly | lost or wrong |\n|---|"
        + "---|" * 5
    )
    for fault in SERVER:
        script = FakeScript(faults={fault: 1.0}, drip_ms=30)
        with FakeServer(script) as server:
            config = EndpointConfig(model="fake", url=server.url, timeout_s=1.0, attempts=10)
            with Client(config) as client:
                asked = (Request(messages=(Message("user", (f"question {n}",)),)) for n in range(count))
                outcomes = list(client.ask_all(asked))
            right = sum(
                isinstance(outcome, Answer) and outcome.text == f"You asked: question {n}"
                for n, outcome in enumerate(outcomes)
            )
            retries = ", ".join(f"{name} {number:,}" for name, number in client.ledger.retries.items())
            line = f"{count:,} | {server.counts[fault]:,} | {retries} | {right:,} | {count - right}"
            print(f"| {fault}: {_meaning(fault)} | {line} |", flush=True)


def _meaning(fault: str) -> str:
    from gmai.llm import FAULTS as MEANINGS

    return MEANINGS[fault].replace("``", "")


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.llm.faults")
    parser.add_argument("raw", nargs="*", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("gates", "server"))
    parser.add_argument("--mistakes", nargs="+", choices=tuple(FAULTS), default=())
    parser.add_argument("--show", type=int, default=0, help="examples of what passed or was wrongly refused")
    given = parser.parse_args(arguments)
    if given.only != "gates":
        show_server(given.count)
    if given.only != "server":
        with tempfile.TemporaryDirectory() as folder:
            raws = [*ingest_phantoms(Path(folder), **PATIENTS), *given.raw]
            cases = {language: read_cases(raws, language) for language in NAMES}
        print(f"\n{sum(map(len, cases.values())):,} cases of {len(raws)} sources\n")
        for language, found in cases.items():
            for wording in WORDINGS:
                show_clean(found, language, given.count, given.seed, given.show, wording)
        print()
        show_gates(cases, given.count, given.seed, given.show, given.mistakes)
        if not given.mistakes:
            show_unseen(cases, given.count, given.seed)


if __name__ == "__main__":
    main(sys.argv[1:])
