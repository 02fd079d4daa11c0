"""What the cache keeps of an answer: rows as JSON, totals, subtotals, and what is to be said of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from cache.hit import Loaded
from db.database import Result, Row
from plan.parts import Plan, set_keys
from plan.steps import MOST_SUBTOTALS
from resolvers.codec import encoded


@dataclass(frozen=True, slots=True)
class Body:
    """`as_of` is when the SQL began: the data is at least as new as that. JSON is bytes, ready to be sent."""

    data: bytes
    types: tuple[str, ...]
    rows: int
    truncated: bool
    as_of: datetime
    totals: bytes = b"null"
    subtotals: bytes = b"null"
    group_count: int | None = None

    def pack(self) -> bytes:
        head = {
            "types": self.types,
            "rows": self.rows,
            "truncated": self.truncated,
            "as_of": self.as_of,
            "group_count": self.group_count,
        }
        return b"\n".join((orjson.dumps(head), self.totals, self.subtotals, self.data))

    @classmethod
    def unpack(cls, packed: bytes) -> "Body":
        """The inverse of `pack`; the rows are not looked into."""
        head, totals, subtotals, data = packed.split(b"\n", 3)
        told = orjson.loads(head)
        return cls(
            data,
            tuple(told["types"]),
            told["rows"],
            told["truncated"],
            datetime.fromisoformat(told["as_of"]),
            totals,
            subtotals,
            told["group_count"],
        )


async def loaded_of(plan: Plan, result: Result, as_of: datetime) -> Loaded:
    """Encodes in pieces and lets others run between them: a large answer holds up nobody."""
    names = plan.names
    types = tuple([column.type for column in result.columns[: len(names)]])
    encoder = _Encoder(plan, names, types)
    sets = _told_apart(plan, result.rows)
    limit = plan.query.limit
    truncated = bool(plan.groupings) and len(sets.groups) > limit
    shown = sets.groups[:limit] if truncated else sets.groups
    pieces = await encoder.pieces(names, shown)
    totals = await encoder.rows(_measured(plan), sets.total) if sets.total else b""
    subtotals = await _subtotals(plan, encoder, sets.subtotals)
    told = Body(b"", types, len(shown), truncated, as_of, totals[1:-1] or b"null", subtotals, sets.count)
    return _loaded(told, pieces)


def loaded_of_json(plan: Plan, types: tuple[str, ...], rows: bytes, number: int, as_of: datetime) -> Loaded:
    """Of JSON objects with commas between them, one for each group that is shown of this number."""
    limit = plan.query.limit
    told = Body(b"", types, min(number, limit), number > limit, as_of)
    return _loaded(told, (b"[", rows, b"]"))


def _loaded(told: Body, rows: Iterable[bytes]) -> Loaded:
    """Joined once: each copy of many rows is a hundredth of what their answer costs."""
    before = told.pack()
    return Loaded(b"".join((before, *rows)), told.rows, rows_at=len(before))


@dataclass(frozen=True, slots=True)
class _Sets:
    """The rows of an answer, told apart."""

    groups: Sequence[Row]
    total: Sequence[Row]
    subtotals: Sequence[Sequence[Row]]
    count: int | None


def _told_apart(plan: Plan, rows: Sequence[Row]) -> _Sets:
    layout = plan.layout
    if not layout.masked:
        return _Sets(rows, rows if layout.total == 0 else (), (), None)
    mark = len(plan.names)
    by_mask: dict[object, list[Row]] = {}
    for row in rows:
        by_mask.setdefault(row[mark], []).append(row)
    groups = by_mask.get(0, [])
    total: Sequence[Row] = () if layout.total is None else by_mask.get(layout.total, [])
    if layout.total == 1 and not plan.groupings:
        total = [*groups, *total]
    count = rows[0][mark + 1] if layout.counted else None
    return _Sets(groups, total, [by_mask.get(mask, []) for mask in layout.subtotals], count)


def _measured(plan: Plan) -> tuple[str, ...]:
    """What a total tells: no window, because it is no bucket."""
    windows = {window.name for window in plan.query.windows}
    return tuple(name for name in plan.values if name not in windows)


class _Encoder:
    def __init__(self, plan: Plan, names: Sequence[str], types: Sequence[str]) -> None:
        self._places = {name: index for index, name in enumerate(names)}
        self._types = types
        self._zone = ZoneInfo(plan.query.timezone)

    async def rows(self, names: Sequence[str], rows: Sequence[Row]) -> bytes:
        """A JSON array of objects with these names."""
        return b"".join(await self.pieces(names, rows))

    async def pieces(self, names: Sequence[str], rows: Sequence[Row]) -> list[bytes]:
        """The same, to be joined."""
        places = [self._places[name] for name in names]
        types = [self._types[place] for place in places]
        return await encoded(names, types, rows, self._zone, places)


async def _subtotals(plan: Plan, encoder: _Encoder, found: Sequence[Sequence[Row]]) -> bytes:
    """An object for each subtotal: by which dimensions, its rows, and whether there were too many."""
    pieces = []
    for by, rows in zip(plan.query.subtotals, found, strict=True):
        names = (*_keys(plan, by), *_measured(plan))
        told = orjson.dumps({"by": by, "truncated": len(rows) > MOST_SUBTOTALS})
        data = await encoder.rows(names, rows[:MOST_SUBTOTALS])
        pieces.append(b'%b,"rows":%b}' % (told[:-1], data))
    return b"[%b]" % b",".join(pieces) if pieces else b"null"


def _keys(plan: Plan, by: Sequence[str]) -> Iterator[str]:
    """The keys of a subtotal's rows, with the flag of a ranking's others where it is shown."""
    wanted = set_keys(by, plan.ranking)
    yield from (name for name in plan.keys if name in wanted and name in plan.names)
