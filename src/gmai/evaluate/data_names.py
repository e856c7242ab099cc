"""What can stand for questions on the command line: a TSV, a saved cut, a benchmark folder, a data set's name."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gmai.base import iter_jsonl, write_jsonl
from gmai.bench import open_table
from gmai.errors import ConfigError
from gmai.types import Question, Reject

_REJECTS = ".rejects.jsonl"
"""How the name of the file ends that tells why questions are not in a key made here."""


@dataclass(frozen=True)
class Data:
    """Questions as they were named."""

    name: str
    tsv: Path
    """Benchmark file or saved cut."""


def find_data(text: str, benches: Path) -> Data:
    """The questions that a text names; ``FOLDER:VAL`` names one file of a benchmark folder that holds several.

    Args:
        text: path of a TSV, of a cut or of a benchmark folder, or the name of a folder below ``benches``.
        benches: where imported data sets are kept.

    Raises:
        ConfigError: there is no such thing, or a folder of several files without TEST.
    """
    for path, split in _readings(text, benches):
        if path.is_file() and not split:
            inside = path.parent.name == "public"
            return Data(f"{path.resolve().parent.parent.name}_{path.stem}" if inside else path.stem, path)
        if (path / "public").is_dir():
            return _of_folder(path, split)
    name = text.partition(":")[0]
    fix = (
        f"give a TSV, a cut or a benchmark folder; gmai bench import {name} --root FOLDER -o {benches / name} makes one"
    )
    raise ConfigError(f"no questions {text!r}", where=str(benches), fix=fix, reason="eval.no_data")


def _readings(text: str, benches: Path) -> Iterator[tuple[Path, str]]:
    """The text as a path, then as a folder and a file of it, then the same below ``benches``."""
    folder, _, split = text.rpartition(":")
    for root in (Path(), benches):
        yield root / text, ""
        if folder:
            yield root / folder, split


def _of_folder(folder: Path, split: str) -> Data:
    files = {path.stem: path for path in sorted((folder / "public").glob("*.tsv"))}
    chosen = split or (next(iter(files)) if len(files) == 1 else "TEST")
    if chosen not in files:
        known = ", ".join(f"{folder}:{name}" for name in files) or "none"
        raise ConfigError(f"no file {chosen}.tsv", where=str(folder / "public"), fix=f"files: {known}")
    return Data(f"{folder.resolve().name}_{chosen}", files[chosen])


def find_key(data: Data, made: Path) -> Path | None:
    """The key file of the questions; where there is none as such, it is made.

    Args:
        data: the questions.
        made: where the key of a cut is written, or of a file that shows its answers itself.

    Returns:
        None if no answer is known here. Questions without one are told in a file beside: :func:`find_unkeyed`.
    """
    table = open_table(data.tsv)
    keys = [_beside(file.path) for file in table.files]
    if data.tsv.suffix != ".json" and len(keys) == 1 and keys[0]:
        return keys[0]
    files = (data.tsv, *(file.path for file in table.files), *filter(None, keys))
    found, lost = _make_key(data, tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in files))
    if not found:
        return None
    write_jsonl(made, found)
    rejects = made.with_suffix(_REJECTS)
    rejects.unlink(missing_ok=True)
    if lost:
        write_jsonl(rejects, lost)
    return made


@lru_cache(maxsize=4)
def _make_key(data: Data, files: tuple[tuple[Path, int, int], ...]) -> tuple[tuple[Question, ...], tuple[Reject, ...]]:
    """Keys in order of their indices, and why others have none: made once for all models asked in one process.

    Args:
        data: the questions.
        files: all that they come from, each with its size and time.
    """
    from gmai.bench import find_shown_keys  # looks at pictures, which most keys do not need

    table = open_table(data.tsv)
    keys = filter(None, (_beside(file.path) for file in table.files))
    known = {one.index: one for key in keys for one in iter_jsonl(key, Question)}
    shown, lost = find_shown_keys(table, data.name, known=known)
    found = [*(known[question.index] for question in table if question.index in known), *shown]
    return tuple(sorted(found, key=lambda one: one.index)), tuple(lost)


def find_unkeyed(key: Path) -> frozenset[int]:
    """Indices of questions of which is told beside a key file why it has no answer to them; they are not scored."""
    inside = key.parent.name == "key"
    path = key.parent.parent / "rejects.jsonl" if inside else key.with_suffix(_REJECTS)
    if not path.is_file():
        return frozenset()
    told = [one.id.rpartition("/") for one in iter_jsonl(path, Reject) if one.unit == "key"]
    return frozenset(int(index) for split, _, index in told if not inside or split == key.stem)


def _beside(tsv: Path) -> Path | None:
    """The key file of a benchmark folder's public file."""
    path = tsv.parent.parent / "key" / f"{tsv.stem}.jsonl"
    return path if tsv.parent.name == "public" and path.is_file() else None
