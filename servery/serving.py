"""Runs the app under uvicorn, and leaves with a clean exit."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from db.startup import wait_until_ready
from servery.app import create_app, pool_settings
from servery.auth import Tokens
from servery.observe import configure_logs, logger
from servery.settings import Settings, settings_from_environment

FACTORY = "servery.serving:app_from_environment"
PORTS_TRIED = 50


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
    if tokens.made:
        sys.stderr.write(f"No SERVERY_ADMIN_TOKEN is set. Until the stop it is: {tokens.admin}\n")
    leave_quietly()
    # Here a signal ends the wait at once, and a failure is a sentence; uvicorn would do neither.
    deadline = float(settings.start_timeout_s)
    say = logger("servery").warning
    asyncio.run(wait_until_ready(pool_settings(settings), say=say, deadline_s=deadline))
    uvicorn.run(
        FACTORY,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        reload=reload,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
        ws="none",
    )


async def serve_here(
    app: FastAPI, settings: Settings, listening: socket.socket, started: Callable[[], None]
) -> None:
    """Serve in this process on an open socket; `started` is called once questions are answered."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
        ws="none",
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listening]), name="uvicorn")
    while not server.started and not running.done():  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    if server.started:
        started()
    await running


def leave_quietly() -> None:
    """SIGTERM ends the process with 0 once the server has finished: uvicorn raises the signal again then."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)


def listen(host: str, port: int) -> socket.socket:
    """A socket on `port`, or on the next free one; port 0 takes any. Raises OSError when none is free."""
    last: OSError | None = None
    for tried in range(port, port + (PORTS_TRIED if port else 1)):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, tried))
        except OSError as error:
            listening.close()
            last = error
            continue
        listening.listen(2048)
        listening.setblocking(False)
        return listening
    raise last or OSError("no port was tried")
