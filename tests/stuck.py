"""A test that hangs ends its process, and tells what everything waited for; xdist names it and goes on.

An exception would not do: what hangs may hold it back, and fixtures would wait for the same thing. Servers
that were started for the tests end with the process. Where Python itself does not come to run the handler,
pytest's faulthandler ends the process in the end (pyproject.toml).
"""

import asyncio
import faulthandler
import gc
import os
import signal
from collections.abc import Generator, Iterator
from types import CoroutineType, FrameType
from typing import Any, Final, TextIO

import pytest

SECONDS: Final = "TEST_STUCK_AFTER_S"
"""The environment variable that bounds a test with its fixtures, for machines that are slower still."""

_DEFAULT: Final = "240"
_TERMINAL: Final = pytest.StashKey[TextIO]()


def pytest_configure(config: pytest.Config) -> None:
    # Nothing is captured now, and while a test runs everything is.
    config.stash[_TERMINAL] = os.fdopen(os.dup(2), "w")


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_TERMINAL].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Bounds setup, call and teardown together."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        try:
            _tell(item.nodeid, item.config.stash[_TERMINAL])
        finally:
            os._exit(1)

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, float(os.environ.get(SECONDS, _DEFAULT)))
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _tell(name: str, terminal: TextIO) -> None:
    print(f"\n{name} hangs. Tasks that have not ended:", *waiting(), sep="\n", file=terminal, flush=True)
    faulthandler.dump_traceback(terminal)


def waiting() -> Iterator[str]:
    """Each task of any event loop that has not ended, and below it the calls in which it is."""
    for task in (each for each in gc.get_objects() if issubclass(type(each), asyncio.Task)):
        if not task.done():
            yield task.get_name()
            yield from _calls(task.get_coro())


def _calls(awaited: Any) -> Iterator[str]:
    while isinstance(awaited, CoroutineType):
        if frame := awaited.cr_frame:
            yield f"    {awaited.cr_code.co_filename}:{frame.f_lineno} {awaited.cr_code.co_qualname}"
        awaited = awaited.cr_await
    yield f"    awaits {awaited!r}"
