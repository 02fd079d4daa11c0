"""GraphQL over HTTP: one address that takes POST and GET, and shows GraphiQL to browsers.

Follows the GraphQL-over-HTTP specification: `application/graphql-response+json` is answered with 400 when
nothing was executed, `application/json` with 200; a body that is no request is a 400 either way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from secrets import token_hex
from types import MappingProxyType
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cache.glance import HandedOn
from model.viewer import Viewer
from schema.build import ChangeRefused, Schema
from schema.build import Request as GraphQLRequest
from schema.context import Context, Services
from schema.errors import internal_fault
from servery import __version__
from servery.executed import OK, Counted, Executed, uncounted
from servery.lane.express import Express
from servery.lane.lane import Lane
from servery.lane.wire import SENT, Wire
from servery.observe import report_internal
from servery.transport.dress import (
    Reply,
    json_of,
    not_modified,
    packed_and_dressed,
    with_headers,
)
from servery.transport.facts import Facts, facts_of
from servery.transport.freshness import NO_STORE, cache_control, left_of
from servery.transport.media import LEGACY
from servery.transport.persisted import Documents
from servery.transport.reading import READS, Asked, asks_nothing, raw_of, read
from servery.transport.receiving import body_of, until_hang_up
from servery.transport.refused import BadRequest
from servery.transport.rules import HttpRules
from servery.transport.validators import etag_of, has, identity_of

Page = Callable[[Request], Response]


NOTHING: Final[HandedOn] = MappingProxyType({})


class GraphQLEndpoint:
    """The ASGI app at /graphql. `viewer` tells who asks from the Authorization header."""

    def __init__(
        self,
        schema: Schema,
        services: Services,
        viewer: Callable[[str | None], Viewer],
        page: Page,
        rules: HttpRules = HttpRules(),  # noqa: B008  frozen, so it can be shared
        *,
        documents: Documents | None = None,
        counted: Counted = uncounted,
        lane: Lane | None = None,
        wire_bytes: int = 0,
    ) -> None:
        """`counted` is told of each request: its status, and the code of its first error, or OK.

        Without a `lane` every request goes through GraphQL. `wire` is for the connections, if the requests
        that they may answer are to take so many bytes.
        """
        self._schema = schema
        self._services = services
        self._viewer = viewer
        self._page = page
        self._rules = rules
        self._documents = documents or Documents()
        self._counted = counted
        self._edition = blake2b(f"{__version__} {services.analytics.model!r}".encode()).digest()
        self._express = Express(lane, self._edition, rules.max_age_s, counted) if lane else None
        self.wire = Wire(self._express.plainly, viewer, wire_bytes) if self._express and wire_bytes else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        facts = facts_of(scope)
        if facts.page and facts.method in READS and asks_nothing(scope["query_string"]):
            await self._page(Request(scope))(scope, receive, send)
            return
        try:
            if facts.method == "POST" and facts.content_type == LEGACY:
                raw = await body_of(receive, self._rules.max_body_bytes)
            else:
                raw = await raw_of(facts, scope, receive, self._rules.max_body_bytes)
            viewer = self._viewer(facts.authorization)
            quick = self._express.at_once(facts, raw, viewer) if self._express else None
            if type(quick) is Reply:
                reply = quick
                if self.wire is not None and SENT in scope.get("extensions", ()):
                    self.wire.learn(scope["extensions"][SENT]["bytes"], facts, raw)
            else:
                reply = await self._reply(facts, raw, viewer, quick, receive)
        except BadRequest as bad:
            reply = await self._refusal(facts, bad)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  whatever it is, who asks is told in our words
            reply = await self._broken(facts, error)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        # Who asks by HEAD is told all but the body.
        await send({"type": "http.response.body", "body": b"" if facts.method == "HEAD" else reply.body})

    async def _reply(
        self,
        facts: Facts,
        raw: bytes,
        viewer: Viewer,
        quick: Reply | Awaitable[Reply | HandedOn] | None,
        receive: Receive,
    ) -> Reply:
        """By the fast lane after a wait, or the whole way."""
        found = NOTHING if quick is None or isinstance(quick, Reply) else await quick
        if isinstance(found, Reply):
            return found
        return await self._whole_way(facts, raw, viewer, found, receive)

    async def _refusal(self, facts: Facts, bad: BadRequest) -> Reply:
        self._counted(bad.status, bad.code)
        reply = await packed_and_dressed(facts, bad.status, json_of(bad.response))
        return with_headers(reply, bad.headers)

    async def _broken(self, facts: Facts, error: Exception) -> Reply:
        request_id = token_hex(8)
        report_internal(request_id, error)
        fault = internal_fault(request_id)
        self._counted(500, fault.code)
        told = {"message": fault.message, "extensions": {"code": fault.code, **fault.fields}}
        return await packed_and_dressed(facts, 500, json_of({"errors": [told]}))

    async def _whole_way(
        self, facts: Facts, raw: bytes, viewer: Viewer, found: HandedOn, receive: Receive
    ) -> Reply:
        """Through GraphQL. Raises BadRequest, and ClientDisconnect as soon as `receive` tells of it."""
        asked = read(facts, raw, self._rules.max_batch)
        if isinstance(asked, list):
            all_done = await until_hang_up(receive, self._all(asked, viewer, found))
            reply = await self._list(facts, all_done)
            self._learn(facts, raw, all_done, is_list=True)
            return reply
        done = await until_hang_up(receive, self._one(asked, viewer, found))
        reply = await self._single(facts, done)
        self._learn(facts, raw, [done], is_list=False)
        return reply

    def _learn(
        self, facts: Facts, raw: bytes, done: Sequence[Executed | BadRequest], *, is_list: bool
    ) -> None:
        """What went well all the way may be answered by the fast lane from now on."""
        executed = [each for each in done if isinstance(each, Executed)]
        if self._express and len(executed) == len(done):
            self._express.learn(facts, raw, executed, is_list=is_list)
        for each in executed:
            each.let_go()

    async def _single(self, facts: Facts, done: Executed) -> Reply:
        status = 400 if facts.modern and "data" not in done.response else 200
        cached = self._cached(facts, done) if facts.method in READS else NO_STORE
        etag = None if cached == NO_STORE else self._etag(facts, done)
        if etag and facts.if_none_match and has(facts.if_none_match, etag):
            self._counted(304, OK)
            return not_modified(cached, etag)
        self._counted(status, done.code)
        return await packed_and_dressed(facts, status, json_of(done.response), cached=cached, etag=etag)

    async def _list(self, facts: Facts, done: Sequence[Executed | BadRequest]) -> Reply:
        """A list is a 200 whatever is in it, and each of it counts as a request."""
        for each in done:
            self._counted(200, each.code)
        return await packed_and_dressed(facts, 200, json_of([each.response for each in done]))

    async def _one(self, asked: Asked, viewer: Viewer, found: HandedOn) -> Executed:
        document = self._documents.document_of(asked, viewer)
        request = GraphQLRequest(document, asked.variables, asked.operation_name, asked.may_change)
        context = Context(services=self._services, viewer=viewer, request_id=token_hex(8), found=found)
        try:
            response = await self._schema.execute(request, context)
        except ChangeRefused:
            message = "A GET changes nothing, so it takes queries only. Send a mutation by POST."
            raise BadRequest(message, 405, "METHOD_NOT_ALLOWED", {"Allow": "POST"}) from None
        if "data" in response:
            self._documents.learn(asked)
        return Executed(request, context, response)

    async def _all(
        self, several: list[Asked], viewer: Viewer, found: HandedOn
    ) -> list[Executed | BadRequest]:
        """At the same time, or one after the other where one may change what another tells."""
        if any(self._may_change(asked, viewer) for asked in several):
            return [await self._in_list(asked, viewer, found) for asked in several]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._in_list(asked, viewer, found)) for asked in several]
        return [task.result() for task in tasks]

    async def _in_list(self, asked: Asked, viewer: Viewer, found: HandedOn) -> Executed | BadRequest:
        """What is wrong with one of a list is its answer, and no concern of the others."""
        try:
            return await self._one(asked, viewer, found)
        except BadRequest as bad:
            return bad

    def _may_change(self, asked: Asked, viewer: Viewer) -> bool:
        """A document without the word has no mutation; one that has it may be a query all the same."""
        try:
            return "mutation" in self._documents.document_of(asked, viewer)
        except BadRequest:
            return False

    def _cached(self, facts: Facts, done: Executed) -> bytes:
        """Only what is nothing but answers, all of them good, may be kept by anybody."""
        answers, data = done.context.answers, done.response.get("data")
        if "errors" in done.response or not data or data.keys() != answers.keys() or None in data.values():
            return NO_STORE
        now = self._services.analytics.now()
        return cache_control(
            (left_of(each.answer, each.freshness, now) for each in answers.values()),
            private=facts.authorization is not None or done.context.viewer.tenant is not None,
            most_s=self._rules.max_age_s,
        )

    def _etag(self, facts: Facts, done: Executed) -> bytes:
        identity = identity_of(self._edition, done.request, modern=facts.modern)
        answers = (done.context.answers[key].answer for key in done.response["data"])
        return etag_of(identity, ((each.cache_key, each.as_of) for each in answers))
