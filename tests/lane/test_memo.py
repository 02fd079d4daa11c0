"""What the lane remembers of requests: which, for whom, how much of it, and how they are counted."""

import gc
import json
from types import FunctionType, ModuleType

import pytest

from cache.entry import Entry
from servery.app import Parts, Service, create_app
from servery.endpoint import GraphQLEndpoint
from tests.fakes import FakeDatabase, FencedStore, restaurant, settings_of_tests
from tests.lane.asked import ADMIN, NORTH, QUESTION, SOUTH, TOLD, analytics, learnt, read, shown, world
from tests.lane.sent import asks, got

pytestmark = pytest.mark.anyio


def entries() -> list[Entry]:
    """All that live in this process."""
    gc.collect()
    return [each for each in gc.get_objects() if type(each) is Entry]


def held_by(root: object) -> int:
    """All bytes and texts that live as long as it does."""
    seen: dict[int, object] = {}
    stack = [root]
    while stack:
        each = stack.pop()
        if id(each) not in seen and not isinstance(each, type | ModuleType | FunctionType):
            seen[id(each)] = each
            stack += gc.get_referents(each)
    return sum(len(each) for each in seen.values() if isinstance(each, bytes | str))


async def test_a_request_goes_the_whole_way_until_it_was_answered_from_the_cache() -> None:
    service = world()

    taken = []
    for _ in range(4):
        await service.ask(asks(QUESTION))
        taken.append(shown(service))

    assert taken == [0, 0, 1, 2]


async def test_a_hit_of_the_lane_asks_nobody() -> None:
    service = world()
    await learnt(service, asks(QUESTION))
    service.store.calls.clear()
    service.database.statements.clear()

    found = analytics(await service.ask(asks(QUESTION)))

    assert (found["metadata"]["source"], shown(service)) == ("MEMORY", 1)
    assert (service.store.calls, service.database.statements) == ([], [])


@pytest.mark.parametrize(
    "document",
    [
        "{ analytics(metrics: [fatura]) { data } }",
        "{ catalog { metrics { name } } }",
        f"{{ analytics(metrics: [sold]) {{ {TOLD} }} __typename }}",
        "{ analytics(metrics: [sold]) { data metadata { sql } } }",
        "{ analytics(metrics: [sold], cache: REFRESH) { data } }",
        'mutation { clearCache(pattern: "analytics:none:*") { deleted } }',
        "{ analytics(metrics: [sold]) { data @skip(if: false) } }",
    ],
)
async def test_what_is_more_than_answers_always_goes_the_whole_way(document: str) -> None:
    service = world()

    for _ in range(4):
        await service.ask(asks(document).under(ADMIN))

    assert shown(service) == 0


async def test_all_that_is_remembered_stays_within_its_bound() -> None:
    service = world(lane_bytes=60_000)
    assert service.lane

    for number in range(60):
        document = f"{{ analytics(metrics: [revenue], limit: {number + 1}) {{ data }} }}"
        for _ in range(3):
            await service.ask(asks(document).under((b"accept-encoding", b"gzip")))

            assert service.lane._known.size <= 60_000
    assert 5 < len(service.lane._known) < 15
    assert shown(service) == 60


async def test_a_response_that_is_too_large_is_made_anew_and_not_kept() -> None:
    service = world(lane_bytes=24_000)
    service.database.most = 200
    service.database.edition = 1
    document = "{ analytics(metrics: [revenue, sold], dimensions: [channel, city]) { data } }"
    answers = [await service.ask(asks(document)) for _ in range(4)]
    assert service.lane
    (known,) = (each for each, _ in service.lane._known._kept.values())

    assert len(answers[0].body) > 6_000
    assert {each.body for each in answers} == {answers[0].body}
    assert (known.made, shown(service)) == (None, 2)


@pytest.mark.parametrize("memory_bytes", [0, 1_000_000])
async def test_all_that_is_held_is_counted(memory_bytes: int) -> None:
    service = world(memory_bytes=memory_bytes)
    service.database.most = 60
    assert service.lane

    for number in range(12):
        document = (
            f"{{ analytics(metrics: [revenue], limit: {number + 1}00) {{ data metadata {{ ageMs }} }} }}"
        )
        for sent in (asks(document), got({"query": document + 2_000 * " "})):
            for coding in (b"zstd", b"zstd", b"br", b"identity"):
                await service.ask(sent.under((b"accept-encoding", coding)))

    assert len(service.lane._known) == 24
    assert held_by(list(service.lane._known._kept.items())) <= service.lane._known.size


async def test_answers_that_memory_has_dropped_are_let_go() -> None:
    before = {id(each) for each in entries()}
    service = world(memory_bytes=40_000, lane_bytes=40_000)

    for number in range(60):
        document = f"{{ analytics(metrics: [revenue], limit: {number + 1}) {{ data }} }}"
        for _ in range(3):
            await service.ask(asks(document))

    kept = service.cache.counts().memory.entries
    assert kept < 20
    assert sum(id(each) not in before for each in entries()) <= 2 * kept


async def test_each_viewer_has_answers_of_their_own() -> None:
    service = world()
    keys, data = set(), set()
    for caller in (NORTH, SOUTH, (b"x", b"")):
        for _ in range(4):
            found = analytics(await service.ask(asks(QUESTION).under(caller)))
        keys.add(found["metadata"]["cacheKey"])
        data.add(json.dumps(found["data"]))

    assert (len(keys), len(data), shown(service)) == (3, 3, 6)


async def test_what_was_shown_to_an_administrator_is_refused_to_others() -> None:
    service = world()
    sent = asks("{ analytics(metrics: [sold], cache: BYPASS) { data } }")
    for _ in range(3):
        await service.ask(sent.under(ADMIN))

    assert read(await service.ask(sent))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_what_the_lane_answers_is_traffic() -> None:
    service = world()
    await learnt(service, asks(QUESTION))

    (demand,) = service.traffic.top(9)

    assert demand.count == 3
    assert demand.asked.text == "metrics: [revenue], dimensions: [channel]"


async def test_a_question_that_traffic_has_forgotten_is_learnt_by_it_again() -> None:
    service = world()
    await learnt(service, asks(QUESTION))
    service.traffic._drop_least()
    assert service.traffic.top(9) == []

    for _ in range(4):
        await service.ask(asks(QUESTION))

    # The first of them was counted where nobody looks any more, and sends the next one the whole way.
    (demand,) = service.traffic.top(9)
    assert (demand.count, demand.asked.text) == (3, "metrics: [revenue], dimensions: [channel]")


async def test_without_memory_each_hit_asks_the_store_once_and_keeps_no_rows() -> None:
    service = world(memory_bytes=0)
    await learnt(service, asks(QUESTION))
    service.store.calls.clear()

    for _ in range(3):
        assert analytics(await service.ask(asks(QUESTION)))["metadata"]["source"] == "REDIS"

    assert service.store.calls == ["look"] * 3
    assert service.lane
    assert [each.made for each, _ in service.lane._known._kept.values()] == [None]


@pytest.mark.parametrize("fast_lane", [True, False])
def test_a_setting_switches_it_off(*, fast_lane: bool) -> None:
    app = create_app(
        settings_of_tests(fast_lane=fast_lane), restaurant(), parts=Parts(FakeDatabase(), FencedStore())
    )

    assert isinstance(app, Service)
    assert isinstance(app.endpoint, GraphQLEndpoint)
    assert (app.endpoint._express is not None) == fast_lane
