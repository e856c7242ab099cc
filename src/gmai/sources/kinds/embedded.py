"""Pictures that a row of a Parquet file holds itself, one or several."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from gmai.annotations import AnnotatedItem, embedded_pictures
from gmai.errors import ImageError
from gmai.images import read_picture
from gmai.sources.build import Made
from gmai.sources.kinds.pictures import several_pictures
from gmai.sources.picture import one_picture, picture_ref
from gmai.sources.regions import fit_annotations
from gmai.types import Reject, SourceCard


def read(item: AnnotatedItem, root: Path, card: SourceCard) -> Iterator[Made | Reject]:
    """One sample with the pictures of the row in order.

    Raises:
        ImageError: as :func:`read_picture`; ``parquet.unreadable``.
    """
    assert item.member is not None and item.index is not None
    path = root / item.files[0]
    found = [data for value in _read_row(path, tuple(item.member.split(",")), item.index) for data in value]
    pictures = [read_picture(path, card.window, data) for data in found]
    if len(pictures) == 1:
        yield from one_picture(item, card, pictures[0], fit_annotations(item.annotations, pictures[0], item.size, root))
    else:
        references = [(*picture_ref(item, card, picture, item.files[0]), picture.steps) for picture in pictures]
        yield several_pictures(item, card, references)


def _read_row(path: Path, columns: tuple[str, ...], row: int) -> list[list[bytes]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            first = 0
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                if row < first + count:
                    break
                first += count
        table = _read_group(path, group, columns)
        return [embedded_pictures(table.column(column)[row - first].as_py()) for column in columns]
    except (pa.ArrowException, OSError, IndexError, KeyError) as error:
        what = f"row {row} cannot be read: {error}"
        raise ImageError(what, where=str(path), reason="parquet.unreadable") from None


@lru_cache(maxsize=1)
def _read_group(path: Path, group: int, columns: tuple[str, ...]) -> Any:
    """The columns of a row group; the last one is kept for its neighbours."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        return file.read_row_group(group, columns=list(columns))
