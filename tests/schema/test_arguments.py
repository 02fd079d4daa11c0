"""What clients write becomes a question: ranges, filters, orders, by literals and by variables alike."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.fakes import FakeDatabase, Service, running
from tests.schema.replaying import outcome

ASK = "{{ analytics(metrics: [faturamento], dimensions: [channel]{more}) {{ metadata {{ cacheKey }} }} }}"
ASK_BY = (
    "query({declared}) {{ analytics(metrics: [faturamento], dimensions: [channel], {more}) "
    "{{ metadata {{ cacheKey }} }} }}"
)

RANGE = "last: {n: 7, unit: DAY}"
RANGE_WITH_NULLS = f"{RANGE}, startDate: null, end: null, current: null, includeCurrent: null, offset: null"
WINDOW = "windows: [{metric: faturamento, running: true}]"


def key(service: Service, more: str = "") -> str:
    """Questions with one key are one question."""
    answer = service.ask(ASK.format(more=", " + more if more else ""))
    assert "errors" not in answer, answer
    found: str = answer["data"]["analytics"]["metadata"]["cacheKey"]
    return found


def key_by(service: Service, declared: str, more: str, value: object) -> str:
    answer = service.ask(ASK_BY.format(declared=declared, more=more), v=value)
    assert "errors" not in answer, answer
    found: str = answer["data"]["analytics"]["metadata"]["cacheKey"]
    return found


def args_of(more: str) -> tuple[object, ...]:
    """The values that reach PostgreSQL."""
    database = FakeDatabase()
    with running(database=database) as service:
        key(service, more)
    (statement,) = database.statements
    return statement[1][:-1]  # the last is the limit


def test_what_is_left_out_has_its_default() -> None:
    with running() as service:
        assert key(service, 'timezone: "America/Sao_Paulo", limit: 1000, offset: 0') == key(service)
        assert key(service, "orderBy: [{name: faturamento, direction: DESC}]") == key(service)


@pytest.mark.parametrize(
    ("literal", "declared", "more", "value"),
    [
        ('filters: {channel: {eq: "x"}}', "$v: String", "filters: {channel: {eq: $v}}", "x"),
        ("filters: {channel_id: {in: [2, 3]}}", "$v: [Number]", "filters: {channel_id: {in: $v}}", [3, 2]),
        ("filters: {channel_id: {in: [2]}}", "$v: FilterInput", "filters: $v", {"channel_id": {"eq": "2"}}),
        ("dateRange: {current: DAY}", "$v: DateRangeInput", "dateRange: $v", {"current": "DAY"}),
        ("limit: 5", "$v: Int", "limit: $v", 5),
        ("offset: 1", "$v: Int", "offset: $v", 1),
        ("orderBy: [{name: channel}]", "$v: [OrderByInput!]", "orderBy: $v", [{"name": "channel"}]),
        ('timezone: "UTC"', "$v: String", "timezone: $v", "UTC"),
    ],
    ids=["text", "numbers", "filter", "range", "limit", "offset", "order", "zone"],
)
def test_a_variable_asks_the_same_as_a_literal(literal: str, declared: str, more: str, value: object) -> None:
    with running() as service:
        assert key(service, literal) == key_by(service, declared, more, value)
        assert key(service, literal) != key(service)


def test_null_arguments_are_as_good_as_none() -> None:
    with running() as service:
        nulls = "filters: null, dateRange: null, timezone: null, orderBy: null, limit: null, offset: null"

        assert key(service, nulls) == key(service)
        nulls = "channel: null, and: null, or: null, not: null, segment: null"
        assert key(service, f"filters: {{{nulls}}}") == key(service)


@pytest.mark.parametrize(
    ("nulls", "without"),
    [
        (f"dateRange: {{{RANGE_WITH_NULLS}}}", f"dateRange: {{{RANGE}}}"),
        (f"compare: {{to: null, dateRange: {{{RANGE_WITH_NULLS}}}}}", f"compare: {{dateRange: {{{RANGE}}}}}"),
        ("compare: {to: PREVIOUS_YEAR, dateRange: null}", "compare: {to: PREVIOUS_YEAR}"),
        ("windows: [{metric: faturamento, running: true, rolling: null, toDate: null}]", WINDOW),
        ("top: {n: 3, by: faturamento, of: null}", "top: {n: 3, by: faturamento}"),
    ],
)
def test_nulls_in_an_argument_are_as_good_as_none(nulls: str, without: str) -> None:
    asked = [outcome(f"{{ analytics({more}) {{ data }} }}").question for more in (nulls, without)]

    assert asked[0] == asked[1] is not None


@pytest.mark.parametrize(
    ("dates", "start", "end"),
    [
        ('startDate: "2026-01-01", endDate: "2026-01-31"', "2026-01-01T03", "2026-02-01T03"),
        ('start: "2026-01-01T00:00:00Z", end: "2026-01-01T12:00:00-03:00"', "2026-01-01T00", "2026-01-01T15"),
        ("last: {n: 2, unit: DAY}", "2026-03-13T03", "2026-03-15T03"),
        ("last: {n: 2, unit: DAY}, includeCurrent: true", "2026-03-14T03", "2026-03-16T03"),
        ("last: {n: 3, unit: HOUR}", "2026-03-15T09", "2026-03-15T12"),
        ("current: MONTH", "2026-03-01T03", "2026-04-01T03"),
        ("current: MONTH, offset: -1", "2026-02-01T03", "2026-03-01T03"),
        ("toDate: YEAR", "2026-01-01T03", "2026-03-16T03"),
    ],
)
def test_every_way_of_saying_a_range_becomes_two_instants(dates: str, start: str, end: str) -> None:
    found = [value for value in args_of(f"dateRange: {{{dates}}}") if isinstance(value, datetime)]

    assert [f"{value:%Y-%m-%dT%H}" for value in found] == [start, end]
    assert {value.tzinfo for value in found} == {UTC}


def test_an_open_range_has_one_bound() -> None:
    assert args_of('dateRange: {startDate: "2026-01-01"}') == (datetime(2026, 1, 1, 3, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("channel_id: {eq: 2}", 2),
        ("channel_id: {eq: 2.0}", 2),
        ('channel_id: {eq: "2"}', 2),
        ('channel_id: {eq: "9007199254740993"}', 9007199254740993),
        ("channel_id: {eq: 9007199254740993}", 9007199254740993),
        ("channel_id: {gt: 0.1}", Decimal("0.1")),
        ('channel: {eq: "iFood"}', "iFood"),
        ('sold_at: {gte: "2026-01-31T12:00:00-03:00"}', datetime(2026, 1, 31, 15, tzinfo=UTC)),
    ],
)
def test_a_value_reaches_postgresql_exactly_and_in_its_type(written: str, value: object) -> None:
    (found,) = args_of(f"filters: {{{written}}}")

    assert found == value
    assert type(found) is type(value)


def test_text_reaches_postgresql_as_a_value_and_never_as_sql() -> None:
    database = FakeDatabase()
    with running(database=database) as service:
        key(service, """filters: {channel: {eq: "'; drop table restaurant.sales; --"}}""")

    ((text, args),) = database.statements
    assert "drop table" not in text
    assert "'; drop table restaurant.sales; --" in args


@pytest.mark.parametrize("filters", ["{}", "{and: []}", "{and: [{}]}", "{not: {or: []}}"])
def test_a_filter_that_says_nothing_is_none(filters: str) -> None:
    with running() as service:
        assert key(service, f"filters: {filters}") == key(service)


@pytest.mark.parametrize(
    ("path", "filters"),
    [
        ("filters.sold_at.eq", '{sold_at: {eq: "2026-01-31"}}'),
        ("filters.sold_at.in", '{sold_at: {in: ["2026-01-31T12:00:00"]}}'),
        ("filters.and[1].or[0].sold_at.gt", '{and: [{}, {or: [{sold_at: {gt: "now"}}]}]}'),
        ("filters.not.channel.isNull", "{not: {channel: {isNull: null}}}"),
        ("filters.channel_id.lt", "{channel_id: {lt: null}}"),
        ("filters.channel.eq", '{channel: {eq: "\\u0000"}}'),
    ],
)
def test_a_fault_in_a_filter_tells_its_place(path: str, filters: str) -> None:
    with running() as service:
        answer = service.ask(ASK.format(more=f", filters: {filters}"))

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_FILTER"
    assert answer["errors"][0]["extensions"]["path"] == path


def test_a_filter_of_twelve_levels_is_read_and_one_of_thirteen_is_not() -> None:
    with running() as service:
        key(service, "filters: " + '{channel: {eq: "a"}, or: [' * 12 + "{}" + "]}" * 12)
        answer = service.ask(ASK.format(more=", filters: " + "{not: " * 13 + "{}" + "}" * 13))

    assert answer["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "max": 12}


def test_a_range_that_is_said_twice_names_both_ways() -> None:
    with running() as service:
        answer = service.ask(ASK.format(more=", dateRange: {current: DAY, toDate: MONTH}"))

    assert "says current and toDate" in answer["errors"][0]["message"]
