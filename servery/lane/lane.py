"""Requests that were answered before, and their answers as the cache has them now.

What is remembered of a request is which questions it asks and the response with holes, never whether an
answer is good: that is judged by the cache at each request, by age and tokens. Whatever is in doubt goes the
whole way, through GraphQL.
"""

import asyncio
import time
from collections.abc import Hashable, Sequence
from typing import Final, TypeAlias

from cache.bounded import Bounded
from cache.entry import COMPRESSED_FROM
from cache.glance import Found, Glanced, HandedOn
from cache.lifetime import Use
from resolvers.analytics import Analytics
from resolvers.body import Body
from resolvers.traffic import Count, Traffic
from schema.context import Answered
from schema.template import Gap, Hole, Template
from servery.lane.known import Known, Made, Question, Shown

Seen: TypeAlias = Glanced | Found | None
"""An answer that is good, what else was seen of it, or nothing yet."""

LARGEST_PART: Final = 4
"""No response is kept that takes more than this part of all."""


class Lane:
    """Of one process. `max_bytes` bounds all that is remembered; with `keep` responses are part of it."""

    def __init__(self, analytics: Analytics, traffic: Traffic | None, max_bytes: int, *, keep: bool) -> None:
        self.now = analytics.now
        self._glances = analytics.glances
        self._traffic = traffic
        self._max = max_bytes
        self._keep = keep
        self._latest: dict[Hashable, Made] = {}
        """The one made last: those who wait for the same answer in Redis come one after the other."""
        self._known: Bounded[Hashable, Known] = Bounded(max_bytes, lambda known: known.size)

    def known(self, ident: Hashable) -> Known | None:
        """What is known of a request, when it still asks the same."""
        known = self._known.find(ident)
        if known is None:
            return None
        if known.until is None or known.holds_at(self.now()):
            return known
        self._known.drop(ident)
        return None

    def ages_if_unchanged(self, ident: Hashable, known: Known, made: Made) -> Sequence[int] | None:
        """Of the answers, in ms, when `made` is what would be shown from memory, plainly: it is counted then.

        Else nothing is, and nothing was left to chance.
        """
        if not known.at_any_age:
            return None
        began = time.monotonic()
        ages_ms = self._glances.ages_if_still(known.wanted, made.entries)
        if ages_ms is not None:
            self._glances.shown_again(known.names, made.saved_ms, began)
            self._note(ident, known.counts, made.costs_ms)
        return ages_ms

    def from_memory(self, ident: Hashable, known: Known) -> Shown | list[Seen]:
        """The response, when all of its answers are in memory and fresh; else what was seen of each."""
        began = time.monotonic()
        seen: list[Seen] = []
        good: list[Glanced] = []
        for each in known.questions:
            glanced = self._glances.in_memory(each.wanted, each.freshness)
            seen.append(glanced)
            if type(glanced) is Glanced:
                good.append(glanced)
        if len(good) < len(seen):
            return seen
        return self._shown(ident, known, good, began) or seen

    async def from_store(self, ident: Hashable, known: Known, seen: Sequence[Seen]) -> Shown | HandedOn:
        """The same with what is in Redis; else what was seen of it, for those who go the whole way."""
        began = time.monotonic()
        if not any(isinstance(each, Found) for each in seen):
            seen = await self._all_looked(known.questions, seen)
            good = [each for each in seen if isinstance(each, Glanced)]
            shown = self._shown(ident, known, good, began) if len(good) == len(seen) else None
            if shown:
                return shown
        return {
            (asked.wanted.key.name, asked.freshness): (
                self._glances.handed_on(each) if isinstance(each, Glanced) else each
            )
            for asked, each in zip(known.questions, seen, strict=True)
            if each is not None
        }

    def learn(
        self,
        ident: Hashable,
        template: Template,
        answered: Sequence[Answered],
        *,
        identities: tuple[bytes, bytes] = (b"", b""),
        requests: int = 1,
        asked_bytes: int = 0,
    ) -> None:
        """A request that went the whole way; `asked_bytes` is the size of what it is found by."""
        if any(each.freshness.use is not Use.DEFAULT for each in answered):
            return
        resolved = [each.answer.resolved for each in answered]
        since = max(each.since for each in resolved)
        until = min((each.until for each in resolved if each.until), default=None)
        questions = tuple(
            Question(each.answer.resolved.wanted, each.freshness, each.answer.until, each.counted)
            for each in answered
        )
        known = Known(questions, template, asked_bytes, identities, requests, since, until)
        self.keep(ident, known)

    def has_grown(self, ident: Hashable, known: Known) -> None:
        """Something was made for it. What was forgotten meanwhile stays so."""
        if self._known.find(ident) is known:
            self.keep(ident, known)

    def keep(self, ident: Hashable, known: Known) -> None:
        """Sized anew. A response that is too large is made again each time."""
        if known.made and (not self._keep or known.size * LARGEST_PART > self._max):
            known.made = None
        if known.size * LARGEST_PART <= self._max:
            self._known.keep(ident, known)
        else:
            self._known.drop(ident)

    async def _all_looked(self, asked: Sequence[Question], seen: Sequence[Seen]) -> Sequence[Seen]:
        """What is asked for in one turn of the loop travels together."""
        if len(asked) == 1:
            return [await self._looked(asked[0], seen[0])]
        return await asyncio.gather(*map(self._looked, asked, seen))

    async def _looked(self, asked: Question, seen: Seen) -> Seen:
        if seen is not None:
            return seen
        return await self._glances.in_store(asked.wanted, asked.freshness)

    def _shown(self, ident: Hashable, known: Known, found: Sequence[Glanced], began: float) -> Shown | None:
        made = known.made or self._latest.get(ident)
        if made is None or not made.is_of(found):
            made = _made(known, found)
            if made is None:
                self._known.drop(ident)
                return None
            if self._keep:
                known.made = made
                self.keep(ident, known)
            else:
                self._latest = {ident: made}
        for each, glanced in zip(known.questions, found, strict=True):
            self._glances.shown(each.wanted, glanced, began)
        self._note(ident, known.counts, made.costs_ms)
        return Shown(known, made, found, (time.monotonic() - began) * 1000)

    def _note(self, ident: Hashable, counts: Sequence[Count | None], costs_ms: Sequence[int]) -> None:
        if self._traffic and not self._traffic.all_again(counts, costs_ms):
            self._known.drop(ident)  # the next one goes the whole way, and is noted there


def _apart(found: Sequence[Glanced], bodies: Sequence[Body]) -> int | None:
    """The question whose rows are worth to be passed on as they lie in the store."""
    number = max(range(len(bodies)), key=lambda number: len(bodies[number].data))
    entry, size = found[number].entry, len(bodies[number].data)
    return number if size >= COMPRESSED_FROM and size == len(entry.body) - entry.rows_at else None


def _made(known: Known, found: Sequence[Glanced]) -> Made | None:
    bodies = [Body.unpack(each.entry.body) for each in found]
    sources = tuple(each.source for each in found)
    pieces = known.template.filled(bodies, sources, apart=_apart(found, bodies))
    if pieces is None:
        return None
    read_at = tuple(body.as_of for body in bodies)
    gaps = [(place, each) for place, each in enumerate(pieces) if isinstance(each, Gap)]
    rows = [(place, gap) for place, gap in gaps if gap.hole is Hole.DATA]
    return Made(found, read_at, pieces, len(rows) == len(gaps), rows[0] if rows else None)
