"""Entries as the tests write them, right and wrong."""

import orjson
from hypothesis import HealthCheck, settings

from cache import Lifetime
from cache.entry import Entry
from tests.cache.fakes import key

KEY = key(1)
STAMPS = {"server": "s", "table:sales": "a.b", "channel:ü": "c.d"}

calm = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
"""A busy machine is no defect."""


def entry(body: bytes = b'{"rows":[1,2]}', rows_at: int = 0) -> Entry:
    return Entry(
        KEY.sha256,
        KEY.scope,
        stamps=STAMPS,
        created_ms=5,
        lifetime=Lifetime(100, 200, 300),
        cost_ms=12,
        rows=2,
        body=body,
        rows_at=rows_at,
    )


def with_header(plain: bytes = entry().encode(), /, **changes: object) -> bytes:
    line, body = plain.split(b"\n", 1)
    return orjson.dumps({**orjson.loads(line), **changes}) + b"\n" + body
