"""What administrators ask of the cache, and that nobody else can."""

from collections.abc import Awaitable, Callable

import pytest

from cache.cache import Cache
from model.faults import Fault
from model.viewer import ADMIN, ANONYMOUS, Viewer
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.question import Question
from resolvers.rules import Rules
from tests.cache.fakes import FakeStore
from tests.fakes import NOW, FakeDatabase, FencedStore, restaurant

pytestmark = pytest.mark.anyio

ADMINISTRATOR = Viewer("someone", roles=frozenset({ADMIN}))
QUESTION = Question(("faturamento",), ("channel",))
OTHER = Question(("faturamento",), ("channel",), limit=5)


class Desk:
    """An administrator's desk, with everything behind it in the test's hand."""

    def __init__(self, store: FakeStore | None = None) -> None:
        self.store = store or FencedStore()
        self.cache = Cache(self.store)
        self.analytics = Analytics(restaurant(), FakeDatabase(), self.cache, lambda: NOW, Rules())
        self.admin = Admin(self.cache, self.analytics)

    async def is_cached(self, question: Question) -> bool:
        return (await self.analytics.answer(question, ANONYMOUS)).from_cache


async def test_one_answer_is_deleted_by_its_question_and_others_stay() -> None:
    desk = Desk()
    for question in (QUESTION, OTHER):
        await desk.is_cached(question)

    done = await desk.admin.delete_question(QUESTION, ADMINISTRATOR)

    assert done.deleted
    assert await desk.is_cached(OTHER)
    assert not await desk.is_cached(QUESTION)


async def test_a_question_and_its_key_delete_the_same_answer() -> None:
    desk = Desk()
    answer = await desk.analytics.answer(QUESTION, ANONYMOUS)

    by_key = await desk.admin.delete_key(answer.cache_key, ADMINISTRATOR)
    by_question = await desk.admin.delete_question(QUESTION, ADMINISTRATOR)

    assert (by_key.deleted, by_question.deleted) == (True, False)
    assert by_key.cache_key == by_question.cache_key
    assert by_question.message == "There was no such answer."


async def test_a_clear_tells_how_many_answers_it_deleted() -> None:
    desk = Desk()
    for question in (QUESTION, OTHER):
        await desk.is_cached(question)

    first = await desk.admin.clear("analytics:*", ADMINISTRATOR)
    second = await desk.admin.clear("analytics:*", ADMINISTRATOR)

    assert (first.deleted, first.message) == (2, "2 answers were deleted from the cache.")
    assert (second.deleted, second.message) == (0, "0 answers were deleted from the cache.")


async def test_a_clear_of_one_answer_speaks_of_one() -> None:
    desk = Desk()
    await desk.is_cached(QUESTION)

    done = await desk.admin.clear("analytics:query:*", ADMINISTRATOR)

    assert done.message == "1 answer was deleted from the cache."


ORDERS: list[Callable[[Admin, Viewer], Awaitable[object]]] = [
    lambda admin, viewer: admin.clear("analytics:*", viewer),
    lambda admin, viewer: admin.delete_key("analytics:query:0", viewer),
    lambda admin, viewer: admin.delete_question(QUESTION, viewer),
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("viewer", [ANONYMOUS, Viewer("admin"), Viewer("someone", roles=frozenset({"adm"}))])
async def test_nobody_else_changes_anything(
    order: Callable[[Admin, Viewer], Awaitable[object]], viewer: Viewer
) -> None:
    desk = Desk()

    with pytest.raises(Fault) as refused:
        await order(desk.admin, viewer)

    assert refused.value.code == "UNAUTHENTICATED"
    assert desk.store.calls == []


@pytest.mark.parametrize("order", ORDERS)
async def test_an_order_that_could_not_be_carried_out_is_told(
    order: Callable[[Admin, Viewer], Awaitable[object]],
) -> None:
    desk = Desk(FakeStore(down=True))

    with pytest.raises(Fault) as refused:
        await order(desk.admin, ADMINISTRATOR)

    assert refused.value.code == "CACHE_UNAVAILABLE"
    assert "not done, or not wholly" in refused.value.message


@pytest.mark.parametrize("pattern", ["*", "", "session:*", "analytic*", "analytics", "[a]nalytics:*"])
async def test_a_pattern_that_could_reach_others_is_refused(pattern: str) -> None:
    desk = Desk()

    with pytest.raises(Fault) as refused:
        await desk.admin.clear(pattern, ADMINISTRATOR)

    assert refused.value.code == "INVALID_PATTERN"
    assert refused.value.fields == {"pattern": pattern}


async def test_a_key_that_is_not_ours_is_refused() -> None:
    desk = Desk()

    with pytest.raises(Fault) as refused:
        await desk.admin.delete_key("session:1", ADMINISTRATOR)

    assert refused.value.code == "INVALID_PATTERN"
    assert refused.value.fields == {"cacheKey": "session:1"}


async def test_figures_count_hits_and_misses_of_our_own() -> None:
    desk = Desk()
    for _ in range(4):
        await desk.is_cached(QUESTION)

    figures = await desk.admin.figures()

    assert (figures.status, figures.hits, figures.misses, figures.hit_rate) == ("up", 3, 1, 0.75)
    assert (figures.total_keys, figures.connected_clients) == (1, 1)


async def test_figures_before_the_first_question_divide_by_nothing() -> None:
    figures = await Desk().admin.figures()

    assert (figures.hits, figures.misses, figures.hit_rate) == (0, 0, 0.0)


async def test_figures_without_redis_are_ours_alone() -> None:
    figures = await Desk(FakeStore(down=True)).admin.figures()

    assert figures.status == "down"
    assert (figures.memory_used_mb, figures.total_keys, figures.uptime_seconds) == (None, None, None)
