"""A pool of worker processes that survives its workers: one that dies or hangs costs the item it held, not the run.

Each worker talks to the parent over a pipe of its own, and watches its parent, so a parent that is killed takes its
workers with it; it writes the position of the item it is at into shared memory, so a death can be laid to one item.
"""

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from gmai.base.config import take_environment, whole_environment

A = TypeVar("A")
R = TypeVar("R")
Work = Callable[[A, Callable[[int], None]], R]
STARTUP_S = 120.0
"""Longest time a worker may take before its first item: it loads the code it needs."""


@dataclass(frozen=True)
class Death:
    """A worker ended before it answered."""

    position: int
    """Position, within the task, of the item it was at; -1 before the first."""
    why: str


def run_tasks(work: Work[A, R], tasks: Iterable[A], workers: int, timeout_s: float) -> Iterator[tuple[A, R | Death]]:
    """Run ``work(task, at)`` for each task in worker processes and yield ``(task, result)`` as they finish.

    Args:
        work: picklable; calls ``at(position)`` when it begins an item of its task. What it raises is raised here.
        tasks: read lazily, one for each free worker.
        workers: number of processes; 0 runs everything in this process, where a death cannot be survived.
        timeout_s: longest time at one item; a worker that takes longer is ended.
    """
    if workers == 0:
        for task in tasks:
            yield task, work(task, lambda position: None)
        return
    pool = _Pool(work, timeout_s)
    try:
        yield from pool.run(tasks, workers)
    finally:
        pool.stop()


def run_in_order(
    work: Work[A, R], tasks: Iterable[A], workers: int, timeout_s: float, mend: Callable[[A, Death], A], ahead: int = 0
) -> Iterator[R]:
    """Run ``work(task, at)`` for each task ahead of its use and yield the results in the order of the tasks.

    Args:
        work: see :func:`run_tasks`.
        tasks: read lazily, by a thread if there are workers.
        workers: number of processes; 0 runs everything in this process, when it is asked for.
        timeout_s: longest time at one item; a worker that takes longer is ended.
        mend: what to do instead of a task whose worker died.
        ahead: most tasks begun and not yet asked for; at least two for each worker.
    """
    if workers == 0:
        for task in tasks:
            yield work(task, lambda position: None)
        return
    line = _Line(_Pool(work, timeout_s), tasks, workers, mend, max(ahead, 2 * workers))
    try:
        yield from line
    finally:
        line.stop()


