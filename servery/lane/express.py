"""The fast lane over HTTP: replies by the same rules as all others."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from cache.glance import Glanced, HandedOn
from cache.hit import Source
from cache.lifetime import Lifetime
from model.viewer import ANONYMOUS, Viewer
from schema.context import Answered
from schema.template import Gap, Hole, Piece, Template, listed, template_of
from servery.executed import OK, Counted, Executed
from servery.lane.known import Known, Made, Shown
from servery.lane.lane import Lane, Seen
from servery.transport.dress import Reply, dressed, not_modified, packed_and_dressed
from servery.transport.encoding import IDENTITY, packed_aside
from servery.transport.facts import Facts
from servery.transport.frame import spliced
from servery.transport.freshness import NO_STORE, cache_control, left_of
from servery.transport.reading import READS
from servery.transport.validators import etag_of, has, identity_of

Ident = bytes | tuple[bool, bytes, Viewer]
"""All that was sent with a request, if it was by GET, and who asks; the bytes alone for a POST of nobody."""

NOT_MODIFIED: Final = 304
_ZSTD: Final = "zstd"
_LITTLE: Final = 1024
_PART: Final = 32
"""Where packed rows are passed on, what stands around them is not packed: so much, or this part of them."""

Bytes = bytes | memoryview


def ident_of(facts: Facts, raw: bytes, viewer: Viewer) -> Ident:
    if viewer is ANONYMOUS and facts.method == "POST":
        return raw  # quickly looked up, and never equal to a tuple
    return facts.method in READS, raw, viewer


class Again(NamedTuple):
    """An answer that is shown again, as `servery.transport.freshness` asks of it."""

    source: Source
    age_ms: int
    lifetime: Lifetime
    until: datetime | None


class Told(NamedTuple):
    """What a GET is told beside the answer; without an `etag` it may be kept by nobody."""

    status: int
    cached: bytes
    etag: bytes | None


class Express:
    """`edition` and `max_age_s` are the endpoint's own; `counted` is told of each request."""

    def __init__(self, lane: Lane, edition: bytes, max_age_s: int, counted: Counted) -> None:
        self._lane = lane
        self._edition = edition
        self._max_age_s = max_age_s
        self._counted = counted

    def at_once(self, facts: Facts, raw: bytes, viewer: Viewer) -> Reply | Awaitable[Reply | HandedOn] | None:
        """A reply; or one to wait for, which may come to nothing but what was seen in Redis; or neither.

        Then the request goes the whole way, and what was seen with it.
        """
        ident = ident_of(facts, raw, viewer)
        known = self._lane.known(ident)
        if known is None:
            return None
        reply = self._unchanged(ident, facts, viewer, known)
        if reply is not None:
            return reply
        shown = self._lane.from_memory(ident, known)
        if not isinstance(shown, Shown):
            return self._from_store(ident, facts, viewer, known, shown)
        return self._reply(ident, facts, viewer, shown)

    def plainly(self, facts: Facts, raw: bytes, viewer: Viewer) -> Reply | None:
        """The reply that was sent last, when it may be sent again as it is; counted as one."""
        ident = ident_of(facts, raw, viewer)
        known = self._lane.known(ident)
        return self._unchanged(ident, facts, viewer, known) if known else None

    def _unchanged(self, ident: Ident, facts: Facts, viewer: Viewer, known: Known) -> Reply | None:
        made = known.made
        reply = made.replies.get(facts.form) if made is not None and made.from_memory else None
        if made is None or reply is None:
            return None
        ages_ms = self._lane.ages_if_unchanged(ident, known, made)
        if ages_ms is None:
            return None
        if facts.method in READS:
            told = self._told(facts, viewer, known, made, ages_ms)
            self._counted(told.status, OK)
            return self._for_browsers(ident, facts, known, made, told, plain=reply)
        self._counted(200, OK, known.requests)
        return reply

    async def _from_store(
        self, ident: Ident, facts: Facts, viewer: Viewer, known: Known, seen: Sequence[Seen]
    ) -> Reply | HandedOn:
        shown = await self._lane.from_store(ident, known, seen)
        return await self._reply(ident, facts, viewer, shown) if isinstance(shown, Shown) else shown

    async def _reply(self, ident: Ident, facts: Facts, viewer: Viewer, shown: Shown) -> Reply:
        if facts.method in READS:
            return await self._kept_by_browsers(ident, facts, shown, viewer)
        self._counted(200, OK, shown.known.requests)
        return await self._dressed(ident, facts, shown)

    def learn(self, facts: Facts, raw: bytes, done: Sequence[Executed], *, is_list: bool) -> None:
        """A request that went the whole way, or a list of them."""
        templates: list[Template] = []
        answered: list[Answered] = []
        for each in done:
            request, context, response = each.request, each.context, each.response
            answers = {key: each.answer for key, each in context.answers.items()}
            fresh = all(each.from_cache and each.lifetime for each in answers.values())
            if not fresh or "errors" in response or not response.get("data") or not context.document:
                return
            template = template_of(context.document, request.operation_name, response["data"], answers)
            if template is None:
                return
            templates.append(template)
            answered += (context.answers[key] for key in template.keys)
        template = listed(templates) if is_list else templates[0]
        identities = (b"", b"")
        if facts.method in READS:
            request = done[0].request
            identities = (
                identity_of(self._edition, request, modern=False),
                identity_of(self._edition, request, modern=True),
            )
        ident = ident_of(facts, raw, done[0].context.viewer)
        self._lane.learn(
            ident, template, answered, identities=identities, requests=len(done), asked_bytes=len(raw)
        )

    async def _kept_by_browsers(self, ident: Ident, facts: Facts, shown: Shown, viewer: Viewer) -> Reply:
        made = shown.made
        told = self._told(facts, viewer, shown.known, made, [each.age_ms for each in shown.found])
        self._counted(told.status, OK)
        plain = None if told.status == NOT_MODIFIED else await self._dressed(ident, facts, shown)
        return self._for_browsers(ident, facts, shown.known, made, told, plain=plain)

    def _told(self, facts: Facts, viewer: Viewer, known: Known, made: Made, ages_ms: Sequence[int]) -> Told:
        now = self._lane.now()
        lefts = (
            left_of(Again(source, age_ms, lifetime, asked.until), asked.freshness, now)
            for asked, source, age_ms, lifetime in zip(
                known.questions, made.sources, ages_ms, made.lifetimes, strict=True
            )
        )
        private = facts.authorization is not None or viewer.tenant is not None
        cached = cache_control(lefts, private=private, most_s=self._max_age_s)
        if cached == NO_STORE:
            return Told(200, cached, None)
        etag = self._etag(facts, known, made)
        is_known = facts.if_none_match is not None and has(facts.if_none_match, etag)
        return Told(NOT_MODIFIED if is_known else 200, cached, etag)

    def _for_browsers(
        self, ident: Ident, facts: Facts, known: Known, made: Made, told: Told, *, plain: Reply | None
    ) -> Reply:
        """`plain` is the reply without what is `told`; a client that has it already needs none."""
        if plain is not None and told.etag is None:
            return plain
        last = made.read.get((facts.form, told.status))
        if last is not None and last[0] == told.cached:
            return last[1]
        reply = _reply_to_get(facts, told, plain)
        if made.lasting:
            made.read[facts.form, told.status] = told.cached, reply
            if last is None and known.made is made:
                self._lane.has_grown(ident, known)
        return reply

    def _etag(self, facts: Facts, known: Known, made: Made) -> bytes:
        etag = made.etags.get(facts.modern)
        if etag is None:
            names = (each.wanted.key.name for each in known.questions)
            identity = known.identities[facts.modern]
            etag = made.etags[facts.modern] = etag_of(identity, zip(names, made.read_at, strict=True))
        return etag

    async def _dressed(self, ident: Ident, facts: Facts, shown: Shown) -> Reply:
        made = shown.made
        form = facts.form
        if reply := made.replies.get(form):
            return reply
        pieces = _filled(made.pieces, shown)
        coding = facts.coding.of_size(sum(map(len, pieces)))
        if coding == _ZSTD and made.rows and _is_most(pieces, made.rows[0]):
            place, gap = made.rows
            frame = await self._frame(ident, shown, gap)
            body = spliced(b"".join(pieces[:place]), frame, b"".join(pieces[place + 1 :]))
            reply = dressed(facts, 200, body, coding)
        else:
            reply = await packed_and_dressed(facts, 200, b"".join(pieces))
        if made.lasting:
            made.replies[form] = reply
            if shown.known.made is made:
                self._lane.has_grown(ident, shown.known)
        return reply

    async def _frame(self, ident: Ident, shown: Shown, gap: Gap) -> bytes:
        """Of rows: as it lies in the store, or made once."""
        entry, made = shown.found[gap.question].entry, shown.made
        frame = entry.packed_rows or made.frame
        if frame is None:
            frame = made.frame = await packed_aside(entry.body[entry.rows_at :], _ZSTD)
            if shown.known.made is made:
                self._lane.has_grown(ident, shown.known)
        return frame


def _reply_to_get(facts: Facts, told: Told, plain: Reply | None) -> Reply:
    if plain is None or told.status == NOT_MODIFIED:
        return not_modified(told.cached, told.etag or b"")
    coding = next((value.decode() for name, value in plain.headers if name == b"content-encoding"), IDENTITY)
    return dressed(facts, 200, plain.body, coding, cached=told.cached, etag=told.etag)


def _filled(pieces: Sequence[Piece], shown: Shown) -> list[Bytes]:
    took = orjson.dumps(round(shown.took_ms, 3))
    return [each if isinstance(each, bytes) else _value(each, shown.found, took) for each in pieces]


def _value(gap: Gap, found: Sequence[Glanced], took: bytes) -> Bytes:
    glanced = found[gap.question]
    if gap.hole is Hole.DATA:
        return memoryview(glanced.entry.body)[glanced.entry.rows_at :]
    return b"%d" % glanced.age_ms if gap.hole is Hole.AGE else took


def _is_most(pieces: Sequence[Bytes], rows: int) -> bool:
    """What stands around the rows is not packed then, so it must be little."""
    size = len(pieces[rows])
    return sum(map(len, pieces)) - size <= max(_LITTLE, size // _PART)
