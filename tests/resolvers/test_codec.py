"""Rows as bytes: every type of PostgreSQL exactly, in any number, and back out of the cache unchanged."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.codec import CHUNK, SAFE_INTEGER, Body, encoded_rows

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def encoded(types: Sequence[str], *rows: Sequence[object], zone: ZoneInfo = SAO_PAULO) -> bytes:
    names = [f"c{index}" for index in range(len(types))]
    return b"".join(encoded_rows(names, types, rows, zone))


def value_of(kind: str, value: object, zone: ZoneInfo = SAO_PAULO) -> object:
    (row,) = json.loads(encoded([kind], [value], zone=zone))
    return row["c0"]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("text", "Pão de queijo", "Pão de queijo"),
        ("text", "", ""),
        ("int4", 7, 7),
        ("int8", SAFE_INTEGER, SAFE_INTEGER),
        ("int8", -SAFE_INTEGER, -SAFE_INTEGER),
        ("int8", SAFE_INTEGER + 1, "9007199254740992"),
        ("int8", -SAFE_INTEGER - 1, "-9007199254740992"),
        ("int8", 2**63 - 1, "9223372036854775807"),
        ("numeric", "1234.50", "1234.50"),
        ("numeric", "0.10", "0.10"),
        ("numeric", "NaN", "NaN"),
        ("float8", 0.1, 0.1),
        ("float8", math.inf, "inf"),
        ("float8", -math.inf, "-inf"),
        ("float4", math.nan, "nan"),
        ("bool", True, True),
        ("date", date(2026, 1, 31), "2026-01-31"),
        ("timestamptz", NOON, "2026-01-31T09:00:00-03:00"),
        ("timestamptz", datetime.max, "infinity"),  # noqa: DTZ901  asyncpg gives it without a zone
        ("timestamptz", datetime.min, "-infinity"),  # noqa: DTZ901  the same
        ("timestamp", datetime(2026, 1, 31, 12), "2026-01-31T12:00:00"),  # noqa: DTZ001  it has no zone
        ("time", time(12, 30), "12:30:00"),
        ("interval", timedelta(hours=1, milliseconds=500), 3600.5),
        ("uuid", UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("inet", "10.0.0.1/8", "10.0.0.1/8"),
    ],
)
def test_every_type_has_one_form(kind: str, value: object, shown: object) -> None:
    found = value_of(kind, value)

    assert found == shown
    assert type(found) is type(shown)


@pytest.mark.parametrize(
    "kind", ["text", "int8", "numeric", "float8", "bool", "date", "timestamptz", "interval"]
)
def test_null_is_null_in_every_type(kind: str) -> None:
    assert value_of(kind, None) is None


def test_an_instant_is_shown_with_the_offset_that_held_there_and_then() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert value_of("timestamptz", datetime(2026, 1, 1, tzinfo=UTC), berlin) == "2026-01-01T01:00:00+01:00"
    assert value_of("timestamptz", datetime(2026, 7, 1, tzinfo=UTC), berlin) == "2026-07-01T02:00:00+02:00"


def test_the_end_of_the_calendar_is_shown_where_a_zone_has_no_word_for_it() -> None:
    last = datetime.max.replace(tzinfo=UTC)

    assert value_of("timestamptz", last, ZoneInfo("Asia/Tokyo")) == last.isoformat()


def test_a_large_integer_changes_nothing_beside_it() -> None:
    found = json.loads(encoded(["int8", "text", "bool"], [2**60, "a", True], [1, "b", False]))

    assert found == [{"c0": str(2**60), "c1": "a", "c2": True}, {"c0": 1, "c1": "b", "c2": False}]


@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 1])
def test_any_number_of_rows_is_one_list(count: int) -> None:
    found = json.loads(encoded(["int4"], *([number] for number in range(count))))

    assert [row["c0"] for row in found] == list(range(count))


def test_many_rows_come_in_pieces_so_that_others_get_their_turn() -> None:
    pieces = list(encoded_rows(["a"], ["int4"], [[1]] * (3 * CHUNK), SAO_PAULO))

    assert len(pieces) == 5
    assert max(len(piece) for piece in pieces) < 10 * CHUNK


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.integers(-(2**63), 2**63 - 1))))
def test_no_text_and_no_integer_is_lost(rows: list[tuple[str, int]]) -> None:
    found = json.loads(encoded(["text", "int8"], *rows))

    assert [(row["c0"], int(row["c1"])) for row in found] == rows


@given(st.text(st.characters(codec="utf-8")), st.booleans(), st.datetimes(timezones=st.just(UTC)))
def test_a_body_comes_out_of_the_cache_as_it_went_in(text: str, truncated: bool, as_of: datetime) -> None:  # noqa: FBT001
    body = Body(encoded(["text"], [text]), ("text",), 1, truncated, as_of)

    assert Body.unpack(body.pack()) == body
