"""Samples and conversations as Parquet that Hugging Face ``datasets`` opens with pictures; the record rides along.

The columns are for looking and filtering; ``record`` holds the whole record as JSON, and alone is read back.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmai.base import dumps, from_json, hash_bytes, loads
from gmai.corpus.checked import CheckedParquet, write_checked
from gmai.errors import ConfigError, FormatError
from gmai.types import Conversation, Sample, record

SAMPLES = "samples"
CONVERSATIONS = "conversations"
SAMPLE_ROWS = 64
CONVERSATION_ROWS = 1024
_GROUPS_KEPT = 4
T = TypeVar("T")


@record
class StoredSample:
    """A sample with the encoded pictures (PNG or JPEG files as bytes) of its ``images``, in the same order."""

    sample: Sample
    pictures: tuple[bytes, ...] = ()


class Place(NamedTuple):
    """Where one sample or conversation lies."""

    path: str
    group: int
    row: int

    @property
    def name(self) -> str:
        """The place for people."""
        return f"{Path(self.path).name} row group {self.group} row {self.row}"


class Records(Generic[T]):
    """Records by their places; the row groups read last are kept, so that neighbours cost one read.

    Args:
        kind: of record.
        schema: of the files.
    """

    def __init__(self, kind: type[T], schema: pa.Schema) -> None:
        self._kind = kind
        self._schema = schema
        self._groups: dict[tuple[str, int], Sequence[str]] = {}

    def read(self, place: Place) -> T:
        """Read one record.

        Raises:
            FormatError: a file that is no store of such records.
        """
        return from_json(self._kind, self.text(place), where=f"{place.path} row group {place.group} row {place.row}")

    def text(self, place: Place) -> str:
        """The JSON of one record."""
        at = (place.path, place.group)
        texts = self._groups.pop(at, None)
        if texts is None:
            table = open_parquet(Path(place.path), self._schema).read_row_group(place.group, columns=["record"])
            texts = table.column("record").to_pylist()
        self._groups[at] = texts
        while len(self._groups) > _GROUPS_KEPT:
            del self._groups[next(iter(self._groups))]
        return texts[place.row]


_TEXT = {"dtype": "string", "_type": "Value"}
_SAMPLE_TEXTS = ("id", "source", "subject", "modality", "department", "language")
_CONVERSATION_TEXTS = (
    *("id", "sample", "source", "subset", "kind", "task", "granularity"),
    *("modality", "department", "language", "answer"),
)


def _schema(texts: Sequence[str], name: str, kind: pa.DataType, feature: Any) -> pa.Schema:
    fields = [pa.field(text, pa.string()) for text in texts]
    fields += [pa.field(name, pa.list_(kind)), pa.field("record", pa.string())]
    features = {**dict.fromkeys(texts, _TEXT), name: feature, "record": _TEXT}
    return pa.schema(fields, metadata={"huggingface": dumps({"info": {"features": features}})})


_PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string())])
SAMPLE_SCHEMA = _schema(_SAMPLE_TEXTS, "images", _PICTURE, [{"_type": "Image"}])
CONVERSATION_SCHEMA = _schema(_CONVERSATION_TEXTS, "messages", _MESSAGE, [{"role": _TEXT, "content": _TEXT}])


def write_samples(path: Path, samples: Sequence[StoredSample]) -> None:
    """Write one Parquet file of samples; the same samples give the same bytes.

    Raises:
        FormatError: a sample whose pictures are not one for each of its images.
    """
    _write(path, (_sample_row(stored) for stored in samples), SAMPLE_SCHEMA, SAMPLE_ROWS)


def write_conversations(path: Path, conversations: Sequence[Conversation]) -> None:
    """Write one Parquet file of conversations; the same conversations give the same bytes."""
    _write(path, (_conversation_row(item) for item in conversations), CONVERSATION_SCHEMA, CONVERSATION_ROWS)


def iter_samples(folder: Path, sources: Collection[str] | None = None) -> Iterator[StoredSample]:
    """Yield the stored samples of any folder with ``samples/``, in file order, one row group in memory at a time.

    Args:
        folder: a run folder of ``source ingest`` or ``convert``.
        sources: only samples of these sources; pictures of others are not read.

    Raises:
        ConfigError: the folder has no ``samples/``.
        FormatError: a file that is no store of samples.
    """
    for path in sample_files(folder):
        file = open_parquet(path, SAMPLE_SCHEMA)
        for group in range(file.num_row_groups):
            if sources is None:
                yield from read_samples(file, group, where=str(path))
                continue
            names = file.read_row_group(group, columns=["source"]).column("source").to_pylist()
            rows = [row for row, name in enumerate(names) if name in sources]
            if rows:
                yield from read_samples(file, group, rows, where=str(path))


def iter_records(folder: Path) -> Iterator[Sample]:
    """Yield the samples of any folder with ``samples/``, in file order, without reading their pictures."""
    for path in sample_files(folder):
        for batch in open_parquet(path, SAMPLE_SCHEMA).iter_batches(columns=["record"]):
            for text in batch.column("record"):
                yield from_json(Sample, text.as_py(), where=str(path))


def conversation_files(folder: Path) -> list[Path]:
    """The conversation files of a corpus, sorted by name.

    Raises:
        ConfigError: the folder has no ``conversations/``.
    """
    return _files(folder, CONVERSATIONS, "gmai convert")


def iter_conversations(folder: Path) -> Iterator[Conversation]:
    """Yield the conversations of a corpus folder, in file order.

    Raises:
        ConfigError: the folder has no ``conversations/``.
        FormatError: a file that is no store of conversations.
    """
    for path in conversation_files(folder):
        file = open_parquet(path, CONVERSATION_SCHEMA)
        for batch in file.iter_batches(batch_size=CONVERSATION_ROWS, columns=["record"]):
            for text in batch.column("record"):
                yield from_json(Conversation, text.as_py(), where=str(path))


def iter_priors(folder: Path) -> Iterator[tuple[int, str]]:
    """Yield the conversations that compare two samples: their positions in the corpus, and the earlier sample's id."""
    position = 0
    for path in conversation_files(folder):
        for batch in open_parquet(path, CONVERSATION_SCHEMA).iter_batches(columns=["record"]):
            texts = batch.column("record")
            named = pc.match_substring(texts, '"prior":"')  # quotes inside texts are escaped
            for row in pc.indices_nonzero(pc.and_not(named, pc.match_substring(texts, '"prior":""'))).to_pylist():
                yield position + row, str(loads(texts[row].as_py())["prior"])
            position += batch.num_rows


