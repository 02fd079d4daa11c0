"""GraphQL over HTTP: one address that takes POST and GET, and shows GraphiQL to browsers.

Follows the GraphQL-over-HTTP specification: `application/graphql-response+json` is answered with 400 when
nothing was executed, `application/json` with 200; a body that is no request is a 400 either way.
"""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from model.viewer import Viewer
from schema.build import ChangeRefused, Schema
from schema.build import Request as GraphQLRequest
from schema.context import Context, Services

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
Page = Callable[[Request], Response]
Counted = Callable[[int, str], None]
T = TypeVar("T")


def uncounted(_status: int, _code: str) -> None:
    """For endpoints that nobody watches."""


class BadRequest(Exception):
    """No GraphQL request: nothing is executed."""

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: str = "BAD_REQUEST",
        headers: Mapping[str, str] = NO_HEADERS,
        **fields: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
        self.response = {"errors": [{"message": message, "extensions": {"code": code, **fields}}]}


class GraphQLEndpoint:
    """The ASGI app at /graphql. `viewer` tells who asks from the Authorization header."""

    def __init__(
        self,
        schema: Schema,
        services: Services,
        viewer: Callable[[str | None], Viewer],
        page: Page,
        max_body_bytes: int,
        *,
        counted: Counted = uncounted,
    ) -> None:
        """`counted` is told of each request: its status, and the code of its first error, or OK."""
        self._schema = schema
        self._services = services
        self._viewer = viewer
        self._page = page
        self._max_body = max_body_bytes
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if _wants_page(request):
            return self._page(request)
        modern = _is_modern(request)
        try:
            result = await self._result(request)
        except BadRequest as bad:
            self._counted(bad.status, _code_of(bad.response))
            return _json(bad.response, modern=modern, status=bad.status, headers=bad.headers)
        status = 400 if modern and "data" not in result else 200
        self._counted(status, _code_of(result))
        return _json(result, modern=modern, status=status)

    async def _result(self, request: Request) -> dict[str, Any]:
        asked = await self._read(request)
        context = Context(
            services=self._services,
            viewer=self._viewer(request.headers.get("authorization")),
            request_id=token_hex(8),
        )
        try:
            return await until_hang_up(request.receive, self._schema.execute(asked, context))
        except ChangeRefused:
            message = "A GET changes nothing, so it takes queries only. Send a mutation by POST."
            raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", {"Allow": "POST"}) from None

    async def _read(self, request: Request) -> GraphQLRequest:
        if request.method == "GET":
            return _from_parameters(request)
        if request.method != "POST":
            message = "GraphQL is asked by POST or GET."
            raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", {"Allow": "GET, POST"})
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != LEGACY:
            told = f"The Content-Type is '{kind}'" if kind else "There is no Content-Type"
            message = f"{told}; send application/json."
            raise BadRequest(message, 415, "UNSUPPORTED_MEDIA_TYPE")
        return _from_body(await self._body(request))

    async def _body(self, request: Request) -> bytes:
        """The whole body, unless it is over the limit: then not a byte more than that is kept."""
        pieces, size = [], 0
        async for piece in request.stream():
            size += len(piece)
            if size > self._max_body:
                message = f"The request body is over {self._max_body} bytes, the most that is read."
                raise BadRequest(message, 413, "LIMIT_EXCEEDED", max=self._max_body)
            pieces.append(piece)
        return b"".join(pieces)


async def until_hang_up(receive: Receive, work: Awaitable[T]) -> T:
    """The result of `work`, which is cancelled as soon as the client has gone; then ClientDisconnect."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_hang_up(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnect
    finally:
        gone.cancel()
        if not task.done():
            task.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _code_of(response: Mapping[str, Any]) -> str:
    errors = response.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else "OK"


def _wants_page(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return request.method == "GET" and "query" not in request.query_params and "text/html" in accept


def _is_modern(request: Request) -> bool:
    return MODERN in request.headers.get("accept", "")


def _from_parameters(request: Request) -> GraphQLRequest:
    """By GET only questions are asked: a link must not change anything."""
    given: dict[str, Any] = {name: text for name, text in request.query_params.items() if text}
    if "query" not in given:
        message = "There is no 'query' in the address. POST a JSON body, or open this page in a browser."
        raise BadRequest(message)
    for name in {"variables", "extensions"} & given.keys():
        given[name] = _parsed(given[name].encode(), f"'{name}'")
    return _checked(given, may_change=False)


def _from_body(body: bytes) -> GraphQLRequest:
    given = _parsed(body, "The body")
    if isinstance(given, list):
        raise BadRequest(
            "The body is a list; send one request at a time, with aliases for several questions."
        )
    if not isinstance(given, dict):
        raise BadRequest("The body is not a JSON object with a 'query'.")
    return _checked(given, may_change=True)


def _parsed(text: bytes, what: str) -> Any:
    """With the standard parser, which keeps every digit of an integer."""
    try:
        found = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite)
        if b"\\ud" in text.lower():
            # An escape may be half a pair, which is a string in Python and can be sent to nobody.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadRequest(f"{what} is not JSON.") from None
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _checked(given: dict[str, Any], *, may_change: bool) -> GraphQLRequest:
    query = given.get("query")
    if not isinstance(query, str) or not query.strip():
        raise BadRequest("'query' must be a GraphQL document.")
    for name in ("variables", "extensions"):
        if not isinstance(given.get(name), dict | None):
            raise BadRequest(f"'{name}' must be an object.")
    operation = given.get("operationName")
    if not isinstance(operation, str | None):
        raise BadRequest("'operationName' must be a string.")
    return GraphQLRequest(query, given.get("variables"), operation or None, may_change)


def _json(
    content: dict[str, Any],
    *,
    modern: bool,
    status: int,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Response:
    kept = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers}
    kind = MODERN if modern else LEGACY
    body = orjson.dumps(content, default=_spliced)
    return Response(body, status, kept, f"{kind}; charset=utf-8" if modern else kind)


def _spliced(value: object) -> object:
    """Rows are bytes of JSON already: they go into the response as they are."""
    if isinstance(value, bytes):
        return orjson.Fragment(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
