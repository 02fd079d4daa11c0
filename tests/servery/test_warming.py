"""A service that warms by itself: at its start, and after a clear."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from tests.fakes import TOKEN, FakeDatabase, FencedStore, Service, restaurant, running

LISTED = "metrics: [faturamento], dimensions: [channel]"
MODEL = replace(restaurant(), warm=(LISTED,))
CLEAR = "mutation { clearCache { deleted } }"


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds within five seconds: the service runs in a thread of its own."""
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


def warmings(service: Service) -> list[tuple[int, int, int]]:
    """What was logged of each: loaded, there already, failed."""
    told = [each for each in service.logs if each["event"] == "the cache is warm"]
    return [(each["loaded"], each["there"], each["failed"]) for each in told]


def source(service: Service) -> str:
    answer = service.ask(f"{{ analytics({LISTED}) {{ data metadata {{ source }} }} }}")
    found: str = answer["data"]["analytics"]["metadata"]["source"]
    return found


def test_at_its_start_when_it_is_set_so() -> None:
    with running(MODEL, warm_at_start=True) as service:
        assert eventually(lambda: warmings(service) == [(1, 0, 0)])
        assert source(service) != "DATABASE"
        assert len(service.database.statements) == 1


def test_after_a_clear_when_it_is_set_so() -> None:
    with running(MODEL, warm_after_clear=True) as service:
        for _ in range(2):
            service.ask(CLEAR, token=TOKEN)
        assert eventually(lambda: len(warmings(service)) > 0)
        assert source(service) != "DATABASE"


def test_of_itself_a_service_warms_nothing() -> None:
    with running(MODEL) as service:
        service.ask(CLEAR, token=TOKEN)
        service.ask("{ cacheStats { hits } }")

        assert (warmings(service), service.database.statements) == ([], [])


def test_a_question_that_cannot_be_warmed_is_told_to_the_engineer() -> None:
    with running(replace(MODEL, warm=("metrics: [fatura]",)), warm_at_start=True) as service:
        assert eventually(lambda: warmings(service) == [(0, 0, 1)])
        (told,) = [each for each in service.logs if each["event"] == "a question could not be warmed"]

    assert (told["log_level"], told["question"], told["code"]) == (
        "warning",
        "metrics: [fatura]",
        "UNKNOWN_METRIC",
    )


def test_a_service_that_stops_cancels_what_it_warms() -> None:
    database = FakeDatabase(gate=asyncio.Event())
    with running(MODEL, database, warm_at_start=True) as service:
        assert eventually(lambda: len(database.statements) == 1)
    loud = [each for each in service.logs if each["log_level"] in {"warning", "error"}]

    assert (database.cancelled, database.closed, loud) == (1, True, [])


def test_a_service_that_stops_tells_what_it_was_asked() -> None:
    store = FencedStore()
    with running(MODEL, store=store) as service:
        source(service)

    (note,) = [text for topic, text in store.noted.items() if topic.startswith("traffic:")]
    assert LISTED in note
