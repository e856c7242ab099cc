"""A corpus to the files of others, conversation by conversation, in shards that a killed run keeps."""

import logging
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path

from gmai.base import (
    Registry,
    Stage,
    Summary,
    each,
    from_dict,
    open_run,
    output_files,
    run_job,
    summary_dict,
    to_dict,
    write_bytes,
)
from gmai.corpus.corpus import Corpus, open_corpus
from gmai.corpus.exports.config import Draw, ExportConfig, ExportFormat
from gmai.corpus.exports.recipe import write_records
from gmai.corpus.exports.shown import Shown, ShownPicture, check_turns, only_size, render_texts
from gmai.corpus.store import (
    CONVERSATION_SCHEMA,
    Place,
    Records,
    StoredSample,
    conversation_files,
    iter_records,
    open_parquet,
)
from gmai.corpus.terms import TermsOf
from gmai.errors import ConfigError, FormatError
from gmai.types import Conversation, Reject

logger = logging.getLogger(__name__)
_ROOM = "gmai.corpus.exports"
EXPORTS: Registry[ExportFormat] = Registry(
    "exports",
    {
        "annotations": f"{_ROOM}.annotations:FORMAT",
        "internvl": f"{_ROOM}.internvl:FORMAT",
        "llama-factory": f"{_ROOM}.llama_factory:FORMAT",
        "llava": f"{_ROOM}.llava:FORMAT",
        "m3llm": f"{_ROOM}.m3llm:FORMAT",
        "swift": f"{_ROOM}.swift:FORMAT",
        "webdataset": f"{_ROOM}.webdataset:FORMAT",
    },
)


def export_corpus(config: ExportConfig, draw: Draw) -> Summary:
    """Write a finished corpus in the format of others.

    Pictures of sources that do not allow it stay behind, unless ``config.pictures`` says otherwise; a recipe tells how
    to make them again (see :func:`gmai.corpus.import_corpus`). A format with its pictures inside is refused for them.

    Args:
        config: what goes where.
        draw: draws regions on a picture, where a conversation is about a drawing.

    Raises:
        ConfigError: settings that do not go with the format, or pictures that may not be passed on.
    """
    form = EXPORTS.get(config.format)
    corpus = open_corpus(config.corpus)
    _check(config, form, corpus)
    same = {**to_dict(config), "limit": config.job.limit, "shard_size": config.job.shard_size}
    for name in ("corpus", "out", "job"):
        del same[name]
    run = open_run(config.out, "corpus export", config, {"corpus": corpus.key}, resume=config.job.resume, same=same)
    if run.done:
        logger.info("corpus export: %s was finished before", config.out)
        return from_dict(Summary, run.stats())
    stage = Stage(
        name="corpus export",
        step=partial(_export, config=config, draw=draw),
        write=form.write,
        pattern=form.pattern,
        count=_count,
        item_id=_name,
    )
    summary = run_job(run, stage, _places(corpus, config.split), config.job)
    parts = sorted((run.path / form.pattern).parent.glob(f"*{Path(form.pattern).suffix}"))
    form.gather(run.path, parts, config)
    if config.records:
        behind = {"all": "none", "none": "all", "allowed": "restricted"}[config.pictures]
        write_records(run.path, corpus, config.split, "all" if form.pictures == "none" else behind)
    run.finish(summary_dict(summary), output_files(run))
    return summary


def _count(shown: Shown) -> dict[str, int]:
    return {"conversation": 1}


def _name(place: Place) -> str:
    return place.name


