"""Samples to conversations: a job over the samples of ingested folders, whose files become part of the corpus."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from gmai.base import (
    Stage,
    Summary,
    each,
    from_dict,
    hash_file,
    input_key,
    open_run,
    run_job,
    summary_dict,
    to_dict,
)
from gmai.convert.asked import make_asked
from gmai.convert.caption import make_captions
from gmai.convert.checks import GroundingError
from gmai.convert.comparison import make_comparisons
from gmai.convert.config import ConvertConfig
from gmai.convert.extras import make_extras
from gmai.convert.inputs import Task, read_inputs
from gmai.convert.instruct import make_instructs
from gmai.convert.percept import make_percepts
from gmai.convert.scene import Draft, Scene, build_scenes
from gmai.convert.tongue import Tongue, lexicon_tongue
from gmai.convert.variety import measure_variety
from gmai.corpus import (
    REMOVED,
    SAMPLE_SCHEMA,
    TOMBSTONES,
    Records,
    read_graves,
    write_conversations,
    write_description,
)
from gmai.errors import CardError, GmaiError
from gmai.types import Conversation, LabelName, Reject, Sample

logger = logging.getLogger(__name__)
MAKERS: tuple[Callable[[Scene], Iterator[Draft]], ...] = (make_captions, make_percepts, make_instructs, make_extras)
"""What is made of a view of a sample; what has no view is made by :func:`make_asked` alone."""


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
    graves = read_graves(config.raw, config.removed)
    inputs = read_inputs(config.raw, graves)
    keys = {item.source: input_key(item.folder) for item in inputs}
    keys |= {f"removed.{number}": hash_file(folder / TOMBSTONES) for number, folder in enumerate(config.removed)}
    same = {**to_dict(config), "limit": config.job.limit, "shard_size": config.job.shard_size}
    for name in ("raw", "out", "removed", "job"):
        del same[name]
    run = open_run(config.out, "convert", config, keys, resume=config.job.resume, same=same)
    if run.done:
        logger.info("convert: %s was finished before", config.out)
        stats = run.stats()
        return from_dict(Summary, {name: stats[name] for name in Summary.__dataclass_fields__})
    files = [path for item in inputs for path in item.link_into(run.path)]
    (run.path / "conversations").mkdir(exist_ok=True)
    modalities = tuple(sorted({modality for item in inputs for modality in item.modalities}))
    labels = {item.source: item.labels() for item in inputs}
    stage = Stage(
        name="convert",
        step=partial(_convert_tasks, config=config, modalities=modalities, labels=labels),
        write=write_conversations,
        pattern="conversations/{shard:05d}.parquet",
        count=_count,
        item_id=_task_name,
    )
    total = sum(sum(groups) for item in inputs for _, groups in item.rows)
    tasks = (task for item in inputs for task in item.tasks(compared="comparisons" in config.also))
    summary = run_job(run, stage, tasks, config.job, total=total)
    made = sorted((run.path / "conversations").glob("*.parquet"))
    stats = {**summary_dict(summary), "variety": measure_variety(run.path)}
    told = [*graves.write(run.path), *write_description(run.path)]
    run.finish(stats, [*files, *made, *told, run.path / "rejects.jsonl", run.path / "stats.json"])
    return summary


def make_conversations(
    config: ConvertConfig,
    sample: Sample,
    modalities: Sequence[str],
    tongues: Sequence[Tongue] = (),
    prior: Sample | None = None,
) -> Iterator[Conversation | Reject]:
    """Make every conversation about one sample: view by view and language by language, then what people asked.

    What cannot be said in a language, or fails the check after filling, is a reject of unit ``conversation``.

    Args:
        config: the choices.
        sample: the sample.
        modalities: every modality in the corpus, the pool of the question for the modality.
        tongues: the names in each language; by default the lexicon's in the languages of the config.
        prior: the subject's sample of the visit before, if it is to be compared with that.

    Raises:
        FormatError: an annotation that cannot be measured.
    """
    tongues = tongues or [lexicon_tongue(language) for language in config.languages]
    for scene in build_scenes(config, sample, modalities, tongues):
        for draft in (draft for make in MAKERS for draft in make(scene)):
            if draft.subset in config.subsets:
                yield from _write(draft)
    for draft in make_comparisons(config, sample, prior, tongues):
        if draft.subset in config.subsets:
            yield from _write(draft)
    yield from make_asked(config, sample)


def _write(draft: Draft) -> Iterator[Conversation | Reject]:
    try:
        made = draft.write()
    except (CardError, GroundingError) as error:
        yield Reject(id=draft.id, stage="convert", reason=error.reason, detail=str(error), unit="conversation")
    else:
        if made is not None:
            yield made


def _convert_tasks(
    tasks: Iterable[Task],
    *,
    config: ConvertConfig,
    modalities: tuple[str, ...],
    labels: Mapping[str, Mapping[str, LabelName]],
) -> Iterator[Conversation | Reject]:
    tongues = {name: [Tongue(language, called) for language in config.languages] for name, called in labels.items()}

    records = Records(Sample, SAMPLE_SCHEMA)

    def make(task: Task) -> Iterator[Conversation | Reject]:
        sample = records.read(task.place)
        if task.grave is not None:
            yield Reject(id=sample.id, stage="convert", reason=REMOVED, detail=task.grave.reason)
            return
        prior = None if task.prior is None else records.read(task.prior)
        try:
            made = list(make_conversations(config, sample, modalities, tongues[sample.source], prior))
        except GmaiError as error:
            yield Reject(id=sample.id, stage="convert", reason=error.reason, detail=str(error))
            return
        if not made:
            detail = "no fact and no question to make a conversation of"
            yield Reject(id=sample.id, stage="convert", reason="convert.nothing", detail=detail)
        yield from made

    yield from each(make, tasks, stage="convert", item_id=_task_name, unit="sample")


def _count(conversation: Conversation) -> dict[str, int]:
    return {conversation.subset: 1}


def _task_name(task: Task) -> str:
    return task.place.name
