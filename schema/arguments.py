"""Arguments become a Question; what is wrong in them is said with its place and value.

They are read as graphql-core coerced them: by their names in the schema; what was left out is not there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model.faults import Fault
from model.filters import And, Condition, Filter, Not, Op, Or
from model.grain import Grain
from model.query import OrderBy, Share, Top, Window
from model.value import Value, ValueType
from resolvers.question import Question
from schema.inputs import FanoutEnum, FilterField, FilterFields
from schema.moments import day_of, instant_of
from schema.ranges import compare_of, date_range

DEEPEST = 12
"""People nest filters two or three deep, programs a little more."""


class ArgumentReader:
    """Reads the arguments of one schema's questions."""

    def __init__(self, filters: FilterFields, having: FilterFields) -> None:
        self._filters = FilterReader(filters.fields)
        self._having = FilterReader(having.fields)

    def question(self, **given: Any) -> Question:
        """From the arguments of `analytics`."""
        return Question(
            metrics=_names(given["metrics"]),
            dimensions=_names(given["dimensions"]),
            filters=self._rows(given["filters"], given.get("segments")),
            having=self._having.read(given["having"], "having"),
            date_range=date_range(given["dateRange"]),
            timezone=given["timezone"],
            order_by=tuple(
                OrderBy(str(each["name"].value), each["direction"]) for each in given["orderBy"] or ()
            ),
            limit=given["limit"],
            offset=given["offset"] or 0,
            totals=bool(given["totals"]),
            shares=tuple(
                Share(str(each["metric"].value), _names(each["within"])) for each in given["shares"] or ()
            ),
            search=given["search"],
            fill=bool(given["fill"]),
            compare=compare_of(given["compare"]),
            top=top_of(given["top"]),
            subtotals=tuple(_names(each) for each in given["subtotals"] or ()),
            windows=tuple(window_of(each) for each in given["windows"] or ()),
            deduplicate=given["fanout"] is FanoutEnum.DEDUPLICATE,
            group_count=bool(given["groupCount"]),
        )

    def _rows(self, filters: Mapping[str, Any] | None, segments: Sequence[Any] | None) -> Filter:
        found = self._filters.read(filters, "filters")
        if not segments:
            return found
        return And((found, *(_segment(name, "segments") for name in _names(segments))))


def _names(given: Any) -> tuple[str, ...]:
    return tuple(str(each.value) for each in given or ())


def _segment(name: str, path: str) -> Condition:
    return Condition(name, Op.EQ, (True,), path)


class FilterReader:
    """Reads trees of one filter input."""

    def __init__(self, fields: dict[str, FilterField]) -> None:
        self._fields = fields

    def read(self, given: Mapping[str, Any] | None, path: str, depth: int = 0) -> Filter:
        """All fields and operators of one input must hold. Raises LIMIT_EXCEEDED for a tree too deep."""
        if given is None:
            return And(())
        if depth > DEEPEST:
            message = f"A filter nests and, or, not more than {DEEPEST} deep. Nest less."
            raise Fault("LIMIT_EXCEEDED", message, max=DEEPEST)
        return And(tuple(self._parts(given, path, depth + 1)))

    def _parts(self, given: Mapping[str, Any], path: str, depth: int) -> Iterator[Filter]:
        for name, value in given.items():
            if value is not None and name in self._fields:
                yield from _conditions(value, self._fields[name], f"{path}.{name}")
        if (segment := given.get("segment")) is not None:
            yield _segment(str(segment.value), f"{path}.segment")
        if (all_of := given.get("and")) is not None:
            yield And(tuple(self._each(all_of, f"{path}.and", depth)))
        if (any_of := given.get("or")) is not None:
            yield Or(tuple(self._each(any_of, f"{path}.or", depth)))
        if (none_of := given.get("not")) is not None:
            yield Not(self.read(none_of, f"{path}.not", depth))

    def _each(self, given: list[Any], path: str, depth: int) -> Iterator[Filter]:
        for index, part in enumerate(given):
            yield self.read(part, f"{path}[{index}]", depth)


def _conditions(operators: Mapping[str, Any], field: FilterField, path: str) -> Iterator[Filter]:
    for op in Op:
        if op in operators:
            yield _condition(field, op, operators[op], f"{path}.{op}")


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
        day = day_of(value)
        if day is None:
            raise _invalid(path, f"'{value}' is not a day of the form 2026-01-31")
        return day
    if isinstance(value, str) and kind.is_time:
        moment = instant_of(value)
        if moment is None:
            raise _invalid(path, f"'{value}' is not an instant with an offset, such as 2026-01-31T12:00:00Z")
        return moment
    return value  # type: ignore[no-any-return]  # strings, numbers and booleans as GraphQL checked them


def _invalid(path: str, what: str) -> Fault:
    return Fault("INVALID_FILTER", f"{what} (at {path}).", path=path)


def top_of(given: Mapping[str, Any] | None) -> Top | None:
    """What is ranked, as it is asked for."""
    if given is None:
        return None
    return Top(
        n=given["n"],
        by=str(given["by"].value),
        of=str(given["of"].value) if given["of"] else "",
        within=_names(given["within"]),
        others=given["others"],
        direction=given["direction"],
    )


def window_of(given: Mapping[str, Any]) -> Window:
    """A window as it is asked for. Raises INVALID_WINDOW unless it is exactly one of the three."""
    metric = str(given["metric"].value)
    said = [name for name in ("rolling", "toDate") if given[name] is not None]
    said += ["running"] if given["running"] else []
    if len(said) != 1:
        message = f"The window of '{metric}' says {len(said)} things, not one of running, rolling, toDate."
        raise Fault("INVALID_WINDOW", message, metric=metric)
    unit = Grain(given["toDate"].value) if given["toDate"] else None
    return Window(metric, bool(given["running"]), given["rolling"], unit, bool(given["mean"]))
