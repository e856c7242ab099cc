"""Samples to conversations: a job over the samples of ingested folders, whose files become part of the corpus."""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from gmai.base import (
    Stage,
    Summary,
    each,
    from_dict,
    from_json,
    input_key,
    open_run,
    run_job,
    summary_dict,
    to_dict,
)
from gmai.convert.asked import make_asked
from gmai.convert.caption import make_captions
from gmai.convert.config import ConvertConfig, Subset
from gmai.convert.inputs import Place, read_inputs
from gmai.convert.instruct import make_instructs
from gmai.convert.percept import make_percepts
from gmai.convert.scene import Scene, build_scenes
from gmai.corpus import SAMPLE_SCHEMA, open_parquet, write_conversations
from gmai.types import Conversation, Reject, Sample

logger = logging.getLogger(__name__)
MAKERS: dict[Subset, Callable[[Scene], Iterator[Conversation]]] = {
    "caption": make_captions,
    "percept": make_percepts,
    "instruct": make_instructs,
}
"""What each subset makes of a view of a sample; ``text`` has no views and is made by :func:`make_asked` alone."""


def convert(config: ConvertConfig) -> Summary:
    """Make a corpus: conversations about the samples of ingested folders, and the samples themselves.

    Every statement in a conversation is a fact computed from annotations. A sample that gives no conversation is
    rejected and counted; it stays in the corpus.

    Args:
        config: the folders, the choices, and how the work is run. ``job.limit`` takes the first samples only; the
            sample files of the corpus are whole all the same.

    Raises:
        ConfigError: a folder that is not finished, two folders of one source, or no samples.
    """
    inputs = read_inputs(config.raw)
    keys = {item.source: input_key(item.folder) for item in inputs}
    same = {**to_dict(config), "limit": config.job.limit, "shard_size": config.job.shard_size}
    for name in ("raw", "out", "job"):
        del same[name]
    run = open_run(config.out, "convert", config, keys, resume=config.job.resume, same=same)
    if run.done:
        logger.info("convert: %s was finished before", config.out)
        return from_dict(Summary, run.stats())
    files = [path for item in inputs for path in item.link_into(run.path)]
    (run.path / "conversations").mkdir(exist_ok=True)
    modalities = tuple(sorted({modality for item in inputs for modality in item.modalities}))
    stage = Stage(
        name="convert",
        step=partial(_convert_places, config=config, modalities=modalities),
        write=write_conversations,
        pattern="conversations/{shard:05d}.parquet",
        count=_count,
        item_id=_place_name,
    )
    total = sum(sum(groups) for item in inputs for _, groups in item.rows)
    places = (place for item in inputs for place in item.places())
    summary = run_job(run, stage, places, config.job, total=total)
    made = sorted((run.path / "conversations").glob("*.parquet"))
    run.finish(summary_dict(summary), [*files, *made, run.path / "rejects.jsonl", run.path / "stats.json"])
    return summary


def make_conversations(config: ConvertConfig, sample: Sample, modalities: tuple[str, ...]) -> Iterator[Conversation]:
    """Make every conversation about one sample: view by view, then the questions people asked.

    Args:
        config: the choices.
        sample: the sample.
        modalities: every modality in the corpus, the pool of the question for the modality.

    Raises:
        FormatError: an annotation that cannot be measured.
    """
    for scene in build_scenes(config, sample, modalities):
        for subset, make in MAKERS.items():
            if subset in config.subsets:
                yield from make(scene)
    yield from make_asked(config, sample)


def _convert_places(
    places: Iterable[Place], *, config: ConvertConfig, modalities: tuple[str, ...]
) -> Iterator[Conversation | Reject]:
    def make(sample: Sample) -> Iterator[Conversation | Reject]:
        made = list(make_conversations(config, sample, modalities))
        if not made:
            detail = "no fact and no question to make a conversation of"
            yield Reject(id=sample.id, stage="convert", reason="convert.nothing", detail=detail)
        yield from made

    yield from each(make, _read(places), stage="convert", item_id=lambda sample: sample.id, unit="sample")


def _read(places: Iterable[Place]) -> Iterator[Sample]:
    at: tuple[str, int] | None = None
    texts: list[str] = []
    for place in places:
        if at != (place.path, place.group):
            at = (place.path, place.group)
            table = open_parquet(Path(place.path), SAMPLE_SCHEMA).read_row_group(place.group, columns=["record"])
            texts = table.column("record").to_pylist()
        yield from_json(Sample, texts[place.row], where=f"{place.path} row group {place.group} row {place.row}")


def _count(conversation: Conversation) -> dict[str, int]:
    return {conversation.subset: 1}


def _place_name(place: Place) -> str:
    return f"{Path(place.path).name} row group {place.group} row {place.row}"
