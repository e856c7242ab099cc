"""WebDataset: tar shards, a sample's pictures once beside the conversations about it."""

import io
import itertools
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gmai.base import dumps, hash_bytes
from gmai.corpus.exports.config import ExportConfig, ExportFormat
from gmai.corpus.exports.llama_factory import messages
from gmai.corpus.exports.shown import Shown, ShownPicture


def _write(path: Path, items: Sequence[Shown]) -> None:
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for _, group in itertools.groupby(items, key=lambda item: item.sample.id):
            for name, data in _members(list(group)):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(data), 0o644
                archive.addfile(entry, io.BytesIO(data))


def _members(items: Sequence[Shown]) -> Iterator[tuple[str, bytes]]:
    """The members of one sample: its pictures and drawings by number, then JSON that says which talk is about which."""
    key = hash_bytes(items[0].conversation.id.encode())[:16]
    pictures: dict[str, tuple[str, ShownPicture]] = {}
    for item in items:
        for picture in (*item.clean, *item.pictures):
            ending = picture.path.rpartition(".")[2]
            pictures.setdefault(picture.path, (f"{len(pictures)}.{ending}", picture))
    for name, picture in pictures.values():
        yield f"{key}.{name}", picture.data
    talks = [
        {
            **{"id": item.conversation.id, "messages": messages(item, "\n")},
            **{"images": [pictures[picture.path][0] for picture in item.pictures]},
            **item.extra(),
        }
        for item in items
    ]
    clean = [pictures[picture.path][0] for picture in items[0].clean]
    whole = {"sample": dumps(items[0].sample).decode(), "images": clean} if items[0].records else {}
    yield f"{key}.json", dumps({**whole, "conversations": talks})


def _gather(folder: Path, parts: Iterable[Path], config: ExportConfig) -> list[Path]:
    return list(parts)


FORMAT = ExportFormat(_write, "shards/{shard:05d}.tar", _gather, "inside")
