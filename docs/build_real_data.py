"""Write docs/real-data.md: public sets drafted and read, each by its own card (``--data FOLDER`` holds the sets)."""

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

from gmai.base import JobConfig
from gmai.sources import IngestConfig, InitConfig, ingest, init_source

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/real-data.md"
HEAD = """# Real data

Public sets of every kind, copied without a description, drafted by `gmai source init` and read by the card it wrote.
Changed lines are those that somebody who knows the set writes in place of the draft's; everything else is as drafted.
Accepted and rejected together are what the set holds. Measured by `python docs/build_real_data.py --data FOLDER`; times
are of the processor. `tests/sources/test_pool.py` holds the totals against the sets' own descriptions.

| set | format | changed lines | accepted / rejected / total | reasons | drafted in |
|---|---|---|---|---|---|
"""


def main() -> None:
    """Read every set and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    pool = load_pool()
    data = parser.parse_args().data
    rows = [row(pool, each, data) for each in pool.SETS]
    changes = [len(each.changes) for each in pool.SETS]
    end = f"\n{len(rows)} sets, {sum(changes)} changed lines together, at most {max(changes)} in one.\n"
    PAGE.write_text(HEAD + "\n".join(rows) + "\n" + end, encoding="utf-8")


def load_pool() -> ModuleType:
    """The sets, as the tests know them."""
    spec = importlib.util.spec_from_file_location("pool_sets", ROOT / "tests/pool_sets.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["pool_sets"] = module
    spec.loader.exec_module(module)
    return module


def row(pool: ModuleType, each: object, data: Path) -> str:
    """One set's line of the table, from a real run."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        root = pool.copy_set(data, each, here)
        start = time.process_time()
        (draft,) = init_source(InitConfig(folder=root)).drafts
        seconds = time.process_time() - start
        card = here / "card.yaml"
        card.write_text(pool.change(draft.text, each.changes), encoding="utf-8")
        summary = ingest(IngestConfig(card=str(card), root=root, out=here / "raw", job=JobConfig(workers=2)))
        units = json.loads((here / "raw/stats.json").read_text(encoding="utf-8"))["units"]
    counts = [f"{unit} {n['accepted']} / {n['rejected']} / {n['total']}" for unit, n in units.items()]
    changes = [f"`{line.strip()}`" for line in each.changes] or ["none"]
    reasons = [f"`{reason}` {count}" for reason, count in sorted(summary.reasons.items())]
    cells = (each.title, f"`{draft.format}`", "<br>".join(changes), "<br>".join(counts), "<br>".join(reasons))
    return f"| {' | '.join(cells)} | {seconds:.1f} s |"


if __name__ == "__main__":
    main()
