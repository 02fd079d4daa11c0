"""GraphiQL in a real browser, over the whole service as a newcomer finds it."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from servery.demo.load import load_example
from servery.demo.run import ZONE
from servery.embedded.port import free_port
from tests.browser import PageWatch
from tests.process import Service

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@pytest.fixture
def service(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Service]:
    """With an example that ends yesterday, because the ready-made question asks for the last 30 days."""
    yesterday = datetime.now(UTC).astimezone(ZONE).date() - timedelta(days=1)
    with ThreadPoolExecutor(1) as thread:  # the test's event loop must not be replaced
        thread.submit(asyncio.run, load_example(database_url, until=yesterday, sales=5000)).result()
    with Service(tmp_path / "service.log", free_port(), database_url, redis_url) as found:
        yield found


async def executed(page: Page) -> dict[str, Any]:
    """What the service answered to a press of the button."""
    async with page.expect_response(lambda found: "FirstLook" in (found.request.post_data or "")) as response:
        await page.get_by_role("button", name="Execute query").click()
    answer: dict[str, Any] = (await (await response.value).json())["data"]["analytics"]
    return answer


async def test_the_ready_made_question_is_answered_and_asked_again_from_the_cache(
    service: Service, page_watch: PageWatch
) -> None:
    page = page_watch.page
    await page.goto(f"http://127.0.0.1:{service.port}/graphql")
    await expect(page.get_by_label("Operation Editor")).to_contain_text("query FirstLook")

    first = await executed(page)
    await expect(page.get_by_label("Result Window")).to_contain_text('"channel": "')
    second = await executed(page)

    assert len(first["data"]) == 6
    assert second["data"] == first["data"]
    assert [each["metadata"]["fromCache"] for each in (first, second)] == [False, True]
