"""Requests that are answered with each of the codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from db.errors import BadValue, DatabaseError, Overloaded, QueryTimeout, Refused, Unavailable
from model.load import model_of_text
from model.model import Model
from tests.fakes import TOKEN

SECRETS = "secret_table postgresql://owner:hunter2@db.internal:5432/books SELECT password /srv/secret.py"

TANGLED = model_of_text("""
timezone: UTC
tables:
  people:
    key: id
    dimensions:
      name: {type: string}
  moons:
    key: id
    dimensions:
      moon: {column: name, type: string}
  letters:
    key: id
    joins:
      sender: {to: people, on: {sender_id: id}}
      receiver: {to: people, on: {receiver_id: id}}
    metrics:
      letters_sent: {type: count}
""")


@dataclass(frozen=True, slots=True)
class Provocation:
    """A request that is answered with `code` and with these fields, at least."""

    code: str
    query: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    error: Exception | None = None
    model: Model | None = None
    token: str | None = None
    store_down: bool = False


def ask(arguments: str) -> str:
    return f"{{ analytics({arguments}) {{ data }} }}"


def sales(arguments: str) -> str:
    return ask(f"metrics: [faturamento], {arguments}")


def filtered(filters: str) -> str:
    return sales(f"filters: {filters}")


def dated(date_range: str) -> str:
    return sales(f"dateRange: {date_range}")


CHANNELS = {"suggestions": ["channel", "channel_id", "channel_type"], "dimension": "chanel"}
FATURA = {"metric": "fatura", "suggestions": ["faturamento"]}
BY_VARIABLES = """query($m: [Metric!]!, $d: [Dimension!], $f: FilterInput, $o: [OrderByInput!]) {
  analytics(metrics: $m, dimensions: $d, filters: $f, orderBy: $o) { data } }"""
RIGHT = {"m": ["faturamento"]}
GROUPED = sales("dimensions: [channel]")
DELETE = 'mutation { deleteCacheKey(cacheKey: "analytics:query:0") { deleted } }'

PROVOCATIONS = [
    Provocation("UNKNOWN_METRIC", ask("metrics: [fatura]"), FATURA),
    Provocation("UNKNOWN_METRIC", BY_VARIABLES, FATURA, {"m": ["fatura"]}),
    Provocation("UNKNOWN_METRIC", ask("metrics: [zzzz]"), {"metric": "zzzz", "suggestions": []}),
    Provocation("UNKNOWN_METRIC", ask("metrics: []"), {"suggestions": []}),
    Provocation("UNKNOWN_DIMENSION", sales("dimensions: [chanel]"), CHANNELS),
    Provocation("UNKNOWN_DIMENSION", BY_VARIABLES, CHANNELS, {**RIGHT, "d": ["chanel"]}),
    Provocation("UNKNOWN_DIMENSION", filtered('{chanel: {eq: "iFood"}}'), CHANNELS),
    Provocation("UNKNOWN_DIMENSION", BY_VARIABLES, CHANNELS, {**RIGHT, "f": {"chanel": {"eq": "iFood"}}}),
    Provocation("UNKNOWN_DIMENSION", filtered("{and: [{chanel: {isNull: true}}]}"), CHANNELS),
    Provocation("INVALID_ORDER", sales("orderBy: [{name: channel}]"), {"name": "channel"}),
    Provocation("INVALID_ORDER", sales("orderBy: [{name: fatura}]"), {"suggestions": ["faturamento"]}),
    Provocation("INVALID_ORDER", BY_VARIABLES, {"name": "fatura"}, {**RIGHT, "o": [{"name": "fatura"}]}),
    Provocation(
        "INVALID_FILTER",
        filtered('{and: [{}, {sold_at: {gt: "yesterday"}}]}'),
        {"path": "filters.and[1].sold_at.gt"},
    ),
    Provocation("INVALID_FILTER", filtered("{channel_id: {gt: null}}"), {"path": "filters.channel_id.gt"}),
    Provocation("INVALID_FILTER", filtered("{channel: {in: null}}"), {"path": "filters.channel.in"}),
    Provocation("INVALID_FILTER", filtered('{channel_id: {eq: "NaN"}}'), {"dimension": "channel_id"}),
    Provocation("INVALID_DATE_RANGE", dated("{}")),
    Provocation("INVALID_DATE_RANGE", dated("{current: MONTH, toDate: YEAR}")),
    Provocation("INVALID_DATE_RANGE", dated("{current: MONTH, includeCurrent: true}")),
    Provocation("INVALID_DATE_RANGE", dated('{startDate: "2026-01-01", offset: 1}')),
    Provocation("INVALID_DATE_RANGE", dated('{startDate: "2026-02-30"}'), {"startDate": "2026-02-30"}),
    Provocation("INVALID_DATE_RANGE", dated('{start: "2026-02-03"}'), {"start": "2026-02-03"}),
    Provocation(
        "INVALID_DATE_RANGE",
        dated('{startDate: "2026-02-02", endDate: "2026-02-01"}'),
        {"startDate": "2026-02-02", "endDate": "2026-02-01"},
    ),
    Provocation("INVALID_DATE_RANGE", dated("{last: {n: 0, unit: DAY}}"), {"n": 0}),
    Provocation("INVALID_DATE_RANGE", dated("{toDate: HOUR}"), {"toDate": "HOUR"}),
    Provocation("INVALID_DATE_RANGE", dated("{current: YEAR, offset: 9000}")),
    Provocation(
        "INVALID_DATE_RANGE",
        ask("metrics: [letters_sent], dateRange: {current: DAY}"),
        {"metric": "letters_sent"},
        model=TANGLED,
    ),
    Provocation("INVALID_SHARE", sales("shares: [{metric: ticket_medio}]"), {"metric": "ticket_medio"}),
    Provocation("INVALID_SHARE", sales("shares: [{metric: faturamento}]"), {"metric": "faturamento"}),
    Provocation(
        "INVALID_SHARE",
        sales("dimensions: [store], shares: [{metric: faturamento, within: [city]}]"),
        {"metric": "faturamento", "dimension": "city"},
    ),
    Provocation("INVALID_TOP", sales("dimensions: [store], top: {n: 0, by: faturamento}"), {"n": 0}),
    Provocation(
        "INVALID_TOP",
        sales("dimensions: [store], top: {n: 3, by: faturamento, within: [city]}"),
        {"dimension": "city"},
    ),
    Provocation(
        "INVALID_TOP",
        sales("dimensions: [store, city], top: {n: 3, by: faturamento}"),
        {"validDimensions": ["store", "city"]},
    ),
    Provocation(
        "INVALID_SUBTOTALS", sales("dimensions: [store], subtotals: [[city]]"), {"dimension": "city"}
    ),
    Provocation("INVALID_SUBTOTALS", sales("dimensions: [store], subtotals: [[store]]")),
    Provocation(
        "INVALID_WINDOW",
        sales("windows: [{metric: faturamento, running: true}]"),
        {"metric": "faturamento"},
    ),
    Provocation(
        "INVALID_WINDOW",
        sales("dimensions: [time__day], windows: [{metric: clientes_unicos, rolling: 7}]"),
        {"metric": "clientes_unicos"},
    ),
    Provocation(
        "INVALID_WINDOW",
        sales("dimensions: [time__day], windows: [{metric: faturamento, rolling: 7, toDate: MONTH}]"),
        {"metric": "faturamento"},
    ),
    Provocation(
        "INVALID_WINDOW",
        sales("dimensions: [time__month], windows: [{metric: faturamento, toDate: MONTH}]"),
        {"metric": "faturamento"},
    ),
    Provocation("INVALID_COMPARE", sales("compare: {to: PREVIOUS_YEAR}")),
    Provocation("INVALID_COMPARE", sales("dateRange: {current: MONTH}, compare: {}")),
    Provocation(
        "INVALID_COMPARE",
        sales("dimensions: [sold_at], dateRange: {current: MONTH}, compare: {to: PREVIOUS_YEAR}"),
        {"dimension": "sold_at"},
    ),
    Provocation("INVALID_FILL", sales("dimensions: [store], fill: true")),
    Provocation("INVALID_TIMEZONE", sales('timezone: "Moon/Sea"'), {"timezone": "Moon/Sea"}),
    Provocation("INVALID_TIMEZONE", sales('timezone: "/etc/passwd"'), {"timezone": "/etc/passwd"}),
    Provocation("LIMIT_EXCEEDED", sales("limit: 10001"), {"max": 10_000, "asked": 10_001}),
    Provocation("LIMIT_EXCEEDED", sales("limit: -1"), {"max": 10_000}),
    Provocation("LIMIT_EXCEEDED", filtered("{not: " * 13 + "{}" + "}" * 13), {"max": 12}),
    Provocation(
        "LIMIT_EXCEEDED", BY_VARIABLES, {"max": 1000}, {**RIGHT, "f": {"channel_id": {"in": [*range(1001)]}}}
    ),
    Provocation("LIMIT_EXCEEDED", "{" + "a " * 2001 + "}", {"max": 2000}),
    Provocation("FAN_OUT", sales("dimensions: [product]"), {"metric": "faturamento", "dimension": "product"}),
    Provocation(
        "DIMENSION_NOT_REACHABLE",
        ask("metrics: [letters_sent], dimensions: [moon]"),
        {"metric": "letters_sent", "dimension": "moon", "validDimensions": []},
        model=TANGLED,
    ),
    Provocation(
        "AMBIGUOUS_JOIN_PATH",
        ask("metrics: [letters_sent], dimensions: [name]"),
        {"paths": ["letters -> sender", "letters -> receiver"]},
        model=TANGLED,
    ),
    Provocation("QUERY_TIMEOUT", GROUPED, {"timeoutMs": 15_000}, error=QueryTimeout(15_000, detail=SECRETS)),
    Provocation("OVERLOADED", GROUPED, {"retryAfterMs": 700}, error=Overloaded(700, detail=SECRETS)),
    Provocation("DATABASE_UNAVAILABLE", GROUPED, error=Unavailable(detail=SECRETS)),
    Provocation("INVALID_VALUE", GROUPED, error=BadValue(detail=SECRETS)),
    Provocation("MODEL_MISMATCH", GROUPED, error=Refused(detail=SECRETS)),
    Provocation("INTERNAL", GROUPED, error=DatabaseError(detail=SECRETS)),
    Provocation("INTERNAL", GROUPED, error=RuntimeError(SECRETS)),
    Provocation("UNAUTHENTICATED", "mutation { clearCache { deleted } }"),
    Provocation("UNAUTHENTICATED", DELETE, token="not the token"),
    Provocation("UNAUTHENTICATED", "mutation { deleteCacheKey(metrics: [faturamento]) { deleted } }"),
    Provocation(
        "INVALID_PATTERN", 'mutation { clearCache(pattern: "*") { deleted } }', {"pattern": "*"}, token=TOKEN
    ),
    Provocation(
        "INVALID_PATTERN", DELETE.replace("analytics:", "other:"), {"cacheKey": "other:query:0"}, token=TOKEN
    ),
    Provocation("INVALID_PATTERN", "mutation { deleteCacheKey { deleted } }", token=TOKEN),
    Provocation(
        "INVALID_PATTERN",
        'mutation { clearCache(pattern: "analytics:*", tags: ["table:sales"]) { deleted } }',
        token=TOKEN,
    ),
    Provocation("INVALID_TAG", 'mutation { clearCache(tags: ["table:sale"]) { deleted } }', token=TOKEN),
    Provocation("INVALID_TAG", "mutation { clearCache(tags: []) { deleted } }", token=TOKEN),
    Provocation("INVALID_MAX_AGE", ask("metrics: [faturamento], maxAge: -5"), {"maxAge": -5}),
    Provocation("UNAUTHENTICATED", ask("metrics: [faturamento], cache: REFRESH")),
    Provocation("UNAUTHENTICATED", ask("metrics: [faturamento], cache: BYPASS")),
    Provocation("CACHE_UNAVAILABLE", "mutation { clearCache { deleted } }", token=TOKEN, store_down=True),
    Provocation("CACHE_UNAVAILABLE", DELETE, token=TOKEN, store_down=True),
    Provocation("GRAPHQL_PARSE_FAILED", "{ analytics("),
    Provocation("GRAPHQL_VALIDATION_FAILED", "{ nothing }"),
    Provocation("GRAPHQL_VALIDATION_FAILED", "fragment f on Query { __typename }"),
    Provocation("GRAPHQL_VALIDATION_FAILED", "subscription { analytics }"),
    Provocation("GRAPHQL_VALIDATION_FAILED", ask('metrics: ["faturamento"]')),
    Provocation("INVALID_FILTER", filtered('{channel_id: {eq: "two"}}'), {"path": "filters.channel_id.eq"}),
    Provocation("GRAPHQL_VALIDATION_FAILED", BY_VARIABLES, {}, {}),
    Provocation("GRAPHQL_VALIDATION_FAILED", BY_VARIABLES, {}, {"m": [7]}),
]
