"""An ETag is the same for the same rows, another for any other, and known again in every spelling."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schema.build import Request
from servery.transport.validators import etag_of, has, identity_of

AS_OF = datetime(2026, 3, 15, 12, 0, 0, 1, tzinfo=UTC)
ANSWERS = [("analytics:query:1", AS_OF), ("analytics:query:2", AS_OF)]
ASKED = Request("{ a }", {"n": 1, "m": [1]}, "A")
TAG = b'W/"abc"'


def tag(
    request: Request = ASKED, answers: Any = ANSWERS, edition: bytes = b"", *, modern: bool = False
) -> bytes:
    return etag_of(identity_of(edition, request, modern=modern), answers)


def test_the_same_answers_to_the_same_request_have_the_same_tag() -> None:
    again = Request("{ a }", {"m": [1], "n": 1}, "A", may_change=False)

    assert tag(again) == tag()
    assert tag().startswith(b'W/"')
    assert tag().endswith(b'"')


@pytest.mark.parametrize(
    "other",
    [
        tag(Request("{ b }", ASKED.variables, "A")),
        tag(Request("{ a }", {"n": 2, "m": [1]}, "A")),
        tag(Request("{ a }", {"n": 1.0, "m": [1]}, "A")),
        tag(Request("{ a }", {"n": "1", "m": [1]}, "A")),
        tag(Request("{ a }", ASKED.variables, None)),
        tag(modern=True),
        tag(edition=b"next"),
        tag(answers=ANSWERS[:1]),
        tag(answers=ANSWERS[::-1]),
        tag(answers=[ANSWERS[0], ("analytics:query:3", AS_OF)]),
        tag(answers=[ANSWERS[0], ("analytics:query:2", AS_OF + timedelta(microseconds=1))]),
    ],
)
def test_anything_else_has_another(other: bytes) -> None:
    assert other != tag()


def test_numbers_too_large_for_64_bits_have_a_tag_too() -> None:
    assert tag(Request("{ a }", {"n": 2**70})) != tag(Request("{ a }", {"n": 2**70 + 1}))


@pytest.mark.parametrize(
    "header",
    [TAG, b'"abc"', b'"x", W/"abc"', b'W/"a,b",W/"abc"', b"*", b" * ", b'garbage, "abc"'],
)
def test_a_client_that_has_it_is_believed(header: bytes) -> None:
    assert has(header, TAG)


@pytest.mark.parametrize(
    "header", [b"", b"abc", b'"ab"', b'"abcd"', b'"x, W/"', b'W/"ABC"', b'"*"', b"W/", b'"a b c"']
)
def test_a_client_that_has_another_is_sent_this(header: bytes) -> None:
    assert not has(header, TAG)
