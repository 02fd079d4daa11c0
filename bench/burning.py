"""A yardstick for several workers: an app without cache, database or settings that executes GraphQL.

About as much work for a request as Servery's with its fast lane off, and over as much code. What two workers
of it have less than twice one is the machine's: the load and the other worker use the same cores.
"""

import sys
from pathlib import Path
from typing import Final

from graphql import build_schema, execute_sync, parse
from starlette.types import ASGIApp, Receive, Scope, Send

CHECKOUT: Final = str(Path(__file__).resolve().parents[1])
FACTORY: Final = "bench.burning:burning_app"
BODY: Final = b"x" * 13_500
"""As long as 100 rows are."""

SCHEMA: Final = """
input Range { startDate: String endDate: String }
type Column { name: String type: String label: String }
type Metadata { totalRows: Int ageMs: Int source: String }
type Result { data: String columns: [Column!]! metadata: Metadata! }
type Query {
  analytics(metrics: [String!]! dimensions: [String!] dateRange: Range limit: Int): Result!
}
"""
DOCUMENT: Final = """
query Asked {
  analytics(
    metrics: ["faturamento"] dimensions: ["store"] dateRange: {startDate: "2024-01-01"} limit: 100
  ) { data columns { name type label } metadata { totalRows ageMs source } }
}
"""
COLUMN: Final = {"name": "store", "type": "text", "label": "Store"}
ANSWER: Final = {
    "data": "[]",
    "columns": [COLUMN] * 5,
    "metadata": {"totalRows": 100, "ageMs": 5, "source": "MEMORY"},
}


class Root:
    """What the document is asked of."""

    def analytics(self, _info: object, **_arguments: object) -> object:
        return ANSWER


def burning_app() -> ASGIApp:
    """For uvicorn."""
    schema, root = build_schema(SCHEMA), Root()
    headers = [(b"content-length", str(len(BODY)).encode())]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        result = execute_sync(schema, parse(DOCUMENT), root)
        await send(
            {"type": "http.response.start", "status": 500 if result.errors else 200, "headers": headers}
        )
        await send({"type": "http.response.body", "body": BODY})

    return answer


def command(workers: int) -> tuple[str, ...]:
    """What runs it; the port is to follow."""
    return (sys.executable, __file__, str(workers))


def main(workers: int, port: int) -> None:
    """Serve until told to stop, with uvicorn as `servery serve` does."""
    # Instead of this file's own folder, whose modules have names that others may look for.
    sys.path[0] = CHECKOUT
    import uvicorn  # noqa: PLC0415  the path is only right now
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    from servery.shared_port import shared_port  # noqa: PLC0415

    config = uvicorn.Config(
        FACTORY,
        factory=True,
        host="127.0.0.1",
        port=port,
        workers=workers,
        ws="none",
        access_log=False,
        server_header=False,
        log_level="warning",
    )
    if workers > 1:
        Multiprocess(config, [shared_port(config.host, port)]).run()
    else:
        uvicorn.Server(config).run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
