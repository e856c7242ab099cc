"""Annotations-only exports: records and conversations; the pictures are made again from the sources' own files."""

from collections.abc import Iterator

from gmai.base import dumps
from gmai.corpus.imports.foreign import Foreign, ForeignRow, ImportConfig, ImportFormat
from gmai.corpus.imports.rows import iter_samples
from gmai.corpus.store import iter_conversations


def _read(config: ImportConfig) -> Iterator[Foreign]:
    yield from iter_samples(config.path)
    for talk in iter_conversations(config.path):
        turns = tuple((turn.role, turn.text) for turn in talk.turns)
        yield ForeignRow(where=talk.id, id=talk.id, turns=turns, record=dumps(talk).decode())


FORMAT = ImportFormat(_read)
