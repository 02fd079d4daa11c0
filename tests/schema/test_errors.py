"""Every code that an answer can hold: documented, provoked through the API, silent about the inside."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from db.errors import BadValue, DatabaseError, Overloaded, QueryTimeout, Refused, Unavailable
from model.load import model_of_text
from model.model import Model
from schema.build import Schema
from tests.fakes import HOUSE, TOKEN, FakeDatabase, Service, running

ROOMS = ("cache", "db", "model", "plan", "resolvers", "schema", "servery")
DOCUMENT = HOUSE / "docs" / "errors.md"
CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")

SECRETS = "secret_table postgresql://owner:hunter2@db.internal:5432/books SELECT password /srv/secret.py"
WORDS = [word.encode() for word in SECRETS.split()]

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
OF_HTTP = {"BAD_REQUEST", "METHOD_NOT_ALLOWED", "UNSUPPORTED_MEDIA_TYPE"}


def provoke(service: Service, provoked: Provocation) -> tuple[dict[str, Any], bytes]:
    """The one error of the answer, and the answer as it was sent."""
    service.store.down = provoked.store_down
    headers = {"Authorization": f"Bearer {provoked.token}"} if provoked.token else {}
    body = {"query": provoked.query, "variables": provoked.variables}
    response = service.client.post("/graphql", json=body, headers=headers)
    (error,) = response.json()["errors"]
    return error, response.content


@pytest.mark.parametrize("provoked", PROVOCATIONS, ids=lambda each: f"{each.code} {each.query[:50]}")
def test_a_mistake_is_answered_with_its_code_and_fields(provoked: Provocation) -> None:
    with running(provoked.model, FakeDatabase(error=provoked.error)) as service:
        error, sent = provoke(service, provoked)

    told = error["extensions"]
    assert told["code"] == provoked.code
    assert {name: told.get(name) for name in provoked.fields} == provoked.fields
    assert told.keys() - {"code"} <= documented()[provoked.code]
    assert error["message"].endswith((".", "?", ".)"))
    for secret in (*WORDS, b"Traceback", b"sales.total_amount", b'File "'):
        assert secret not in sent


@pytest.mark.parametrize("code", ["INTERNAL", "MODEL_MISMATCH"])
def test_what_the_engineer_must_mend_is_logged_under_the_id_that_the_answer_shows(code: str) -> None:
    provoked = next(each for each in PROVOCATIONS if each.code == code)
    with running(database=FakeDatabase(error=provoked.error)) as service:
        error, _ = provoke(service, provoked)
        logged = [each for each in service.logs if each.get("request_id") == error["extensions"]["requestId"]]

    assert len(logged) == 1
    assert isinstance(provoked.error, DatabaseError)
    assert (logged[0]["detail"], logged[0]["sqlstate"]) == (provoked.error.detail, provoked.error.sqlstate)
    assert error["extensions"].keys() == {"code", "requestId"}


def test_the_mistakes_of_users_are_no_news_for_the_log() -> None:
    with running() as service:
        for query in (sales("dimensions: [product]"), "{", "{ nothing }", ask("metrics: [fatura]")):
            service.ask(query)
        loud = [each for each in service.logs if each["log_level"] in {"warning", "error"}]

    assert loud == []


def test_a_name_in_quotes_is_told_to_drop_them() -> None:
    with running() as service:
        answer = service.ask(ask('metrics: ["faturamento"]'))

    assert "without quotes" in answer["errors"][0]["message"]


def test_every_code_in_the_source_is_documented_and_every_documented_code_is_in_the_source() -> None:
    assert set(documented()) == set(codes_in_source())


def test_every_documented_code_is_provoked_by_a_test() -> None:
    assert set(documented()) == {each.code for each in PROVOCATIONS} | OF_HTTP


def test_every_documented_code_says_what_it_means() -> None:
    for code, text in sections().items():
        assert len(text.split()) > 8, code


def test_the_schema_is_made_anew_for_each_model() -> None:
    sdl = Schema(TANGLED, lambda _id, _error: None).sdl

    assert "letters_sent" in sdl
    assert "faturamento" not in sdl


def sections() -> dict[str, str]:
    """The text under each heading that is a code."""
    parts = re.split(r"^#{2,3} ", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    found = (part.partition("\n")[::2] for part in parts)
    return {name: text for name, text in found if CODE.fullmatch(name)}


def documented() -> dict[str, set[str]]:
    """The fields that each code is documented with."""
    return {
        code: set(re.findall(r"`(\w+)`", text.partition("Fields:")[2])) for code, text in sections().items()
    }


def codes_in_source() -> Iterator[str]:
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                yield from codes_of(node)


def codes_of(node: ast.AST) -> Iterator[str]:
    """Codes stand in the making of a fault, in a default, or beside the key "code"."""
    match node:
        case ast.Call(func=ast.Name("Fault"), args=[ast.Constant(str(code)), *_]):
            yield code
        case ast.Call(func=ast.Name("UnknownName"), args=[ast.Constant(str(kind)), *_]):
            yield f"UNKNOWN_{kind.upper()}"
        case ast.Call(func=ast.Name("BadRequest"), args=[_, _, ast.Constant(str(code)), *_]):
            yield code
        case ast.arguments(args=names, defaults=defaults):
            for name, default in zip(reversed(names), reversed(defaults), strict=False):
                if name.arg == "code" and isinstance(default, ast.Constant):
                    yield str(default.value)
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code" and isinstance(value, ast.Constant):
                    yield str(value.value)
