"""Samples to conversations that a model wrote: a job over samples whose files become part of the corpus.

Every answer is in a journal the moment it comes, one file for each shard; a killed run asks nothing again that was
answered. When all is done the journals become ``answers/``, so that no reply is lost, kept or rejected.
"""

import fcntl
import logging
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Any, NamedTuple

from gmai.base import (
    JobConfig,
    RunFolder,
    Stage,
    Summary,
    from_dict,
    hash_file,
    input_key,
    iter_jsonl,
    open_run,
    read_json,
    run_job,
    summary_dict,
    write_json,
    write_jsonl,
)
from gmai.convert.guided.assignments import Assignment, make_assignments
from gmai.convert.guided.config import GuidedConfig
from gmai.convert.guided.prompts import check_prompts, read_prompt
from gmai.convert.guided.write import Patience, Writer, host_class
from gmai.convert.inputs import Input, Task, read_inputs
from gmai.convert.tongue import Tongue
from gmai.corpus import (
    REMOVED,
    SAMPLE_SCHEMA,
    TOMBSTONES,
    StoredSample,
    open_parquet,
    read_graves,
    read_samples,
    write_conversations,
    write_description,
)
from gmai.errors import GmaiError
from gmai.llm import Answer, Client, EndpointConfig, Journal
from gmai.types import Conversation, LabelName, Reject

logger = logging.getLogger(__name__)
_TASKS = ("caption", "region", "percept", "instruct", "text")
_NEVER_S = 1e9
"""A worker waits for a server, whose time is limited by the endpoint's own settings."""


class _Numbered(NamedTuple):
    """A sample to write about and which of all it is."""

    number: int
    task: Task


def convert_guided(config: GuidedConfig) -> Summary:
    """Make a corpus of conversations that a model wrote about the facts of samples.

    Each reply passes the gates, and the verifier if there is one, or is rejected and counted with its reason.

    Args:
        config: the folders, the models, the choices, and how the work is run.

    Raises:
        ConfigError: a folder that is not finished, two folders of one source, no samples, or a wrong prompt.
        RemoteError: a server that cannot be used, or is gone; the same command goes on where it stopped.
        RejectLimit: more rejects than ``job.max_rejects``.
    """
    graves = read_graves(config.raw, config.removed)
    inputs = read_inputs(config.raw, graves)
    keys = {item.source: input_key(item.folder) for item in inputs}
    keys |= {f"removed.{number}": hash_file(folder / TOMBSTONES) for number, folder in enumerate(config.removed)}
    run = open_run(
        config.out,
        "convert guided",
        config,
        {**keys, **_prompt_hashes(config)},
        resume=config.job.resume,
        same=config.identity(),
    )
    if run.done:
        logger.info("convert guided: %s was finished before", config.out)
        stats = run.stats()
        return from_dict(Summary, {name: stats[name] for name in Summary.__dataclass_fields__})
    for endpoint in filter(None, (config.endpoint, config.verifier)):
        if (host := host_class(endpoint.url)) != "loopback":
            logger.warning("convert guided: pictures and facts are sent to a %s address: %s", host, endpoint.url)
    linked = [path for item in inputs for path in item.link_into(run.path)]
    (run.path / "conversations").mkdir(exist_ok=True)
    summary = run_job(run, _stage(config, inputs, run), _tasks(inputs), _job(config), total=_total(inputs))
    answers = _keep_answers(run)
    ledger = _sum_answers(answers, config)
    made = sorted((run.path / "conversations").glob("*.parquet"))
    told = [*graves.write(run.path), *write_description(run.path)]
    files = [*linked, *made, *answers, *told, run.path / "rejects.jsonl", run.path / "stats.json"]
    run.finish({**summary_dict(summary), "ledger": ledger}, files, {"ledger": _sum_ledgers(run)})
    return summary


def _stage(config: GuidedConfig, inputs: list[Input], run: RunFolder) -> Stage[_Numbered, Conversation]:
    modalities = tuple(sorted({modality for item in inputs for modality in item.modalities}))
    labels = {item.source: item.labels() for item in inputs}
    step = partial(
        _write_tasks,
        config=config,
        modalities=modalities,
        labels=labels,
        work=run.work,
        patience=(Patience(), Patience()),
    )
    return Stage(
        name="convert guided",
        step=step,
        write=write_conversations,
        pattern="conversations/{shard:05d}.parquet",
        count=_count,
        item_id=_name,
    )


def _job(config: GuidedConfig) -> JobConfig:
    return replace(config.job, item_timeout_s=_NEVER_S)


def _tasks(inputs: list[Input]) -> Iterator[_Numbered]:
    tasks = (task for item in inputs for task in item.tasks(compared=False))
    return (_Numbered(number, task) for number, task in enumerate(tasks))


def _total(inputs: list[Input]) -> int:
    return sum(sum(groups) for item in inputs for _, groups in item.rows)


def _prompt_hashes(config: GuidedConfig) -> dict[str, str]:
    if config.prompts is not None:
        check_prompts(config.prompts)
    names = (*_TASKS, *(("verify",) if config.verifier else ()))
    prompts = [read_prompt(name, language, config.prompts) for name in names for language in ("en", "zh")]
    return {f"prompt {prompt.name}": prompt.hash for prompt in prompts}


