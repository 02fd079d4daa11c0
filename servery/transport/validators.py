"""ETags: the name of one answer to one request, and whether a client has it already (RFC 9110, 13.1.2)."""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Final

from schema.build import Request

_TAG: Final = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_ANY: Final = b"*"


def identity_of(edition: bytes, request: Request, *, modern: bool) -> bytes:
    """Of what is asked, in which form. `edition` is that of the program and its model."""
    asked = (request.query, request.operation_name, request.variables, modern)
    return blake2b(edition + json.dumps(asked, sort_keys=True).encode(), digest_size=32).digest()


def etag_of(identity: bytes, answers: Iterable[tuple[str, datetime]]) -> bytes:
    """`answers` are a cache key and when its data was read, for each in the response.

    It is weak: two responses with it say the same rows, but they may tell other times.
    """
    made = blake2b(identity, digest_size=12)
    for cache_key, as_of in answers:
        made.update(f"\n{cache_key} {as_of.isoformat()}".encode())
    return b'W/"' + made.hexdigest().encode() + b'"'


def has(if_none_match: bytes, etag: bytes) -> bool:
    """Whether an If-None-Match header names `etag`, weakly compared, or anything at all."""
    if if_none_match == etag:
        return True
    if if_none_match.strip() == _ANY:
        return True
    return etag.removeprefix(b"W/") in _TAG.findall(if_none_match)
