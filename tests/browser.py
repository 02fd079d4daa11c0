"""A real Chromium for tests of pages, watched for whatever a visitor's console would show."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MAC_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The machine of the tests is the only host there is.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
OWN_HOST = "127.0.0.1"
WITHOUT_HOST = {"data", "blob", "about"}
REPORT_VIOLATIONS = """
  addEventListener("securitypolicyviolation", (violation) =>
    console.error(`policy: ${violation.violatedDirective} refused ${violation.blockedURI}`));
"""


@dataclass  # no slots: playwright keeps its wrappers of bound methods on their object
class PageWatch:
    """A page, and every fault seen while it was open: none is the only good list."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._see_request)
        context.on("response", self._see_response)
        context.on("requestfailed", self._see_failure)
        context.on("console", self._see_console)
        context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))

    def _see_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what a reload breaks off is no fault
            self.faults.append(f"failed: {request.url}")

    def _see_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in WITHOUT_HOST and address.hostname != OWN_HOST:
            self.faults.append(f"another host: {request.url}")

    def _see_response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"status {response.status}: {response.url}")

    def _see_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.type}: {message.text}")


@asynccontextmanager
async def watched_page(*, dark: bool = False) -> AsyncIterator[PageWatch]:
    """A page of a fresh profile, so a first visit. Leaving the block does not judge: look at `faults`."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            context = await browser.new_context(
                viewport={"width": 1280, "height": 800}, color_scheme="dark" if dark else "light"
            )
            await context.add_init_script(REPORT_VIOLATIONS)
            watch = PageWatch(await context.new_page())
            watch.watch(context)
            yield watch
        finally:
            await browser.close()


def chromium() -> str:
    """Where Chromium is; without one the test is skipped, but on CI it fails."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    found = found or next((path for path in MAC_APPLICATIONS if Path(path).exists()), None)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, and none of {', '.join(NAMES)} is installed")
    pytest.skip(f"needs Chromium: none of {', '.join(NAMES)} is on the path")
