"""Arguments become a Question; what is wrong in them is said with its place and value."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from strawberry import UNSET

from model.dates import Current, DateRange, Days, Instants, Last, ToDate
from model.faults import Fault
from model.filters import And, Condition, Filter, Not, Op, Or
from model.grain import Grain
from model.query import OrderBy, Share
from model.value import Value, ValueType
from resolvers.question import Question
from schema.inputs import DateRangeInput, FilterField, FilterFields

OPERATORS = {
    "eq": Op.EQ,
    "ne": Op.NE,
    "in_": Op.IN,
    "not_in": Op.NOT_IN,
    "gt": Op.GT,
    "gte": Op.GTE,
    "lt": Op.LT,
    "lte": Op.LTE,
    "contains": Op.CONTAINS,
    "starts_with": Op.STARTS_WITH,
    "ends_with": Op.ENDS_WITH,
    "is_null": Op.IS_NULL,
}
DEEPEST = 12
"""People nest filters two or three deep, programs a little more."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class ArgumentReader:
    """Reads the arguments of one schema's questions."""

    def __init__(self, filters: FilterFields, having: FilterFields) -> None:
        self._filters = FilterReader(filters.fields)
        self._having = FilterReader(having.fields)

    def question(self, **given: Any) -> Question:
        """From the arguments of `analytics`, under their Python names."""
        return Question(
            metrics=tuple(str(each.value) for each in given["metrics"]),
            dimensions=tuple(str(each.value) for each in given["dimensions"] or ()),
            filters=self._filters.read(given["filters"], "filters"),
            having=self._having.read(given["having"], "having"),
            date_range=date_range(given["date_range"]),
            timezone=given["timezone"],
            order_by=tuple(OrderBy(str(each.name.value), each.direction) for each in given["order_by"] or ()),
            limit=given["limit"],
            offset=given["offset"] or 0,
            totals=bool(given["totals"]),
            shares=tuple(
                Share(str(each.metric.value), tuple(str(name.value) for name in each.within))
                for each in given["shares"] or ()
            ),
        )


class FilterReader:
    """Reads trees of one filter input."""

    def __init__(self, fields: dict[str, FilterField]) -> None:
        self._fields = fields

    def read(self, given: Any, path: str, depth: int = 0) -> Filter:
        """All fields and operators of one input must hold. Raises LIMIT_EXCEEDED for a tree too deep."""
        if given is None or given is UNSET:
            return And(())
        if depth > DEEPEST:
            message = f"A filter nests and, or, not more than {DEEPEST} deep. Nest less."
            raise Fault("LIMIT_EXCEEDED", message, max=DEEPEST)
        return And(tuple(self._parts(given, path, depth + 1)))

    def _parts(self, given: Any, path: str, depth: int) -> Iterator[Filter]:
        for attribute, field in self._fields.items():
            operators = getattr(given, attribute)
            if _is_given(operators):
                yield from self._conditions(operators, field, f"{path}.{field.name}")
        if _is_given(given.all_of):
            yield And(tuple(self._each(given.all_of, f"{path}.and", depth)))
        if _is_given(given.any_of):
            yield Or(tuple(self._each(given.any_of, f"{path}.or", depth)))
        if _is_given(given.none_of):
            yield Not(self.read(given.none_of, f"{path}.not", depth))

    def _each(self, given: list[Any], path: str, depth: int) -> Iterator[Filter]:
        for index, part in enumerate(given):
            yield self.read(part, f"{path}[{index}]", depth)

    def _conditions(self, operators: Any, field: FilterField, path: str) -> Iterator[Filter]:
        for attribute, op in OPERATORS.items():
            value = getattr(operators, attribute, UNSET)
            if value is not UNSET:
                yield _condition(field, op, value, f"{path}.{op}")


def _is_given(value: Any) -> bool:
    return value is not UNSET and value is not None


def _condition(field: FilterField, op: Op, value: Any, path: str) -> Condition:
    if op in {Op.IN, Op.NOT_IN}:
        if value is None:
            raise _invalid(path, "null is not a list; write [null] for rows without a value")
        return Condition(field.name, op, tuple(_value(each, field.type, path) for each in value), path)
    if op is Op.IS_NULL and value is None:
        raise _invalid(path, "isNull is true or false, not null")
    return Condition(field.name, op, (_value(value, field.type, path),), path)


def _value(value: Any, kind: ValueType, path: str) -> Value | None:
    """Days and instants come as text. Everything else has its type already."""
    if isinstance(value, str) and kind is ValueType.DATE:
        day = _day(value)
        if day is None:
            raise _invalid(path, f"'{value}' is not a day of the form 2026-01-31")
        return day
    if isinstance(value, str) and kind.is_time:
        moment = _instant(value)
        if moment is None:
            raise _invalid(path, f"'{value}' is not an instant with an offset, such as 2026-01-31T12:00:00Z")
        return moment
    return value  # type: ignore[no-any-return]  # strings, numbers and booleans as GraphQL checked them


def _invalid(path: str, what: str) -> Fault:
    return Fault("INVALID_FILTER", f"{what} (at {path}).", path=path)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def date_range(given: DateRangeInput | None) -> DateRange | None:
    """Exactly one way of saying a range. Raises INVALID_DATE_RANGE."""
    if given is None:
        return None
    told = {name: value for name, value in vars(given).items() if _is_given(value)}
    ways = [name for name, keys in _WAYS.items() if keys & told.keys()]
    if len(ways) != 1:
        message = f"The dateRange says {' and '.join(ways) or 'nothing'}. Say one of: {', '.join(_WAYS)}."
        raise Fault("INVALID_DATE_RANGE", message)
    _refuse_strays(ways[0], told)
    match ways[0]:
        case "startDate and endDate":
            return Days(_bound(told, "start_date", "startDate"), _bound(told, "end_date", "endDate"))
        case "start and end":
            return Instants(_moment(told, "start"), _moment(told, "end"))
        case "last":
            last, unit = told["last"], Grain(told["last"].unit.value)
            return Last(last.n, unit, bool(told.get("include_current")), told.get("offset", 0))
        case "current":
            return Current(Grain(told["current"].value), told.get("offset", 0))
        case _:
            return ToDate(Grain(told["to_date"].value), told.get("offset", 0))


_WAYS = {
    "startDate and endDate": {"start_date", "end_date"},
    "start and end": {"start", "end"},
    "last": {"last"},
    "current": {"current"},
    "toDate": {"to_date"},
}


def _refuse_strays(way: str, told: dict[str, Any]) -> None:
    if "include_current" in told and way != "last":
        raise Fault("INVALID_DATE_RANGE", "includeCurrent goes with last only. Remove it.")
    if "offset" in told and "and" in way:
        message = "offset moves relative ranges only (last, current, toDate). Remove it."
        raise Fault("INVALID_DATE_RANGE", message)


def _bound(told: dict[str, Any], name: str, shown: str) -> date | None:
    text = told.get(name)
    day = _day(text) if text is not None else None
    if text is not None and day is None:
        message = f"{shown} is '{text}', which is not a day of the calendar. Write it as 2026-01-31."
        raise Fault("INVALID_DATE_RANGE", message, **{shown: text})
    return day


def _moment(told: dict[str, Any], name: str) -> datetime | None:
    text = told.get(name)
    moment = _instant(text) if text is not None else None
    if text is not None and moment is None:
        message = f"{name} is '{text}', which is not an instant with an offset. Write 2026-01-31T12:00:00Z."
        raise Fault("INVALID_DATE_RANGE", message, **{name: text})
    return moment
