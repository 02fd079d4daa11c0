"""The restaurant example, and one so small that it can be counted by hand; both asked on NOW."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.copy import session
from servery.demo.statements import text
from tests.behaviour.comparison import ZONE
from tests.behaviour.documents import NOW
from tests.plan.questions import RESTAURANT
from tests.service import Service, service_over

SMALL = (Path(__file__).parent / "small.sql").read_text(encoding="utf-8")


@pytest.fixture
async def restaurant(restaurant_url: str) -> AsyncIterator[Service]:
    async with service_over(RESTAURANT, restaurant_url, now=lambda: NOW) as service:
        yield service


@pytest.fixture
async def small_url(database_url: str) -> str:
    """A restaurant with eighteen sales: see small.sql."""
    async with session(database_url) as own:
        await own.run(f"set timezone to '{ZONE}'")
        await own.run(text("schema.sql"))
        await own.run(SMALL)
    return database_url


@pytest.fixture
async def small(small_url: str) -> AsyncIterator[Service]:
    async with service_over(RESTAURANT, small_url, now=lambda: NOW) as service:
        yield service
