"""Peers answer the same rows out of their caches, or it is said why they are not measured."""

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from bench.cached import QUESTIONS, cache_answer
from bench.example import Example
from bench.faults import NotMeasured
from bench.load import Streams
from bench.peers import __main__ as bench
from bench.peers import all as peers
from bench.peers import npm
from bench.peers.peer import Peer, numbers, way_of
from bench.peers.table import make_table
from bench.servers import Reply, Server, plain_app, served
from bench.turns import Load, Pace

ROW: Final = {
    "store": "Mooca",
    "channel": "iFood",
    "faturamento": "12.50",
    "ticket_medio": "2.5",
    "qtd_vendas": 5,
}


@pytest.mark.parametrize(
    "same",
    [
        {
            "faturamento": 12.5,
            "ticketMedio": 2.5000000000001,
            "qtdVendas": "5",
            "channel": "iFood",
            "store": "Mooca",
        },
        {"answers.store": "Mooca", "answers.channel": "iFood"}
        | {"faturamento": 12.5, "ticket_medio": 2.5, "qtd_vendas": 5},
    ],
)
def test_rows_are_compared_by_what_they_say(same: dict[str, Any]) -> None:
    assert numbers([same]) == numbers([ROW])
    assert numbers([{**ROW, "qtd_vendas": 6}]) != numbers([ROW])
    assert numbers([ROW, ROW]) != numbers([ROW])


@pytest.mark.integration
@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"errors": [{"message": "no"}]}, "it answered b'.*errors"),
        ({"data": {"analytics": {"data": [{**ROW, "store": "Other"}]}}}, "it answered other rows"),
    ],
)
def test_a_peer_with_other_rows_is_not_measured(
    answer: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    body = json.dumps(answer).encode()
    app = plain_app(Reply((("content-length", str(len(body))),), body), tmp_path)
    peer = Peer("peer", app, b"{}", peers.graphql_rows, "")

    with served(app, tmp_path, None) as server, pytest.raises(NotMeasured, match=complaint):
        way_of(peer, server, [ROW], "")


def test_a_peer_that_does_not_answer_is_not_measured(tmp_path: Path) -> None:
    peer = Peer("peer", plain_app(Reply((), b""), tmp_path), b"{}", peers.graphql_rows, "")

    with pytest.raises(NotMeasured, match="did not answer"):
        way_of(peer, Server("peer", 1, 1), [ROW], "")


@pytest.mark.integration
def test_peers_in_python_answer_what_servery_answers(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    data, line = Example(restaurant_url, redis_url), bench.Line()
    with ExitStack() as stack:
        server = stack.enter_context(served(data.servery(peers.MEMORY), tmp_path, None))
        cached = cache_answer(server, QUESTIONS[100])
        rows = peers.graphql_rows(json.loads(cached.reply.body))
        start = bench.Place(tmp_path, None, stack)
        for peer in peers.python_peers(data, {peers.MEMORY: cached, peers.REDIS: cached}, tmp_path):
            start.add(line, peer, rows)
        load = Load(Streams(), Pace(1, 1, (2,)))
        told = bench.method(line, load, None, "here")

    assert [way.name for way in line.ways] == [
        "plain ASGI",
        "plain ASGI, one GET",
        "first design, REST",
        "stock Strawberry",
    ]
    assert line.missing == {}
    assert all(13_000 < len(way.target.answer) < 14_000 for way in line.ways)
    assert [way.beside for way in line.ways] == ["", *3 * ["plain ASGI"]]
    [note] = [note for name, note in told.items() if name.startswith("stock Strawberry (13,")]
    assert note.startswith("Strawberry's FastAPI router")


@pytest.mark.integration
def test_who_does_not_start_is_named_with_the_reason(restaurant_url: str, tmp_path: Path) -> None:
    line = bench.Line()
    app = peers.node_app("Absent", "/bin/false", tmp_path / "absent.mjs", {})

    with ExitStack() as stack:
        bench.Place(tmp_path, None, stack).add(line, Peer("Absent", app, b"{}", peers.graphql_rows, ""), [])

    assert not line.peers
    assert not line.ways
    assert line.missing["Absent"].startswith("Absent did not start")


@pytest.mark.integration
def test_the_table_for_peers_holds_the_rows(database_url: str) -> None:
    make_table(database_url, [ROW])
    make_table(database_url, [ROW, {**ROW, "store": "Centro"}])

    assert asyncio.run(stores(database_url)) == [ROW["store"], "Centro"]


async def stores(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [
            row["store"] for row in await connection.fetch("select * from bench_peers.answers order by 1")
        ]
    finally:
        await connection.close()


def test_packages_that_are_there_are_not_fetched_again(tmp_path: Path) -> None:
    wanted = json.loads((npm.HERE / "cube" / "package.json").read_text())["dependencies"]
    for name, version in wanted.items():
        place = tmp_path / "cube" / "node_modules" / name
        place.mkdir(parents=True)
        (place / "package.json").write_text(json.dumps({"version": version}))

    place = npm.fetched("cube", tmp_path)

    assert npm.versions_in(place) == wanted
    assert (place / "cube.mjs").is_file()


def test_a_machine_without_node_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NotMeasured, match="not installed"):
        npm.fetched("node", tmp_path)
