from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache.entry import Entry
from tests.cache.fakes import key

KEY = key(1)

calm = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
"""A busy machine is no defect."""


def entry(body: bytes = b'{"rows":[1,2]}') -> Entry:
    return Entry(KEY.sha256, KEY.scope, created_ms=5, ttl_ms=300_000, cost_ms=12, rows=2, body=body)


def with_header(**changes: object) -> bytes:
    line, body = entry().encode().split(b"\n", 1)
    return orjson.dumps({**orjson.loads(line), **changes}) + b"\n" + body


@calm
@given(st.binary(max_size=3000))
def test_what_is_encoded_is_decoded_again(body: bytes) -> None:
    assert Entry.decode(entry(body).encode(), KEY) == entry(body)


def test_the_body_lies_in_the_open_after_one_line() -> None:
    assert entry(b"a\nb").encode().endswith(b"}\na\nb")


@calm
@given(st.binary(max_size=2000))
def test_garbage_is_no_entry(data: bytes) -> None:
    assert Entry.decode(data, KEY) is None


@calm
@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists))
def test_another_json_line_is_no_entry(header: object) -> None:
    assert Entry.decode(orjson.dumps(header) + b"\nbody", KEY) is None


@calm
@given(st.integers(0, len(entry().encode()) - 1))
def test_a_truncated_entry_is_none(length: int) -> None:
    assert Entry.decode(entry().encode()[:length], KEY) is None


@calm
@given(st.integers(0, len(entry().encode()) - 1), st.integers(1, 255))
def test_a_flipped_byte_never_changes_the_answer(position: int, mask: int) -> None:
    data = bytearray(entry().encode())
    data[position] ^= mask

    decoded = Entry.decode(bytes(data), KEY)

    assert decoded is None or decoded.body == entry().body


def test_bytes_after_the_body_are_noticed() -> None:
    assert Entry.decode(entry().encode() + b"x", KEY) is None


@pytest.mark.parametrize("name", ["created_ms", "ttl_ms", "cost_ms", "rows"])
@pytest.mark.parametrize("value", [-1, True, None, "1", 1.5, [], 2**70 * 1.0])
def test_a_count_that_is_none_is_noticed(name: str, value: object) -> None:
    assert Entry.decode(with_header(**{name: value}), KEY) is None


@pytest.mark.parametrize("change", [{"format": 2}, {"sha256": "0" * 64}, {"scope": "another"}, {"size": 1}])
def test_an_entry_of_something_else_is_none(change: dict[str, object]) -> None:
    assert Entry.decode(with_header(), KEY) is not None
    assert Entry.decode(with_header(**change), KEY) is None


def test_an_entry_of_another_question_is_none_even_under_the_same_name() -> None:
    collided = replace(key(2), name=KEY.name)

    assert Entry.decode(entry().encode(), collided) is None


def test_an_entry_of_another_tenant_is_none() -> None:
    assert Entry.decode(entry().encode(), replace(KEY, scope=key(1, tenant="south").scope)) is None


def test_a_huge_entry_is_none() -> None:
    assert Entry.decode(entry(b"x" * 5000).encode(), KEY, largest=5000) is None
