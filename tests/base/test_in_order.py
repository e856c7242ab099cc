"""Work done ahead by processes comes back in order, no further ahead than said, whatever happens to a process."""

import os
import time

import pytest

from gmai.base import Death, run_in_order


def slow_square(task, at):
    at(0)
    time.sleep(0.05 if task % 3 == 0 else 0.0)
    return task * task


def fatal(task, at):
    number, mended = task
    at(number)
    if number == 2 and not mended:
        os._exit(3)
    return f"{number}{' mended' if mended else ''}"


def failing(task, at):
    if task == 3:
        raise ValueError("three")
    return task


def never(task, death):
    raise AssertionError("nothing died")


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_results_come_in_the_order_of_their_tasks(workers):
    assert list(run_in_order(slow_square, range(20), workers, 60, never)) == [n * n for n in range(20)]


def test_no_more_than_two_tasks_a_worker_are_begun_ahead():
    taken = []

    def tasks():
        for number in range(20):
            taken.append(number)
            yield number

    results = run_in_order(slow_square, tasks(), 2, 60, never)
    for asked in range(20):
        next(results)
        assert len(taken) <= asked + 1 + 4
    assert not list(results)


def test_work_goes_on_while_nobody_asks():
    taken = []

    def tasks():
        for number in range(20):
            taken.append(number)
            yield number

    results = run_in_order(slow_square, tasks(), 1, 60, never, ahead=12)
    assert next(results) == 0
    until = time.monotonic() + 20
    while len(taken) < 13 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(taken) == 13
    results.close()


def test_a_task_whose_worker_died_is_mended_in_its_place():
    seen = []

    def mend(task, death: Death):
        seen.append((task, death.position, "died" in death.why))
        return (task[0], True)

    tasks = [(number, False) for number in range(5)]
    assert list(run_in_order(fatal, tasks, 2, 60, mend)) == ["0", "1", "2 mended", "3", "4"]
    assert seen == [((2, False), 2, True)]


@pytest.mark.parametrize("workers", [0, 2])
def test_what_the_work_raises_is_raised_here(workers):
    with pytest.raises(ValueError, match="three"):
        list(run_in_order(failing, range(6), workers, 60, never))


def test_leaving_early_ends_the_processes():
    import multiprocessing

    before = set(multiprocessing.active_children())
    results = run_in_order(slow_square, range(100), 2, 60, never)
    assert next(results) == 0
    assert set(multiprocessing.active_children()) - before
    results.close()
    assert not set(multiprocessing.active_children()) - before
