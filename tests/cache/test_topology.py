"""Who serves which slots, told by nodes that do not always agree or answer."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from redis.exceptions import RedisError

from cache.address import Place
from cache.topology import ANSWER_SECONDS, ASKED_AT_ONCE, Stretch, Topology

pytestmark = pytest.mark.anyio

A, B, C, D, E = PLACES = tuple(Place(f"10.0.0.{number}", 7000) for number in range(1, 6))
HALF: Final = 8191
LAST: Final = 16383


class Nodes:
    """Each node's view of the slots, or its fault."""

    def __init__(self, views: Mapping[Place, Any]) -> None:
        self.views = dict(views)
        self.asked: list[Place] = []

    async def ask(self, place: Place, *question: str, seconds: float) -> Any:
        assert question == ("CLUSTER", "SLOTS")
        assert seconds == ANSWER_SECONDS
        self.asked.append(place)
        view = self.views.get(place, ConnectionRefusedError("refused"))
        if isinstance(view, Exception):
            raise view
        return view


def view(first: Place, second: Place, *replicas: Place) -> list[Any]:
    """As it comes from the server: the second half before the first, replicas behind their primary."""
    return [[HALF + 1, LAST, entry(second), *map(entry, replicas)], [0, HALF, entry(first)]]


def entry(place: Place) -> list[Any]:
    return [place.host.encode(), place.port, b"name", []]


def halves(first: Place, second: Place) -> tuple[Stretch, Stretch]:
    return Stretch(0, HALF, first), Stretch(HALF + 1, LAST, second)


def topology(nodes: Nodes, *given: Place) -> Topology:
    return Topology(given, nodes.ask)


async def test_slots_are_told_in_their_order() -> None:
    assert await topology(Nodes({A: view(A, B)}), A).slots() == halves(A, B)


async def test_a_node_that_has_not_heard_of_a_failover_is_outvoted() -> None:
    nodes = Nodes({A: view(A, B), B: view(A, C), C: view(A, C)})

    found = {await topology(nodes, A, B, C).slots() for _ in range(20)}

    assert found == {halves(A, C)}


async def test_few_are_asked_of_many() -> None:
    nodes = Nodes(dict.fromkeys(PLACES, view(A, B)))

    await topology(nodes, *PLACES).slots()

    assert len(nodes.asked) == ASKED_AT_ONCE


async def test_all_are_asked_until_one_answers() -> None:
    for well in PLACES:
        nodes = Nodes({well: view(A, B)})

        assert await topology(nodes, *PLACES).slots() == halves(A, B)


async def test_nodes_that_were_told_of_are_asked_when_those_of_the_address_are_gone() -> None:
    nodes = Nodes({A: view(B, C, D)})
    found = topology(nodes, A)
    await found.slots()
    nodes.views = {D: view(B, D)}

    assert await found.slots() == halves(B, D)


async def test_those_of_the_address_are_asked_when_all_that_were_told_of_are_gone() -> None:
    nodes = Nodes({A: view(B, C)})
    found = topology(nodes, A)
    await found.slots()
    nodes.views = {A: view(D, E)}

    assert await found.slots() == halves(D, E)


@pytest.mark.parametrize("host", [b"", None])
async def test_a_node_without_a_host_has_that_of_the_one_asked(host: bytes | None) -> None:
    nodes = Nodes({A: [[0, LAST, [host, 7001, b"name"]]]})

    assert await topology(nodes, A).slots() == (Stretch(0, LAST, Place(A.host, 7001)),)


async def test_without_an_answer_it_is_told_why_of_each() -> None:
    nodes = Nodes({A: RedisError("NOAUTH"), B: TimeoutError(), C: []})

    with pytest.raises(RedisError) as told:
        await topology(nodes, A, B, C, D).slots()

    for fault in (
        f"{A}: NOAUTH",
        f"{B}: no answer",
        f"{C}: it serves no slots",
        f"{D}: refused",
    ):
        assert fault in str(told.value)
