"""A test that hangs fails, and tells what everything waited for.

pytest-timeout ends it by a signal, so that fixtures still stop their servers. Where that does not help,
because something swallows what the signal raises, pytest's own faulthandler ends the process some minutes
later, and xdist names the test. Both bounds stand in pyproject.toml.
"""

import asyncio
import gc
import signal
from collections.abc import Generator, Iterator
from types import CoroutineType, FrameType
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer(item: pytest.Item) -> Generator[None, object, object]:
    """Note where each task stands before the test is ended: the traceback alone ends in the event loop."""
    is_set = yield
    ends = signal.getsignal(signal.SIGALRM)

    def tell(number: int, frame: FrameType | None) -> None:
        item.add_report_section("call", "tasks", "\n".join(waiting()))
        if callable(ends):
            ends(number, frame)

    if callable(ends):
        signal.signal(signal.SIGALRM, tell)
    return is_set


def waiting() -> Iterator[str]:
    """Each task of any event loop that has not ended, and below it the calls in which it is."""
    for task in (each for each in gc.get_objects() if isinstance(each, asyncio.Task)):
        if not task.done():
            yield task.get_name()
            yield from _calls(task.get_coro())


def _calls(awaited: Any) -> Iterator[str]:
    while isinstance(awaited, CoroutineType):
        if frame := awaited.cr_frame:
            yield f"    {awaited.cr_code.co_filename}:{frame.f_lineno} {awaited.cr_code.co_qualname}"
        awaited = awaited.cr_await
    yield f"    awaits {awaited!r}"
