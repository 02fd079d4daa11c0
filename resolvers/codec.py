"""Rows become the bytes of an answer, exactly; the same bytes leave the service on a hit and on a miss."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

SAFE_INTEGER = 2**53 - 1
"""Beyond it a JSON number is not the same in every language, so the integer travels as text."""

CHUNK = 500
"""Rows encoded at a time: about a millisecond, after which others get their turn."""

FLOATS = {"float4", "float8"}
OPTIONS = orjson.OPT_STRICT_INTEGER
Convert = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Body:
    """What the cache keeps of an answer: the rows as JSON, the total, and what is to be said of them.

    `as_of` is when its SQL began: the data is at least as new as that.
    """

    data: bytes
    types: tuple[str, ...]
    rows: int
    truncated: bool
    as_of: datetime
    totals: bytes = b"null"

    def pack(self) -> bytes:
        head = {"types": self.types, "rows": self.rows, "truncated": self.truncated, "as_of": self.as_of}
        return b"\n".join((orjson.dumps(head), self.totals, self.data))

    @classmethod
    def unpack(cls, packed: bytes) -> "Body":
        """The inverse of `pack`; the rows are not looked into."""
        head, totals, data = packed.split(b"\n", 2)
        told = orjson.loads(head)
        as_of = datetime.fromisoformat(told["as_of"])
        return cls(data, tuple(told["types"]), told["rows"], told["truncated"], as_of, totals)


def encoded_rows(
    names: Sequence[str],
    types: Sequence[str],
    rows: Sequence[Sequence[object]],
    zone: ZoneInfo,
) -> Iterator[bytes]:
    """Pieces of a JSON array of objects, to be joined; instants are shown with `zone`'s offset."""
    convert = _converters(types, zone)
    yield b"["
    for start in range(0, len(rows), CHUNK):
        chunk = [dict(zip(names, row, strict=True)) for row in rows[start : start + CHUNK]]
        for name, change in ((names[index], change) for index, change in convert):
            for row in chunk:
                row[name] = change(row[name])
        yield (b"," if start else b"") + _dumped(chunk)[1:-1]
    yield b"]"


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


def _converters(types: Sequence[str], zone: ZoneInfo) -> list[tuple[int, Convert]]:
    found: list[tuple[int, Convert]] = []
    for index, kind in enumerate(types):
        if kind == "timestamptz":
            found.append((index, _in_zone(zone)))
        elif kind in FLOATS:
            found.append((index, _finite))
    return found


def _in_zone(zone: ZoneInfo) -> Convert:
    """Instants of one column are few, as buckets of time: each is converted once."""
    known: dict[datetime | None, object] = {None: None}

    def convert(value: datetime | None) -> object:
        if value not in known:
            known[value] = _shown(value, zone)
        return known[value]

    return convert


def _shown(value: datetime | None, zone: ZoneInfo) -> object:
    if value is None or value.tzinfo is None:  # asyncpg gives PostgreSQL's infinity without a zone
        return value and ("infinity" if value.year > 1 else "-infinity")
    try:
        return value.astimezone(zone).isoformat()
    except OverflowError:  # within a day of the end of the calendar
        return value.isoformat()


def _finite(value: float | None) -> object:
    """JSON has no infinity and no NaN; null would say something else."""
    return value if value is None or math.isfinite(value) else str(value)
