"""A test that hangs is failed, and says what it waited for."""

from pathlib import Path

import pytest

from tests.stuck import waiting

pytest_plugins = ["pytester"]

HANGS = """
import asyncio
import pytest

async def never_told():
    await asyncio.Event().wait()

@pytest.mark.anyio
async def test_waits():
    await never_told()

def test_is_next():
    pass
"""


@pytest.fixture
def outcome(pytester: pytest.Pytester) -> pytest.RunResult:
    pytester.makeconftest('pytest_plugins = ["tests.stuck"]')
    pytester.makepyfile(HANGS)
    house = Path(__file__).parents[1]
    return pytester.runpytest_subprocess(
        "--timeout=1", f"--rootdir={house}", "-p", "no:cacheprovider", "-p", "no:randomly"
    )


def test_a_test_that_hangs_fails_and_the_next_is_run(outcome: pytest.RunResult) -> None:
    outcome.assert_outcomes(failed=1, passed=1)


def test_it_tells_in_which_call_each_task_waits(outcome: pytest.RunResult) -> None:
    outcome.stdout.fnmatch_lines(
        ["*tasks*", "*.py:* test_waits", "*.py:* never_told", "*Event.wait", "*awaits *Future*"]
    )


def test_nothing_waits_where_no_loop_runs() -> None:
    assert list(waiting()) == []
