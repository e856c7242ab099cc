"""Which runs used a corpus: benchmarks, models, predictions, scores, whatever was made from it or from those."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gmai.base import digest, input_key, read_json
from gmai.corpus.corpus import SPLIT, Corpus
from gmai.types import record


@record
class User:
    """A run that used a corpus."""

    path: str
    command: str
    """Such as ``bench build`` or ``train``."""
    via: str
    """Name of the input that led to the corpus."""
    from_path: str
    """The folder that input is, the corpus or another user."""


def find_users(corpus: Corpus, folders: Sequence[Path]) -> list[User]:
    """Every run below some folders that used a corpus, directly or through another run, by path.

    A run tells its inputs by their content, so moved and copied folders are found. A run that used the corpus before it
    was split anew is found only through the corpus' own hash.
    """
    whole = input_key(corpus.folder)
    known = {key: str(corpus.folder) for key in (corpus.key, whole, digest({"corpus": whole}))}
    if corpus.is_split:
        known[input_key(corpus.folder / SPLIT)] = str(corpus.folder / SPLIT)
    runs = [run for folder in folders for run in _iter_runs(folder) if not run[0].is_relative_to(corpus.folder)]
    found: dict[str, User] = {}
    grown = True
    while grown:
        grown = False
        for path, description, key in runs:
            used = next((name for name, value in description["inputs"].items() if value in known), None)
            if used is None or str(path) in found:
                continue
            found[str(path)] = User(
                path=str(path), command=description["command"], via=used, from_path=known[description["inputs"][used]]
            )
            if key:
                known.setdefault(key, str(path))
            grown = True
    return [found[path] for path in sorted(found)]


def _iter_runs(folder: Path) -> Iterator[tuple[Path, dict[str, Any], str]]:
    for path in sorted(folder.rglob("run.json")):
        if ".work" not in path.parts:
            key = input_key(path.parent) if (path.parent / "manifest.json").exists() else ""
            yield path.parent, read_json(path), key
