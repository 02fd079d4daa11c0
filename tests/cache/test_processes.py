"""Four processes with fifty callers each ask a cold key in the same moment."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.cache.processes.fleet import Crew, fleet
from tests.cache.processes.register import Register
from tests.cache.processes.task import Task, Told
from tests.cache.servers import RunningRedis

pytestmark = pytest.mark.integration

PROCESSES: Final = 4
CALLERS: Final = 50
LOAD: Final = 0.8
LEASE: Final = 2.0
NOISE: Final = 1.2
TOO_BIG: Final = 2 * 1024 * 1024


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    opened = Register(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def task(server: RunningRedis, register: Register, tmp_path: Path) -> Task:
    return Task("burst", server.url, os.fspath(tmp_path), load_seconds=LOAD, callers=CALLERS)


def burst(tasks: list[Task], meanwhile: Callable[[list[Crew]], None] = lambda _: None) -> list[Told]:
    """What those tell who are left."""
    with fleet(tasks) as crews:
        for crew in crews:
            crew.order("go")
        meanwhile(crews)
        return [told for crew in crews if (told := crew.told()) is not None]


def leader(register: Register, crews: list[Crew]) -> Crew:
    """The process that has begun the first load."""
    deadline = time.monotonic() + 20
    while not (pids := register.pids("load")):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return next(crew for crew in crews if crew.pid == pids[0])


def answered(told: list[Told]) -> list[int]:
    assert [each.errors for each in told] == [[]] * len(told)
    return [each.answered for each in told]


def test_a_cold_key_is_loaded_once(task: Task, register: Register) -> None:
    told = burst([task] * PROCESSES)

    assert answered(told) == [CALLERS] * PROCESSES
    assert len(register.pids("load")) == 1
    assert max(each.slowest for each in told) < LOAD + NOISE


def test_a_leader_that_is_killed_is_replaced_when_its_lease_ends(task: Task, register: Register) -> None:
    def kill(crews: list[Crew]) -> None:
        time.sleep(LOAD / 4)
        leader(register, crews).kill()

    told = burst([task] * PROCESSES, kill)

    assert answered(told) == [CALLERS] * (PROCESSES - 1)
    assert len(register.pids("load")) == 2
    assert max(each.slowest for each in told) < LEASE + LOAD + NOISE


def test_callers_who_leave_change_nothing_for_the_others(task: Task, register: Register) -> None:
    leaving = [replace(task, leave=number) for number in (1, 10, 30, CALLERS - 1)]

    told = burst(leaving)

    assert answered(told) == [CALLERS - each.leave for each in leaving]
    assert [each.left for each in told] == [each.leave for each in leaving]
    assert len(register.pids("load")) == 1
    assert register.pids("cancelled") == []


def test_when_all_leave_a_process_others_load_at_once(task: Task, register: Register) -> None:
    """Whoever leads: in three of four processes nobody stays."""
    deserted = replace(task, leave=CALLERS)

    told = burst([deserted, deserted, deserted, task])

    assert answered(told) == [0, 0, 0, CALLERS]
    assert len(register.pids("load")) - len(register.pids("cancelled")) == 1
    assert max(each.slowest for each in told) < 2 * LOAD + NOISE


def test_when_nobody_is_left_the_load_is_cancelled(task: Task, register: Register) -> None:
    told = burst([replace(task, leave=CALLERS)] * PROCESSES)

    assert answered(told) == [0] * PROCESSES
    assert sorted(register.pids("cancelled")) == sorted(register.pids("load"))


def test_answers_that_are_too_big_to_keep_are_not_loaded_one_after_the_other(
    task: Task, register: Register
) -> None:
    told = burst([replace(task, body_bytes=TOO_BIG)] * PROCESSES)

    assert answered(told) == [CALLERS] * PROCESSES
    assert len(register.pids("load")) <= PROCESSES
    # One after the other would be four loads long.
    assert max(each.slowest for each in told) < 2 * LOAD + NOISE
