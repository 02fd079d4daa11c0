"""Single connections to a server: how they are opened, and how the server behind one is known again."""

import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import RedisError

from cache.address import BadAddress, Login, Place, Tls
from cache.patience import patience

Vouch: TypeAlias = Callable[[str], None]
"""Is told which server a new connection leads to; raises ConnectionError if that is not to be used."""

Introduce: TypeAlias = Callable[[Any], Awaitable[None]]

_PROOFS: Final = {"required": ssl.CERT_REQUIRED, "optional": ssl.CERT_OPTIONAL, "none": ssl.CERT_NONE}


class NotPrimary(BrokenConnection):
    """The server behind a new connection is a replica."""


class Encrypted(SSLConnection):
    """All connections share one context: to read the authorities' certificates takes a while each time."""

    def __init__(self, *, context: ssl.SSLContext, **options: Any) -> None:
        super().__init__(**options)
        self.ssl_context.context = context


@dataclass(frozen=True, slots=True)
class Wire:
    """What all connections to the servers of one address have in common."""

    login: Login
    database: int
    context: ssl.SSLContext | None

    @property
    def options(self) -> dict[str, Any]:
        secrets = {"username": self.login.username, "password": self.login.password, "db": self.database}
        # No CLIENT SETINFO: it costs each new connection a round trip.
        return secrets | {"driver_info": None} | ({"context": self.context} if self.context else {})

    @property
    def tcp(self) -> type[Connection]:
        return Encrypted if self.context else Connection

    def kind_for(self, place: Place) -> type[AbstractConnection]:
        return UnixDomainSocketConnection if place.path else self.tcp

    async def ask(self, place: Place, *question: str, seconds: float) -> Any:
        """One question on a connection of its own. Raises RedisError or OSError."""
        connection: Any = self._connection(place, protocol=2)
        try:
            with patience(seconds):
                await connection.connect()
                await connection.send_command(*question)
                return await connection.read_response()
        finally:
            await connection.disconnect(nowait=True)

    def dedicated(self, place: Place) -> AbstractConnection:
        """Not connected yet, for one owner, who bounds its waiting. It speaks RESP3, and tries once."""
        return self._connection(place, protocol=3)

    def _connection(self, place: Place, *, protocol: int) -> AbstractConnection:
        return self.kind_for(place)(
            **self.options,
            **where(place),
            protocol=protocol,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )


def where(place: Place) -> dict[str, Any]:
    return {"path": place.path} if place.path else {"host": place.host, "port": place.port}


def encryption(tls: Tls | None) -> ssl.SSLContext | None:
    """Raises BadAddress when its files cannot be used."""
    if tls is None:
        return None
    try:
        context = ssl.create_default_context(cafile=tls.ca_certs)
    except OSError as fault:  # SSLError is one
        raise BadAddress(f"the file of ssl_ca_certs cannot be used: {fault.strerror or fault}") from fault
    try:
        if tls.certfile:
            # A password, though there is none: else a key that has one makes Python ask at the terminal.
            context.load_cert_chain(tls.certfile, tls.keyfile, password="")
    except OSError as fault:
        raise BadAddress(
            f"the files of ssl_certfile and ssl_keyfile cannot be used: {fault.strerror or fault}"
        ) from fault
    context.check_hostname = tls.check_hostname
    context.verify_mode = _PROOFS[tls.proof]
    return context


def introduced(vouch: Vouch, *, writable: bool = False) -> Introduce:
    """Sets a connection up, and tells `vouch` the run_id of the server before any command is sent.

    `writable` refuses a replica by NotPrimary. Given to the library as `redis_connect_func`.
    """

    async def introduce(connection: AbstractConnection) -> None:
        await connection.on_connect()
        if writable and await told_by(connection, "replication", "role") != "master":
            raise NotPrimary("the server is a replica, no longer the primary")
        run_id = await told_by(connection, "server", "run_id")
        try:
            vouch(run_id)
        except Exception as fault:
            # The library closes a connection only for errors of its own: others would leave it to be used.
            await connection.disconnect(nowait=True)
            if isinstance(fault, OSError):
                raise BrokenConnection(str(fault)) from fault
            raise

    return introduce


async def told_by(connection: AbstractConnection, section: str, field: str) -> str:
    """One field of the server's INFO."""
    await connection.send_command("INFO", section, check_health=False)
    told = await connection.read_response()
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return value
    raise RedisError(f"the server's INFO {section} has no {field}")


def on_invalidation(
    connection: AbstractConnection, handler: Callable[[Sequence[bytes] | None], None]
) -> None:
    """Call `handler` with the names that CLIENT TRACKING reports as changed; None stands for all of them.

    It is called while a response is read from `connection`, also while `push_request=True` waits for one.
    """

    async def pushed(message: Sequence[Any]) -> None:
        handler(message[1])

    parser: Any = connection._parser  # noqa: SLF001  # the library has no other way in
    parser.set_invalidation_push_handler(pushed)