def _check(config: ExportConfig, form: ExportFormat, corpus: Corpus) -> None:
    if config.split != "all" and not corpus.is_split:
        fix = f"run: gmai corpus split {config.corpus}"
        raise ConfigError("the corpus is not split", where=str(config.corpus), fix=fix)
    if form.pictures == "none" and (config.regions != "pixels" or not config.tags or not config.records):
        fix = "leave regions, tags and records out"
        raise ConfigError("annotations are whole records with their boxes in pixels", where=config.format, fix=fix)
    if form.pictures == "inside" and config.pictures == "none":
        raise ConfigError(f"{config.format} holds pictures", where="pictures", fix="choose another format")
    if form.pictures != "inside" or config.pictures == "all":
        return
    if closed := sorted(_restricted(corpus)):
        fix = "leave them out by gmai corpus build, export annotations, or set pictures=all for use in the house"
        what = f"{config.format} holds pictures, which {', '.join(closed)} do not allow to pass on"
        raise ConfigError(what, where=str(config.corpus), fix=fix)


def _restricted(corpus: Corpus) -> set[str]:
    """Sources of a corpus that have pictures which may not be passed on."""
    terms = TermsOf(corpus.folder)
    return {
        sample.source for sample in iter_records(corpus.folder) if sample.images and not terms(sample).redistribution
    }


def _places(corpus: Corpus, split: str) -> Iterator[Place]:
    for path in conversation_files(corpus.folder):
        file = open_parquet(path, CONVERSATION_SCHEMA)
        for group in range(file.num_row_groups):
            names = file.read_row_group(group, columns=["sample"]).column("sample").to_pylist()
            for row, name in enumerate(names):
                if split == "all" or corpus.split_of_id(name) == split:
                    yield Place(str(path), group, row)


def _export(places: Iterable[Place], *, config: ExportConfig, draw: Draw) -> Iterator[Shown | Reject]:
    show = _Shower(config, draw)
    talks = map(Records(Conversation, CONVERSATION_SCHEMA).read, places)
    yield from each(show, talks, stage="corpus export", item_id=lambda talk: talk.id, unit="conversation")


class _Shower:
    """Makes conversations ready to be written, and puts their pictures beside."""

    def __init__(self, config: ExportConfig, draw: Draw) -> None:
        self._config = config
        self._draw = draw
        self._corpus = _open(config.corpus)
        self._terms = TermsOf(config.corpus)
        self._kind = EXPORTS.get(config.format).pictures

    def __call__(self, talk: Conversation) -> Iterator[Shown]:
        config = self._config
        stored = self._corpus.sample(talk.sample)
        prior = self._corpus.sample(talk.prior) if talk.prior else None
        terms = self._terms(stored.sample)
        clean = _pictures(stored)
        free = terms.redistribution and (prior is None or self._terms(prior.sample).redistribution)
        allowed = config.pictures == "all" or config.pictures == "allowed" and free
        beside = allowed and self._kind == "files"
        if beside:
            self._save(clean)
        pictures = () if self._kind == "none" else self._drawn(talk, stored, clean)
        if prior is not None and self._kind != "none":
            pictures = (*_pictures(prior), *pictures)
        if beside:
            self._save(pictures)
        if self._kind != "none":
            check_turns(talk)
        texts = render_texts(talk, None if prior else only_size(stored.sample), config.regions, config.tags)
        yield Shown(talk, stored.sample, terms.licence, pictures, clean, texts, config.records)

    def _drawn(
        self, talk: Conversation, stored: StoredSample, clean: tuple[ShownPicture, ...]
    ) -> tuple[ShownPicture, ...]:
        if talk.view.granularity == "image" or not clean:
            return clean
        if len(clean) > 1:
            what = f"regions drawn on one of {len(clean)} pictures"
            raise FormatError(what, where=talk.id, reason="export.view")
        data = self._draw(clean[0].data, talk.view, stored.sample.annotations)
        return (ShownPicture(data, clean[0].width, clean[0].height),)

    def _save(self, pictures: tuple[ShownPicture, ...]) -> None:
        for picture in pictures:
            target = self._config.out / picture.path
            if not target.exists():
                write_bytes(target, picture.data)


@lru_cache(maxsize=1)
def _open(folder: Path) -> Corpus:
    return open_corpus(folder)


def _pictures(stored: StoredSample) -> tuple[ShownPicture, ...]:
    return tuple(
        ShownPicture(data, image.width, image.height)
        for data, image in zip(stored.pictures, stored.sample.images, strict=True)
    )
