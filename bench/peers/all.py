"""Every peer, with its own form of the one question."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from bench.cached import QUESTIONS, Cached
from bench.example import Example
from bench.peers.peer import Peer, Rows
from bench.plain import URL
from bench.servers import App, plain_app, plain_redis_app

PLAIN: Final = "plain ASGI"
PLAIN_REDIS: Final = "plain ASGI, one GET"
MEMORY: Final = "Servery, memory"
REDIS: Final = "Servery, Redis"
OFF: Final = "Servery, lane off"

_ARGUMENTS: Final = {
    "metrics": ["faturamento", "ticket_medio", "qtd_vendas"],
    "dimensions": ["store", "channel"],
    "limit": 100,
}
_OWN: Final = orjson.dumps(
    {
        "query": '{ analytics(metrics: ["faturamento", "ticket_medio", "qtd_vendas"], dimensions: ["store", '
        '"channel"], limit: 100) { data metadata { source totalRows } } }'
    }
)
_TABLE: Final = orjson.dumps(
    {"query": "{ allAnswers(first: 100) { nodes { store channel faturamento ticketMedio qtdVendas } } }"}
)


def servery_apps(data: Example) -> dict[str, App]:
    return {
        MEMORY: data.servery(MEMORY),
        REDIS: data.servery(REDIS, SERVERY_MEMORY_BYTES="0"),
        OFF: data.servery(OFF, SERVERY_FAST_LANE="false"),
    }


def python_peers(data: Example, cached: Mapping[str, Cached], folder: Path) -> list[Peer]:
    """Those whose libraries are installed anyway; the limits are the first two."""
    held = _rows_file(cached[MEMORY], folder)
    told = {URL: data.redis_url, "BENCH_ROWS": str(held)}
    first = App("first design, REST", "bench.peers.first_design:first_design_app", told)
    stock = App("stock Strawberry", "bench.peers.stock_strawberry:stock_strawberry_app", told)
    asked = cached[MEMORY].question
    return [
        Peer(PLAIN, plain_app(cached[MEMORY].reply, folder), asked, graphql_rows, "the same bytes, held"),
        Peer(
            PLAIN_REDIS,
            plain_redis_app(cached[REDIS].reply, data.redis_url),
            asked,
            graphql_rows,
            "the same bytes, one GET",
        ),
        Peer(
            first.name,
            first,
            orjson.dumps(_ARGUMENTS),
            lambda answer: answer["data"],
            "FastAPI and pydantic, one GET, json.loads and FastAPI's response; REST, not GraphQL",
            "/query",
        ),
        Peer(
            stock.name,
            stock,
            _OWN,
            graphql_rows,
            "Strawberry's FastAPI router as it comes, one GET and json.loads in a resolver; rows as a scalar",
        ),
    ]


def servery_peers(apps: Mapping[str, App]) -> list[Peer]:
    question = orjson.dumps({"query": QUESTIONS[100]})
    notes = {
        MEMORY: "from the memory of the process",
        REDIS: "SERVERY_MEMORY_BYTES=0",
        OFF: "SERVERY_FAST_LANE=false: through GraphQL, from memory",
    }
    return [Peer(name, app, question, graphql_rows, notes[name]) for name, app in apps.items()]


def node_peers(data: Example, cached: Cached, node: str, place: Path, folder: Path) -> list[Peer]:
    """`place` has their packages."""
    rows = {"BENCH_ROWS": str(_rows_file(cached, folder))}
    redis = {**rows, URL: data.redis_url}
    url = {"BENCH_DATABASE_URL": data.database_url}
    whole = "rows as a scalar; the whole response is cached"

    def peer(name: str, script: str, told: Mapping[str, str], note: str) -> Peer:
        body, find = (_TABLE, _nodes) if script == "postgraphile" else (_OWN, graphql_rows)
        return Peer(name, node_app(name, node, place / f"{script}.mjs", told), body, find, note)

    return [
        peer("Apollo Server, memory", "apollo", rows, f"response cache plugin, in its memory; {whole}"),
        peer("Apollo Server, Redis", "apollo", redis, f"response cache plugin, over Keyv; {whole}"),
        peer("GraphQL Yoga, memory", "yoga", rows, f"response cache plugin, in its memory; {whole}"),
        peer("GraphQL Yoga, Redis", "yoga", redis, f"response cache plugin, over ioredis; {whole}"),
        peer(
            "PostGraphile",
            "postgraphile",
            url,
            "asks PostgreSQL each time for a table with the rows, typed; it has no response cache",
        ),
    ]


def node_app(name: str, node: str, script: Path, told: Mapping[str, str]) -> App:
    return App(name, "", told, command=(node, str(script)))


def graphql_rows(answer: Any) -> Rows:
    found: Rows = answer["data"]["analytics"]["data"]
    return found


def _nodes(answer: Any) -> Rows:
    found: Rows = answer["data"]["allAnswers"]["nodes"]
    return found


def _rows_file(cached: Cached, folder: Path) -> Path:
    """With the rows as Servery sends them."""
    held = folder / "rows.json"
    held.write_text(json.dumps(list(graphql_rows(orjson.loads(cached.reply.body)))))
    return held
