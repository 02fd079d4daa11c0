"""A dashboard is measured as users see it: all its answers cached, or none."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from bench import dashboard
from bench.board import BATCH, DOCUMENT, QUESTIONS
from bench.dashboard import OFF, ON, PLAIN, Board, Crowd, cold, cost_of, crowds_of, waits_of
from bench.example import Example
from bench.load import Streams, Target
from bench.servers import ADMINISTRATOR, Reply, Server, all_served, plain_app, served
from bench.sql_count import SETTINGS, Statements
from bench.turns import Load, Pace
from servery.embedded.postgres import EmbeddedPostgres

SERVER = Server("Servery", 1, 1)


@dataclass
class Fixed:
    """Counts what it is told to."""

    count: int

    def begin(self) -> None: ...

    def so_far(self) -> int:
        return self.count


def test_a_batch_is_the_questions_of_the_document() -> None:
    assert [json.dumps(each) for each in json.loads(BATCH)] == [
        json.dumps(json.loads(question)) for question in QUESTIONS
    ]
    assert json.loads(DOCUMENT)["query"].count("analytics(") == len(QUESTIONS) == 12


def test_the_typical_question_has_the_answer_of_middle_length() -> None:
    assert Board(b"", b"", (b"long answer", b"a", b"answer")).typical == 2


def test_a_crowd_asks_a_thousand_questions_a_second_in_each_form() -> None:
    board = Board(b"all", b"", tuple(bytes([65 + number]) for number in range(12)))

    crowds = crowds_of({ON: SERVER, PLAIN: SERVER}, {ON: board})

    questions = [crowd.per_second * len(QUESTIONS) / len(crowd.targets) for crowd in crowds[1:]]
    assert questions == [1_000, 1_000, 12_000]


@pytest.mark.integration
def test_a_cached_dashboard_costs_more_than_one_question(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    data = Example(restaurant_url, redis_url)
    apps = {
        ON: data.servery(ON, SERVERY_ADMIN_TOKEN=ADMINISTRATOR),
        OFF: data.servery(OFF, SERVERY_FAST_LANE="false"),
    }

    with all_served(apps, tmp_path, None) as servers:
        boards = {name: Board.of(server) for name, server in servers.items()}
        plain = plain_app(Reply((), boards[ON].document), tmp_path, PLAIN)
        with served(plain, tmp_path, None) as limit:
            every = {**servers, PLAIN: limit}
            table, told = cost_of(every, boards, Load(Streams(), Pace(1, 1, (32,))))
        colds = cold(servers[ON], Fixed(12), rounds=1)

    names = [row[1] for row in table.rows]
    assert names[:3] == [PLAIN, "Servery: one question", "Servery: 12 in a document"]
    assert "12 in a document" in told
    # Without a cache, a hundred users with twelve questions are twelve loads.
    assert [row[1:5] for row in colds.rows] == [("100", "12", "12", "12"), ("1,200", "12", "12", "12")]


@pytest.mark.integration
def test_a_crowd_is_a_row(tmp_path: Path) -> None:
    app = plain_app(Reply((("content-length", "4"),), b"soup"), tmp_path)
    with served(app, tmp_path, None) as server:
        crowd = Crowd("soup", server, (Target(server.port, b"{}", b"soup"),), 200)
        table = waits_of([crowd], seconds=1, rounds=1)

    [row] = table.rows
    assert len(row) == len(dashboard.CROWD_HEADER)
    assert (row[0], row[1], row[-2]) == ("soup", "200", "0")
    assert 120 < float(row[2]) < 280
    assert 0 <= float(row[-1].replace(",", "")) < 1_000


@pytest.mark.integration
def test_postgresql_counts_the_statements_over_the_example(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, settings=SETTINGS)
    try:
        statements = Statements(server.start())
        run(statements.url, "create schema restaurant; create table restaurant.stores (id int)")
        statements.begin()
        none = statements.so_far()
        run(statements.url, *2 * ["select count(*) from restaurant.stores"], "select 1")

        assert (none, statements.so_far()) == (0, 2)
    finally:
        server.erase()


def run(url: str, *texts: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(url)
        for text in texts:
            await connection.execute(text)
        await connection.close()

    asyncio.run(execute())
