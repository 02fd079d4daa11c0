"""Requests that are remembered by their bytes."""

import gc

from model.viewer import ANONYMOUS, Viewer
from servery.lane.wire import LONGEST, MOST_SEEN, OVERHEAD, Wire
from servery.transport.dress import Reply
from servery.transport.facts import Facts, facts_of
from servery.transport.refused import BadRequest


class Answers:
    """Something to ask, with the same reply each time."""

    reply = Reply(200, [(b"content-length", b"2")], b"{}")

    def __init__(self, most: int = 100_000) -> None:
        self.viewers: list[Viewer] = []
        self.refuses = False
        self.wire = Wire(self, self._viewer, most)

    def __call__(self, facts: Facts, raw: bytes, viewer: Viewer) -> Reply | None:  # noqa: ARG002
        self.viewers.append(viewer)
        return self.reply

    def _viewer(self, authorization: str | None) -> Viewer:
        if self.refuses:
            raise BadRequest("no", 401, "UNAUTHENTICATED")
        return Viewer(authorization) if authorization else ANONYMOUS

    def learn(self, sent: bytes, authorization: bytes = b"", times: int = 2) -> None:
        headers = [(b"authorization", authorization)] if authorization else []
        for _ in range(times):
            self.wire.learn(sent, facts_of({"method": "POST", "headers": headers}), sent)


def test_a_request_is_remembered_when_it_comes_again() -> None:
    answers = Answers()

    answers.learn(b"asked", times=1)
    once = answers.wire.answer(b"asked", [])
    answers.learn(b"asked", times=1)

    assert once is None
    assert answers.wire.answer(b"asked", []) == (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", b"{}")


def test_who_asks_is_looked_up_each_time() -> None:
    answers = Answers()
    answers.learn(b"asked", b"ann")

    answers.wire.answer(b"asked", [])
    answers.refuses = True

    assert answers.viewers == [Viewer("ann")]
    assert answers.wire.answer(b"asked", []) is None


def test_requests_that_never_come_again_take_no_room() -> None:
    answers = Answers()
    for number in range(MOST_SEEN + 10):
        answers.learn(b"%d" % number, times=1)

    assert len(answers.wire) == 0
    assert answers.wire.seen <= MOST_SEEN


def test_what_is_remembered_is_bounded() -> None:
    answers = Answers(most=10 * OVERHEAD)
    for number in range(100):
        answers.learn(b"%d" % number)

    assert 0 < len(answers.wire) < 10
    assert answers.wire.answer(b"99", []) is not None
    assert answers.wire.answer(b"0", []) is None


def test_bodies_are_not_held_on_to() -> None:
    answers = Answers()
    answers.learn(b"asked")
    body = b"x" * 100_000
    answers.reply = Reply(200, [(b"content-length", b"%d" % len(body))], body)
    answers.wire.answer(b"asked", [])

    answers.reply = Answers.reply

    assert not any(isinstance(each, Reply | tuple) for each in gc.get_referrers(body))


def test_long_requests_are_not_remembered() -> None:
    answers = Answers()
    for longer in (0, 1):
        answers.learn(b"x" * (LONGEST + longer))

    assert answers.wire.answer(b"x" * LONGEST, []) is not None
    assert answers.wire.answer(b"x" * (LONGEST + 1), []) is None
