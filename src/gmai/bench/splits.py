"""The splits of a benchmark, wherever they are: in its folder with their keys, or a file or saved cut alone."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gmai.base import iter_jsonl
from gmai.bench.fields import Keys
from gmai.bench.table import QuestionTable, open_table
from gmai.errors import ConfigError
from gmai.types import Question


@dataclass(frozen=True)
class Split:
    """One split: its questions and, where there is one, their key."""

    name: str
    """``TEST`` of ``public/TEST.tsv``; the stem of a file that stands alone."""
    tsv: Path
    key: Path | None = None

    @cached_property
    def table(self) -> QuestionTable:
        """Its questions."""
        return open_table(self.tsv)

    @cached_property
    def keys(self) -> Keys | None:
        """Its key by index; None without one."""
        return None if self.key is None else {item.index: item for item in iter_jsonl(self.key, Question)}


def find_splits(path: Path, key: Path | None = None) -> list[Split]:
    """The splits of a benchmark folder, or the one of a TSV or a saved cut.

    Args:
        path: the folder, TSV or cut.
        key: key file of a TSV or cut; that of a folder lies in it.

    Raises:
        ConfigError: nothing of the kind is there.
    """
    if path.is_file():
        return [Split(path.stem, path, key or _key_beside(path))]
    if key is not None:
        raise ConfigError("a folder has its keys in it", where=str(key), fix="give --key with a TSV or a cut")
    files = sorted((path / "public").glob("*.tsv"))
    if not files:
        fix = "give a TSV, a cut, or an output folder of gmai bench"
        raise ConfigError("no benchmark", where=str(path), fix=fix)
    return [Split(file.stem, file, _key_beside(file)) for file in files]


def _key_beside(file: Path) -> Path | None:
    key = file.parent.parent / "key" / f"{file.stem}.jsonl"
    return key if file.parent.name == "public" and key.is_file() else None
