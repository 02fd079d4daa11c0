"""A peer: Cube, over a table with the rows of the answer, with its cache of results in memory."""

from pathlib import Path
from typing import Any, Final

import orjson

from bench.example import Example
from bench.peers.all import node_app
from bench.peers.peer import Peer, Rows

_QUERY: Final = orjson.dumps(
    {"query": "{ cube(limit: 100) { answers { store channel faturamento ticketMedio qtdVendas } } }"}
)


def cube_peer(data: Example, node: str, place: Path) -> Peer:
    """`place` has its packages."""
    told = {"BENCH_DATABASE_URL": data.database_url}
    app = node_app("Cube", node, place / "cube.mjs", told)
    note = (
        "its GraphQL over a table with the rows, from its cache of results in memory; rows are typed. Its "
        "store and the native part of newer versions (0.35.81 and 1.7.43 were tried) are not on npm"
    )
    return Peer("Cube", app, _QUERY, _rows, note, "/cubejs-api/graphql")


def _rows(answer: Any) -> Rows:
    return [row["answers"] for row in answer["data"]["cube"]]
