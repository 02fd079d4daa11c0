"""The dashboard of the benches: twelve questions about the example, as one document and as a batch."""

from typing import Final

import orjson

from bench.servers import Server, post

_RANGE: Final = '{startDate: "2025-06-15", endDate: "2026-06-14"}'
_MONTH: Final = '{startDate: "2026-05-01", endDate: "2026-05-31"}'
_BEST: Final = "orderBy: [{name: faturamento, direction: DESC}]"
_ARGUMENTS: Final = (
    f"metrics: [faturamento, ticket_medio, qtd_vendas] dateRange: {_RANGE} totals: true",
    f"metrics: [faturamento] dimensions: [channel] dateRange: {_RANGE} {_BEST}",
    f"metrics: [faturamento, qtd_vendas] dimensions: [time__month] dateRange: {_RANGE}",
    f"metrics: [faturamento, qtd_vendas] dimensions: [time__day] dateRange: {_MONTH}",
    f"metrics: [faturamento, ticket_medio] dimensions: [store] dateRange: {_RANGE} {_BEST} limit: 20",
    f"metrics: [faturamento] dimensions: [city] dateRange: {_RANGE} {_BEST} limit: 10",
    f"metrics: [qtd_vendas] dimensions: [weekday] dateRange: {_RANGE}",
    f"metrics: [qtd_vendas] dimensions: [hour] dateRange: {_RANGE}",
    f"metrics: [faturamento, qtd_vendas] dimensions: [time__month, channel] dateRange: {_RANGE}",
    f"metrics: [qtd_produtos, receita_produtos] dimensions: [category] dateRange: {_RANGE}",
    f"metrics: [taxa_cancelamento] dimensions: [channel] dateRange: {_RANGE}",
    f"metrics: [tempo_medio_entrega, p90_entrega] dimensions: [time__month] dateRange: {_RANGE}",
)
_FIELDS: Final = "{ data metadata { source totalRows } }"

QUESTIONS: Final = tuple(
    orjson.dumps({"query": f"{{ analytics({arguments}) {_FIELDS} }}"}) for arguments in _ARGUMENTS
)
DOCUMENT: Final = orjson.dumps(
    {
        "query": "{\n"
        + "\n".join(f"w{number}: analytics({each}) {_FIELDS}" for number, each in enumerate(_ARGUMENTS))
        + "\n}"
    }
)
BATCH: Final = b"[" + b",".join(QUESTIONS) + b"]"


def cached_reply(server: Server, question: bytes, times: int = 4) -> bytes:
    """The answer once all that is in it comes from the cache. Raises RuntimeError where it is refused."""
    for _ in range(times):
        body = post(server.port, question).body
    if b'"errors"' in body or b'"DATABASE"' in body:
        raise RuntimeError(f"Not answered from the cache: {body[:500]!r}")
    return body
