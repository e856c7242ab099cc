"""What others wrote, made a corpus that every other command takes: row by row, every bad row counted."""

import logging
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from gmai.base import (
    Registry,
    Summary,
    digest,
    dumps,
    from_dict,
    hash_file,
    open_run,
    output_files,
    summary_dict,
    to_dict,
    write_atomic,
    write_text,
)
from gmai.corpus.card import write_description
from gmai.corpus.exports.shown import only_size
from gmai.corpus.imports.foreign import (
    ForeignRow,
    ForeignSample,
    ImportConfig,
    ImportFormat,
    PictureFolder,
    PictureTools,
)
from gmai.corpus.imports.known import Known
from gmai.corpus.imports.made import Maker
from gmai.corpus.imports.restored import read_record, restore_conversation, restore_pictures
from gmai.corpus.imports.rows import STAGE, find_records
from gmai.corpus.store import StoredSample, write_conversations, write_samples
from gmai.corpus.tombstones import REMOVED, TOMBSTONES, Tombstone, read_graves
from gmai.errors import ConfigError, FormatError, GmaiError
from gmai.types import Conversation, Reject

logger = logging.getLogger(__name__)
T = TypeVar("T")
_ROOM = "gmai.corpus.imports"
IMPORTS: Registry[ImportFormat] = Registry(
    "imports",
    {
        "annotations": f"{_ROOM}.annotations:FORMAT",
        "gmai-vl": f"{_ROOM}.gmai_vl:FORMAT",
        "internvl": f"{_ROOM}.llava:FORMAT",
        "llama-factory": f"{_ROOM}.sharegpt:FORMAT",
        "llava": f"{_ROOM}.llava:FORMAT",
        "m3llm": f"{_ROOM}.m3llm:FORMAT",
        "swift": f"{_ROOM}.sharegpt:FORMAT",
        "webdataset": f"{_ROOM}.webdataset:FORMAT",
    },
)
_SAMPLES, _TALKS = 256, 16_384
"""Rows of one file."""


def import_corpus(config: ImportConfig, tools: PictureTools) -> Summary:
    """Read what others wrote into a corpus.

    Rows that came from an export, unchanged since, give back their records; of others a sample is made for each
    picture (or set of pictures) and each text. Rows that cannot be read, and pictures that are not there or not whole,
    are rejects. An import that was killed starts anew; the same input gives the same bytes.

    Args:
        config: what is read.
        tools: reads, fingerprints and makes pictures.

    Raises:
        ConfigError: nothing of this format is there.
    """
    start = time.monotonic()
    form = IMPORTS.get(config.format)
    if not config.path.exists():
        raise ConfigError("nothing is there", where=str(config.path))
    same = to_dict(config)
    for name in ("path", "out", "images", "roots", "removed", "resume"):
        del same[name]
    inputs = _inputs(config)
    inputs |= {f"removed.{number}": hash_file(folder / TOMBSTONES) for number, folder in enumerate(config.removed)}
    run = open_run(config.out, "corpus import", config, inputs, resume=config.resume, same=same)
    if run.done:
        logger.info("corpus import: %s was finished before", config.out)
        return from_dict(Summary, run.stats())
    for name in ("samples", "conversations", "cards"):
        shutil.rmtree(run.path / name, ignore_errors=True)
        (run.path / name).mkdir()
    folders = [folder for folder in (config.images, *form.folders(config.path), _base(config)) if folder is not None]
    with write_atomic(run.path / "rejects.jsonl") as temporary, temporary.open("wb") as rejects:
        importer = _Importer(config, tools, run.path, PictureFolder(folders), rejects.write)
        for item in form.read(config):
            importer.take(item)
        summary = importer.close()
    importer.graves.write(run.path)
    write_description(run.path)
    run.finish(summary_dict(summary), output_files(run))
    logger.info("%s", summary.line(time.monotonic() - start))
    return summary


def _inputs(config: ImportConfig) -> dict[str, str]:
    """A hash of the texts that are read; of pictures and archives the names and sizes."""
    if config.path.is_file():
        records = find_records(config.path)
        return {"path": hash_file(config.path), **({"samples": hash_file(records)} if records else {})}
    files = sorted(path for path in config.path.rglob("*") if path.is_file() and path.name != "run.json")
    texts = {".json", ".jsonl", ".yaml"}
    found = [
        [path.relative_to(config.path).as_posix(), hash_file(path) if path.suffix in texts else path.stat().st_size]
        for path in files
    ]
    return {"path": digest(found)}


def _base(config: ImportConfig) -> Path:
    return config.path if config.path.is_dir() else config.path.parent


class _Sink(Generic[T]):
    """Writes records into numbered files of so many rows."""

    def __init__(self, folder: Path, rows: int, write: Callable[[Path, Sequence[T]], None]) -> None:
        self._folder = folder
        self._rows = rows
        self._write = write
        self._waiting: list[T] = []
        self._number = 0

    def add(self, item: T) -> None:
        self._waiting.append(item)
        if len(self._waiting) == self._rows:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            with write_atomic(self._folder / f"{self._number:05d}.parquet") as temporary:
                self._write(temporary, self._waiting)
            self._waiting, self._number = [], self._number + 1


