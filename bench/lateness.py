"""Whether any worker shows, after a clear has returned, what was read before it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Final

import orjson

from bench.servers import Server, post
from servery.embedded.port import HOST

CONNECTIONS: Final = 16
ROUNDS_AFTER: Final = 3
"""So often each connection asks after a clear."""

QUESTION: Final = orjson.dumps(
    {"query": "{ analytics(metrics: [faturamento] dimensions: [channel]) { metadata { asOf source } } }"}
)
CLEAR: Final = orjson.dumps({"query": "mutation { clearCache { __typename } }"})


@dataclass(frozen=True, slots=True)
class Lateness:
    """`old_ms` holds, for each answer that was older than the clear, how long after it it was asked for."""

    clears: int
    connections: int
    answers: int
    old_ms: Sequence[float]
    workers: int


def lateness(server: Server, token: str, clears: int) -> Lateness:
    """Clear, and ask over connections that lie with all workers."""
    before = {process.pid: sum(process.cpu_times()[:2]) for process in server.processes()}
    connections = [HTTPConnection(HOST, server.port, timeout=10) for _ in range(CONNECTIONS)]
    answers, old = 0, []
    try:
        for _ in range(clears):
            for connection in connections:
                _as_of(connection)
            cleared = datetime.now(UTC)
            post(server.port, CLEAR, Authorization=f"Bearer {token}")
            returned = time.perf_counter()
            for connection in connections * ROUNDS_AFTER:
                asked = (time.perf_counter() - returned) * 1e3
                answers += 1
                if _as_of(connection) < cleared:
                    old.append(asked)
    finally:
        for connection in connections:
            connection.close()
    used = [sum(process.cpu_times()[:2]) - before.get(process.pid, 0.0) for process in server.processes()]
    workers = sum(each > max(used) / 10 for each in used)
    return Lateness(clears, len(connections), answers, tuple(old), workers)


def _as_of(connection: HTTPConnection) -> datetime:
    connection.request("POST", "/graphql", QUESTION, {"Content-Type": "application/json"})
    answer = orjson.loads(connection.getresponse().read())
    found: str = answer["data"]["analytics"]["metadata"]["asOf"]
    return datetime.fromisoformat(found)
