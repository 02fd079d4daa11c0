"""What a peer is: an app, its own form of the question, and where the rows lie in its answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from bench.cached import ASKED_BEFORE
from bench.faults import NotMeasured
from bench.load import Target
from bench.servers import App, Server, post
from bench.turns import Way

Rows = Sequence[Mapping[str, Any]]
COLUMNS: Final = ("store", "channel", "faturamento", "ticket_medio", "qtd_vendas")


@dataclass(frozen=True, slots=True)
class Peer:
    """`rows` finds the rows in an answer; `note` says what it does, and what is different from Servery."""

    name: str
    app: App
    body: bytes
    rows: Callable[[Any], Rows]
    note: str
    path: str = "/graphql"


def way_of(peer: Peer, server: Server, rows: Rows, beside: str) -> Way:
    """Once it answers from its cache, and with the same rows. Raises NotMeasured."""
    try:
        for _ in range(ASKED_BEFORE):
            answer = post(server.port, peer.body, peer.path).body
    except (OSError, RuntimeError) as fault:
        raise NotMeasured(f"it did not answer: {str(fault)[:300]}") from None
    if b'"errors"' in answer:
        raise NotMeasured(f"it answered {answer[:300]!r}")
    if numbers(peer.rows(orjson.loads(answer))) != numbers(rows):
        raise NotMeasured(f"it answered other rows: {answer[:300]!r}")
    return Way(peer.name, server, Target(server.port, peer.body, answer, peer.path), beside)


def numbers(rows: Rows) -> list[tuple[Any, ...]]:
    """What the rows say, in any order and whatever the case of their names; numbers to eight digits."""
    found = []
    for row in rows:
        told = {name.rpartition(".")[2].replace("_", "").lower(): value for name, value in row.items()}
        found.append(tuple(_value(told[name.replace("_", "")]) for name in COLUMNS))
    return sorted(found)


def _value(value: Any) -> str:
    try:
        return f"{float(value):.8g}"
    except ValueError:
        return str(value)
