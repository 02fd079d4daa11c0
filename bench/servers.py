"""Starts and stops the two servers of a comparison, and keeps each process on the core it is to have."""

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil
import redis

from bench import plain, serve
from servery.demo.run import example_model
from servery.embedded.launch import Launch, launch
from servery.embedded.port import HOST, free_port
from servery.embedded.process import ServerCommand
from servery.serving import FACTORY, PROTOCOL

SECONDS_TO_ANSWER = 10.0
LONGER_THAN_A_RUN = "86400"
ADMINISTRATOR = "bench"
"""The bearer token of administrators, where an app is given one."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core each has for itself; the store shares the load's when there are only two."""

    server: int
    load: int
    store: int


@dataclass(frozen=True, slots=True)
class Server:
    """A running app."""

    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """What the process and those below it have used since their start, in user and kernel mode."""
        times = [process.cpu_times() for process in self.processes()]
        return float(sum(used.user + used.system for used in times))

    def processes(self) -> list[psutil.Process]:
        """The one that was started, and all below it."""
        own = psutil.Process(self.pid)
        return [own, *own.children(recursive=True)]


@dataclass(frozen=True, slots=True)
class App:
    """What to serve: a factory, as uvicorn names it, and the variables that it reads.

    With `workers` it is `servery serve` instead, with so many; `command` is another program altogether,
    which takes the port as its last argument and the variables on its standard input. `http` is uvicorn's
    setting of that name.
    """

    name: str
    factory: str
    environment: Mapping[str, str]
    workers: int = 0
    command: tuple[str, ...] = ()
    http: str = "httptools"


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as its app made it."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


def servery_app(database_url: str, redis_url: str, name: str = "Servery", **settings: str) -> App:
    """Servery over the restaurant example. Its settings are the default ones, but answers outlive a run,
    and it shares its cache with no app of another name.
    """
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SERVERY_MODEL": str(example_model()),
        "CACHE_TTL": LONGER_THAN_A_RUN,
        "SERVERY_TTL_RECENT": LONGER_THAN_A_RUN,
        "SERVERY_CACHE_PREFIX": file_name(name, ""),
        **settings,
    }
    return App(name, FACTORY, environment, http=PROTOCOL)


def plain_app(reply: Reply, folder: Path, name: str = "plain ASGI") -> App:
    """An app that sends `reply` again and again; it is kept in `folder`."""
    held = folder / file_name(name, ".held")
    held.write_bytes(reply.body)
    environment = {plain.ANSWER: str(held), plain.HEADERS: json.dumps(reply.headers)}
    return App(name, "bench.plain:plain_app", environment)


def plain_redis_app(reply: Reply, redis_url: str, name: str = "plain ASGI, one GET") -> App:
    """An app that gets the body of `reply` from Redis for each request."""
    key = f"bench:{file_name(name, '')}"
    with redis.Redis.from_url(redis_url) as client:
        client.set(key, reply.body)
    environment = {plain.URL: redis_url, plain.KEY: key, plain.HEADERS: json.dumps(reply.headers)}
    return App(name, "bench.plain:plain_redis_app", environment)


def file_name(name: str, suffix: str) -> str:
    """Of what belongs to an app of that name."""
    return "".join(letter if letter.isalnum() else "_" for letter in name) + suffix


@contextmanager
def served(app: App, folder: Path, cores: Cores | None) -> Iterator[Server]:
    """The app, ready for questions and on its core; it ends with the block, or with this process."""
    log = folder / file_name(app.name, ".log")
    told = json.dumps(
        {"app": app.factory, "workers": app.workers, "environment": dict(app.environment), "http": app.http}
    )

    def command(port: int) -> ServerCommand:
        arguments = [*(app.command or (sys.executable, str(serve.__file__))), str(port)]
        return ServerCommand(arguments, (signal.SIGTERM,), log, text=told)

    running = launch(Launch(app.name, command, _answers), free_port(), may_move=True)
    try:
        pin(running.process.pid, cores.server if cores else None)
        yield Server(app.name, running.port, running.process.pid)
    finally:
        running.process.stop()


@contextmanager
def all_served(apps: Mapping[str, App], folder: Path, cores: Cores | None) -> Iterator[dict[str, Server]]:
    """Each of the apps, by its name there."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(served(app, folder, cores)) for name, app in apps.items()}


def post(port: int, body: bytes, path: str = "/graphql", **headers: str) -> Reply:
    """The response to one question. Raises RuntimeError unless its status is 200."""
    connection = HTTPConnection(HOST, port, timeout=SECONDS_TO_ANSWER)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        told = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise RuntimeError(f"A question was answered with {response.status}: {told[:500]!r}")
    # The date is the server's own word, and changes.
    kept = (pair for pair in response.getheaders() if pair[0] != "date")
    return Reply(tuple(kept), told)


def cores_of_this_machine() -> Cores | None:
    """None where processes cannot be pinned: on one core, or not on Linux."""
    if sys.platform != "linux":
        return None
    free = sorted(os.sched_getaffinity(0))
    return Cores(free[0], free[1], free[min(2, len(free) - 1)]) if len(free) > 1 else None


def pin(pid: int, core: int | None) -> None:
    """Keep every thread of a process on one core; None leaves it free."""
    if sys.platform == "linux" and core is not None:
        for thread in psutil.Process(pid).threads():
            os.sched_setaffinity(thread.id, {core})


@contextmanager
def pinned_here(core: int | None) -> Iterator[None]:
    """Keep this thread, and what it starts, on one core for the length of the block."""
    if sys.platform != "linux" or core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _answers(_pid: int, port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=SECONDS_TO_ANSWER)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
