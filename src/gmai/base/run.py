"""A run folder: what a command was asked, what it made, and the manifest that is written last.

``run.json`` (config, versions, seconds) tells how; ``stats.json`` and ``rejects.jsonl`` tell what; ``manifest.json``
lists every output file with its hash, and exists only when the run is complete. The run's key is the hash of what can
change its output: the same key continues or reuses the folder, another key is an error.
"""

import logging
import platform
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import gmai
from gmai.base.codec import to_dict
from gmai.base.files import digest, hash_file, read_json, remove_leftovers, write_json
from gmai.errors import ConfigError

logger = logging.getLogger(__name__)
MANIFEST = "manifest.json"
JOIN_S = 1800.0
"""How long one waits for a run to be opened; hashing a large model takes a while."""


class RunFolder:
    """One command's output folder. Use :func:`open_run`."""

    def __init__(self, path: Path, command: str, config: Any, key: str, inputs: Mapping[str, str]) -> None:
        self.path = path
        self.command = command
        self.config = config
        self.key = key
        self.inputs = dict(inputs)
        self._start = time.monotonic()

    @property
    def manifest(self) -> Path:
        """The file that is written last."""
        return self.path / MANIFEST

    @property
    def done(self) -> bool:
        """True if the manifest is there: the run is complete and nothing needs doing."""
        return self.manifest.exists()

    @property
    def work(self) -> Path:
        """Folder for state that only an unfinished run needs; removed after the manifest is written."""
        return self.path / ".work"

    def stats(self) -> dict[str, Any]:
        """The numbers of a finished run."""
        stats: dict[str, Any] = read_json(self.path / "stats.json")
        return stats

    def finish(
        self, stats: Mapping[str, Any], files: Iterable[Path], measured: Mapping[str, Any] | None = None
    ) -> None:
        """Write the numbers, the run's description and, last, the manifest over ``files`` and the numbers.

        Args:
            stats: numbers that are the same whenever the run is repeated.
            files: output files.
            measured: numbers that are not (seconds, memory); they go to ``run.json``.
        """
        write_json(self.path / "stats.json", dict(stats))
        self._write_description("finished", measured)
        outputs = sorted({*files, self.path / "stats.json"})
        listed = {path.relative_to(self.path).as_posix(): hash_file(path) for path in outputs}
        write_json(self.manifest, {"command": self.command, "key": self.key, "files": listed})
        shutil.rmtree(self.work, ignore_errors=True)

    def _write_description(self, state: str, measured: Mapping[str, Any] | None = None) -> None:
        description: dict[str, Any] = {
            "command": self.command,
            "state": state,
            "key": self.key,
            "inputs": self.inputs,
            "config": to_dict(self.config),
            "versions": {"gmai": gmai.__version__, "python": platform.python_version()},
            "git": _git_commit(),
            "seconds": round(time.monotonic() - self._start, 3),
        }
        if measured is not None:
            description["measured"] = dict(measured)
        write_json(self.path / "run.json", description)

    def begin(self) -> None:
        """Write the description of a run that is under way."""
        self._write_description("running")


def open_run(
    path: Path, command: str, config: Any, inputs: Mapping[str, str], *, resume: bool = True, same: Any = None
) -> RunFolder:
    """Open a run folder, new, half done or finished.

    Args:
        path: the folder.
        command: such as ``source ingest``.
        config: the resolved config record, kept in ``run.json``.
        inputs: name to content hash of everything read (see :func:`input_key`).
        resume: False empties the folder first.
        same: what identifies the run, if not the whole config (leave out what cannot change the output).

    Raises:
        ConfigError: the folder holds something else, or the run of another config or input.
    """
    key = _run_key(command, config if same is None else same, inputs)
    if path.exists() and not resume:
        _check_ours(path)
        shutil.rmtree(path)
    if path.exists() and _check_ours(path):
        _check_key(path, key)
    if path.exists():
        remove_leftovers(path)
    run = RunFolder(path, command, config, key, inputs)
    if run.done:
        shutil.rmtree(run.work, ignore_errors=True)
    else:
        run.begin()
    return run


def join_run(
    path: Path, command: str, config: Any, inputs: Mapping[str, str], *, opened: Path, same: Any = None
) -> RunFolder:
    """Take part in a run that another process opens with :func:`open_run`, once it has.

    Args:
        path: the folder.
        command: as it is opened with.
        config: as it is opened with.
        inputs: as it is opened with.
        opened: what the other process makes in the folder after it has opened it; or the run is finished.
        same: as it is opened with.

    Raises:
        ConfigError: the folder holds something else, or nobody opens it.
    """
    key = _run_key(command, config if same is None else same, inputs)
    run = RunFolder(path, command, config, key, inputs)
    start = shown = time.monotonic()
    while not (_holds(path, key) and (run.done or opened.exists())):
        now = time.monotonic()
        if now - start > JOIN_S:
            fix = "start the process with RANK=0 too, with the same command"
            raise ConfigError("nobody has opened the run", where=str(path), fix=fix)
        if now - shown > 30:
            logger.info("waiting until %s is opened", path)
            shown = now
        time.sleep(0.05)
    return run


def _holds(path: Path, key: str) -> bool:
    """True if the folder holds the run of this key.

    Raises:
        ConfigError: it holds another, or something else.
    """
    if not path.exists() or not _check_ours(path):
        return False
    _check_key(path, key)
    found: str = read_json(path / "run.json")["key"]
    return found == key


def _run_key(command: str, same: Any, inputs: Mapping[str, str]) -> str:
    return digest({"command": command, "config": to_dict(same), "inputs": dict(inputs), "version": gmai.__version__})


def _check_key(path: Path, key: str) -> None:
    found = read_json(path / "run.json")
    if found["key"] != key and not _is_bare(path):
        fix = "choose another output folder, or --no-resume to start over"
        raise ConfigError(f"the folder holds another run of {found['command']!r}", where=str(path), fix=fix)


def _is_bare(path: Path) -> bool:
    """True if a run ended before it made anything, as with wrong settings: another may have the folder."""
    return all(entry.name == "run.json" for entry in path.iterdir())


def _check_ours(path: Path) -> bool:
    """True if the folder holds a run; a run killed while it wrote its first file has left that file's beginning."""
    if (path / "run.json").exists():
        return True
    if any(not entry.match(".run.json.*.part") for entry in path.iterdir()):
        raise ConfigError("the folder is not empty and holds no run of gmai", where=str(path), fix="choose another")
    return False


def input_key(path: Path, command: str | None = None) -> str:
    """Content hash of an input: a finished run's manifest, or a single file.

    Args:
        path: the run folder or file.
        command: the command that must have made the folder, such as ``eval run``; None for any.

    Raises:
        ConfigError: a run folder without a manifest (unfinished), nothing there, or the run of another command.
    """
    if path.is_file():
        return hash_file(path)
    manifest = path / MANIFEST
    if not manifest.exists():
        what = "has not finished" if (path / "run.json").exists() else "is no run of gmai"
        raise ConfigError(
            f"{path} {what}", where=str(manifest), fix="run the command that makes it, then this one again"
        )
    found = read_json(manifest)
    if command is not None and found["command"] != command:
        what = f"the folder was made by gmai {found['command']}"
        raise ConfigError(what, where=str(path), fix=f"give an output folder of gmai {command}")
    return digest(found["files"])


def _git_commit() -> str | None:
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() or None
