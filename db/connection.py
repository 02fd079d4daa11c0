"""Opens one connection to PostgreSQL, read-only from its first moment, and explains why it could not."""

import asyncio
import ssl
from typing import Any, Final

import asyncpg

from db.errors import DatabaseError, Misconfigured, Refused, Unavailable, error_of
from db.pacing import PacedProtocol, notice_silence
from db.settings import PoolSettings

AS_TEXT: Final = ("numeric", "date")
"""PostgreSQL's types whose values travel as text, both ways."""


class Wire(asyncpg.Connection):  # type: ignore[misc]  # asyncpg carries no types
    """asyncpg's connection, read in turns and watched for silence."""

    __slots__ = ("is_pooled",)

    def __init__(self, protocol: Any, transport: asyncio.Transport, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        self.is_pooled = False
        transport.set_protocol(PacedProtocol(protocol, transport))
        notice_silence(transport)

    @property
    def guard(self) -> str:
        """Whether transactions are read-only unless they say otherwise: `on` or `off`."""
        # PostgreSQL reports it by itself since version 14, so looking costs nothing.
        return str(getattr(self.get_settings(), "default_transaction_read_only", "on"))


async def connect(settings: PoolSettings) -> Wire:
    """Connect within the connect timeout, or raise `Unavailable`, `Misconfigured` or `Overloaded`."""
    wire: Wire | None = None
    try:
        wire = await _connect(settings)
        await _read_as_text(wire)
        # A pooler tells a number of its own, because the process behind it changes.
        wire.is_pooled = await wire.fetchval("select pg_backend_pid()") != wire.get_server_pid()
    except asyncpg.InternalClientError as error:
        _hang_up(wire)
        raise Unavailable(detail=str(error)) from error
    except (TimeoutError, OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _hang_up(wire)
        raise _explained(error, settings) from error
    _check_guard(wire, settings)
    return wire


def _check_guard(wire: Wire, settings: PoolSettings) -> None:
    if wire.guard != "on" and settings.server_settings()["default_transaction_read_only"] == "on":
        wire.terminate()
        raise Misconfigured(
            detail="the pooler dropped default_transaction_read_only, so nothing would keep sessions from "
            "writing; give the role that setting, by ALTER ROLE ... SET default_transaction_read_only = on"
        )


def _hang_up(wire: Wire | None) -> None:
    if wire is not None:
        wire.terminate()


async def _connect(settings: PoolSettings) -> Wire:
    wire: Wire = await asyncpg.connect(
        settings.url,
        timeout=settings.connect_timeout_ms / 1000,
        # Statements bring limits of their own. This is the limit of the one thing that does not:
        # asyncpg's cancel request and the wait for its acknowledgement.
        command_timeout=settings.cancel_timeout_ms / 1000,
        # Sessions keep statements themselves, and name them so that no two processes share a name.
        statement_cache_size=0,
        server_settings=settings.server_settings(),
        connection_class=Wire,
    )
    return wire


async def _read_as_text(wire: Wire) -> None:
    # Text is exact, and three times faster than building a Decimal that is printed again anyway. A day as
    # text may be infinite or before Christ, for which Python has no date. asyncpg's own codec calls nothing
    # of Python's for each value, but takes nothing but text as an argument: see Session.
    for name in AS_TEXT:
        await wire.set_builtin_type_codec(name, schema="pg_catalog", codec_name="text", format="text")


def _explained(error: Exception, settings: PoolSettings) -> DatabaseError:
    if isinstance(error, asyncpg.PostgresError):
        return _turned_away(error, settings)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Misconfigured(detail=f"the certificate of {settings.place} cannot be verified: {error.reason}")
    if isinstance(error, TimeoutError) and error.errno is None:
        return Unavailable(detail=f"no answer within {settings.connect_timeout_ms} ms")
    if isinstance(error, OSError):
        return Unavailable(detail=_reason(error))
    # What is wrong with a URL is not repeated: the message may quote a part of the password.
    return Misconfigured(
        detail="the database URL cannot be read; it looks like "
        "postgresql://user:password@host:5432/database, with / # ? @ : in the password percent-encoded"
    )


def _turned_away(error: asyncpg.PostgresError, settings: PoolSettings) -> DatabaseError:
    detail = str(error)
    if "startup parameter" in detail:
        detail += "; add it to ignore_startup_parameters in the settings of PgBouncer"
        return Misconfigured(sqlstate=error.sqlstate, detail=detail)
    known = error_of(error.sqlstate or "08006", detail, timeout_ms=settings.connect_timeout_ms)
    if isinstance(known, Refused):
        return Misconfigured(sqlstate=known.sqlstate, detail=detail)
    return known


def _reason(error: OSError) -> str:
    # asyncio wraps the system's words, "[Errno 111] Connect call failed (...)"; people know the system's.
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return error.strerror or str(error) or type(error).__name__
