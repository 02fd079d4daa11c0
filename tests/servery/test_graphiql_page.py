"""GraphiQL in a real browser: the ready-made question is answered, and no other host is asked."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from enum import Enum

import pytest
import strawberry
import uvicorn
from playwright.async_api import Locator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from servery.pages import graphiql_page, mount_pages
from tests.browser import PageWatch, watched_page

pytestmark = [pytest.mark.anyio, pytest.mark.integration, pytest.mark.browser]

QUESTION = """# Revenue by channel
query Revenue {
  analytics(metrics: [FATURAMENTO], dimensions: [CHANNEL]) {
    rows {
      key
      value
    }
  }
}
"""


@strawberry.enum
class Metric(Enum):
    FATURAMENTO = "faturamento"
    QTD_VENDAS = "qtd_vendas"


@strawberry.enum
class Dimension(Enum):
    CHANNEL = "channel"


@strawberry.type
class Row:
    key: str
    value: float


@strawberry.type
class Answer:
    rows: list[Row]


def analytics(metrics: list[Metric], dimensions: list[Dimension]) -> Answer:
    return Answer(
        rows=[Row(key="iFood", value=1234.5 * len(metrics)), Row(key="Balcao", value=len(dimensions))]
    )


@strawberry.type
class Query:
    analytics: Answer = strawberry.field(resolver=analytics, description="Any metrics by any dimensions.")


schema = strawberry.Schema(Query)
seen_tokens: list[str] = []


async def graphql(request: Request) -> Response:
    if request.method == "GET":
        return graphiql_page(QUESTION)
    body = await request.json()
    if token := request.headers.get("authorization"):
        seen_tokens.append(token)
    done = await schema.execute(
        body["query"], body.get("variables"), operation_name=body.get("operationName")
    )
    errors = [error.formatted for error in done.errors or ()]
    return JSONResponse({"data": done.data, **({"errors": errors} if errors else {})})


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """The page's address. The socket listens before the server runs, so nobody has to wait for it."""
    app = Starlette(routes=[Route("/graphql", graphql, methods=["GET", "POST"])])
    mount_pages(app)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = asyncio.create_task(server.serve(sockets=[listening]), name="test server")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        server.should_exit = True
        await running


async def test_a_first_visit_opens_on_the_ready_made_question_and_its_rows_come(
    address: str, page_watch: PageWatch
) -> None:
    page = page_watch.page

    await page.goto(address)
    await expect(editor(page, "Operation Editor")).to_contain_text("query Revenue")
    await execute(page)

    await expect(answer(page)).to_contain_text('"iFood"')
    await expect(answer(page)).to_contain_text("1234.5")
    await expect(page).to_have_title("Servery GraphiQL")
    assert "docs icon" in await page.locator("svg title").all_text_contents()


async def test_the_explorer_ticks_values_of_a_list_argument(address: str, page_watch: PageWatch) -> None:
    page = page_watch.page
    await page.goto(address)
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await expect(page.get_by_label("FATURAMENTO")).to_be_checked()

    await page.get_by_label("QTD_VENDAS").check()
    await expect(editor(page, "Operation Editor")).to_contain_text("[FATURAMENTO, QTD_VENDAS]")
    await execute(page)

    await expect(answer(page)).to_contain_text("2469")


async def test_the_documentation_shows_the_schema(address: str, page_watch: PageWatch) -> None:
    page = page_watch.page
    await page.goto(address)

    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.get_by_role("link", name="Query", exact=True).click()

    await expect(page.get_by_text("Any metrics by any dimensions.")).to_be_visible()


async def test_the_editor_knows_the_names_of_the_schema(address: str, page_watch: PageWatch) -> None:
    page = page_watch.page
    await page.goto(address)
    await expect(editor(page, "Operation Editor")).to_contain_text("query Revenue")
    await page.get_by_role("button", name="New tab").click()

    await write(editor(page, "Operation Editor"), "{ ana")
    await page.keyboard.press("Control+Space")

    await expect(page.locator(".suggest-widget")).to_contain_text("analytics")


async def test_a_returning_visitor_finds_the_own_tabs(address: str, page_watch: PageWatch) -> None:
    page = page_watch.page
    await page.goto(address)
    await expect(editor(page, "Operation Editor")).to_contain_text("query Revenue")
    await page.get_by_role("button", name="New tab").click()
    await write(editor(page, "Operation Editor"), "query Mine { __typename }")
    await expect(page.get_by_role("tab")).to_contain_text(["Revenue", "Mine"])
    await page.wait_for_function("Object.values(localStorage).some((value) => value.includes('Mine'))")

    await page.reload()

    await expect(page.get_by_role("tab")).to_contain_text(["Revenue", "Mine"])
    await expect(editor(page, "Operation Editor")).to_contain_text("query Mine")


async def test_tabs_that_another_graphiql_left_do_not_hide_the_question(
    address: str, page_watch: PageWatch
) -> None:
    page = page_watch.page
    foreign = {"tabs": [], "activeTabIndex": 0}
    await page.add_init_script(
        f"localStorage.setItem('graphiql:tabState', {json.dumps(json.dumps(foreign))})"
    )
    await page.add_init_script("localStorage.setItem('graphiql:query', '{ foreign }')")

    await page.goto(address)

    await expect(editor(page, "Operation Editor")).to_contain_text("query Revenue")


async def test_a_pasted_token_is_sent_and_never_stored(address: str, page_watch: PageWatch) -> None:
    page = page_watch.page
    await page.goto(address)
    await page.get_by_role("button", name="Headers", exact=True).click()

    await write(editor(page, "Headers"), '{"Authorization": "Bearer s3cret"}')
    await execute(page)
    await expect(answer(page)).to_contain_text("1234.5")
    await write(editor(page, "Operation Editor"), "query Revenue { again: __typename }")
    await execute(page)
    await expect(answer(page)).to_contain_text('"Query"')

    assert seen_tokens[-2:] == ["Bearer s3cret"] * 2
    stored = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "again: __typename" in stored
    assert "s3cret" not in stored


async def test_a_page_that_asks_another_host_is_a_fault(built_pages: None, address: str) -> None:
    async with watched_page() as watch:
        await watch.page.goto(address)
        await watch.page.evaluate("fetch('https://example.com/').catch(() => null)")
        await expect(editor(watch.page, "Operation Editor")).to_contain_text("query Revenue")

    assert any(fault.startswith("console error: policy: connect-src refused") for fault in watch.faults)


async def test_the_page_follows_a_dark_system(built_pages: None, address: str) -> None:
    async with watched_page(dark=True) as watch:
        await watch.page.goto(address)
        shade = await watch.page.locator(".graphiql-container").evaluate(
            "(it) => getComputedStyle(it).backgroundColor"
        )

    channels = [float(number) for number in re.findall(r"[\d.]+", shade)[:3]]
    assert max(channels) < 100


def editor(page: Page, name: str) -> Locator:
    return page.get_by_label(name, exact=True).locator(".graphiql-editor:not(.hidden) .monaco-editor").first


def answer(page: Page) -> Locator:
    return page.get_by_label("Result Window")


async def execute(page: Page) -> None:
    await page.get_by_role("button", name="Execute query").click()


async def write(into: Locator, text: str) -> None:
    """Replace the editor's text as a paste would, with no brackets closed by themselves."""
    await into.click()
    await into.page.keyboard.press("Control+A")
    await into.page.keyboard.insert_text(text)
