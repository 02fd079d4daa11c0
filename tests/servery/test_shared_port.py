"""Connections are dealt out among those who listen on one port, each with a socket of its own."""

import pickle
import socket
from collections import Counter
from contextlib import ExitStack
from multiprocessing.reduction import ForkingPickler

import pytest

from servery.shared_port import DEALS_OUT, SharedPort, shared_port

pytestmark = pytest.mark.skipif(not DEALS_OUT, reason="only Linux deals connections out")
CONNECTIONS = 64
LEAST = 8
"""Fewer than that of 64 would one of two get once in ten billion times."""


def sent(port: SharedPort) -> SharedPort:
    """As it arrives in another process."""
    found = pickle.loads(ForkingPickler.dumps(port))  # noqa: S301  they are our own bytes
    assert isinstance(found, SharedPort)
    return found


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_each_who_listens_gets_a_part_of_connections_made_at_once(host: str) -> None:
    with ExitStack() as stack:
        held = stack.enter_context(shared_port(host, 0))
        workers = [stack.enter_context(sent(held)) for _ in range(2)]
        for worker in workers:
            worker.listen()
            worker.setblocking(False)
        clients = [
            stack.enter_context(socket.create_connection(held.getsockname()[:2], timeout=5))
            for _ in range(CONNECTIONS)
        ]
        found = Counter(number for number, worker in enumerate(workers) for _ in accepted(worker, stack))

    assert found.total() == len(clients)
    assert min(found[0], found[1]) >= LEAST


def accepted(worker: socket.socket, stack: ExitStack) -> list[socket.socket]:
    """All that wait."""
    found: list[socket.socket] = []
    while True:
        try:
            connection, _ = worker.accept()
        except BlockingIOError:
            return found
        found.append(stack.enter_context(connection))


def test_another_program_does_not_get_the_port_while_one_listens() -> None:
    with shared_port("127.0.0.1", 0) as held, sent(held) as worker, socket.socket() as other:
        worker.listen()
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        with pytest.raises(OSError, match="in use"):
            other.bind(held.getsockname())


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        shared_port("127.0.0.1", taken.getsockname()[1])
