"""A test that hangs fails, and says what it waited for; the others are run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stuck import SECONDS

HOUSE = Path(__file__).parents[1]
CONFTEST = """
import pytest

pytest_plugins = ["tests.stuck"]

@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"
"""
HANGS = """
import asyncio
import pytest

pytestmark = pytest.mark.anyio

@pytest.fixture
async def server():
    yield 1

@pytest.fixture
async def slow(server):
    await asyncio.Event().wait()

async def never_told():
    await asyncio.Event().wait()

async def test_waits(server):
    await never_told()

async def test_waits_for_its_fixture(slow):
    pass

def test_is_run():
    pass
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("hangs")
    (folder / "conftest.py").write_text(CONFTEST, "utf-8")
    (folder / "test_hangs.py").write_text(HANGS, "utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "1",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        str(folder),
    ]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HOUSE), SECONDS: "6"}
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


def test_those_that_hang_fail_by_their_names_and_the_others_are_run(told: str) -> None:
    assert "2 failed, 1 passed" in told
    for name in ("test_waits", "test_waits_for_its_fixture"):
        assert f"crashed while running 'test_hangs.py::{name}'" in told


def test_it_is_told_in_which_call_each_task_waits(told: str) -> None:
    lines = [line.rpartition(" ")[2] for line in told.splitlines() if line.startswith("    ")]

    assert {"test_waits", "never_told", "slow", "Event.wait"} <= set(lines)
