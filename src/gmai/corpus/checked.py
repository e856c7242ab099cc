"""Parquet whose pages carry a checksum, so that a disk that changed a picture is noticed before the picture is used."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gmai.errors import FormatError


class CheckedParquet(pq.ParquetFile):  # type: ignore[misc]
    """A Parquet file whose pages are held against their checksums, where they have any, when they are read.

    Raises:
        FormatError: ``store.parquet``: no Parquet file, or a damaged one; so does every method that reads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._named():
            super().__init__(path, page_checksum_verification=True)

    def read(self, *args: Any, **options: Any) -> pa.Table:
        """As of ``ParquetFile``."""
        with self._named():
            return super().read(*args, **options)

    def read_row_group(self, *args: Any, **options: Any) -> pa.Table:
        """As of ``ParquetFile``."""
        with self._named():
            return super().read_row_group(*args, **options)

    def iter_batches(self, *args: Any, **options: Any) -> Iterator[pa.RecordBatch]:
        """As of ``ParquetFile``."""
        with self._named():
            yield from super().iter_batches(*args, **options)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            what, where = f"cannot be read as Parquet: {error}", str(self._path)
            raise FormatError(what, where=where, reason="store.parquet") from None


def write_checked(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of such a file."""
    return pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True)