def _write_tasks(
    tasks: Iterable[_Numbered],
    *,
    config: GuidedConfig,
    modalities: tuple[str, ...],
    labels: Mapping[str, Mapping[str, LabelName]],
    work: Path,
    patience: tuple[Patience, Patience],
) -> Iterator[Conversation | Reject]:
    """One shard: its texts are written many at a time and come in the samples' order."""
    walked = iter(tasks)
    first = next(walked, None)
    if first is None:
        return
    name = f"{first.number // config.job.shard_size:05d}"
    with ExitStack() as stack:
        stack.enter_context(_alone(work / "answers" / f"{name}.lock"))
        journal = stack.enter_context(Journal(work / "answers" / f"{name}.jsonl"))
        # the model's client ends before the verifier's, which its texts under way ask
        verifier = stack.enter_context(Client(_share(config.verifier, config), journal)) if config.verifier else None
        client = stack.enter_context(Client(_share(config.endpoint, config), journal))
        writer = Writer(config, client, verifier, *patience)
        tongues = {source: [Tongue(one, called) for one in config.languages] for source, called in labels.items()}
        items = _assign(chain([first], walked), config, modalities, tongues)
        yield from client.map(writer.write, items)
        for each, one in zip(patience, (client, verifier), strict=True):
            if one is not None:
                each.end(one)
        spent = {"write": client.ledger.summary(), **({"verify": verifier.ledger.summary()} if verifier else {})}
        write_json(work / "ledgers" / f"{name}.json", spent)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process has this lock: a worker outlives a run that was killed by a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _share(endpoint: EndpointConfig, config: GuidedConfig) -> EndpointConfig:
    """The endpoint with this worker's share of the questions under way."""
    return replace(endpoint, in_flight=max(1, math.ceil(endpoint.in_flight / max(1, config.job.workers))))


def _assign(
    tasks: Iterable[_Numbered],
    config: GuidedConfig,
    modalities: tuple[str, ...],
    tongues: Mapping[str, list[Tongue]],
) -> Iterator[Assignment | Reject]:
    for task, stored in _read(tasks):
        sample = stored.sample
        if task.grave is not None:
            yield Reject(id=sample.id, stage="convert", reason=REMOVED, detail=task.grave.reason)
            continue
        try:
            made = list(make_assignments(config, stored, modalities, tongues[sample.source]))
        except GmaiError as error:
            yield Reject(id=sample.id, stage="convert", reason=error.reason, detail=str(error))
            continue
        if not made:
            detail = "no fact and no question to write about"
            yield Reject(id=sample.id, stage="convert", reason="convert.nothing", detail=detail)
        yield from made


def _read(tasks: Iterable[_Numbered]) -> Iterator[tuple[Task, StoredSample]]:
    """The samples with their pictures; neighbours of one row group cost one read."""
    for (path, group), together in groupby(tasks, key=lambda item: item.task.place[:2]):
        wanted = list(together)
        rows = [item.task.place.row for item in wanted]
        found = read_samples(open_parquet(Path(path), SAMPLE_SCHEMA), group, rows, where=path)
        yield from zip((item.task for item in wanted), found, strict=True)


def _count(conversation: Conversation) -> dict[str, int]:
    again = int(conversation.steps[0].parameters["attempts"] > 1)
    return {conversation.subset: 1, **({"regenerated": again} if again else {})}


def _name(item: _Numbered) -> str:
    return item.task.place.name


def _keep_answers(run: RunFolder) -> list[Path]:
    """The journals, each in the order of its keys, as files of the corpus."""
    kept = []
    for path in sorted((run.work / "answers").glob("*.jsonl")):
        target = run.path / "answers" / path.name
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            write_jsonl(target, sorted(iter_jsonl(path, Answer), key=lambda answer: answer.key))
        kept.append(target)
    return kept


def _sum_answers(answers: list[Path], config: GuidedConfig) -> dict[str, Any]:
    """What the answers of this corpus took, by what they were asked for; the same however often the run was killed."""
    totals: dict[str, Counter[str]] = {}
    for path in answers:
        for answer in iter_jsonl(path, Answer):
            total = totals.setdefault(answer.tag, Counter(answers=0))
            total["answers"] += 1
            total["prompt_tokens"] += answer.usage.prompt
            total["completion_tokens"] += answer.usage.completion
            total["tokens_estimated"] += answer.usage.estimated
    found: dict[str, Any] = {tag: dict(total) for tag, total in sorted(totals.items())}
    cost = 0.0
    for tag, total in totals.items():
        endpoint = config.verifier if tag.startswith("verify") and config.verifier else config.endpoint
        cost += total["prompt_tokens"] * endpoint.price_prompt + total["completion_tokens"] * endpoint.price_completion
    return {"answers": found, "cost": round(cost / 1e6, 6)}


def _sum_ledgers(run: RunFolder) -> dict[str, Any]:
    """What was asked, asked again and failed on the way, as far as shards were finished."""
    found: dict[str, Counter[str]] = {}
    for path in sorted((run.work / "ledgers").glob("*.json")):
        for role, ledger in read_json(path).items():
            total = found.setdefault(role, Counter())
            total.update({key: value for key, value in ledger.items() if isinstance(value, int)})
            for name in ("retries", "failures"):
                total.update({f"{name}: {reason}": count for reason, count in ledger[name].items()})
    return {role: dict(total) for role, total in found.items()}
