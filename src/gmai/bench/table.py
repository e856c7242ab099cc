"""A benchmark file of any size as a table: rows in any order, columns at once, pictures when they are asked for."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np

from gmai.base import digest
from gmai.bench.cells import split_list
from gmai.bench.question import Place, PublicQuestion
from gmai.bench.rows import SHORT
from gmai.bench.sidecar import FileIndex, open_index
from gmai.errors import ConfigError, FormatError


@dataclass(frozen=True, eq=False)
class QuestionTable:
    """The questions of one or more benchmark files, or some of them; see :func:`open_table`."""

    files: tuple[FileIndex, ...]
    rows: np.ndarray
    """Numbers of its rows in the files, counted through."""

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> PublicQuestion:
        return self._question(int(self.rows[number]))

    def __iter__(self) -> Iterator[PublicQuestion]:
        return (self._question(int(row)) for row in self.rows)

    @cached_property
    def indices(self) -> tuple[int, ...]:
        """The index of every question, in order."""
        return tuple(self._all_indices[self.rows].tolist())

    @cached_property
    def key(self) -> str:
        """Hash of what it holds: of one whole file, the SHA-256 of its bytes."""
        keys = [file.key for file in self.files]
        whole = keys[0] if len(keys) == 1 else digest(keys)
        every = np.array_equal(self.rows, np.arange(self._starts[-1]))
        return whole if every else digest({"table": whole, "indices": list(self.indices)})

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, those of pictures included, as the files name them."""
        return tuple(dict.fromkeys(name for file in self.files for name in file.layout.columns))

    def has_column(self, name: str) -> bool:
        """True if a file has such a text column; see :meth:`column`."""
        return any(_find_column(file, name) for file in self.files)

    def column(self, name: str) -> list[str]:
        """The text of one column, row by row; empty in the rows of a file that lacks it.

        Args:
            name: of a column, in any case, or what a question calls it (``task``, ``granularity``).

        Raises:
            ConfigError: no file has it, or it holds pictures.
        """
        if not self.has_column(name):
            raise ConfigError(f"no text column {name!r}", where=self.where, fix=f"columns: {', '.join(self.columns)}")
        texts = [text for file in self.files for text in _texts(file, name)]
        return [texts[row] for row in self.rows.tolist()]

    def find(self, index: int) -> PublicQuestion:
        """The question with this index.

        Raises:
            FormatError: there is none.
        """
        row = self._numbers.get(index)
        if row is None:
            raise FormatError(f"no question with index {index}", where=self.where, fix="see the column index")
        return self._question(row)

    def take(self, indices: Sequence[int]) -> "QuestionTable":
        """The table of the questions with these indices, in their order.

        Raises:
            FormatError: one is not there.
        """
        missing = [index for index in indices if index not in self._numbers]
        if missing:
            raise FormatError(f"no question with index {missing[0]}", where=self.where, fix="see the column index")
        rows = np.array([self._numbers[index] for index in indices], dtype=np.int64)
        return replace(self, rows=rows)

    @property
    def where(self) -> str:
        """The files, for messages."""
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return f"{self.files[0].path}{more}"

    @cached_property
    def _all_indices(self) -> np.ndarray:
        """The index of every row of the files, whether it is of this table or not."""
        return np.array([int(text) for file in self.files for text in _texts(file, "index")], dtype=np.int64)

    @cached_property
    def _numbers(self) -> Mapping[int, int]:
        return dict(zip(self.indices, self.rows.tolist(), strict=True))

    @cached_property
    def _every_number(self) -> Mapping[int, int]:
        return {index: row for row, index in enumerate(self._all_indices.tolist())}

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((file.rows.num_rows for file in self.files), initial=0))

    def _locate(self, row: int) -> tuple[FileIndex, int]:
        part = bisect_right(self._starts, row) - 1
        return self.files[part], row - self._starts[part]

    def _question(self, row: int) -> PublicQuestion:
        file, number = self._locate(row)
        texts = {name: file.rows.column(str(n))[number].as_py() for n, name in enumerate(file.layout.texts)}
        where = f"{file.path}:{file.rows.column('line')[number].as_py()}"
        return file.layout.question(texts, self._places(row, where), where)

    def _places(self, row: int, where: str, follow: bool = True) -> tuple[Place, ...]:
        """Where the pictures of a row are: in its own cell, in the row it names, or in files of their own."""
        file, number = self._locate(row)
        start, stop, short = (file.rows.column(name)[number].as_py() for name in ("start", "stop", "short"))
        if short.startswith("["):
            return self._of_list(Place(str(file.path), start, stop, stamp=file.stamp), where, follow)
        if short.isdecimal():
            return self._follow(int(short), where) if follow else ()
        if short or stop - start > SHORT:
            return (Place(str(file.path), start, stop, stamp=file.stamp),)
        path = _find_column(file, "image_path")
        said = file.rows.column(path)[number].as_py() if path else ""
        return tuple(Place(str(file.path.parent / one)) for one in split_list(said, where))

    def _of_list(self, cell: Place, where: str, follow: bool) -> tuple[Place, ...]:
        found: list[Place] = []
        for member, text in enumerate(cell.members(where)):
            found += self._follow(int(text), where) if follow and text.isdecimal() else [replace(cell, member=member)]
        return tuple(found)

    def _follow(self, index: int, where: str) -> tuple[Place, ...]:
        row = self._every_number.get(index)
        places = self._places(row, where, follow=False) if row is not None else ()
        if not places:
            what = f"the picture of index {index} is meant, which has none"
            raise FormatError(what, where=f"{where}, column image", reason="tsv.image_reference")
        return places


def open_table(path: Path | Sequence[Path]) -> QuestionTable:
    """Open a benchmark file, several as one, or a saved cut.

    Each file is read through once and then found again by its index, as long as it does not change.

    Raises:
        ConfigError: there is no such file.
        FormatError: a file is no benchmark file, a row of it is damaged, or an index is there twice.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    if not paths:
        raise ConfigError("no benchmark file is given")
    if len(paths) == 1 and paths[0].suffix.lower() == ".json":
        from gmai.bench.cut import open_cut

        return open_cut(paths[0])
    return join_files([open_index(one) for one in paths])


def join_files(files: Sequence[FileIndex]) -> QuestionTable:
    """One table of indexed files.

    Raises:
        FormatError: an index is there twice.
    """
    count = sum(file.rows.num_rows for file in files)
    table = QuestionTable(tuple(files), np.arange(count))
    if len(set(table.indices)) < count:
        _tell_twice(table)
    return table


def _tell_twice(table: QuestionTable) -> None:
    seen: dict[int, Path] = {}
    for file in table.files:
        for index in map(int, _texts(file, "index")):
            if index in seen:
                what = f"index {index} is there twice, first in {seen[index]}"
                raise FormatError(what, where=str(file.path), reason="tsv.index")
            seen[index] = file.path


def _find_column(file: FileIndex, name: str) -> str | None:
    """The column of an index that holds a text column of the file."""
    texts = file.layout.texts
    wanted = file.layout.found.get(name, name)
    if wanted not in texts:
        wanted = next((text for text in texts if text.lower() == name.lower()), "")
    return str(texts.index(wanted)) if wanted in texts else None


def _texts(file: FileIndex, name: str) -> list[str]:
    column = _find_column(file, name)
    texts: list[str] = [""] * file.rows.num_rows if column is None else file.rows.column(column).to_pylist()
    return texts
