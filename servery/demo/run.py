"""The one-command run: servers, example, pages, service, and the addresses to go to."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from rich.console import Console

from db.copy import driver_errors
from db.settings import PoolSettings, place_of
from db.startup import wait_until_ready
from model.load import load_model
from servery import ROOMS
from servery.app import create_app
from servery.auth import Tokens
from servery.demo.load import load_example
from servery.demo.marker import LoadRefused, example_until
from servery.demo.screen import Screen
from servery.demo.welcome import welcome
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey
from servery.observe import configure_logs
from servery.serving import listen, serve_here
from servery.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("America/Sao_Paulo")


def example_model() -> Path:
    """In the checkout beside the rooms, in the wheel inside the package."""
    inside = Path(__file__).resolve().parents[1] / "_examples"
    return (inside if inside.is_dir() else ROOMS / "examples") / "restaurant" / "model.yml"


async def run_demo(settings: Settings, console: Console, *, sales: int) -> None:
    """Serve the example until told to stop; whatever it started is stopped with it."""
    configure_logs(settings.model_copy(update={"log_level": "warning"}))
    screen = Screen(console)
    with embedded_servers(settings) as servers:
        # The pages take longest and nothing waits for them: they are served once they are there.
        pages = asyncio.create_task(build_pages(screen), name="pages")
        with screen.shown():
            settings = await prepare(settings, servers, screen, sales)
        model = load_model(settings.model)
        tokens = Tokens(settings.admin_token.get_secret_value() if settings.admin_token else None)
        listening = listen(settings.host, settings.port, exactly="port" in settings.model_fields_set)
        app = create_app(with_token(settings, tokens), model, tokens)
        address = f"http://{reachable(settings.host)}:{listening.getsockname()[1]}"
        try:
            notes = servers.notes
            await serve_here(
                app, settings, listening, lambda: welcome(console, model, address, tokens, notes)
            )
        finally:
            pages.cancel()
            await asyncio.gather(pages, return_exceptions=True)


class Servers:
    """The embedded ones; none where the environment names others."""

    def __init__(self, settings: Settings) -> None:
        self.postgres = None if "DATABASE_URL" in os.environ else EmbeddedPostgres(settings.home)
        self.valkey = None if "REDIS_URL" in os.environ else EmbeddedValkey(settings.home)
        own = {"database_url": self.postgres, "redis_url": self.valkey}
        self.notes = {name: settings.home / name for name, server in own.items() if server is not None}
        """The files that hold the addresses of our own servers."""

    def write_down(self, name: str, url: str) -> None:
        """For the other commands; it holds the password, so it is the user's own to read."""
        if name in self.notes:
            self.notes[name].unlink(missing_ok=True)
            self.notes[name].touch(mode=0o600)
            self.notes[name].write_text(f"{url}\n", "utf-8")

    def stop(self) -> None:
        for note in self.notes.values():
            note.unlink(missing_ok=True)
        for server in (self.valkey, self.postgres):
            if server is not None:
                server.stop()


@contextmanager
def embedded_servers(settings: Settings) -> Iterator[Servers]:
    servers = Servers(settings)
    try:
        yield servers
    finally:
        servers.stop()


async def prepare(settings: Settings, servers: Servers, screen: Screen, sales: int) -> Settings:
    """Servers up and data in. The settings that come back hold the addresses."""
    try:
        async with asyncio.TaskGroup() as group:
            redis = group.create_task(redis_url(settings, servers, screen), name="valkey")
            database = group.create_task(filled_database(settings, servers, screen, sales), name="database")
    except ExceptionGroup as several:
        raise several.exceptions[0] from None  # the first is the cause, the others its echo
    found = {
        "database_url": SecretStr(database.result()),
        "redis_url": SecretStr(redis.result()),
        "model": example_model(),
    }
    return settings.model_copy(update=found)


async def redis_url(settings: Settings, servers: Servers, screen: Screen) -> str:
    if servers.valkey is None:
        return settings.redis_url.get_secret_value()
    with screen.step("Starting Valkey") as step:
        url = await asyncio.to_thread(servers.valkey.start)
        servers.write_down("redis_url", url)
        step.words = f"Valkey on 127.0.0.1:{servers.valkey.port}"
    return url


async def filled_database(settings: Settings, servers: Servers, screen: Screen, sales: int) -> str:
    url = await database_url(settings, servers, screen)
    wanted = yesterday()
    with as_refusal(url):
        there = await example_until(url)
    if there == wanted:
        with screen.step(f"The example is there, up to {wanted}"):
            return url
    with screen.step("Loading the restaurant example") as step:

        def progress(name: str, done: int, total: int) -> None:
            if name == "sales":
                step.at(done, total)

        with as_refusal(url):
            loaded = await load_example(url, until=wanted, sales=sales, progress=progress)
        step.words = f"Restaurant example: {loaded.sales:,} sales in 24 months up to {wanted}"
    return url


@contextmanager
def as_refusal(url: str) -> Iterator[None]:
    """What PostgreSQL says to the loader, as a sentence: the driver's errors are the db room's own."""
    try:
        yield
    except driver_errors() as error:
        message = f"The example cannot be loaded into PostgreSQL at {place_of(url)}: {error}."
        hint = "It needs a user who may create the schema 'restaurant' there."
        raise LoadRefused(f"{message} {hint}") from error


async def database_url(settings: Settings, servers: Servers, screen: Screen) -> str:
    if servers.postgres is None:
        url = settings.database_url.get_secret_value()
        with screen.step(f"PostgreSQL of DATABASE_URL, at {place_of(url)} (schema restaurant)"):
            pool = PoolSettings(url=url)
            deadline = float(settings.start_timeout_s)
            await wait_until_ready(pool, say=screen.console.print, deadline_s=deadline)
        return url
    with screen.step("Starting PostgreSQL") as step:
        url = await asyncio.to_thread(servers.postgres.start)
        servers.write_down("database_url", url)
        step.words = f"PostgreSQL on 127.0.0.1:{servers.postgres.port}"
    return url


async def build_pages(screen: Screen) -> None:
    """In a checkout only: the wheel has them built. Without them everything else works."""
    builder = CHECKOUT / "web" / "build.py"
    if not builder.exists():
        return
    with screen.step("Building the pages (GraphiQL)") as step:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(builder),
            "--strict",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        words = output.decode(errors="replace").strip().splitlines()
        built = (
            "GraphiQL is built" if process.returncode == 0 else "GraphiQL is not built; `make ui` says why:"
        )
        step.words = " ".join([built, *(words[-1:] if process.returncode else [])])


def reachable(host: str) -> str:
    """Where a browser on this machine finds a server that listens on `host`."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104  compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def yesterday() -> date:
    return datetime.now(UTC).astimezone(ZONE).date() - timedelta(days=1)


def with_token(settings: Settings, tokens: Tokens) -> Settings:
    return settings.model_copy(update={"admin_token": SecretStr(tokens.admin)})
