"""Fixtures of the house's tests: a watched page in a real browser, with the pages built."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser import PageWatch, watched_page

HOUSE = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built_pages() -> None:
    """The front end as its sources are now; a build that is up to date costs a tenth of a second."""
    command = [sys.executable, str(HOUSE / "web" / "build.py"), "--strict"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr


@pytest.fixture
async def page_watch(built_pages: None) -> AsyncIterator[PageWatch]:
    """A first visit's page; the test fails if anything went wrong in it, or any other host was asked.

    Ask for the server before this one, so that it outlives the page: its end would be a fault.
    """
    async with watched_page() as watch:
        yield watch
        await watch.page.wait_for_load_state("networkidle")  # late faults count too
        assert watch.faults == []
