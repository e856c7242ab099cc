"""Damages one subject's files again and again in a process of its own, and writes what came of it line by line.

    python attack.py SUBJECT[|SUBJECT…] FIRST COUNT OUT

A line of OUT is ``[subject, index, outcomes]``: ``sound``, reasons of rejects or of the error, ``nothing`` where
nothing is left to read, or ``BAD …`` for what must never be.
"""

import json
import random
import resource
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(TESTS)]

from mutation import change_for  # noqa: E402
from subjects import SUBJECTS, Subject  # noqa: E402

import make  # noqa: E402
from gmai.annotations import FORMATS, Format, find_reader  # noqa: E402
from gmai.base import from_dict  # noqa: E402
from gmai.errors import GmaiError  # noqa: E402
from gmai.sources.look import build_look  # noqa: E402
from gmai.sources.step import read_items  # noqa: E402
from gmai.types import Reject, SourceCard  # noqa: E402

MOST_S = 5.0
"""Of processor time, so that a busy machine changes no outcome."""
MOST_ASLEEP_S = 60.0
MOST_MEMORY = 1 << 30


class Hang(BaseException):
    """It took too long."""


def guess_options(subject: Subject, root: Path) -> dict:
    """The options with which the subject's format reads its folder: given, or told by the format itself."""
    given = {"labels": {}, "subject": {}, **subject.card}
    if "options" not in given and given["format"] not in {"plain", "class_folders"}:
        format = FORMATS.get(given["format"])
        found = format.detect(root) if isinstance(format, Format) else None
        given["options"] = {} if found is None else found.options
    return given


def outcomes(card: SourceCard, root: Path) -> set[str]:
    """What reading a folder gives: reasons of rejects and errors, or ``sound``."""
    try:
        items = list(find_reader(card.format)(root, card, build_look(root)))
        made = list(read_items(items, root=root, card=card))
    except GmaiError as error:
        return {error.reason if error.message else "BAD error without a message"}
    return {each.reason for each in made if isinstance(each, Reject)} or {"sound" if made else "nothing"}


def attack(name: str, first: int, count: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the index and outcomes of each damaged input."""
    subject = SUBJECTS[name]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        root = Path(folder) / "root"
        root.mkdir()
        subject.write(root)
        card = from_dict(SourceCard, make.card(**guess_options(subject, root)))
        whole = outcomes(card, root)
        if whole != {"sound"}:
            raise SystemExit(f"{name} is not read whole before it is damaged: {sorted(whole)}")
        targets = sorted({path for glob in subject.targets for path in root.glob(glob)})
        assert targets, f"{name} has nothing to damage"
        before = {path: path.read_bytes() for path in targets}
        others = sorted(path for path in Path(folder).rglob("*"))
        for index in range(first, first + count):
            rng = random.Random(f"{name} {index}")
            target = targets[index % len(targets)]
            target.write_bytes(change_for(target.name)(before[target], rng))
            yield index, sorted(_watched(card, root))
            target.write_bytes(before[target])
            if index % 50 == 0 and sorted(path for path in Path(folder).rglob("*")) != others:
                yield index, ["BAD a file appeared"]


def _watched(card: SourceCard, root: Path) -> set[str]:
    signal.setitimer(signal.ITIMER_PROF, MOST_S)
    signal.setitimer(signal.ITIMER_REAL, MOST_ASLEEP_S)
    try:
        return outcomes(card, root)
    except Hang:
        return {f"BAD took longer than {MOST_S:g} s"}
    except MemoryError:
        return {"BAD asked for too much memory"}
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "" if place is None else f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}"
        return {f"BAD {type(error).__name__} at {where}: {str(error)[:100]}"}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _late(*_: object) -> None:
    raise Hang


def _no_network(*_: object, **__: object) -> None:
    raise AssertionError("a reader opened a socket")


def main() -> None:
    """See the module."""
    name, first, count, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    signal.signal(signal.SIGALRM, _late)
    signal.signal(signal.SIGPROF, _late)
    socket.socket.connect = _no_network  # type: ignore[assignment]
    warnings.simplefilter("ignore")
    names = name.split("|")
    with open(out, "a", buffering=1) as lines:
        for each in names:
            limited = False
            for index, found in attack(each, first, count):
                lines.write(json.dumps([each, index, found]) + "\n")
                if not limited:
                    limited = True
                    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
                    resource.setrlimit(resource.RLIMIT_AS, (size + MOST_MEMORY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
