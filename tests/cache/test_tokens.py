"""Tokens, and what their differences mean."""

import pytest

from cache.tokens import (
    LONGEST_TAG,
    SERVER,
    bounded_tag,
    bucket_of,
    differing,
    new_part,
    new_token,
    only_expired,
)

THEN = {SERVER: "s", "a": "p1.f1", "b": "p2.f2"}


def test_tokens_are_never_the_same() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


def test_a_token_has_two_halves() -> None:
    for _ in range(1000):
        purge, dot, fresh = new_token().partition(".")

        assert (len(purge), dot, len(fresh)) == (12, ".", 12)
        assert "." not in fresh
        assert "." not in new_part()


@pytest.mark.parametrize(
    ("now", "expired"),
    [
        (THEN, True),
        (THEN | {"a": "p1.f9"}, True),
        (THEN | {"a": "p1.f9", "b": "p2.f9"}, True),
        (THEN | {"a": "p9.f1"}, False),
        (THEN | {"a": "p1.f9", "b": "p9.f9"}, False),
        (THEN | {SERVER: "another"}, False),
        ({SERVER: "s", "a": "p1.f1"}, False),
        (THEN | {"c": "p3.f3"}, False),
        (THEN | {"a": ""}, False),
        ({"a": "p1.f1", "b": "p2.f2"}, False),
    ],
)
def test_only_a_second_half_that_differs_has_expired(now: dict[str, str], *, expired: bool) -> None:
    assert only_expired(THEN, now) is expired


def test_what_differs_is_named() -> None:
    assert differing(THEN, THEN) == ()
    assert differing(THEN, {SERVER: "s", "b": "p2.f9", "c": "p3.f3"}) == ("a", "b", "c")


def test_a_long_tag_is_cut_but_stays_its_own() -> None:
    long = ["x" * LONGEST_TAG + end for end in ("", "a", "b")]

    short = [bounded_tag(tag) for tag in long]

    assert short[0] == long[0]
    assert len(set(short)) == 3
    assert max(map(len, short)) <= LONGEST_TAG


def test_a_bucket_is_that_of_the_digits() -> None:
    assert bucket_of("analytics:query:abcdef") == "__key:abc"
    assert bucket_of("other:prefix:query:abcdef") == "__key:abc"
