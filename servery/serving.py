"""Runs the app under uvicorn, and leaves with a clean exit."""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from db.startup import wait_until_ready
from servery.app import create_app
from servery.auth import Tokens
from servery.derived import pool_settings
from servery.metrics_folder import metrics_folder
from servery.observe import configure_logs, logger
from servery.settings import Settings, settings_from_environment
from servery.shared_port import DEALS_OUT, shared_port, tcp_socket

FACTORY = "servery.serving:app_from_environment"
PROTOCOL = "servery.lane.connection:Connection"
PORTS_TRIED = 50
LAST_PORT = 65_535


class PortInUse(OSError):
    """Another program listens there, or the address is not this machine's."""


def app_from_environment() -> FastAPI:
    """For uvicorn and its workers: everything comes from the environment."""
    settings = settings_from_environment()
    configure_logs(settings)
    tokens = Tokens(settings.admin_token.get_secret_value() if settings.admin_token else None)
    if tokens.made:
        logger("servery").warning("no SERVERY_ADMIN_TOKEN is set; one was made", admin_token=tokens.admin)
    return create_app(settings, tokens=tokens)


def serve(settings: Settings, workers: int, *, reload: bool) -> None:
    """Serve until told to stop. Every worker is given the same admin token."""
    tokens = Tokens(settings.admin_token.get_secret_value() if settings.admin_token else None)
    os.environ["SERVERY_ADMIN_TOKEN"] = tokens.admin
    leave_quietly()
    # Here a signal ends the wait at once, and a failure is a sentence; uvicorn would do neither.
    listen(settings.host, settings.port, exactly=True).close()  # a sentence now, rather than after the start
    if tokens.made:
        sys.stderr.write(f"No SERVERY_ADMIN_TOKEN is set. Until the stop it is: {tokens.admin}\n")
    deadline = float(settings.start_timeout_s)
    say = logger("servery").warning
    if "database_url" not in settings.model_fields_set:
        say("DATABASE_URL is not set; the default is tried")
    asyncio.run(wait_until_ready(pool_settings(settings), say=say, deadline_s=deadline))
    options = {**_options(settings), "factory": True, "host": settings.host, "port": settings.port}
    with metrics_folder(workers):
        if workers > 1 and DEALS_OUT and not reload:
            config = uvicorn.Config(FACTORY, workers=workers, **options)
            Multiprocess(config, [shared_port(settings.host, settings.port)]).run()
        else:
            uvicorn.run(FACTORY, workers=workers, reload=reload, **options)


async def serve_here(
    app: FastAPI, settings: Settings, listening: socket.socket, started: Callable[[], None]
) -> None:
    """Serve in this process on an open socket; `started` is called once questions are answered."""
    config = uvicorn.Config(app, **_options(settings))
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listening]), name="uvicorn")
    while not server.started and not running.done():  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    if server.started:
        started()
    await running


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "access_log": False,
        "log_level": "warning",
        "http": PROTOCOL,
        "server_header": False,
        "timeout_graceful_shutdown": settings.shutdown_timeout_s,
        "ws": "none",
    }


def leave_quietly() -> None:
    """SIGTERM ends the process with 0 once the server has finished: uvicorn raises the signal again then."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)


def listen(host: str, port: int, *, exactly: bool = False) -> socket.socket:
    """A socket on `port`, or unless it must be `exactly` that one on the next free one; 0 takes any.

    Raises PortInUse.
    """
    for tried in range(port, port + (1 if exactly or not port else PORTS_TRIED)):
        listening = tcp_socket(host)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, tried))
        except OSError as error:
            listening.close()
            if error.errno in (errno.EADDRNOTAVAIL, socket.EAI_NONAME):
                message = f"{host} is no address of this machine. Choose another: --host, or SERVERY_HOST."
                raise PortInUse(message) from None
            continue
        listening.listen(2048)
        listening.setblocking(False)
        return listening
    other = port + 1 if port < LAST_PORT else port - 1
    raise PortInUse(
        f"Port {port} of {host} cannot be had. Choose another: --port {other}, or SERVERY_PORT={other}."
    )
