"""`python -m servery` as a process of its own, as an operator starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx2
import psutil

from tests.fakes import HOUSE, RESTAURANT, TOKEN

STARTS_WITHIN_S = 60.0

# On a machine that is busy with other tests, a process may not run for longer than Redis is given by default.
PATIENT = {"SERVERY_REDIS_BUDGET_MS": "5000"}
HASTY = {"SERVERY_REDIS_BUDGET_MS": "250"}


class Servery:
    """Ends with the block it is used in, and with everything it started."""

    def __init__(self, log: Path, *arguments: str, **environment: str) -> None:
        self.log = log
        self._arguments = arguments
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "servery", *self._arguments]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=HOUSE, env={**kept, **self._environment}, stdout=log, stderr=log
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        family = self.family()
        for each in family:
            each.kill()
        psutil.wait_procs(family, timeout=10)
        self.process.wait()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was not started"
        return self._process

    @property
    def words(self) -> str:
        """What it wrote, to standard output and standard error."""
        return self.log.read_text("utf-8", "replace")

    def family(self) -> list[psutil.Process]:
        """The process and all that it started, as long as they live."""
        try:
            own = psutil.Process(self.process.pid)
            return [own, *own.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def until(self, condition: Callable[[], bool], within_s: float = STARTS_WITHIN_S) -> float:
        """Wait for something, and say how long it took; fail when the process ends before."""
        started = time.monotonic()
        while not condition():
            assert self.process.poll() is None, self.words
            assert time.monotonic() - started < within_s, self.words
            time.sleep(0.02)
        return time.monotonic() - started

    def until_it_says(self, words: str, within_s: float = STARTS_WITHIN_S) -> float:
        return self.until(lambda: words in self.words, within_s)

    def ends(self, number: signal.Signals, within_s: float = 10.0) -> int:
        """Send the signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(within_s)


CACHED = {"MEMORY", "REDIS"}
"""Where an answer comes from that was loaded before."""


class Service(Servery):
    """`servery serve` over the example's model, ready to be asked once its block is entered."""

    def __init__(
        self, log: Path, port: int, database_url: str, redis_url: str, *options: str, **environment: str
    ) -> None:
        super().__init__(
            log,
            "serve",
            "--model",
            str(RESTAURANT),
            "--port",
            str(port),
            *options,
            **{
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "SERVERY_CHEAP_MS": "0",  # the questions of tests are cheap, and are to be found in Redis
                "SERVERY_ADMIN_TOKEN": TOKEN,
                **PATIENT,
                **environment,
            },
        )
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        # One client for all threads: each new one reads the system's certificates anew.
        self._client = httpx2.Client(base_url=self.url, timeout=20, trust_env=False)

    def __enter__(self) -> Self:
        super().__enter__()
        self.until(self.is_ready)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """At the end of a test that went well, a service that still runs must end cleanly at SIGTERM."""
        try:
            if kind is None and self.process.poll() is None:
                assert self.ends(signal.SIGTERM) == 0, self.words
                assert "Traceback" not in self.words
        finally:
            self._client.close()
            super().__exit__(kind, *rest)

    def start(self) -> None:
        """Start without waiting until it is ready."""
        super().__enter__()

    def is_ready(self) -> bool:
        try:
            return self._client.get("/health/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def post(self, query: str, *, token: str | None = None) -> bytes:
        """The answer as it was sent."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._client.post("/graphql", json={"query": query}, headers=headers).content

    def ask(self, query: str, *, token: str | None = None) -> Mapping[str, Any]:
        """`data` of an answer without errors."""
        answer = json.loads(self.post(query, token=token))
        assert "errors" not in answer, answer
        data: Mapping[str, Any] = answer["data"]
        return data


def question(number: int) -> str:
    """One that no other test has asked."""
    arguments = f"metrics: [faturamento], dimensions: [store], limit: {number}"
    return f"{{ analytics({arguments}) {{ data metadata {{ source }} }} }}"


def source(service: Service, query: str) -> str:
    found: str = service.ask(query)["analytics"]["metadata"]["source"]
    return found
