"""What lies under our names may be another's."""

from typing import Any

import pytest
from redis.exceptions import ResponseError

from cache import Found, Missing, StoreDown
from cache.replies import found_in, token_in

WRONG = ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value")
DENIED = ResponseError("NOPERM User default has no permissions")


@pytest.mark.parametrize(
    ("body", "remaining", "found"),
    [
        (b"x", 5, Found(b"x", 5)),
        (b"", 5, Found(b"", 5)),
        (b"x", 0, Found(b"x", 0)),
        (b"x", -2, Found(b"x", 0)),
        (None, -2, Missing.ABSENT),
        (None, 5, Missing.ABSENT),
        (b"x", -1, Missing.UNREADABLE),
        (b"x", None, Missing.UNREADABLE),
        (b"x", b"5", Missing.UNREADABLE),
        ("x", 5, Missing.UNREADABLE),
        (7, 5, Missing.UNREADABLE),
        ([b"x"], 5, Missing.UNREADABLE),
        (WRONG, 5, Missing.UNREADABLE),
    ],
)
def test_an_entry_is_bytes_with_an_end(body: Any, remaining: Any, found: object) -> None:
    assert found_in(body, remaining) == found


@pytest.mark.parametrize(("body", "remaining"), [(DENIED, 5), (b"x", DENIED), (ConnectionError("gone"), 5)])
def test_an_error_of_the_server_is_none_of_the_entry(body: Any, remaining: Any) -> None:
    with pytest.raises(StoreDown):
        found_in(body, remaining)


@pytest.mark.parametrize(
    ("reply", "token"),
    [(b"a.b", "a.b"), (b"", ""), (None, ""), (WRONG, ""), (7, ""), ([b"a"], ""), (b"\xff.b", "\ufffd.b")],
)
def test_a_token_is_text(reply: Any, token: str) -> None:
    assert token_in(reply) == token


def test_an_error_of_the_server_is_no_token() -> None:
    with pytest.raises(StoreDown, match="NOPERM"):
        token_in(DENIED)
