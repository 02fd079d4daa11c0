"""An answer as it is sent: its headers, and no byte more than was asked for."""

import pytest

from servery.transport.dress import dressed, json_of, not_modified, with_headers
from servery.transport.facts import facts_of

FACTS = facts_of({"type": "http", "method": "GET", "headers": []})
MODERN = facts_of(
    {"type": "http", "method": "GET", "headers": [(b"accept", b"application/graphql-response+json")]}
)


def test_an_answer_is_kept_by_nobody_unless_it_says_so() -> None:
    assert dict(dressed(FACTS, 200, b"{}").headers) == {
        b"content-type": b"application/json",
        b"x-content-type-options": b"nosniff",
        b"vary": b"Accept, Accept-Encoding, Authorization",
        b"cache-control": b"no-store",
        b"content-length": b"2",
    }


def test_what_is_packed_and_kept_is_said() -> None:
    headers = dict(dressed(MODERN, 200, b"..", "zstd", cached=b"public, max-age=1", etag=b'W/"a"').headers)

    assert headers[b"content-type"] == b"application/graphql-response+json; charset=utf-8"
    assert headers[b"content-encoding"] == b"zstd"
    assert headers[b"cache-control"] == b"public, max-age=1"
    assert headers[b"etag"] == b'W/"a"'


def test_dressing_one_answer_leaves_nothing_on_the_next() -> None:
    with_headers(dressed(FACTS, 405, b"{}", etag=b'W/"a"'), {"Allow": "POST"}).headers.append((b"x", b"y"))

    assert len(dressed(FACTS, 200, b"{}").headers) == 5


def test_what_a_client_has_is_not_described_again() -> None:
    reply = not_modified(b"public, max-age=1", b'W/"a"')

    assert (reply.status, reply.body) == (304, b"")
    assert {name for name, _ in reply.headers} == {b"etag", b"cache-control", b"vary"}


def test_rows_go_into_the_answer_as_they_are() -> None:
    assert json_of([{"data": {"rows": b'[{"a":1.10}]'}}]) == b'[{"data":{"rows":[{"a":1.10}]}}]'
    with pytest.raises(TypeError):
        json_of({"data": object()})
