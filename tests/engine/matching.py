"""Whether the service's answer is the reference's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.engine.dimensions import plain
from tests.engine.measures import MEASURES
from tests.engine.names import ROUNDED
from tests.engine.question import Question
from tests.engine.reference import Answer

Row = Mapping[str, Any]
Types = Mapping[str, str]
QUOTIENTS = 1e-12
FLOATS = 1e-9
SAFE = 2**53


def faults(question: Question, right: Answer, found: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    """What is wrong with an answer, in words; nothing when it is right."""
    types = {column["name"]: column["type"] for column in found["columns"]}
    rows = [_decoded(row, types, zone) for row in found["data"]]
    return [
        *_in_columns(question, found),
        *_in_rows(question, right.rows, rows),
        *_in_metadata(question, right, found),
        *_in_totals(question, right, found["totals"], types, zone),
        *_in_subtotals(question, right, found["subtotals"], types, zone),
    ]


def _in_columns(question: Question, found: Mapping[str, Any]) -> Iterator[str]:
    names = [column["name"] for column in found["columns"]]
    metrics = [name for name in MEASURES if name in question.metrics]
    expected = [*_keys(question, question.dimensions), *metrics]
    if names[: len(expected)] != expected:
        yield f"columns are {names}"
    yield from (f"keys are {list(row)}" for row in found["data"] if list(row) != names)


def _in_metadata(question: Question, right: Answer, found: Mapping[str, Any]) -> Iterator[str]:
    metadata = found["metadata"]
    if metadata["totalRows"] != len(right.rows):
        yield f"totalRows is {metadata['totalRows']} instead of {len(right.rows)}"
    if metadata["truncated"] != right.truncated:
        yield f"truncated is {metadata['truncated']}"
    covered = metadata["dateRange"] or {}
    if question.group_count and metadata["groupCount"] != len(right.groups):
        yield f"groupCount is {metadata['groupCount']} instead of {len(right.groups)}"
    if right.covered.of_days:
        days = [each and str(each) for each in (right.covered.first, right.covered.last)]
        if [covered.get("startDate"), covered.get("endDate")] != days:
            yield f"the range is {covered} instead of {days}"


def _in_totals(question: Question, right: Answer, found: Any, types: Types, zone: ZoneInfo) -> Iterator[str]:
    if bool(right.totals and question.metrics) != (found is not None):
        yield f"totals are {found}"
    elif found is not None:
        yield from _differences("totals", right.totals, _decoded(found, types, zone))


def _in_subtotals(
    question: Question, right: Answer, found: Any, types: Types, zone: ZoneInfo
) -> Iterator[str]:
    """Each with its rows in any order."""
    if [set(each["by"]) for each in found or []] != list(map(set, question.subtotals)):
        yield f"subtotals are {found}"
        return
    for by, expected, each in zip(question.subtotals, right.subtotals, found or [], strict=True):
        rows = [_decoded(row, types, zone) for row in each["rows"]]
        yield from _as_sets(_keys(question, by), expected, rows)


def _as_sets(by: Sequence[str], right: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    one, other = ({tuple(row[name] for name in by): row for row in rows} for rows in (right, found))
    if one.keys() != other.keys() or len(found) != len(right):
        yield f"subtotals by {by} are of {list(other)} instead of {list(one)}"
        return
    for key, row in one.items():
        yield from _differences(f"subtotal {key}", row, other[key])


def _in_rows(question: Question, right: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    if len(found) != len(right):
        yield f"{len(found)} rows instead of {len(right)}"
        return
    if [_key(question, row) for row in found] != [_key(question, row) for row in right]:
        yield from _in_another_order(question, right, found)
        return
    for number, (one, other) in enumerate(zip(right, found, strict=True)):
        yield from _differences(f"row {number}", one, other)


def _in_another_order(question: Question, right: Sequence[Row], found: Sequence[Row]) -> Iterator[str]:
    """Rows that differ by rounding only may stand in any order."""
    yield f"keys are {[_key(question, row) for row in found]}"
    yield f"instead of {[_key(question, row) for row in right]}"


def _key(question: Question, row: Row) -> list[Any]:
    return [row[name] for name in _keys(question, question.dimensions)]


def _keys(question: Question, by: Sequence[str]) -> list[str]:
    """The keys that tell rows apart."""
    top = question.top
    return [*by, *([f"{top.of}__others"] if top and top.others and top.of in by else [])]


def _differences(place: str, right: Row, found: Row) -> Iterator[str]:
    for name, value in found.items():
        if not same(right[name], value, exactly=is_exact(name)):
            yield f"{name} of {place} is {value} instead of {right[name]}"


def is_exact(name: str) -> bool:
    """Whether no rounding is behind a key: a dimension's, or that of sums and counts."""
    measure = MEASURES.get(name.partition("__")[0])
    is_rounded = name.endswith(ROUNDED) or "__rolling_mean_" in name
    return measure is None or (measure.exact and not is_rounded)


def same(right: Any, found: Any, *, exactly: bool) -> bool:
    """Numbers exactly, but for quotients, which are rounded somewhere, and floats."""
    if isinstance(right, bool) or not isinstance(right, Fraction | float):
        return bool(right == found) and type(right) is type(found)
    if not isinstance(found, Fraction | float):
        return False
    if isinstance(right, float) or isinstance(found, float):
        return abs(float(right) - float(found)) <= FLOATS * max(1.0, abs(float(right)))
    return right == found or (not exactly and abs(right - found) <= QUOTIENTS * abs(right))


def _decoded(row: Row, types: Types, zone: ZoneInfo) -> dict[str, Any]:
    return {name: _value(value, types[name], zone) for name, value in row.items()}


def _value(value: Any, kind: str, zone: ZoneInfo) -> Any:
    """What a value says, if it travels as its type must."""
    if value is None or kind not in READERS:
        return value
    return READERS[kind](value, zone)


def _integer(value: Any, _zone: ZoneInfo) -> Fraction:
    assert isinstance(value, int if abs(int(value)) <= SAFE else str), value
    return Fraction(value)


def _decimal(value: Any, _zone: ZoneInfo) -> Fraction:
    assert isinstance(value, str), value
    return Fraction(Decimal(value))


def _float(value: Any, _zone: ZoneInfo) -> float:
    assert isinstance(value, float | int), value
    return float(value)


def _datetime(value: Any, zone: ZoneInfo) -> Any:
    found = datetime.fromisoformat(value)
    assert found.utcoffset() == found.astimezone(zone).utcoffset(), value
    return plain(found)


READERS: Mapping[str, Callable[[Any, ZoneInfo], Any]] = {
    "INTEGER": _integer,
    "DECIMAL": _decimal,
    "FLOAT": _float,
    "DATE": lambda value, _: date.fromisoformat(value),
    "DATETIME": _datetime,
}
