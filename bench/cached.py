"""Questions of three sizes about the example, and how each gets into the cache."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson

from bench.faults import NotMeasured
from bench.servers import Reply, Server, post

ASKED_BEFORE: Final = 4
"""So many times the question is asked before it counts as cached, at every level there is."""

_TEXT: Final = """{
  analytics(
    metrics: [faturamento, ticket_medio, qtd_vendas]
    dimensions: [%s]
    dateRange: {startDate: "2025-06-15", endDate: "2026-06-14"}
    orderBy: [{name: faturamento, direction: DESC}]
    limit: %d
  ) {
    data
    metadata { source totalRows }
  }
}"""
QUESTIONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        10: _TEXT % ("store, channel", 10),
        100: _TEXT % ("store, channel", 100),
        5_000: _TEXT % ("store, time__day", 5_000),
    }
)
"""By the rows of their answer; each row has five columns."""

STATS: Final = b'{"query": "{ cacheStats { hits misses loads workers } }"}'


@dataclass(frozen=True, slots=True)
class Cached:
    """A question whose answer is in the cache, and that reply, which does not change any more."""

    question: bytes
    reply: Reply
    source: str
    rows: int
    columns: int

    @property
    def size(self) -> str:
        return f"{self.rows:,} rows x {self.columns} columns, {len(self.reply.body):,} bytes"


def cache_answer(servery: Server, text: str) -> Cached:
    """Ask until the answer comes from the cache, as the same bytes but for the word that says so.

    Raises NotMeasured when it never does.
    """
    question = orjson.dumps({"query": text})
    loaded = post(servery.port, question).body
    for _ in range(ASKED_BEFORE):
        reply = post(servery.port, question)
    was, source = (analytics_of(body)["metadata"]["source"] for body in (loaded, reply.body))
    if source == "DATABASE":
        raise NotMeasured("The answer is not cached: it came from the database again.")
    if loaded.replace(f'"{was}"'.encode(), f'"{source}"'.encode()) != reply.body:
        raise NotMeasured("The cached answer is not the one that was loaded.")
    rows = analytics_of(reply.body)["data"]
    return Cached(question, reply, source, len(rows), len(rows[0]))


def stats_of(servery: Server) -> dict[str, int]:
    """What its cache has counted so far."""
    found: dict[str, int] = orjson.loads(post(servery.port, STATS).body)["data"]["cacheStats"]
    return found


def check_hits(name: str, before: dict[str, int], after: dict[str, int]) -> None:
    """Raises NotMeasured unless there were hits only."""
    if after["misses"] > before["misses"] or after["hits"] <= before["hits"]:
        raise NotMeasured(f"Not every answer of {name} was a hit: from {before} to {after}.")


def analytics_of(answer: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(answer)["data"]["analytics"]
    return found
