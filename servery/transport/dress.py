"""Every rule of the headers of an answer, in one place."""

from collections.abc import Mapping
from itertools import product
from typing import Any, Final, NamedTuple

import orjson

from servery.transport.encoding import IDENTITY, PREFERRED, packed_aside
from servery.transport.facts import Facts
from servery.transport.freshness import NO_STORE
from servery.transport.media import LEGACY, MODERN

Header = tuple[bytes, bytes]
VARY: Final[Header] = (b"vary", b"Accept, Accept-Encoding, Authorization")


class Reply(NamedTuple):
    """What is sent. A tuple, as `Facts` is."""

    status: int
    headers: list[Header]
    body: bytes


def _constant(coding: str, *, modern: bool) -> list[Header]:
    kind = f"{MODERN}; charset=utf-8" if modern else LEGACY
    packing = [] if coding == IDENTITY else [(b"content-encoding", coding.encode())]
    return [(b"content-type", kind.encode()), (b"x-content-type-options", b"nosniff"), VARY, *packing]


_CONSTANT: Final = {
    (modern, coding): _constant(coding, modern=modern)
    for modern, coding in product((False, True), (IDENTITY, *PREFERRED))
}


def json_of(response: Any) -> bytes:
    """Of a response map, or a list of them. Rows are bytes of JSON already and go in as they are."""
    return orjson.dumps(response, default=_spliced)


def dressed(
    facts: Facts,
    status: int,
    body: bytes,
    coding: str = IDENTITY,
    *,
    cached: bytes = NO_STORE,
    etag: bytes | None = None,
) -> Reply:
    """`body` is packed by `coding` already. `cached` is the value of Cache-Control."""
    headers = [
        *_CONSTANT[facts.modern, coding],
        (b"cache-control", cached),
        (b"content-length", b"%d" % len(body)),
    ]
    if etag is not None:
        headers.append((b"etag", etag))
    return Reply(status, headers, body)


async def packed_and_dressed(
    facts: Facts,
    status: int,
    plain: bytes,
    *,
    cached: bytes = NO_STORE,
    etag: bytes | None = None,
) -> Reply:
    """The same for a body that is not packed yet."""
    coding = facts.coding.of_size(len(plain))
    return dressed(facts, status, await packed_aside(plain, coding), coding, cached=cached, etag=etag)


def not_modified(cached: bytes, etag: bytes) -> Reply:
    """The client has it. What it keeps lives on by these headers (RFC 9110, 15.4.5)."""
    return Reply(304, [(b"etag", etag), (b"cache-control", cached), VARY], b"")


def with_headers(reply: Reply, more: Mapping[str, str]) -> Reply:
    added = [(name.lower().encode(), value.encode()) for name, value in more.items()]
    return reply._replace(headers=[*reply.headers, *added])


def _spliced(value: object) -> object:
    if isinstance(value, bytes):
        return orjson.Fragment(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
