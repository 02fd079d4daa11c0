"""Requests drawn by chance: the same questions on all the ways that HTTP has, and with all its headers."""

import json
from hashlib import sha256
from random import Random
from typing import Any, Final

from tests.lane.questions import drawn
from tests.lane.sent import JSON, Sent, got, posted

ACCEPTS: Final = (
    *(b"application/graphql-response+json", b"application/json", b"*/*", b"text/html,*/*;q=0.8"),
    b"application/graphql-response+json, application/json;q=0.9",
)
CODINGS: Final = (
    *(
        b"zstd",
        b"br",
        b"gzip",
        b"gzip, deflate, br, zstd",
        b"identity",
        b"identity;q=0, gzip",
        b"*",
        b"x-gzip",
    ),
    *(b"*;q=0", b"zstd;q=0.1, gzip;q=0.9", b"nothing", b""),
)
CALLERS: Final = (b"Bearer admin", b"Bearer north", b"Bearer south", b"Bearer wrong", b"Basic admin")
KINDS: Final = (
    b"application/json; charset=utf-8",
    b"APPLICATION/JSON",
    b"text/plain",
    b"application/graphql",
    b"",
)
NO_JSON: Final = (
    b"",
    b"{",
    b"null",
    b'"text"',
    b"[]",
    b'{"query": 1}',
    b'[1, {"query": "{ __typename }"}]',
    b"\xff",
)
ODD_NAMES: Final = (b"[", b"[=1", b"%5B", b"x=1", b"query=", b"")


def requests(dice: Random, *, alone: bool = False) -> list[Sent]:
    """One, or some that belong together. Without headers that may differ from time to time.

    None of them asks several questions, if `alone`.
    """
    way = dice.randrange(24)
    if way < 12:
        return [_written(dice, drawn(dice, alone=alone))]
    if way < 17:
        return [_addressed(dice, drawn(dice, alone=alone))]
    if way < 20:
        count = 1 if alone else dice.choice((1, 2, 2, 3, 3, 6))
        return [_written(dice, [drawn(dice, alone=alone) for _ in range(count)])]
    if way < 23:
        return _persisted(dice, drawn(dice, alone=alone))
    return [Sent("POST", body=dice.choice(NO_JSON), headers=(JSON,))]


def dressed(dice: Random, sent: Sent, etag: bytes | None) -> Sent:
    """With such headers: `etag` is what was told for the same request before."""
    if dice.random() < 0.3:
        sent = sent.under((b"accept", dice.choice(ACCEPTS)))
    if dice.random() < 0.4:
        sent = sent.under((b"accept-encoding", dice.choice(CODINGS)))
    if dice.random() < 0.08:
        sent = sent.under((b"authorization", dice.choice(CALLERS)))
    if dice.random() < 0.3:
        known = etag or b'W/"none"'
        strong = known.removeprefix(b"W/")
        sent = sent.under(
            (b"if-none-match", dice.choice((known, known, strong, b"*", b'W/"other"', b'"a", ' + known)))
        )
    if dice.random() < 0.03:
        kept = tuple(pair for pair in sent.headers if pair[0] != b"content-type")
        return Sent(sent.method, sent.query_string, sent.body, (*kept, (b"content-type", dice.choice(KINDS))))
    return sent


def _written(dice: Random, asked: Any) -> Sent:
    """As JSON, in one of the ways in which the same may be written."""
    sent = posted(asked)
    odd = dice.randrange(12)
    body = sent.body
    if odd == 0:
        body = b"\xef\xbb\xbf" + body
    elif odd == 1:
        body = b" \r\n\t" + json.dumps(asked, indent=1).encode() + b"\n"
    elif odd == 2 and isinstance(asked, dict):
        body = body[:-1] + b', "more": [1.5, null, "\\ud83d\\ude00"]}'
    return Sent("POST", b"query=%7Bignored%7D" if odd == 3 else b"", body, sent.headers)


def _addressed(dice: Random, asked: dict[str, Any]) -> Sent:
    named = {name: each for name, each in asked.items() if each is not None}
    sent = got(named, dice.choice(("GET", "GET", "GET", "HEAD", "PUT" if dice.random() < 0.1 else "GET")))
    if dice.random() < 0.2:
        return Sent(sent.method, dice.choice(ODD_NAMES) + b"&" + sent.query_string)
    return sent


def _persisted(dice: Random, asked: dict[str, Any]) -> list[Sent]:
    """By its hash alone, and with the document, at times with that of another one."""
    hashed = sha256(asked["query"].encode()).hexdigest()
    if dice.random() < 0.1:
        hashed = hashed[::-1]
    asked = {**asked, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": hashed}}}
    alone = {name: each for name, each in asked.items() if name != "query"}
    write = _addressed if dice.random() < 0.5 else _written
    return [write(dice, alone), write(dice, asked)]