class Worker(Generic[A]):
    """One worker process and the pipe to it."""

    def __init__(self, work: Work[A, Any]) -> None:
        context = _context()
        self.position = context.Value("q", -1)
        self.beat = context.Value("d", time.monotonic())
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=_serve, args=(work, theirs, self.position, self.beat, whole_environment()), daemon=True
        )
        self.process.start()
        theirs.close()
        self.task: A | None = None

    def is_late(self, timeout_s: float) -> bool:
        """True if it has been at one item, or on its way to the first, for too long."""
        allowed = timeout_s if self.position.value >= 0 else max(timeout_s, STARTUP_S)
        return bool(time.monotonic() - self.beat.value > allowed)

    def give(self, task: A) -> None:
        """Send it a task; its answer comes back over ``pipe``."""
        self.task = task
        self.position.value = -1
        self.beat.value = time.monotonic()
        self.pipe.send(task)

    def end(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _context() -> Any:
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")


class _Pool(Generic[A, R]):
    def __init__(self, work: Work[A, R], timeout_s: float) -> None:
        self.work = work
        self.timeout_s = timeout_s
        self.workers: list[Worker[A]] = []

    def run(self, tasks: Iterable[A], count: int) -> Iterator[tuple[A, R | Death]]:
        waiting = iter(tasks)
        for task in waiting:
            worker: Worker[A] = Worker(self.work)
            self.workers.append(worker)
            worker.give(task)
            if len(self.workers) == count:
                break
        while busy := [worker for worker in self.workers if worker.task is not None]:
            for worker in self.ready(busy):
                task, result = self.collect(worker)
                following = next(waiting, None)
                if following is not None:
                    self.alive(worker).give(following)
                yield task, result

    def ready(self, busy: list[Worker[A]], wait_s: float = 1.0) -> list[Worker[A]]:
        """Workers with an answer, or beyond their time; those are ended."""
        ready = wait([worker.pipe for worker in busy], timeout=min(wait_s, self.timeout_s))
        late = [worker for worker in busy if worker.pipe not in ready and worker.is_late(self.timeout_s)]
        for worker in late:
            worker.process.kill()
            worker.process.join()
        return [worker for worker in busy if worker.pipe in ready] + late

    def collect(self, worker: Worker[A]) -> tuple[A, R | Death]:
        """A worker's task and its answer."""
        task, worker.task = worker.task, None
        assert task is not None
        try:
            error, result = worker.pipe.recv()
        except (EOFError, ConnectionError):
            worker.process.join()
            why = (
                f"took longer than {self.timeout_s:g} s"
                if worker.is_late(self.timeout_s)
                else f"process died ({worker.process.exitcode})"
            )
            return task, Death(worker.position.value, why)
        if error is not None:
            raise error
        return task, result

    def alive(self, worker: Worker[A]) -> Worker[A]:
        """The worker, or one in its place."""
        if worker.process.is_alive():
            return worker
        worker.end()
        fresh: Worker[A] = Worker(self.work)
        self.workers[self.workers.index(worker)] = fresh
        return fresh

    def stop(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.end()


class _Line(Generic[A, R]):
    """Tasks done ahead of their use by a pool that a thread looks after; iterates over the results in order."""

    def __init__(
        self, pool: _Pool[A, R], tasks: Iterable[A], count: int, mend: Callable[[A, Death], A], ahead: int
    ) -> None:
        self._pool = pool
        self._mend = mend
        self._ahead = ahead
        self._waiting = enumerate(tasks)
        self._numbers: dict[int, int] = {}
        """The task each worker is at."""
        self._done: dict[int, R] = {}
        self._begun = self._asked = 0
        self._all_begun = self._stopped = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        pool.workers = [Worker(pool.work) for _ in range(count)]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[R]:
        while True:
            with self._changed:
                while self._asked not in self._done:
                    if self._error is not None:
                        raise self._error
                    if self._all_begun and self._asked == self._begun:
                        return
                    self._changed.wait()
                result = self._done.pop(self._asked)
                self._asked += 1
                self._changed.notify_all()
            yield result

    def stop(self) -> None:
        """End the thread and all workers."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()
        self._pool.stop()

    def _run(self) -> None:
        try:
            while not self._stopped:
                self._begin()
                busy = [worker for worker in self._pool.workers if worker.task is not None]
                if busy:
                    self._end(busy)
                elif self._all_begun:
                    return
                else:
                    with self._changed:
                        self._changed.wait_for(lambda: self._stopped or self._begun < self._asked + self._ahead)
        except BaseException as error:  # raised where results are asked for
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _begin(self) -> None:
        for place, worker in enumerate(self._pool.workers):
            if worker.task is not None or self._all_begun or self._begun >= self._asked + self._ahead:
                continue
            following = next(self._waiting, None)
            with self._changed:
                self._all_begun = following is None
                self._changed.notify_all()
            if following is not None:
                self._numbers[place], task = following
                self._pool.alive(worker).give(task)
                self._begun += 1

    def _end(self, busy: list[Worker[A]]) -> None:
        for worker in self._pool.ready(busy, wait_s=0.05):
            place = self._pool.workers.index(worker)
            task, result = self._pool.collect(worker)
            if isinstance(result, Death):
                self._pool.alive(worker).give(self._mend(task, result))
                continue
            with self._changed:
                self._done[self._numbers[place]] = result
                self._changed.notify_all()


def _end_with_parent() -> None:
    """End this process when its parent is gone, even in the middle of a task."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _serve(work: Work[Any, Any], pipe: Connection, position: Any, beat: Any, environment: dict[str, str]) -> None:
    take_environment(environment)  # the server that workers are forked from has that of its own start

    def at(index: int) -> None:
        position.value = index
        beat.value = time.monotonic()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer; it ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    parent = multiprocessing.parent_process()
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        if parent is not None and not parent.is_alive():  # it was killed while this process was starting
            return
        try:
            answer: tuple[Exception | None, Any] = (None, work(task, at))
        except Exception as error:  # handed to the parent, which raises it there
            error.add_note(f"in a worker process:\n{traceback.format_exc()}")
            answer = (error, None)
        try:
            pipe.send(answer)
        except (BrokenPipeError, ConnectionError):
            return
