"""An open load does not wait for those who are slow, and counts from when an answer was due."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Final

from bench.arrivals import Arrivals, Due, Rush, ask
from bench.load import Target

ANSWER: Final = b"soup"
SLOW_S: Final = 0.05


def test_users_come_at_the_rate_and_alike_on_every_run() -> None:
    arrivals = Arrivals(users=7, per_second=1_000, seconds=4)

    due = arrivals.due(questions=3)

    assert 3_800 < len(due) < 4_200
    assert due == arrivals.due(questions=3)
    assert all(earlier.at < later.at for earlier, later in pairwise(due))
    assert (due[8].user, due[8].question) == (1, 2)


def test_in_a_rush_each_user_asks_each_question() -> None:
    due = Rush(users=2).due(questions=2)

    assert due == [Due(0.0, 0, 0), Due(0.0, 1, 0), Due(0.0, 0, 1), Due(0.0, 1, 1)]


def test_an_answer_that_had_to_queue_took_longer() -> None:
    # One user asks about 40 times in a second, and each answer takes a twentieth: they fall behind.
    with slow_server() as port:
        waits = ask([Target(port, b"{}", ANSWER)], Arrivals(users=1, per_second=40, seconds=1, patience=5))

    assert waits.unanswered == waits.wrong == 0
    assert waits.percentile(50) > 2 * SLOW_S * 1e3
    assert waits.percentile(100) > 4 * SLOW_S * 1e3


def test_answers_that_do_not_come_in_time_are_counted() -> None:
    with slow_server() as port:
        waits = ask([Target(port, b"{}", ANSWER)], Arrivals(users=1, per_second=60, seconds=1, patience=0))

    assert waits.unanswered > 20


def test_a_wrong_answer_is_counted_and_any_will_do_where_none_is_named() -> None:
    with slow_server() as port:
        wrong = ask([Target(port, b"{}", b"salad")], Rush(users=1))
        anything = ask([Target(port, b"{}", b"")], Rush(users=1))

    assert (wrong.wrong, len(wrong.ms)) == (1, 1)
    assert (anything.wrong, len(anything.ms)) == (0, 1)


@contextmanager
def slow_server() -> Iterator[int]:
    """One connection after the other, one answer after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer_slowly, args=(listening,))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            # Closing alone does not wake who waits in accept().
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def answer_slowly(listening: socket.socket) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, suppress(ConnectionError):
            while connection.recv(65536):
                time.sleep(SLOW_S)
                connection.sendall(head + ANSWER)
