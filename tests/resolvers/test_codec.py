"""Rows as bytes: every type of PostgreSQL exactly, in any number, and back out of the cache unchanged."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plan.packed import SAFE_INTEGER
from resolvers.body import Body
from resolvers.codec import CHUNK, KNOWN_INSTANTS, PIECE, encoded, encoded_rows

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def json_of(types: Sequence[str], *rows: Sequence[object], zone: ZoneInfo = SAO_PAULO) -> bytes:
    names = [f"c{index}" for index in range(len(types))]
    return b"".join(encoded_rows(names, types, rows, zone))


def value_of(kind: str, value: object, zone: ZoneInfo = SAO_PAULO) -> object:
    (row,) = json.loads(json_of([kind], [value], zone=zone))
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
    found = json.loads(json_of(["int8", "text", "bool"], [2**60, "a", True], [1, "b", False]))

    assert found == [{"c0": str(2**60), "c1": "a", "c2": True}, {"c0": 1, "c1": "b", "c2": False}]


@pytest.mark.parametrize("count", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 1, CHUNK])
def test_any_number_of_rows_is_one_list(count: int) -> None:
    found = json.loads(json_of(["int4"], *([number] for number in range(count))))

    assert [row["c0"] for row in found] == list(range(count))


@pytest.mark.parametrize("columns", [1, 5, 2 * PIECE])
def test_many_rows_come_in_pieces_whose_dicts_are_few(columns: int) -> None:
    names, row = [f"c{index}" for index in range(columns)], [1] * columns
    rows = max(1, PIECE // columns)

    pieces = list(encoded_rows(names, ["int4"] * columns, [row] * (3 * rows), SAO_PAULO))

    assert len(pieces) == 5


class Watched(list[Sequence[int]]):
    """Rows that note how many of them are taken in which turn of the loop."""

    turn = 0

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        super().__init__(rows)
        self.taken: Counter[int] = Counter()

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if isinstance(key, slice):
            self.taken[self.turn] += len(found)
        return found


@pytest.mark.parametrize("columns", [1, 7, 2 * PIECE, 2 * CHUNK])
def test_a_large_answer_takes_turns_and_no_turn_takes_more_than_its_share(columns: int) -> None:
    share = max(1, CHUNK // columns)
    names, types = [f"c{index}" for index in range(columns)], ["int4"] * columns
    rows = Watched([[number] * columns for number in range(3 * share + 1)])

    async def watched() -> bytes:
        whole = asyncio.create_task(encoded(names, types, rows, SAO_PAULO))
        while not whole.done():
            rows.turn += 1
            await asyncio.sleep(0)
        return b"".join(await whole)

    assert asyncio.run(watched()) == b"".join(encoded_rows(names, types, list(rows), SAO_PAULO))
    assert sum(rows.taken.values()) == len(rows)
    assert len(rows.taken) > 3
    assert 1 not in rows.taken  # the turn in which it was asked belongs to whoever asked
    assert max(rows.taken.values()) <= share


def test_a_small_answer_stands_in_no_line() -> None:
    whole = encoded(["a"], ["int4"], [[1]] * CHUNK, SAO_PAULO)

    with pytest.raises(StopIteration):
        whole.send(None)


def test_values_are_taken_from_their_places() -> None:
    rows = [("x", 1, NOON, True), ("y", 2, NOON, False)]

    found = b"".join(encoded_rows(["when", "what"], ["timestamptz", "text"], rows, SAO_PAULO, places=[2, 0]))

    assert json.loads(found) == [
        {"when": "2026-01-31T09:00:00-03:00", "what": "x"},
        {"when": "2026-01-31T09:00:00-03:00", "what": "y"},
    ]


@given(
    st.datetimes(datetime(1800, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(sorted(available_timezones())),
)
@example(datetime(1972, 1, 7, tzinfo=UTC), "Africa/Monrovia")
@example(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin")
@example(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin")
def test_an_instant_is_shown_as_python_shows_it(moment: datetime, zone: str) -> None:
    assert value_of("timestamptz", moment, ZoneInfo(zone)) == moment.astimezone(ZoneInfo(zone)).isoformat()


def test_instants_are_right_whether_they_are_remembered_or_not() -> None:
    moments = [NOON + timedelta(minutes=number) for number in range(2 * KNOWN_INSTANTS)]

    found = json.loads(json_of(["timestamptz"], *([moment] for moment in (*moments, *moments))))

    shown = [moment.astimezone(SAO_PAULO).isoformat() for moment in moments]
    assert [row["c0"] for row in found] == [*shown, *shown]


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.integers(-(2**63), 2**63 - 1))))
def test_no_text_and_no_integer_is_lost(rows: list[tuple[str, int]]) -> None:
    found = json.loads(json_of(["text", "int8"], *rows))

    assert [(row["c0"], int(row["c1"])) for row in found] == rows


@given(st.text(st.characters(codec="utf-8")), st.booleans(), st.datetimes(timezones=st.just(UTC)))
def test_a_body_comes_out_of_the_cache_as_it_went_in(text: str, truncated: bool, as_of: datetime) -> None:  # noqa: FBT001
    body = Body(json_of(["text"], [text]), ("text",), 1, truncated, as_of)

    assert Body.unpack(body.pack()) == body
