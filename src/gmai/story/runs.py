"""The runs a report is made from: found in the folders given, known by their command, linked by what they read.

A run's ``inputs`` are content hashes, so which run was made from which is known wherever the folders lie now.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gmai.base import digest, iter_jsonl, read_json
from gmai.errors import ConfigError
from gmai.types import Reject

LINE = (
    *(
        "demo hospital",
        "source ingest",
        "convert",
        "corpus split",
        "corpus stats",
        "bench build",
        "model tiny",
        "train",
    ),
    *("eval run", "eval score", "eval board"),
)
"""Commands in the order of the line; others come after them."""
DEEPEST = 4
"""How many folders below a given one runs are looked for."""


@dataclass(frozen=True)
class Run:
    """One finished run folder."""

    path: Path
    label: str
    """What the user calls it, or else the folder's name below the one given."""
    named: bool
    """True if the user gave the label."""
    command: str
    key: str
    content: str
    """Hash of its outputs, as later runs name it in their inputs."""
    config: Mapping[str, Any]
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    git: str | None
    stats: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    """Output file to its hash."""

    @property
    def contents(self) -> frozenset[str]:
        """Hashes by which later runs may name it: of its outputs, and of its model folder alone."""
        model = {
            name.removeprefix("model/"): content for name, content in self.files.items() if name.startswith("model/")
        }
        return frozenset({self.content, digest(model)} if model else {self.content})

    def rejects(self) -> Iterator[Reject]:
        """What the run left out."""
        path = self.path / "rejects.jsonl"
        if path.exists():
            yield from iter_jsonl(path, Reject)


@dataclass(frozen=True)
class Found:
    """The finished runs, and the labels of those found half done below a given folder."""

    runs: tuple[Run, ...]
    unfinished: tuple[str, ...]


def find_runs(given: Sequence[str]) -> Found:
    """Every run in the folders given, in the order of the line, then as given, then by path.

    Args:
        given: run folders, folders that hold run folders, or ``label=FOLDER``.

    Raises:
        ConfigError: a folder is missing or holds no run, or a run that was given itself is not finished.
    """
    runs: dict[Path, Run] = {}
    unfinished: dict[str, None] = {}
    for text in given:
        label, path = _split_label(text)
        if not path.is_dir():
            raise ConfigError("no such folder", where=str(path), fix="give run folders, or folders that hold them")
        folders = list(_run_folders(path, 0))
        if not folders:
            raise ConfigError("holds no run of gmai", where=str(path), fix="give the output folders of gmai's commands")
        for folder in folders:
            itself = folder == path
            shown = (label or path.resolve().name) if itself else folder.relative_to(path).as_posix()
            if not itself and not _is_finished(folder):
                unfinished[shown] = None
            elif folder.resolve() not in runs or (itself and label):
                runs[folder.resolve()] = _read_run(folder, shown, itself and bool(label))
    places = {command: place for place, command in enumerate(LINE)}
    ordered = sorted(runs.values(), key=lambda run: places.get(run.command, len(LINE)))
    return Found(tuple(ordered), tuple(unfinished))


def _is_finished(folder: Path) -> bool:
    return (folder / "manifest.json").exists()


def _split_label(text: str) -> tuple[str, Path]:
    label, equals, path = text.partition("=")
    if equals and "/" not in label and not Path(text).exists():
        return label, Path(path)
    return "", Path(text)


def _run_folders(folder: Path, depth: int) -> Iterator[Path]:
    if (folder / "run.json").exists():
        yield folder
    if depth < DEEPEST:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith("."))
        for name in names:
            yield from _run_folders(folder / name, depth + 1)


def _read_run(folder: Path, label: str, named: bool) -> Run:
    if not _is_finished(folder):
        fix = "run the command that makes it again, then this one"
        raise ConfigError(f"{folder} has not finished", where=str(folder / "manifest.json"), fix=fix)
    told, manifest = read_json(folder / "run.json"), read_json(folder / "manifest.json")
    return Run(
        path=folder,
        label=label,
        named=named,
        command=told["command"],
        key=told["key"],
        content=digest(manifest["files"]),
        config=told["config"],
        inputs=told["inputs"],
        versions=told["versions"],
        git=told.get("git"),
        stats=read_json(folder / "stats.json"),
        files=manifest["files"],
    )


def of_command(runs: Sequence[Run], command: str) -> list[Run]:
    """The runs of one command."""
    return [run for run in runs if run.command == command]


def find_file(run: Run, runs: Sequence[Run], command: str) -> tuple[Run, str] | None:
    """The run of ``command`` one of whose files ``run`` read, and that file; None if it is not among ``runs``."""
    read = set(run.inputs.values())
    for other in of_command(runs, command):
        for name, content in sorted(other.files.items()):
            if content in read:
                return other, name
    return None
