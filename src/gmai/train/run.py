"""One run of training from recipe to model folder."""

from __future__ import annotations

import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from gmai.base import RunFolder, open_run, output_files, to_dict, write_jsonl
from gmai.corpus import Corpus, open_corpus
from gmai.models import LoadedModel, count_parameters, model_key, save_model
from gmai.train.account import Account
from gmai.train.journal import Journal
from gmai.train.loop import Course, run_loop
from gmai.train.material import Material, build_lesson, gather
from gmai.train.recipe import TrainConfig
from gmai.train.rows import count_rows
from gmai.train.stages import STAGES
from gmai.train.weights import check_moved, fingerprint, free_parts, load_start

logger = logging.getLogger(__name__)
LOG = "log.jsonl"
_FREE = {"corpus", "init", "out", "checkpoint_every", "max_rejects", "resume"}
"""Settings that cannot change the weights; what the paths hold is part of the run's key by content."""


def train(config: TrainConfig) -> dict[str, Any]:
    """Train one stage and return the run's numbers.

    A killed run continues from its last checkpoint and ends with the same bytes; a finished one is left alone.

    Raises:
        ConfigError: a corpus, model or output folder that does not fit.
        ModelError: parts that do not fit each other, a loss that is no number, a frozen weight that moved.
        RejectLimit: more unusable data than ``max_rejects``.
    """
    corpus = open_corpus(config.corpus)
    run = open_run(config.out, "train", config, _inputs(config, corpus), resume=config.resume, same=_same(config))
    if run.done:
        return run.stats()
    with _deterministic(config.threads):
        return _train(run, config, corpus)


def _train(run: RunFolder, config: TrainConfig, corpus: Corpus) -> dict[str, Any]:
    parts = STAGES[config.stage].trains
    loaded = load_start(config.init)
    before = fingerprint(loaded.model)
    account = Account(config.max_rejects)
    material = gather(corpus, loaded, config, account)
    lesson = build_lesson(corpus, loaded, config, account, material)
    loaded.model.train()
    course = Course(lesson, free_parts(loaded.model, parts), account, config, run.path)
    journal = run_loop(course)
    loaded.model.eval()
    table = check_moved(before, fingerprint(loaded.model), parts)
    save_model(loaded, run.path / "model")
    write_jsonl(run.path / "rejects.jsonl", account.rejects)
    stats = _stats(config, loaded, material, account) | {"parts": _with_sizes(table, loaded)}
    files = [path for path in output_files(run) if path.name != LOG]
    run.finish(stats, files, _measured(journal, account))
    logger.info("train %s: %d steps, %d rejects", config.stage, config.steps, len(account.rejects))
    return run.stats()


def _inputs(config: TrainConfig, corpus: Corpus) -> dict[str, str]:
    sources = {name: getattr(config.init, name) for name in config.init.__dataclass_fields__}
    keys = {f"init.{name}": model_key(path) for name, path in sources.items() if path is not None}
    return {"corpus": corpus.key, **keys}


def _same(config: TrainConfig) -> dict[str, Any]:
    settings: dict[str, Any] = to_dict(config)
    settings["pictures"].pop("cache_mb")
    return {name: value for name, value in settings.items() if name not in _FREE}


@contextmanager
def _deterministic(threads: int) -> Iterator[None]:
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    filling = torch.utils.deterministic.fill_uninitialized_memory
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
        torch.utils.deterministic.fill_uninitialized_memory = filling


def _stats(config: TrainConfig, loaded: LoadedModel, material: Material, account: Account) -> dict[str, Any]:
    return {
        "stage": config.stage,
        "steps": config.steps,
        "epochs": round(material.plan.size / len(material.rows), 3),
        "contract": loaded.contract.hash,
        "available": count_rows(material.rows),
        "unused": material.unused,
        "learned": account.tree(),
        "rejected": len(account.rejects),
    }


def _with_sizes(table: dict[str, dict[str, Any]], loaded: LoadedModel) -> dict[str, dict[str, Any]]:
    sizes = count_parameters(loaded.model)
    return {part: {"parameters": sizes[part], **row} for part, row in table.items()}


def _measured(journal: Journal, account: Account) -> dict[str, float]:
    seconds = sum(journal.past)
    tokens = account.counts["tokens.read"] + account.counts["patches"]
    return {
        "seconds_per_step": round(seconds / max(1, len(journal.past)), 4),
        "tokens_per_second": round(tokens / max(seconds, 1e-9), 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
