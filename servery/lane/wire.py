"""Requests that come again byte for byte: what their HTTP says was read once and stays so.

Whether there is an answer is asked of the lane each time, as for all other requests.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from cache.bounded import Bounded
from model.viewer import Viewer
from servery.transport.dress import Header, Reply
from servery.transport.facts import Facts

WIRE: Final = "servery.wire"
"""The name of it in the state of the app, where connections find it."""

SENT: Final = "servery.sent"
"""The name, among the extensions of an ASGI scope, of the bytes that a request was sent as."""

LONGEST: Final = 8_192
"""In bytes, of a request that is remembered."""

OVERHEAD: Final = 1_536
"""About how many bytes of memory one takes beside its own."""

MOST_SEEN: Final = 4_096
_STATUS: Final = {200: b"HTTP/1.1 200 OK\r\n", 304: b"HTTP/1.1 304 Not Modified\r\n"}


class Plainly(Protocol):
    """A reply that is there at once, with status 200 or 304, or None. It is counted, unless it is None."""

    def __call__(self, facts: Facts, raw: bytes, viewer: Viewer) -> Reply | None: ...


@dataclass(slots=True)
class _Known:
    """What a request says, and the head of the last reply to it as it was sent, by what it was made of.

    It does not hold on to the reply: bodies are large, and counted where they are kept.
    """

    facts: Facts
    raw: bytes
    size: int
    headers: list[Header] | None = None
    default: list[Header] = field(default_factory=list)
    head: bytes = b""


class Wire:
    """Of one process. `max_bytes` bounds what is remembered."""

    def __init__(self, plainly: Plainly, viewer: Callable[[str | None], Viewer], max_bytes: int) -> None:
        self._plainly = plainly
        self._viewer = viewer
        self._known: Bounded[bytes, _Known] = Bounded(max_bytes, lambda known: known.size)
        self._seen: set[int] = set()

    def __len__(self) -> int:
        """How many requests are remembered."""
        return len(self._known)

    @property
    def seen(self) -> int:
        """How many came once lately."""
        return len(self._seen)

    def answer(self, sent: bytes, default: list[Header]) -> tuple[bytes, bytes] | None:
        """Head and body of the response, if there is one at once. `default` are the server's own headers."""
        known = self._known.find(sent)
        if known is None:
            return None
        try:
            reply = self._plainly(known.facts, known.raw, self._viewer(known.facts.authorization))
        except Exception:  # noqa: BLE001  whoever reads it all says what is wrong
            return None
        if reply is None:
            return None
        if known.headers is not reply.headers or known.default is not default:
            known.headers, known.default, known.head = reply.headers, default, _head(reply, default)
        return known.head, reply.body

    def learn(self, sent: bytes, facts: Facts, raw: bytes) -> None:
        """Of a request whose reply may be sent again as it is.

        It is remembered when it comes again: many hold a number of their own and never do.
        """
        if len(sent) > LONGEST or facts.method == "HEAD":
            return
        mark = hash(sent)
        if mark in self._seen:
            self._known.keep(sent, _Known(facts, raw, OVERHEAD + len(sent) + len(raw)))
            return
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen.add(mark)


def _head(reply: Reply, default: list[Header]) -> bytes:
    return b"".join(
        (_STATUS[reply.status], *(b"%b: %b\r\n" % header for header in (*default, *reply.headers)), b"\r\n")
    )
