"""Attacks subjects in child processes, goes on after one dies, and adds up what came of it.

python tests/fuzz/siege.py [--count 10000] [--first 0] [--out out/fuzz] [SUBJECT ...]
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from subjects import SUBJECTS  # noqa: E402

MOST_DEATHS = 200


def besiege(name: str, first: int, count: int, out: Path) -> Counter[str]:
    """Outcomes of ``count`` damaged inputs of one subject; a death of the process is the outcome ``death (signal)``."""
    path = out / f"{name.replace(' ', '-')}.jsonl"
    path.unlink(missing_ok=True)
    found: Counter[str] = Counter()
    following, deaths = first, 0
    while following < first + count:
        left = first + count - following
        command = [sys.executable, str(HERE / "attack.py"), name, str(following), str(left), str(path)]
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        done = read_outcomes(path)
        if ended.returncode == 0:
            break
        if ended.returncode > 0:
            raise SystemExit(f"{name}: {ended.stderr.decode()[-2000:]}")
        following = max(done, default=following - 1) + 2
        found[f"death ({-ended.returncode}) at {following - 1}"] += 1
        deaths += 1
        if deaths > MOST_DEATHS:
            raise SystemExit(f"{name}: more than {MOST_DEATHS} deaths")
    for outcomes in read_outcomes(path).values():
        found.update(outcomes)
    return found


def read_outcomes(path: Path) -> dict[int, list[str]]:
    """Outcomes by index."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {index: outcomes for _, index, outcomes in map(json.loads, lines)}


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(SUBJECTS))
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "out/fuzz")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for name in given.names:
        found = besiege(name, given.first, given.count, given.out)
        sys.stdout.write(json.dumps([name, given.count, dict(found.most_common())], ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
