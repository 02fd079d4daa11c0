"""Every code that an answer can hold: documented, provoked through the API, silent about the inside."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from db.errors import DatabaseError
from schema.build import NO_SUBSCRIPTION, Schema
from tests.fakes import HOUSE, FakeDatabase, Service, running
from tests.schema.provocations import PROVOCATIONS, SECRETS, TANGLED, Provocation, ask, sales

ROOMS = ("cache", "db", "model", "plan", "resolvers", "schema", "servery")
DOCUMENT = HOUSE / "docs" / "errors.md"
CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")

WORDS = [word.encode() for word in SECRETS.split()]

ELSEWHERE = {"WARMING_RUNNING"}
"""Two requests are needed: tests/resolvers/test_warm.py."""

OF_HTTP = {
    *("BAD_REQUEST", "METHOD_NOT_ALLOWED", "UNSUPPORTED_MEDIA_TYPE"),
    *("PERSISTED_QUERY_NOT_FOUND", "DOCUMENT_NOT_TRUSTED"),
}
"""tests/servery/test_endpoint.py, and test_http_documents.py beside it."""


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


def test_who_subscribes_is_told_what_there_is() -> None:
    with running() as service:
        answer = service.ask("subscription { analytics { data } }")

    assert [each["message"] for each in answer["errors"]] == [NO_SUBSCRIPTION]


def test_every_code_in_the_source_is_documented_and_every_documented_code_is_in_the_source() -> None:
    assert set(documented()) == set(codes_in_source())


def test_every_documented_code_is_provoked_by_a_test() -> None:
    assert set(documented()) == {each.code for each in PROVOCATIONS} | OF_HTTP | ELSEWHERE


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
