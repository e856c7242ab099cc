"""The section that says how everything was made: every run with its command, versions, inputs and whole config."""

import os
from collections.abc import Sequence
from typing import Any

from gmai.base import dumps
from gmai.report import Fold, Section, folds, paragraph, plural
from gmai.story.runs import Found, Run


def build_runs_section(found: Found) -> Section:
    """Section of run identities; folders are written below the one that holds them all."""
    root = _common_root(found.runs)
    items = [_fold(run, root) for run in found.runs]
    body = folds(items)
    if found.unfinished:
        body += paragraph(f"Not finished and so not used: {', '.join(found.unfinished)}.")
    lead = (
        f"{plural(len(found.runs), 'run')}. A run's key is the hash of all that can change its output: the same key "
        "means the same bytes. Open a run to see its config."
    )
    data = [
        {"label": run.label, "command": run.command, "key": run.key, "versions": dict(run.versions), "git": run.git}
        for run in found.runs
    ]
    return Section("runs", "How it was made", body, lead, {"runs": data, "unfinished": list(found.unfinished)})


def _common_root(runs: Sequence[Run]) -> str:
    return os.path.commonpath([run.path.resolve().parent for run in runs])


def _fold(run: Run, root: str) -> Fold:
    facts = [("key", run.key), ("output", run.content)]
    facts += [(name, version) for name, version in run.versions.items()]
    facts += [("git", run.git)] if run.git else []
    facts += [(f"input {name}", content) for name, content in run.inputs.items()]
    text = dumps(_below(run.config, root), indent=True).decode().strip()
    return Fold(f"gmai {run.command}", f"{run.label} · {run.key[:12]}", tuple(facts), text)


def _below(value: Any, root: str) -> Any:
    if isinstance(value, dict):
        return {key: _below(item, root) for key, item in value.items()}
    if isinstance(value, list):
        return [_below(item, root) for item in value]
    if isinstance(value, str) and value.startswith(root + os.sep):
        return value[len(root) + 1 :]
    return value
