"""Rows become the bytes of an answer, exactly; the same bytes leave the service on a hit and on a miss."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from db.database import Row
from db.turns import turn
from plan.packed import SAFE_INTEGER

CHUNK = 10_000
"""Values encoded in a turn: one or two milliseconds, after which others get theirs."""

PIECE = 1_000
"""Values encoded at a time: so few dicts are made, written and freed within the processor's own cache."""

MOST_FORMS = 500
"""So many ways to choose among the values of rows are remembered."""

KNOWN_INSTANTS = 1_000
"""So many of a column are remembered: those of a coarse grain come again and again, others never."""

WHOLE_MINUTES = 1973
"""From this year on every zone is off by whole minutes: then orjson writes an instant as Python does."""

FLOATS = {"float4", "float8"}
OPTIONS = orjson.OPT_STRICT_INTEGER
Convert = Callable[[Any], object]


async def encoded(
    names: Sequence[str],
    types: Sequence[str],
    rows: Sequence[Row],
    zone: ZoneInfo,
    places: Sequence[int] | None = None,
) -> list[bytes]:
    """The pieces of `encoded_rows`, to be joined once; a large answer takes turns with all others."""
    pieces = encoded_rows(names, types, rows, zone, places)
    in_a_turn = _rows_of(CHUNK, names)
    if len(rows) <= in_a_turn:
        return list(pieces)
    found: list[bytes] = []
    await turn()
    while some := list(islice(pieces, in_a_turn // _rows_of(PIECE, names))):
        found += some
        await turn()
    return found


def encoded_rows(
    names: Sequence[str],
    types: Sequence[str],
    rows: Sequence[Row],
    zone: ZoneInfo,
    places: Sequence[int] | None = None,
) -> Iterator[bytes]:
    """Pieces of a JSON array of objects, to be joined; instants are shown with `zone`'s offset.

    `places` are those of the named values, where rows hold others too; `types` are of the named ones.
    """
    width = len(rows[0]) if rows else 0
    objects = _objects_of(tuple(range(len(names)) if places is None else places), width)
    convert = _converters(names, types, zone)
    step = _rows_of(PIECE, names)
    yield b"["
    for start in range(0, len(rows), step):
        chunk = objects(rows[start : start + step], *names)
        for name, change in convert:
            for shown in chunk:
                shown[name] = change(shown[name])
        yield (b"," if start else b"") + _dumped(chunk)[1:-1]
    yield b"]"


@lru_cache(MOST_FORMS)
def _objects_of(places: tuple[int, ...], width: int) -> Callable[..., list[dict[str, Any]]]:
    """Makes objects of the values at these places of rows so wide: called with the rows and the names.

    A dict that is written out is made in half the time of one out of pairs, and that is most of the work; a
    row is unpacked sooner than read value by value. The code is made of numbers alone.
    """
    names = [f"name{number}" for number in range(len(places))]
    values = ", ".join(f"value{place:d}" for place in range(width))
    pairs = ", ".join(f"{name}: value{place:d}" for name, place in zip(names, places, strict=True))
    code = f"lambda rows, {', '.join(names)}: [{{{pairs}}} for [{values}] in rows]"
    made: Callable[..., list[dict[str, Any]]] = eval(code)  # noqa: S307  nothing of it comes from outside
    return made


def _rows_of(values: int, names: Sequence[str]) -> int:
    return max(1, values // max(1, len(names)))


def _dumped(chunk: list[dict[str, object]]) -> bytes:
    try:
        return orjson.dumps(chunk, default=_other, option=OPTIONS)
    except orjson.JSONEncodeError:
        safe = [{name: _safe_integer(value) for name, value in row.items()} for row in chunk]
        return orjson.dumps(safe, default=_other)


def _safe_integer(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE_INTEGER:
        return str(value)
    return value


def _other(value: object) -> object:
    """Types without a JSON form of their own: a duration as seconds, anything else as its text."""
    return value.total_seconds() if isinstance(value, timedelta) else str(value)


def _converters(names: Sequence[str], types: Sequence[str], zone: ZoneInfo) -> list[tuple[str, Convert]]:
    found: list[tuple[str, Convert]] = []
    for name, kind in zip(names, types, strict=True):
        if kind == "timestamptz":
            found.append((name, _in_zone(zone)))
        elif kind in FLOATS:
            found.append((name, _finite))
    return found


def _in_zone(zone: ZoneInfo) -> Convert:
    known: dict[datetime | None, object] = {}

    def convert(value: datetime | None) -> object:
        found = known.get(value)
        if found is None:
            found = _shown(value, zone)
            if len(known) < KNOWN_INSTANTS:
                known[value] = found
        return found

    return convert


def _shown(value: datetime | None, zone: ZoneInfo) -> object:
    if value is None or value.tzinfo is None:  # asyncpg gives PostgreSQL's infinity without a zone
        return value and ("infinity" if value.year > 1 else "-infinity")
    try:
        local = value.astimezone(zone)
    except OverflowError:  # within a day of the end of the calendar
        return value.isoformat()
    return local if local.year >= WHOLE_MINUTES else local.isoformat()


def _finite(value: float | None) -> object:
    """JSON has no infinity and no NaN; null would say something else."""
    return value if value is None or math.isfinite(value) else str(value)
