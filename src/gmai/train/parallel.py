"""Several processes that train one model: who they are, what they tell each other, how they share the model."""

from __future__ import annotations

import atexit
import inspect
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.nn.parallel import DistributedDataParallel

from gmai.base import this_worker
from gmai.errors import ConfigError, GmaiError
from gmai.models import Precision
from gmai.train.recipe import Device, Parallel, TrainConfig

T = TypeVar("T")
PATIENCE = timedelta(minutes=30)
"""How long one process waits for the others; a checkpoint of a large model takes a while."""


@dataclass(frozen=True)
class World:
    """All processes of a run, seen from one of them."""

    rank: int = 0
    size: int = 1
    device: str = "cpu"
    control: Any = None
    """Group for small things that are told on the processor."""
    storage: Any = None
    """Group for checkpoints, which are written while the others go on."""

    @property
    def leads(self) -> bool:
        """True for the one process that writes."""
        return self.rank == 0

    def sum(self, numbers: Sequence[float]) -> list[float]:
        """Add numbers over all processes, in double precision."""
        if self.size == 1:
            return list(numbers)
        total = torch.tensor(numbers, dtype=torch.float64)
        dist.all_reduce(total, group=self.control)
        result: list[float] = total.tolist()
        return result

    def gather(self, thing: T) -> list[T]:
        """What each process has, in the order of ranks."""
        if self.size == 1:
            return [thing]
        found: list[Any] = [None] * self.size
        dist.all_gather_object(found, thing, group=self.control)
        return found

    def first(self, call: Callable[[], T]) -> T:
        """Let one process do something; all get its result. Of an error one speaks, and all end."""
        if self.size == 1:
            return call()
        told: list[Any] = [None, None]
        if self.leads:
            try:
                told[0] = call()
            except GmaiError as error:
                told[1] = error
        dist.broadcast_object_list(told, src=0, group=self.control)
        if told[1] is not None:
            raise told[1] if self.leads else SystemExit(2)
        result: T = told[0]
        return result


@contextmanager
def open_world(parallel: Parallel, device: Device) -> Iterator[World]:
    """Meet the other processes, if torchrun started several, and part at the end.

    Raises:
        ConfigError: several processes and a recipe for one.
    """
    worker = this_worker()
    kind = "cuda" if device == "cuda" or (device == "auto" and torch.cuda.is_available()) else "cpu"
    place = f"cuda:{worker.local}" if kind == "cuda" else "cpu"
    if kind == "cuda":
        torch.cuda.set_device(place)
    if worker.count > 1 and parallel == "none":
        fix = "--set parallel=ddp, or parallel=fsdp2 where the model does not fit into one device"
        raise ConfigError(f"{worker.count} processes, and a recipe for one", where="parallel", fix=fix)
    if parallel == "none" or (parallel == "ddp" and worker.count == 1):
        yield World(device=place)
        return
    _meet(worker.number, worker.count, kind)
    control, storage = (dist.new_group(backend="gloo", timeout=PATIENCE) for _ in range(2))
    try:
        with _quiet(worker.number > 0):
            yield World(worker.number, worker.count, place, control, storage)
    finally:
        for group in (control, storage):
            dist.destroy_process_group(group)


def _meet(rank: int, size: int, kind: str) -> None:
    """Meet once; a second run in the same processes finds them met, for an address can be given only once."""
    if dist.is_initialized():
        return
    backend = "cpu:gloo,cuda:nccl" if kind == "cuda" else "gloo"
    alone = {"store": dist.HashStore(), "rank": rank, "world_size": size} if size == 1 else {}
    dist.init_process_group(backend, timeout=PATIENCE, **alone)
    atexit.register(dist.destroy_process_group)


@contextmanager
def _quiet(quiet: bool) -> Iterator[None]:
    logger = logging.getLogger("gmai")
    level = logger.level
    if quiet:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


class Spread:
    """A module spread over all processes; its forward is the loss of one pack, its gradients are those of the sum."""

    def __init__(
        self, module: torch.nn.Module, layers: Sequence[torch.nn.Module], world: World, config: TrainConfig
    ) -> None:
        """Spread a module.

        Args:
            module: its forward takes what :meth:`learn` is given and returns a scalar.
            layers: parts of it that are sharded one by one.
            world: all processes.
            config: the recipe: ``parallel``, ``precision``, ``scale``.
        """
        self._world = world
        self._each = config.scale.reduce_every_pack
        self._sharded = config.parallel == "fsdp2"
        self._copied = config.parallel == "ddp" and world.size > 1
        self.module = module
        if self._sharded:
            _shard(module, layers, world, config.precision)
        else:
            module.to(world.device)
        if self._copied:
            warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
            # If it may not look for unused weights, DDP cuts its buckets anew after the first step, and a resumed run
            # would add up in another order. The idle weight keeps it from advising against looking.
            module.register_parameter("idle", torch.nn.Parameter(torch.zeros(1, device=world.device)))
            known = inspect.signature(DistributedDataParallel).parameters
            still = "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"
            self.module = DistributedDataParallel(
                module, find_unused_parameters=True, gradient_as_bucket_view=True, **{still: False}
            )

    def learn(self, *given: Any, last: bool) -> torch.Tensor:
        """Take one pack's loss back through the model; gradients are added up over processes at the last pack."""
        if self._sharded:
            self.module.set_requires_gradient_sync(last or self._each)
            self.module.set_is_last_backward(last)
        with self.module.no_sync() if self._copied and not last else nullcontext():
            loss: torch.Tensor = self.module(*given)
            (loss * self._world.size if self._world.size > 1 else loss).backward()
        return loss.detach()


def _shard(module: torch.nn.Module, layers: Sequence[torch.nn.Module], world: World, precision: Precision) -> None:
    kind = world.device.partition(":")[0]
    mesh = dist.init_device_mesh(kind, (world.size,))
    policy = MixedPrecisionPolicy()
    if precision == "bf16":
        policy = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
    for layer in layers:
        fully_shard(layer, mesh=mesh, mp_policy=policy)
    fully_shard(module, mesh=mesh, mp_policy=policy)