class _Importer:
    """Takes what a format reads, one by one, and writes what is sound."""

    def __init__(
        self,
        config: ImportConfig,
        tools: PictureTools,
        out: Path,
        pictures: PictureFolder,
        reject: Callable[[bytes], Any],
    ) -> None:
        self._config = config
        self._tools = tools
        self._out = out
        self._pictures = pictures
        self._write_reject = reject
        self._known = Known(out / ".work" / "known.sqlite")
        self._maker = Maker(config, tools, pictures)
        self._samples: _Sink[StoredSample] = _Sink(out / "samples", _SAMPLES, write_samples)
        self._talks: _Sink[Conversation] = _Sink(out / "conversations", _TALKS, write_conversations)
        self._accepted: Counter[str] = Counter({"conversation": 0, "conversation.edited": 0, "sample": 0, "picture": 0})
        self._rejected: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._rows = 0
        self._ended = False
        self._cards: dict[str, dict[str, Any]] = {}
        self._waiting: list[ForeignRow] = []
        self.graves = read_graves([_base(config)], config.removed)
        """What stays out."""

    def take(self, item: ForeignSample | ForeignRow | Reject) -> None:
        """Take one thing that was read; what is wrong with it becomes a reject."""
        self._rows += 1
        if isinstance(item, Reject):
            self._reject(item)
        else:
            self._attempt(item)

    def _attempt(self, item: ForeignSample | ForeignRow) -> None:
        unit = "sample" if isinstance(item, ForeignSample) else "conversation"
        try:
            if isinstance(item, ForeignSample):
                self._take_sample(item)
            else:
                self._take_row(item)
        except GmaiError as error:
            self._reject(Reject(id=item.where, stage=STAGE, reason=error.reason, detail=str(error), unit=unit))

    def close(self) -> Summary:
        """Write what waits, and the cards; returns the counts."""
        waiting, self._waiting = self._waiting, []
        self._ended = True
        for row in waiting:
            self._attempt(row)
        self._samples.flush()
        self._talks.flush()
        self._known.close()
        for source, card in sorted(self._cards.items()):
            self._write_card(source, card)
        parts = {"accepted": self._accepted, "rejected": self._rejected, "reasons": self._reasons}
        counts = {name: dict(sorted(part.items())) for name, part in parts.items()}
        return Summary(name=STAGE, items=self._rows, **counts)

    def _take_sample(self, item: ForeignSample) -> None:
        if f"sample {item.sample.id}" in self._known:
            return
        if (grave := self.graves.find(item.sample.id)) is not None:
            self._known.add(f"lost {item.sample.id}")
            raise _removed(grave, item.where)
        try:
            data = restore_pictures(item, self._config, self._tools, self._pictures)
        except GmaiError:
            self._known.add(f"lost {item.sample.id}")
            raise
        self._add_sample(StoredSample(sample=item.sample, pictures=data), restricted=False)

    def _take_row(self, row: ForeignRow) -> None:
        if row.record:
            talk = read_record(row)
            for name in (talk.sample, talk.prior):
                if (grave := self.graves.find(name)) is not None:
                    raise _removed(grave, row.where)
            if (there := self._find_prior(row, talk.prior)) is None:
                return
            if there and (size := self._known.find(f"sample {talk.sample}")) is not None:
                restored = restore_conversation(row, talk, None if talk.prior else _size(size))
                self._add_talk(row, restored.talk)
                self._accepted["conversation.edited"] += restored.edited
                return
            if f"lost {talk.sample}" in self._known or not row.pictures and talk.subset != "text":
                raise FormatError(f"its sample {talk.sample} is not there", where=row.where, reason="import.sample")
        sample_id = self._maker.name_sample(row)
        if (grave := self.graves.find(sample_id)) is not None:
            raise _removed(grave, row.where)
        if f"sample {sample_id}" not in self._known:
            stored = self._maker.make_sample(row, sample_id)
            for image in stored.sample.images:
                if (grave := self.graves.find_asset(image.asset)) is not None:
                    raise _removed(grave, row.where)
            self._add_sample(stored, row.restricted)
        self._add_talk(row, self._maker.make_conversation(row, sample_id))

    def _find_prior(self, row: ForeignRow, prior: str) -> bool | None:
        """Whether the sample that a row's is compared with is there; None where it may come yet, and the row waits."""
        if f"lost {prior}" in self._known:
            raise FormatError(f"its sample {prior} is not there", where=row.where, reason="import.sample")
        there = not prior or f"sample {prior}" in self._known
        if not there and not self._ended:
            self._waiting.append(row)
            return None
        return there

    def _add_sample(self, stored: StoredSample, restricted: bool) -> None:
        size = only_size(stored.sample)
        self._known.add(f"sample {stored.sample.id}", "" if size is None else f"{size[0]} {size[1]}")
        self._samples.add(stored)
        self._accepted.update(sample=1, picture=len(stored.pictures))
        card = self._cards.setdefault(stored.sample.source, {"licence": stored.sample.provenance.licence})
        if restricted:
            card["redistribution"] = False

    def _add_talk(self, row: ForeignRow, talk: Conversation) -> None:
        if not self._known.add(f"conversation {talk.id}"):
            raise FormatError(f"another row has the id {talk.id}", where=row.where, reason="import.twin")
        self._talks.add(talk)
        self._accepted["conversation"] += 1

    def _reject(self, reject: Reject) -> None:
        self._write_reject(dumps(reject) + b"\n")
        self._rejected[reject.unit] += reject.count
        self._reasons[reject.reason] += reject.count

    def _write_card(self, source: str, card: dict[str, Any]) -> None:
        given = _base(self._config) / "cards" / f"{source}.yaml"
        target = self._out / "cards" / f"{source}.yaml"
        if given.is_file():
            write_text(target, given.read_text(encoding="utf-8"))
        else:
            told = {"name": source, "title": f"{source}, imported as {self._config.format}", **card}
            write_text(target, "".join(f"{key}: {dumps(value).decode()}\n" for key, value in told.items()))


def _removed(grave: Tombstone, where: str) -> FormatError:
    return FormatError(f"was taken out: {grave.reason}", where=where, reason=REMOVED)


def _size(told: str) -> tuple[int, int] | None:
    width, _, height = told.partition(" ")
    return (int(width), int(height)) if height else None
