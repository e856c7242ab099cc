"""A handful of long tasks that need one another's results: each runs in a worker process as soon as it can."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any

from gmai.base.pool import Worker
from gmai.errors import ConfigError


@dataclass(frozen=True)
class Task:
    """A picklable call, and the names of the tasks that must be done before it."""

    name: str
    call: Callable[[], Any]
    needs: tuple[str, ...] = ()


def run_graph(tasks: Sequence[Task], workers: int, note: Callable[[str, Any], None]) -> dict[str, Any]:
    """Run tasks in worker processes; of those that are ready the first in the list goes first.

    Args:
        tasks: in order of preference.
        workers: number of processes; each lives through all its tasks, so imports are paid once.
        note: called with each task's name and result as it ends.

    Returns:
        Results by name. What a task raises is raised here, and ends the others.

    Raises:
        ConfigError: a task that can never run, because what it needs is not in the list or needs it.
        RuntimeError: a worker process died.
    """
    waiting = {task.name: task for task in tasks}
    results: dict[str, Any] = {}
    pool: list[Worker[Task]] = []
    try:
        while waiting or any(worker.task for worker in pool):
            for task in _ready(waiting, results):
                idle = next((worker for worker in pool if worker.task is None), None)
                if idle is None and len(pool) < workers:
                    idle = Worker(_call)
                    pool.append(idle)
                if idle is None:
                    break
                idle.give(waiting.pop(task.name))
            busy = [worker for worker in pool if worker.task is not None]
            if not busy:
                raise ConfigError(f"tasks that can never run: {', '.join(waiting)}", where="run_graph")
            for name, result in _finished(busy):
                results[name] = result
                note(name, result)
    finally:
        for worker in pool:
            worker.end()
    return results


def _ready(waiting: Mapping[str, Task], results: Mapping[str, Any]) -> list[Task]:
    return [task for task in waiting.values() if all(name in results for name in task.needs)]


def _finished(busy: Sequence[Worker[Task]]) -> list[tuple[str, Any]]:
    ready = wait([worker.pipe for worker in busy])
    found = []
    for worker in busy:
        if worker.pipe in ready:
            task, worker.task = worker.task, None
            assert task is not None
            try:
                error, result = worker.pipe.recv()
            except (EOFError, ConnectionError):
                worker.process.join()
                raise RuntimeError(f"{task.name}: its process died ({worker.process.exitcode})") from None
            if error is not None:
                raise error
            found.append((task.name, result))
    return found


def _call(task: Task, at: Callable[[int], None]) -> Any:
    return task.call()