def sample_files(folder: Path) -> list[Path]:
    """The sample files of a folder, sorted by name.

    Raises:
        ConfigError: the folder has no ``samples/``.
    """
    return _files(folder, SAMPLES, "gmai source ingest")


def open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetFile:
    """Open a Parquet file and check that its columns are those of ``schema``.

    Raises:
        FormatError: no Parquet file, a damaged one, or one of other columns.
    """
    file = CheckedParquet(path)
    if file.schema_arrow.names != schema.names:
        found, wanted = ", ".join(file.schema_arrow.names), ", ".join(schema.names)
        raise FormatError(f"columns {found}, not {wanted}", where=str(path), reason="store.columns")
    return file


def read_samples(
    file: pq.ParquetFile, group: int, rows: Iterable[int] | None = None, *, where: str
) -> Iterator[StoredSample]:
    """Yield the samples of one row group, all or those at ``rows`` (positions inside the group)."""
    table = file.read_row_group(group, columns=["images", "record"])
    for row in range(table.num_rows) if rows is None else rows:
        yield stored_sample(table, row, where)


def stored_sample(table: pa.Table, row: int, where: str) -> StoredSample:
    """Decode one row of a table that has ``images`` and ``record``."""
    sample = from_json(Sample, table.column("record")[row].as_py(), where=where)
    pictures = tuple(picture["bytes"] for picture in table.column("images")[row].as_py())
    return StoredSample(sample=sample, pictures=pictures)


def _files(folder: Path, name: str, command: str) -> list[Path]:
    if not (folder / name).is_dir():
        raise ConfigError(f"no folder {name!r}", where=str(folder), fix=f"give the output folder of {command}")
    return sorted((folder / name).glob("*.parquet"))


def _write(path: Path, rows: Iterator[dict[str, Any]], schema: pa.Schema, rows_per_group: int) -> None:
    with write_checked(path, schema) as writer:
        while group := list(itertools.islice(rows, rows_per_group)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _sample_row(stored: StoredSample) -> dict[str, Any]:
    sample = stored.sample
    if len(stored.pictures) != len(sample.images):
        what = f"{len(stored.pictures)} pictures for {len(sample.images)} images"
        raise FormatError(what, where=sample.id, reason="store.pictures")
    images = [{"bytes": data, "path": _picture_name(data)} for data in stored.pictures]
    return {**_texts(sample, _SAMPLE_TEXTS), "images": images, "record": dumps(sample).decode()}


def _picture_name(data: bytes) -> str:
    ending = "png" if data.startswith(b"\x89PNG") else "jpg"
    return f"{hash_bytes(data)[:16]}.{ending}"


def _conversation_row(conversation: Conversation) -> dict[str, Any]:
    messages = [{"role": turn.role, "content": turn.text} for turn in conversation.turns]
    texts = _texts(conversation, _CONVERSATION_TEXTS, granularity=conversation.view.granularity)
    return {**texts, "messages": messages, "record": dumps(conversation).decode()}


def _texts(item: Any, names: Sequence[str], **given: str) -> Mapping[str, str]:
    return {name: given[name] if name in given else getattr(item, name) for name in names}
