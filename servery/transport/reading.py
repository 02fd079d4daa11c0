"""From the bytes of a request to what is asked: one request, or a list of them.

Everything is checked here but the document itself.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from servery.transport.facts import Facts
from servery.transport.media import LEGACY
from servery.transport.receiving import body_of
from servery.transport.refused import BadRequest

READS: Final = frozenset({"GET", "HEAD"})
APQ_VERSION: Final = 1
LONGEST_NAME: Final = 256
"""Of a document: a hash has 64 letters."""

_DOCUMENT: Final = ("query", "documentId", "extensions")


@dataclass(frozen=True, slots=True)
class Asked:
    """The document stands in `query`, or has a name: `document_id`, or `hashed` of a persisted query."""

    query: str | None
    document_id: str | None
    hashed: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    may_change: bool


async def raw_of(facts: Facts, scope: Scope, receive: Receive, most: int) -> bytes:
    """What stands in the address, or in the body of at most so many bytes. Raises BadRequest."""
    if facts.method in READS:
        return bytes(scope["query_string"])
    if facts.method != "POST":
        message = f"{facts.method} is not taken here: GraphQL is asked by POST or GET."
        raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", {"Allow": "GET, HEAD, POST"})
    if facts.content_type != LEGACY:
        kind = facts.content_type
        told = f"The Content-Type is '{kind}'" if kind else "There is no Content-Type"
        raise BadRequest(f"{told}; send application/json.", 415, "UNSUPPORTED_MEDIA_TYPE")
    return await body_of(receive, most)


def asks_nothing(query_string: bytes) -> bool:
    """Whether an address names no document: then a browser means the page."""
    return not _parameters(query_string).keys() & set(_DOCUMENT)


def read(facts: Facts, raw: bytes, most: int) -> Asked | list[Asked]:
    """A list holds `most` requests, and one at least. Raises BadRequest."""
    if facts.method in READS:
        return _from_parameters(raw)
    given = _parsed(raw, "The body")
    if not isinstance(given, list):
        return _checked(given, "The body", may_change=True)
    if not given:
        raise BadRequest("The body is an empty list; send one request at least.")
    if len(given) > most:
        message = f"The body holds {len(given)} requests; {most} is the most. Send several lists."
        raise BadRequest(message, 400, "LIMIT_EXCEEDED", max=most, asked=len(given))
    return [
        _checked(each, f"Request {number} of the list", may_change=True)
        for number, each in enumerate(given, 1)
    ]


def _from_parameters(query_string: bytes) -> Asked:
    """By GET only questions are asked: a link must not change anything."""
    given: dict[str, Any] = {name: text for name, text in _parameters(query_string).items() if text}
    for name in {"variables", "extensions"} & given.keys():
        given[name] = _parsed(given[name].encode(), f"'{name}'")
    if not given.keys() & set(_DOCUMENT):
        message = "There is no 'query' in the address. POST a JSON body, or open this page in a browser."
        raise BadRequest(message)
    return _checked(given, "The address", may_change=False)


def _parameters(query_string: bytes) -> dict[str, str]:
    return dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))


def _parsed(text: bytes, what: str) -> Any:
    """With the standard parser, which keeps every digit of an integer."""
    try:
        found = _DECODER.decode(text.decode("utf-8-sig"))
        if b"\\ud" in text.lower():
            # An escape may be half a pair, which is a string in Python and can be sent to nobody.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as wrong:
        raise BadRequest(_not_json(text, what, wrong)) from None
    return found


def _not_json(text: bytes, what: str, wrong: ValueError | RecursionError) -> str:
    if not text.strip():
        return f'{what} is empty. Send JSON, as {{"query": "..."}}.'
    if isinstance(wrong, json.JSONDecodeError):
        return f"{what} is not JSON: {wrong.msg.lower()} at line {wrong.lineno}, column {wrong.colno}."
    if isinstance(wrong, UnicodeDecodeError):
        return f"{what} is not JSON: byte {wrong.start + 1} is no UTF-8. Is it packed? Send it as it is."
    return f"{what} is not JSON."


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _checked(given: Any, what: str, *, may_change: bool) -> Asked:
    if not isinstance(given, dict):
        raise BadRequest(f"{what} is not a JSON object with a 'query'.")
    for name in ("variables", "extensions"):
        if not isinstance(given.get(name), dict | None):
            raise BadRequest(f"{what}: '{name}' must be an object.")
    operation = given.get("operationName")
    if not isinstance(operation, str | None):
        raise BadRequest(f"{what}: 'operationName' must be a string.")
    document_id = given.get("documentId")
    if document_id is not None and not _is_name(document_id):
        raise BadRequest(f"{what}: 'documentId' must be a string of at most {LONGEST_NAME} letters.")
    hashed = _hash_in(given.get("extensions") or {}, what)
    query = _query_in(given, what, named=document_id is not None or hashed is not None)
    return Asked(query, document_id, hashed, given.get("variables"), operation or None, may_change)


def _query_in(given: dict[str, Any], what: str, *, named: bool) -> str | None:
    query = given.get("query")
    if query is None and named:
        return None
    if query is None:
        raise BadRequest(f"{what} has no 'query'. Send a GraphQL document in it.")
    if not isinstance(query, str) or not query.strip():
        raise BadRequest(f"{what}: 'query' must be a GraphQL document.")
    if given.get("documentId") is not None:
        raise BadRequest(f"{what}: send 'query' or 'documentId', not both.")
    return query


def _hash_in(extensions: dict[str, Any], what: str) -> str | None:
    """Of Apollo's protocol for persisted queries."""
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or not _is_name(persisted.get("sha256Hash")):
        raise BadRequest(f"{what}: 'persistedQuery' in 'extensions' must hold a 'sha256Hash'.")
    version = persisted.get("version")
    if type(version) is not int or version != APQ_VERSION:
        raise BadRequest(f"{what}: 'version' of 'persistedQuery' must be {APQ_VERSION}.")
    hashed: str = persisted["sha256Hash"]
    return hashed


def _is_name(given: object) -> bool:
    return isinstance(given, str) and 0 < len(given) <= LONGEST_NAME
