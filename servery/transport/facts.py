"""What the headers of a request say, read in one pass: every request pays for this."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from starlette.types import Scope

from servery.transport.encoding import Choice, choice_of
from servery.transport.media import Form, form_of

LONGEST_REMEMBERED: Final = 256
"""Longer values are read anew each time: what is remembered of headers must stay small."""

MOST_KNOWN: Final = 512
LONGEST_KNOWN: Final = 4_096
"""In bytes, of all headers of a request: what is remembered is bounded by 2 MB."""

LISTS: Final = frozenset({b"accept", b"accept-encoding", b"if-none-match"})
"""Headers that may be sent on several lines, which together are one list."""


class Facts(NamedTuple):
    """A tuple, because it is made in a third of the time of a frozen dataclass."""

    method: str
    modern: bool
    """Takes `application/graphql-response+json`."""
    page: bool
    """Rather takes a page."""
    authorization: str | None
    coding: Choice
    if_none_match: bytes | None
    content_type: str
    """Without parameters, in small letters."""
    form: str
    """One word for all that tells how an answer is dressed."""


_KNOWN: Final[dict[object, Facts]] = {}


def facts_of(scope: Scope) -> Facts:
    """Of an ASGI scope, whose names of headers are in small letters.

    Clients send the same headers again and again, so the facts of the latest are remembered.
    """
    lines = scope["method"], *scope["headers"]
    facts = _KNOWN.get(lines)
    if facts is None:
        facts = _read_facts(scope)
        if sum(len(name) + len(value) for name, value in scope["headers"]) <= LONGEST_KNOWN:
            if len(_KNOWN) >= MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[lines] = facts
    return facts


def _read_facts(scope: Scope) -> Facts:
    lines: list[tuple[bytes, bytes]] = scope["headers"]
    headers = dict(lines)
    if len(headers) != len(lines):
        headers = _joined(lines)
    form = _form(headers.get(b"accept", b""))
    choice = _choice(headers.get(b"accept-encoding", b""))
    authorization = headers.get(b"authorization")
    return Facts(
        scope["method"],
        form.modern,
        form.page,
        None if authorization is None else authorization.decode("latin-1"),
        choice,
        headers.get(b"if-none-match"),
        _kind(headers.get(b"content-type", b"")),
        f"{form.modern} {choice.coding} {choice.always}",
    )


def _joined(lines: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """With headers that stand there more than once: lists go on, of anything else the first counts."""
    found: dict[bytes, bytes] = {}
    for name, value in lines:
        if name not in found:
            found[name] = value
        elif name in LISTS:
            found[name] += b", " + value
    return found


def _form(accept: bytes) -> Form:
    return form_of(accept) if len(accept) <= LONGEST_REMEMBERED else form_of.__wrapped__(accept)


def _choice(accept_encoding: bytes) -> Choice:
    short = len(accept_encoding) <= LONGEST_REMEMBERED
    return choice_of(accept_encoding) if short else choice_of.__wrapped__(accept_encoding)


def _kind(content_type: bytes) -> str:
    return _read(content_type) if len(content_type) <= LONGEST_REMEMBERED else _read.__wrapped__(content_type)


@lru_cache(maxsize=128)
def _read(content_type: bytes) -> str:
    return content_type.decode("latin-1").partition(";")[0].strip().lower()
